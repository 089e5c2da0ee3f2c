"""What the service manager hears: ready with the first picture, alive only while pictures flow."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror.supervisor import Process, Supervisor
from mirror.watchdog import Notifier, Watchdog
from mirror_core.heartbeat import HEARTBEAT_VARIABLE, Heartbeat


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The service manager's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        yield receiver


def heard(manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode())
        except BlockingIOError:
            return messages


def watched(manager: socket.socket, **more: str) -> tuple[Watchdog, dict[str, str]]:
    environment = {"NOTIFY_SOCKET": str(manager.getsockname()), **more}
    watchdog = Watchdog.of_environment(environment, has_window=True)
    assert watchdog is not None
    return watchdog, environment


def test_messages_reach_a_socket_of_a_path_or_an_abstract_name(manager: socket.socket) -> None:
    Notifier(str(manager.getsockname()))("READY=1\nSTATUS=Fine.")
    assert heard(manager) == ["READY=1\nSTATUS=Fine."]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind(f"\0mirror-test-{os.getpid()}")
        Notifier(f"@mirror-test-{os.getpid()}")("WATCHDOG=1")
        assert abstract.recv(100) == b"WATCHDOG=1"


def test_a_manager_that_is_not_there_is_not_missed(tmp_path: Path) -> None:
    Notifier("")("READY=1")
    Notifier(str(tmp_path / "nobody"))("READY=1")


def test_nobody_is_told_where_no_manager_asks() -> None:
    environment = {"WATCHDOG_USEC": "1000000"}
    assert Watchdog.of_environment(environment, has_window=True) is None
    assert environment == {}


def test_the_mirror_is_ready_with_the_first_picture_and_alive_while_they_come(tmp_path: Path) -> None:
    said: list[str] = []
    time, file = Time(), tmp_path / "alive"
    file.touch()
    watchdog = Watchdog(said.append, file, patience_s=20.0, clock=time)
    pictures = Heartbeat({HEARTBEAT_VARIABLE: str(file)}, time)

    def pass_by(seconds: int, shown: bool) -> list[str]:
        said.clear()
        for _ in range(seconds):
            time.now_s += 1.0
            if shown:
                before_ns = file.stat().st_mtime_ns
                while file.stat().st_mtime_ns == before_ns:  # a file system's clock may tick seldom
                    pictures._next_s = 0.0
                    pictures.beat()
            watchdog.turn()
        return list(said)

    assert pass_by(30, shown=False) == []
    assert pass_by(1, shown=True) == ["READY=1\nSTATUS=The mirror shows pictures.", "WATCHDOG=1"]
    assert pass_by(20, shown=True) == ["WATCHDOG=1"] * 4
    assert pass_by(30, shown=False) == ["STATUS=No picture has been shown for 10 s."]
    again = pass_by(10, shown=True)
    assert again[:2] == ["READY=1\nSTATUS=The mirror shows pictures.", "WATCHDOG=1"]
    assert again.count("WATCHDOG=1") == 2
    watchdog.stop()
    assert said[-1] == "STOPPING=1\nSTATUS=The mirror stops."
    assert not file.exists()
    pictures._next_s = 0.0
    pictures.beat()
    assert not file.exists()


def test_without_a_window_the_mirror_is_alive_while_it_runs() -> None:
    said: list[str] = []
    time = Time()
    watchdog = Watchdog(said.append, None, patience_s=4.0, clock=time)
    for _ in range(3):
        watchdog.turn()
        time.now_s += 1.0
    assert said == ["READY=1\nSTATUS=The mirror runs without a window.", *["WATCHDOG=1"] * 3]


def test_a_heartbeat_costs_a_touch_a_second_and_nothing_where_nobody_watches(tmp_path: Path) -> None:
    time, file = Time(), tmp_path / "alive"
    file.touch()
    os.utime(file, (1.0, 1.0))
    pictures = Heartbeat({HEARTBEAT_VARIABLE: str(file)}, time)
    pictures.beat()
    assert file.stat().st_mtime > 1.0
    os.utime(file, (1.0, 1.0))
    time.now_s += 0.9
    pictures.beat()
    assert file.stat().st_mtime == 1.0
    time.now_s += 0.2
    pictures.beat()
    assert file.stat().st_mtime > 1.0
    Heartbeat({}).beat()


def test_the_patience_of_another_process_is_not_ours(manager: socket.socket) -> None:
    for process, expected in ((str(os.getpid()), 0.5), ("1", 0.0), ("", 0.5)):
        watchdog, environment = watched(manager, WATCHDOG_USEC="500000", WATCHDOG_PID=process)
        assert watchdog._patience_s == expected
        assert list(environment) == [HEARTBEAT_VARIABLE]
        watchdog.stop()


def test_the_supervisor_passes_the_childs_pictures_on_and_says_when_it_stops(manager: socket.socket) -> None:
    watchdog, environment = watched(manager)
    script = "import os, time; time.sleep(0.05); os.utime(os.environ['MIRROR_HEARTBEAT']); time.sleep(1.2)"
    child = Process("child", [sys.executable, "-S", "-E", "-c", script])
    assert Supervisor([child], {**os.environ, **environment}, watchdog=watchdog).run() == 0
    assert [message.partition("\n")[0] for message in heard(manager)] == ["READY=1", "STOPPING=1"]
