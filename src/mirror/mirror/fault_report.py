"""`mirror doctor --report FILE`: what somebody else needs to know to find a fault, in one archive.

Nothing is sent anywhere. Passwords, keys and names are left out (`mirror.discretion`), and so are pictures: a
bag that shows the fault is named, and attached by whoever decides so.
"""

from __future__ import annotations

import getpass
import importlib.metadata
import io
import json
import os
import platform
import socket
import time
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from mirror.discretion import Discretion
from mirror.doctor import Finding, print_findings
from mirror.locations import config_file
from mirror_core.diagnostic_messages import statuses_of
from mirror_core.environment import apply_defaults
from mirror_core.errors import MirrorError, UsageError

__all__ = ["Health", "discretion", "health_of_bag", "report_fault", "running_health", "write_report"]

LISTEN_S = 4.0  # until a mirror is taken not to run: discovery takes up to 2.75 s, then one second
MORE_S = 1.5  # after the first node was heard: every node speaks once a second
LOGS = 4  # newest log files
LOG_BYTES = 200_000  # of the end of each
LEAST_LOG_BYTES = 300  # shorter ones are of tools that ran for a moment
LOG_AGE_S = 7 * 86400.0  # older ones tell nothing about this fault
VARIABLES = ("ROS_", "RMW_", "FASTRTPS_", "FASTDDS_", "CYCLONEDDS_", "MIRROR_", "SDL_", "OMP_", "XDG_SESSION")
MORE_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "LANG", "PYTHONPATH", "AMENT_PREFIX_PATH")
WIDTH = 140  # letters of a line in tables
LEVELS = {0: "ok", 1: "warning", 2: "error", 3: "stale"}

Health = dict[str, dict[str, Any]]
"""Node → level, message, figures."""


def report_fault(file: Path, findings: Sequence[Finding], bag: Path | None, config: Path | None) -> None:
    """Make a report and say what to do with it.

    Raises:
        UsageError: see `write_report` and `health_of_bag`.
    """
    summary, health = ("", {}) if bag is None else health_of_bag(bag)
    about = None if bag is None else (bag.resolve(), summary)
    write_report(
        file, findings, hide=discretion(), health=health or running_health(), bag=about, config=config
    )
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"\nThe report is {file}. Look through it before you send it; README.txt says what is in it."
    )
    if bag is None:
        console.print(
            "Attach a bag that shows the fault, too: `mirror record --out fault --compressed --seconds 20` "
            "while it happens."
        )
    else:
        console.print(f"Attach the bag {bag}, too. It shows people: ask them first.")


def discretion() -> Discretion:
    """What is to be hidden on this machine."""
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # a container without a user entry
        login = ""
    return Discretion(_people(), str(Path.home()), login, socket.gethostname())


def _people() -> tuple[str, ...]:
    """Names of the stored faces; none where the store cannot be opened."""
    from mirror_gallery.gallery import DATABASE_VARIABLE
    from mirror_gallery.locations import default_database

    if not (os.environ.get(DATABASE_VARIABLE) or default_database().is_file()):
        return ()
    try:
        from mirror.faces_access import StoreAccess

        store = StoreAccess()
        try:
            return tuple(face.name for face in store.listed())
        finally:
            store.close()
    except (MirrorError, ImportError):
        return ()


def running_health() -> Health:
    """What the nodes of a running mirror say about themselves; empty where none runs."""
    apply_defaults()
    try:
        import rclpy
        from diagnostic_msgs.msg import DiagnosticArray
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.signals import SignalHandlerOptions
    except ImportError:
        return {}
    health: Health = {}

    def take(message: Any) -> None:
        health.update(_health_of(message))

    context = rclpy.Context()
    rclpy.init(context=context, args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = rclpy.create_node("mirror_doctor", context=context, start_parameter_services=False)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        node.create_subscription(DiagnosticArray, "/diagnostics", take, 50)
        until_s = time.monotonic() + LISTEN_S
        while time.monotonic() < until_s:
            is_first = not health
            executor.spin_once(timeout_sec=0.1)
            if health and is_first:
                until_s = time.monotonic() + MORE_S
        executor.shutdown(timeout_sec=1.0)
        node.destroy_node()
    finally:
        context.try_shutdown()
    return health


def health_of_bag(bag: Path) -> tuple[str, Health]:
    """What a bag holds, in words, and the last of what its nodes said about themselves.

    Raises:
        UsageError: if there is no bag.
    """
    from mirror.bag_command import print_summary
    from mirror_core.bags.reader import BagReader
    from mirror_core.errors import StoreError

    health: Health = {}
    try:
        with BagReader(bag) as reader:
            page = io.StringIO()
            print_summary(Console(file=page, width=WIDTH), reader.summary)
            for message in reader.messages(("/diagnostics",)):
                health.update(_health_of(reader.decode(message)))
    except StoreError as error:
        raise UsageError(str(error)) from error
    return page.getvalue(), health


def _health_of(message: Any) -> Health:
    """The statuses of a diagnostic_msgs/DiagnosticArray, of rclpy or out of a bag."""
    return {
        name: {"level": LEVELS.get(level, str(level)), "message": sentence, "figures": values}
        for name, level, sentence, values in statuses_of(message)
    }


def write_report(
    file: Path,
    findings: Sequence[Finding],
    *,
    hide: Discretion,
    health: Health,
    bag: tuple[Path, str] | None = None,
    config: Path | None = None,
) -> None:
    """Write the archive (zip).

    Args:
        file: to be made; nothing is overwritten.
        findings: of the doctor.
        hide: what must not be in it.
        health: what the nodes said last; may be empty.
        bag: that shows the fault, and its summary; it is named, not packed.
        config: parameter file that the mirror runs with, beside those that come with it.

    Raises:
        UsageError: if the file is there already or cannot be written, or the configuration cannot be read.
    """
    parts = {
        "README.txt": _letter(bag, health),
        "doctor.txt": _doctor(findings),
        "versions.txt": _versions(),
        "environment.txt": _environment(os.environ),
        "health.json": json.dumps(hide.values(health), indent=1, ensure_ascii=False),
        **{f"config/{name}": text for name, text in _configurations(config, hide).items()},
        **{f"log/{name}": text for name, text in _logs().items()},
    }
    if bag is not None:
        parts["bag.txt"] = bag[1]
    try:
        with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(f"{file.stem}/{hide.text(name)}", hide.text(text))
    except FileExistsError as error:
        raise UsageError(f"{file} exists already: name another file, nothing is overwritten.") from error
    except OSError as error:
        raise UsageError(
            f"The report {file} cannot be written ({error.strerror}): name another file."
        ) from error


def _letter(bag: tuple[Path, str] | None, health: Health) -> str:
    made = datetime.now(UTC).isoformat(timespec="seconds")
    if bag is None:
        attach = (
            "It is of most use together with a bag that shows the fault. While it happens:\n\n"
            "    mirror record --out fault --compressed --seconds 20\n\n"
            "then attach the folder fault, too. `mirror replay fault` shows what will be seen in it."
        )
    else:
        attach = f"Attach also the bag {bag[0].name} (the whole folder); bag.txt says what it holds."
    heard = (
        f"{len(health)} nodes" if health else "no mirror was running, and no bag with diagnostics was named"
    )
    return (
        f"A fault report of Mirror, made {made} by `mirror doctor --report`.\n\n"
        "What happened, and what should have happened (please write it here):\n\n\n\n"
        f"{attach}\nA bag shows people: ask them before you send it.\n\n"
        "doctor.txt       what the machine offers the mirror\n"
        "versions.txt     system, processor, packages\n"
        "environment.txt  variables that matter\n"
        "config/          parameter files\n"
        f"health.json      what the nodes said about themselves last: {heard}\n"
        "log/             the end of the newest logs\n\n"
        "Passwords, keys, URLs' user names, the names of stored faces, of the user and of this machine are "
        "replaced.\nLook through it all the same: nobody knows your secrets as you do.\n"
    )


def _doctor(findings: Sequence[Finding]) -> str:
    page = io.StringIO()
    print_findings(list(findings), Console(file=page, width=WIDTH, highlight=False))
    return page.getvalue()


def _versions() -> str:
    packages = sorted(
        {f"{each.metadata['Name']} {each.version}" for each in importlib.metadata.distributions()},
        key=str.lower,
    )
    machine = [
        f"Python {platform.python_version()} ({platform.python_implementation()})",
        f"{platform.system()} {platform.release()} {platform.machine()}",
        _first_line(Path("/etc/os-release"), "PRETTY_NAME="),
        f"{os.cpu_count()} × {_first_line(Path('/proc/cpuinfo'), 'model name')}",
        _first_line(Path("/proc/meminfo"), "MemTotal"),
    ]
    return "\n".join([*machine, "", *packages, ""])


def _first_line(file: Path, start: str) -> str:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return f"{file.name} cannot be read"
    return next((line for line in lines if line.startswith(start)), f"{file.name} does not say {start}")


def _environment(variables: Mapping[str, str]) -> str:
    chosen = {
        name: value
        for name, value in variables.items()
        if name.startswith(VARIABLES) or name in MORE_VARIABLES
    }
    return "".join(f"{name}={value}\n" for name, value in sorted(chosen.items()))


def _configurations(config: Path | None, hide: Discretion) -> dict[str, str]:
    """Parameter files by name, without comments: these might hold anything.

    Raises:
        UsageError: if the given one cannot be read.
    """
    files = {file.name: file for file in sorted(config_file("").glob("*.yaml"))}
    if config is not None:
        files[f"given_{config.name}"] = config
    texts = {}
    for name, file in files.items():
        try:
            content = yaml.safe_load(file.read_text("utf-8"))
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            if file is config:
                raise UsageError(f"The parameter file {file} cannot be read: name another one.") from error
            continue
        texts[name] = yaml.safe_dump(hide.values(content), allow_unicode=True)
    return texts


def _logs() -> dict[str, str]:
    """The ends of the newest log files of ROS by name; none where there are none."""
    ros_home = Path(os.environ.get("ROS_HOME", Path.home() / ".ros"))
    folder = Path(os.environ.get("ROS_LOG_DIR", ros_home / "log"))
    try:
        files = {file: file.stat() for file in folder.glob("*.log")}
    except OSError:
        return {}
    newest = sorted(files, key=lambda file: files[file].st_mtime, reverse=True)
    recent = [
        file
        for file in newest
        if files[file].st_size >= LEAST_LOG_BYTES and time.time() - files[file].st_mtime < LOG_AGE_S
    ]
    return {file.name: file.read_bytes()[-LOG_BYTES:].decode("utf-8", "replace") for file in recent[:LOGS]}
