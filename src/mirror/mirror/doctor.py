"""What the machine offers the mirror, and what to do about what is missing."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mirror.doctor_storage import graphics, settings, storage
from mirror.findings import Finding, Verdict
from mirror.locations import config_file
from mirror_core.dead_segments import dead_segments
from mirror_core.environment import (
    PROFILES_VARIABLE,
    RANGE_VARIABLE,
    SEGMENTS_BYTES,
    SHARED_MEMORY,
    defaults,
    shared_memory_free,
)

__all__ = ["Finding", "Verdict", "examine", "print_findings"]

MEBIBYTE = 2**20
SUPPORTED_PYTHON = ((3, 11), (3, 12))
SUPPORTED_ROS = ("jazzy", "kilted")
PAGE_PORT = 8080


def _python() -> Iterator[Finding]:
    version = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}."
    if sys.version_info[:2] in SUPPORTED_PYTHON:
        yield Finding("Python", Verdict.OK, version)
    else:
        yield Finding("Python", Verdict.ERROR, version, "Use Python 3.11 or 3.12.")


def _ros() -> Iterator[Finding]:
    try:
        rclpy = importlib.import_module("rclpy")
        importlib.import_module("mirror_msgs.msg")
    except ImportError as error:
        yield Finding("ROS 2", Verdict.ERROR, f"{error}.", "Run `make build`, then start this again.")
        return
    distribution = os.environ.get("ROS_DISTRO", "unknown")
    wheels = _version("ros-rclpy")
    origin = f"rclpy {wheels} from PyPI" if wheels else f"rclpy in {Path(str(rclpy.__file__)).parent}"
    implementation = rclpy.get_rmw_implementation_identifier()
    found = f"{distribution}, {origin}, {implementation}."
    if distribution in SUPPORTED_ROS:
        yield Finding("ROS 2", Verdict.OK, found)
    else:
        yield Finding("ROS 2", Verdict.NOTE, found, f"Tested are {' and '.join(SUPPORTED_ROS)}.")
    reach = os.environ.get(RANGE_VARIABLE, defaults().get(RANGE_VARIABLE, ""))
    if reach == "LOCALHOST":
        yield Finding("ROS reach", Verdict.OK, "Nothing is visible outside this host.")
    else:
        yield Finding(
            "ROS reach",
            Verdict.NOTE,
            f"{RANGE_VARIABLE} is {reach}: other hosts can see the camera.",
            f"Unset {RANGE_VARIABLE} to keep pictures on this host.",
        )


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _transport() -> Iterator[Finding]:
    free = shared_memory_free()
    profile = os.environ.get(PROFILES_VARIABLE) or defaults().get(PROFILES_VARIABLE, "")
    if profile and not Path(profile).is_file():
        yield Finding(
            "Transport",
            Verdict.ERROR,
            f"{PROFILES_VARIABLE} names {profile}, which does not exist.",
            f"Unset it, or set it to {config_file('fastdds_local.xml')}.",
        )
    elif free >= SEGMENTS_BYTES:
        yield Finding("Transport", Verdict.OK, f"{free // MEBIBYTE} MB of shared memory; profile {profile}.")
    else:
        yield Finding(
            "Transport",
            Verdict.NOTE,
            f"Only {free // MEBIBYTE} MB of shared memory (/dev/shm) are free: pictures between processes "
            "use small segments.",
            "Give the container more, e.g. docker run --shm-size=1g.",
        )


def _left_behind() -> Iterator[Finding]:
    dead = dead_segments()
    size = sum(segment.size for segment in dead) // MEBIBYTE
    if size:
        yield Finding(
            "Left behind",
            Verdict.NOTE,
            f"Programs that were killed have left {size} MB of shared memory in {SHARED_MEMORY} "
            f"({len(dead)} segments of Fast DDS).",
            "Start the mirror with `mirror run`, which removes them, or run `fastdds shm clean`.",
        )


def _cameras() -> Iterator[Finding]:
    from mirror_camera.cameras import find_cameras

    cameras = find_cameras()
    if not cameras:
        yield Finding(
            "Camera",
            Verdict.NOTE,
            "None was found, so the demo reel is shown.",
            "Connect one, or give a clip: camera:=video path:=clip.mp4.",
        )
    for camera in cameras:
        if camera.accessible:
            yield Finding("Camera", Verdict.OK, f"{camera}.")
        else:
            yield Finding(
                "Camera",
                Verdict.NOTE,
                f"{camera} may not be opened by this user.",
                "Run `sudo usermod -aG video $USER`, then log out and in again.",
            )


def _screen() -> Iterator[Finding]:
    from mirror_display.screen import choose_screen

    choice = choose_screen(os.environ)
    if choice.offscreen_reason is None:
        yield Finding("Screen", Verdict.OK, f"A window can be opened ({choice.driver or 'desktop'}).")
    else:
        yield Finding(
            "Screen",
            Verdict.NOTE,
            choice.offscreen_reason,
            "The page shows the same picture; for a window start from a desktop or a console.",
        )


def _models() -> Iterator[Finding]:
    try:
        from mirror_tracking.tracker import FaceTracker

        FaceTracker().close()
    except Exception as error:
        yield Finding(
            "Models", Verdict.ERROR, f"The face models do not load: {error}", "Run `make build` again."
        )
        return
    yield Finding("Models", Verdict.OK, f"Face detection and mesh load (mediapipe {_version('mediapipe')}).")


def _effects() -> Iterator[Finding]:
    from mirror_effects.registry import find_effects

    registry = find_effects()
    yield Finding("Effects", Verdict.OK, ", ".join(registry.effects) + ".")
    for problem in registry.problems:
        yield Finding("Effects", Verdict.NOTE, problem, "Update or remove that package.")


def _page() -> Iterator[Finding]:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", PAGE_PORT)) == 0
    if taken:
        yield Finding(
            "Page",
            Verdict.NOTE,
            f"Port {PAGE_PORT} is taken (perhaps by a running mirror).",
            "The page takes the next free port and says which.",
        )
    else:
        yield Finding("Page", Verdict.OK, f"Port {PAGE_PORT} is free.")


def _tools() -> Iterator[Finding]:
    missing = [name for name in ("ros2", "rviz2") if shutil.which(name) is None]
    if missing:
        yield Finding(
            "ROS tools",
            Verdict.NOTE,
            f"{' and '.join(missing)} not found: `mirror run` works without.",
            "Install ROS 2 (docs.ros.org) for ros2 launch, rviz2 and rosbag2.",
        )
    else:
        yield Finding("ROS tools", Verdict.OK, "ros2 and rviz2 are installed.")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _ros,
    _transport,
    _left_behind,
    _cameras,
    _screen,
    graphics,
    storage,
    settings,
    _models,
    _effects,
    _page,
    _tools,
)


def examine() -> list[Finding]:
    """Look at everything; a check that itself fails is a finding too."""
    findings: list[Finding] = []
    for check in CHECKS:
        topic = check.__name__.strip("_")
        try:
            findings.extend(check())
        except Exception as error:
            findings.append(
                Finding(topic, Verdict.ERROR, f"{type(error).__name__}: {error}", "Run `make build` again.")
            )
    return findings


def print_findings(findings: list[Finding], console: Console | None = None) -> None:
    """Print the findings as a table, to the terminal unless told otherwise."""
    marks = {Verdict.OK: "[green]ok[/]", Verdict.NOTE: "[yellow]note[/]", Verdict.ERROR: "[red]error[/]"}
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        advice = f"\n[dim]→ {finding.advice}[/]" if finding.advice else ""
        table.add_row(marks[finding.verdict], finding.topic, finding.found + advice)
    (console or Console(highlight=False)).print(table)
