"""What the tests of all packages share: a ROS domain of their own, and nodes that surely stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest_plugins = ["mirror_core.testing_servers"]  # PostgreSQL and S3

DOMAINS = range(1, 101)  # their UDP ports stay below those that Linux gives to ordinary sockets
LOCK_PORT = 47600  # a test session holds UDP port LOCK_PORT + domain while it uses a domain
PATIENCE_S = 30.0  # far beyond DDS discovery (up to 3 s) even on a busy machine

_locks: list[socket.socket] = []


def _claim_domain() -> int:
    """A ROS domain that no other test session of this machine uses, held until this process ends."""
    start = os.getpid() % len(DOMAINS)
    for step in range(len(DOMAINS)):
        domain = DOMAINS[(start + step) % len(DOMAINS)]
        lock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            lock.bind(("127.0.0.1", LOCK_PORT + domain))
        except OSError:
            lock.close()
            continue
        _locks.append(lock)
        return domain
    raise pytest.UsageError("All ROS domains are taken by other test sessions on this machine.")


def pytest_configure(config: pytest.Config) -> None:
    """Keep this session's ROS traffic, log files and stored faces to itself; before rclpy is imported."""
    os.environ["ROS_DOMAIN_ID"] = str(_claim_domain())
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    if "ROS_LOG_DIR" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="mirror-test-log-")
        config.add_cleanup(folder.cleanup)
        os.environ["ROS_LOG_DIR"] = folder.name
    state = tempfile.TemporaryDirectory(prefix="mirror-test-state-")  # a mirror keeps faces in it
    config.add_cleanup(state.cleanup)
    os.environ["XDG_STATE_HOME"] = state.name


def wait_until(condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
    """Wait for a condition and return its value; fail saying what did not come."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {timeout_s:.0f} s in vain for {what}.")
        time.sleep(0.005)
    return value


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """`eventually(condition, what)`: wait for something that happens in another thread or process."""
    return wait_until


@pytest.fixture(scope="session")
def claim_domain() -> Callable[[], int]:
    """`claim_domain()`: one more ROS domain for this session alone, e.g. for a whole graph."""
    return _claim_domain


@pytest.fixture
def ros() -> Iterator[Any]:
    """The module rclpy, with the default context initialised and without its signal handlers."""
    rclpy = pytest.importorskip("rclpy", reason="ROS 2 is not installed")
    pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")
    from rclpy.signals import SignalHandlerOptions

    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    yield rclpy
    rclpy.try_shutdown()


class Spinner:
    """An executor that the test itself turns: nodes do something only inside `until`."""

    def __init__(self) -> None:
        from rclpy.executors import SingleThreadedExecutor

        self.executor = SingleThreadedExecutor()
        self._nodes: list[Any] = []

    def add(self, node: Any) -> Any:
        """Turn `node` too, destroy it after the test; returns it."""
        self._nodes.append(node)
        self.executor.add_node(node)
        return node

    def node(self, name: str, **arguments: Any) -> Any:
        """A plain rclpy node that is turned and destroyed."""
        from rclpy.node import Node

        return self.add(Node(name, **arguments))

    def destroy(self, node: Any) -> None:
        """Destroy a node before the test ends."""
        self._nodes.remove(node)
        self.executor.remove_node(node)
        node.destroy_node()

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Turn until a condition holds and return its value; fail saying what did not come."""
        deadline = time.monotonic() + timeout_s
        while not (value := condition()):
            if time.monotonic() > deadline:
                pytest.fail(f"Spun {timeout_s:.0f} s in vain for {what}.")
            self.executor.spin_once(timeout_sec=0.02)
        return value

    def close(self) -> None:
        for node in list(self._nodes):
            self.destroy(node)
        self.executor.shutdown(timeout_sec=1.0)


@pytest.fixture
def spinner(ros: Any) -> Iterator[Spinner]:
    """Nodes of this process and an executor for them."""
    spinner = Spinner()
    yield spinner
    spinner.close()


@pytest.fixture
def start_host(ros: Any) -> Iterator[Callable[..., Any]]:
    """`start_host(create)`: a `NodeHost` that runs in its own thread until the test ends."""
    from mirror_core.hosting import NodeHost

    hosts: list[Any] = []

    def start(create: Callable[[], Any], name: str = "tested", *, wait: bool = True, **arguments: Any) -> Any:
        host = NodeHost(name, create, **arguments)
        hosts.append(host)
        host.start()
        if wait and not host.wait_active(PATIENCE_S):
            pytest.fail(f"Node {name} did not become active: {host.last_error or 'no error'}.")
        return host

    yield start
    for host in hosts:
        host.request_stop()
    stuck = [host.name for host in hosts if not host.join(PATIENCE_S)]
    assert not stuck, f"these nodes did not stop: {stuck}"


class Peer:
    """Another Python process; what it prints is read line by line."""

    def __init__(self, script: str, *words: str, **environment: str) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.popen = subprocess.Popen(
            [sys.executable, "-u", "-c", script, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.popen.stdout, self.lines), (self.popen.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, lines: list[str]) -> None:
        lines.extend(line.rstrip("\n") for line in stream)

    @property
    def said(self) -> str:
        """Everything it has printed on both streams, for messages."""
        return "\n".join(["stdout:", *self.lines, "stderr:", *self.errors])

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def wait_for(self, text: str, timeout_s: float = PATIENCE_S) -> str:
        """Wait for a line that holds `text`; returns it."""

        def found() -> str | None:
            return next((line for line in [*self.lines, *self.errors] if text in line), None)

        def found_or_ended() -> bool:
            return bool(found()) or (self.popen.poll() is not None and not self._is_reading())

        wait_until(found_or_ended, f"the line {text!r} from the other process; {self.said}", timeout_s)
        line = found()
        if line is None:
            pytest.fail(f"The other process ended without the line {text!r}:\n{self.said}")
        return line

    def _is_reading(self) -> bool:
        return any(reader.is_alive() for reader in self._readers)

    def wait(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait for its end; returns the exit status."""
        try:
            status = self.popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"The other process did not end within {timeout_s:.0f} s:\n{self.said}")
        for reader in self._readers:
            reader.join(timeout_s)
        return status

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.popen.send_signal(signal.SIGINT)

    def close(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        for reader in self._readers:
            reader.join(PATIENCE_S)
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def start_process() -> Iterator[Callable[..., Peer]]:
    """`start_process(script, *words, **environment)`: another Python process, killed after the test."""
    peers: list[Peer] = []

    def start(script: str, *words: str, **environment: str) -> Peer:
        peers.append(Peer(script, *words, **environment))
        return peers[-1]

    yield start
    for peer in peers:
        peer.close()
