"""What the tests of the running graph share: mirrors started as a person does it, an observer on ROS."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
PATIENCE_S = 60.0  # far beyond the slowest start on a busy machine
STOP_S = 30.0
LOG_TAIL = 4000  # characters of a mirror's messages in a failure
SAFE_SEARCH_S = 0.02


class Mirror:
    """A mirror started by `mirror run GRAPH …`, with its own ROS domain, page port and message file.

    Attributes:
        domain: its ROS_DOMAIN_ID.
        namespace: of its nodes, with leading slash.
    """

    def __init__(
        self,
        folder: Path,
        domain: int,
        words: tuple[str, ...],
        environment: dict[str, str],
        host: tuple[str, ...] = (),
    ) -> None:
        self.domain = domain
        self.namespace = next((f"/{w[11:]}" for w in words if w.startswith("namespace:=")), "/mirror")
        self._messages = folder / "messages.txt"
        self._known: dict[int, psutil.Process] = {}
        with self._messages.open("wb") as messages:
            self.popen = subprocess.Popen(
                [*host, sys.executable, "-m", "mirror.command", "run", *words],
                stdout=messages,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
            )

    @property
    def messages(self) -> str:
        """All it has printed so far, on both streams."""
        return self._messages.read_text(errors="replace")

    @property
    def tail(self) -> str:
        """The end of the messages, for a failure's text."""
        return f"the mirror (exit status {self.popen.poll()}) has said:\n{self.messages[-LOG_TAIL:]}"

    @property
    def page(self) -> str:
        """The live page's address once it has been said."""
        found = re.findall(r"live page is at (http://\S+?)\.?\s", self.messages)
        return str(found[-1]) if found else ""

    def children(self) -> list[psutil.Process]:
        """All processes below the supervisor that live now."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.popen.pid).children(recursive=True):
                self._known[process.pid] = process
        return self.survivors()

    def child(self, words: str) -> psutil.Process:
        """The one process whose command line holds `words`, e.g. "faces_node"."""
        found = []
        for process in self.children():
            with contextlib.suppress(psutil.Error):
                if words in " ".join(process.cmdline()):
                    found.append(process)
        assert len(found) == 1, f"{len(found)} processes with {words!r} in place of one; {self.tail}"
        return found[0]

    def survivors(self) -> list[psutil.Process]:
        """Those of all processes seen by `children` so far that live now."""
        alive = []
        for process in self._known.values():
            with contextlib.suppress(psutil.Error):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(process)
        return alive

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.children()
        self.popen.send_signal(signal.SIGINT)

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        try:
            return self.popen.wait(STOP_S)
        except subprocess.TimeoutExpired:
            pytest.fail(f"Waited {STOP_S:.0f} s in vain for the mirror's end; {self.tail}")

    def assert_clean_end(self) -> None:
        """Wait for the end: exit status 0, nothing left behind, no complaint."""
        assert self.wait() == 0, self.tail
        assert self.survivors() == [], self.tail
        assert "Traceback" not in self.messages, self.tail
        assert "[ERROR]" not in self.messages, self.tail

    def close(self) -> None:
        """Stop it, by force where it must be."""
        self.children()
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(STOP_S)
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        for process in self.survivors():
            with contextlib.suppress(psutil.Error):
                process.kill()


class Observer:
    """A plain ROS node outside the mirror; things arrive only while it waits for something."""

    def __init__(self, domain: int, mirror: Mirror | None = None) -> None:
        import rclpy
        from diagnostic_msgs.msg import DiagnosticArray
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.signals import SignalHandlerOptions

        self._context = rclpy.Context()
        rclpy.init(
            context=self._context,
            args=[],
            domain_id=domain,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        self.node = rclpy.create_node("observer", context=self._context, start_parameter_services=False)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._clients: dict[str, Any] = {}
        self._mirrors = [mirror] if mirror is not None else []
        self.diagnostics: dict[str, Any] = {}
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 50)

    def watch(self, mirror: Mirror) -> None:
        """Show this mirror's messages too when a wait fails."""
        self._mirrors.append(mirror)

    def _on_diagnostics(self, message: Any) -> None:
        self.diagnostics.update({status.name: status for status in message.status})

    def status(self, node: str) -> Any:
        """The newest `DiagnosticStatus` of a node ("/mirror/camera"), None before any."""
        return self.diagnostics.get(node.lstrip("/"))

    def level(self, node: str) -> int:
        """The newest level of a node's diagnostics, -1 before any."""
        status = self.status(node)
        return -1 if status is None else int.from_bytes(status.level, "little")

    def figure(self, node: str, key: str) -> str:
        """A figure of a node's newest diagnostics, "" before any."""
        status = self.status(node)
        return "" if status is None else next((v.value for v in status.values if v.key == key), "")

    def number(self, node: str, key: str) -> float:
        """A figure as number, NaN where there is none."""
        try:
            return float(self.figure(node, key))
        except ValueError:
            return float("nan")

    def listen(self, message_type: Any, topic: str, keep: int = 30, depth: int = 10) -> Topic:
        """Subscribe with ROS's default quality (reliable), as any plain node would."""
        return Topic(self.node, message_type, topic, keep, depth)

    def spin(self, seconds: float) -> None:
        """Take what arrives meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=SAFE_SEARCH_S)

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Wait until a condition holds and return its value; fail saying what did not come."""
        deadline = time.monotonic() + timeout_s
        while not (value := condition()):
            if time.monotonic() > deadline:
                said = "\n".join(mirror.tail for mirror in self._mirrors)
                health = "\n".join(f"{name}: {s.message}" for name, s in sorted(self.diagnostics.items()))
                pytest.fail(f"Waited {timeout_s:.0f} s in vain for {what}.\n{health}\n{said}")
            self._executor.spin_once(timeout_sec=SAFE_SEARCH_S)
        return value

    def call(self, service_type: Any, name: str, request: Any) -> Any:
        """Call a service and wait for the answer."""
        if name not in self._clients:
            self._clients[name] = self.node.create_client(service_type, name)
        client = self._clients[name]
        self.until(client.service_is_ready, f"the service {name}")
        future = client.call_async(request)
        self.until(future.done, f"an answer of {name}")
        return future.result()

    def set_parameter(self, node: str, name: str, value: Any) -> str:
        """Set a parameter as `ros2 param set` does; returns the reason of a refusal, else ""."""
        from rcl_interfaces.srv import SetParameters
        from rclpy.parameter import Parameter

        request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
        (result,) = self.call(SetParameters, f"{node}/set_parameters", request).results
        assert result.successful == (result.reason == "")
        return str(result.reason)

    def parameter(self, node: str, name: str) -> Any:
        """The value of a parameter as `ros2 param get` shows it."""
        from rcl_interfaces.srv import GetParameters
        from rclpy.parameter import parameter_value_to_python

        (value,) = self.call(
            GetParameters, f"{node}/get_parameters", GetParameters.Request(names=[name])
        ).values
        return parameter_value_to_python(value)

    def change_state(self, node: str, transition: int) -> bool:
        """Ask for a lifecycle transition; returns whether it succeeded."""
        from lifecycle_msgs.msg import Transition
        from lifecycle_msgs.srv import ChangeState

        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(self.call(ChangeState, f"{node}/change_state", request).success)

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown(timeout_sec=1.0)
        self.node.destroy_node()
        self._context.try_shutdown()


class Topic:
    """What has arrived on one topic.

    Attributes:
        messages: the newest ones.
        count: how many there were in all.
    """

    def __init__(self, node: Any, message_type: Any, topic: str, keep: int, depth: int) -> None:
        self.messages: deque[Any] = deque(maxlen=keep)
        self.count = 0
        self._node = node
        self._subscription = node.create_subscription(message_type, topic, self._take, depth)

    def _take(self, message: Any) -> None:
        self.messages.append(message)
        self.count += 1

    def close(self) -> None:
        """Listen no more."""
        self._node.destroy_subscription(self._subscription)


def pixels(message: Any) -> np.ndarray:
    """The picture of a bgr8 `sensor_msgs/Image` without padding, read as any foreign program would."""
    assert message.encoding == "bgr8"
    assert message.step == message.width * 3
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def stamp(message: Any) -> tuple[int, int]:
    """The header's stamp as (seconds, nanoseconds)."""
    return message.header.stamp.sec, message.header.stamp.nanosec


def write_parameters(file: Path, parameters: dict[str, dict[str, Any]]) -> Path:
    """A parameter file: that of full.launch.py with these on top (node → name → value)."""
    import yaml

    content = yaml.safe_load((ROOT / "config" / "full.yaml").read_text())
    for node, values in parameters.items():
        section = content.setdefault(f"/**/{node}", {"ros__parameters": {}})
        section["ros__parameters"].update(values)
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the real clips."""
    if not DATA.is_dir():
        pytest.skip("the real clips (../shared/data) are not here")
    return DATA


@pytest.fixture(scope="session")
def built() -> None:
    """Skip where the workspace is not built or ROS is not there."""
    pytest.importorskip("rclpy", reason="ROS 2 is not installed")
    pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")
    pytest.importorskip("mirror.command", reason="mirror is not built: run make build first")


@pytest.fixture(scope="module")
def start_mirror(
    built: None, claim_domain: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Mirror]]:
    """`start_mirror("camera:=demo", parameters={…}, DISPLAY=":1")`: a mirror, ended after the module.

    The page takes any free port unless `parameters` says otherwise, and there is no screen.
    """
    mirrors: list[Mirror] = []

    def start(
        *words: str,
        graph: str = "full",
        parameters: dict[str, dict[str, Any]] | None = None,
        domain: int | None = None,
        host: tuple[str, ...] = (),
        **environment: str,
    ) -> Mirror:
        folder = tmp_path_factory.mktemp("mirror")
        # A busy machine must not change what a test sees: work is lowered only where that is tested.
        merged: dict[str, dict[str, Any]] = {"web": {"port": 0}, "effects": {"governor.on": False}}
        for node, values in (parameters or {}).items():
            merged[node] = {**merged.get(node, {}), **values}
        config = write_parameters(folder / "parameters.yaml", merged)
        number = claim_domain() if domain is None else domain
        inherited = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        variables = {
            **inherited,
            "SDL_VIDEODRIVER": "dummy",
            **environment,
            "ROS_DOMAIN_ID": str(number),
        }
        mirrors.append(Mirror(folder, number, (graph, *words, f"config:={config}"), variables, host))
        return mirrors[-1]

    yield start
    for mirror in mirrors:
        mirror.close()


@pytest.fixture(scope="module")
def observe(built: None) -> Iterator[Callable[..., Observer]]:
    """`observe(mirror)`: an observer in that mirror's domain, gone after the module."""
    observers: list[Observer] = []

    def start(mirror: Mirror | None = None, domain: int | None = None) -> Observer:
        observers.append(Observer(mirror.domain if mirror is not None else int(domain or 0), mirror))
        return observers[-1]

    yield start
    for observer in observers:
        observer.close()


@pytest.fixture(scope="session")
def pixels_of() -> Callable[[Any], np.ndarray]:
    """`pixels_of(message)`: uint8 [height, width, 3], BGR."""
    return pixels


@pytest.fixture(scope="session")
def stamp_of() -> Callable[[Any], tuple[int, int]]:
    """`stamp_of(message)`: (seconds, nanoseconds)."""
    return stamp


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`picture_folder(name=picture, …)`: a folder with these pictures as PNG files."""

    def make(**pictures: np.ndarray) -> Path:
        folder = tmp_path_factory.mktemp("pictures")
        for name, picture in pictures.items():
            assert cv2.imwrite(str(folder / f"{name}.png"), picture)
        return folder

    return make
