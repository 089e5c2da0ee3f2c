"""Running nodes: each restarted alone, mistakes told, Ctrl-C clean."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core import hosting
from mirror_core.errors import SourceError, UsageError
from mirror_core.hosting import NodeHost
from mirror_core.node import MirrorNode


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "FIRST_BACKOFF_S", 0.01)


class Ticking(MirrorNode):
    """Counts its timer's calls; raises what is put into `fault`."""

    NAME = "ticking"

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.ticks = 0
        self.fault: Exception | None = None
        self.released = threading.Event()
        self.destroyed = threading.Event()

    def destroy_node(self) -> None:
        super().destroy_node()
        self.destroyed.set()

    def open(self) -> None:
        self.at_close(self.released.set)

    def start(self) -> None:
        self.timer(0.005, self._tick)

    def _tick(self) -> None:
        self.ticks += 1
        if self.fault is not None:
            raise self.fault


def test_a_node_that_raises_is_restarted_alone(
    start_host: Callable[..., NodeHost], eventually: Callable[..., Any]
) -> None:
    healthy = start_host(lambda: Ticking(node_name="healthy"), "healthy")
    broken = start_host(lambda: Ticking(node_name="broken"), "broken")
    healthy_node, broken_node = healthy.node, broken.node
    assert isinstance(healthy_node, Ticking)
    assert isinstance(broken_node, Ticking)
    broken_node.fault = SourceError("The cable is out.")
    eventually(lambda: broken.node not in (None, broken_node), "a new node")
    assert broken.wait_active(30)
    assert broken_node.released.is_set()
    assert broken_node.destroyed.is_set()
    assert (broken.restarts, broken.last_error) == (1, "SourceError: The cable is out.")
    new_node, ticks = broken.node, healthy_node.ticks
    assert isinstance(new_node, Ticking)
    eventually(lambda: new_node.ticks > 2, "the new node to work")
    eventually(lambda: healthy_node.ticks > ticks + 2, "the healthy node to go on")
    assert healthy.node is healthy_node
    assert healthy.restarts == 0
    values = new_node.report().values
    assert (values["restarts"], values["last error"]) == ("1", "SourceError: The cable is out.")
    assert "last error" not in healthy_node.report().values


def test_the_same_error_is_told_in_full_only_once_and_ever_more_seldom(
    start_host: Callable[..., NodeHost], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hosting, "FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr(hosting, "LONGEST_BACKOFF_S", 0.01)
    errors = iter([*[SourceError("out") for _ in range(9)], ValueError("other")])

    class Failing(MirrorNode):
        NAME = "failing"

        def open(self) -> None:
            error = next(errors, None)
            if error is not None:
                raise error

    with caplog.at_level(logging.ERROR, "mirror.hosting"):
        host = start_host(Failing, "failing")
    told = [record.getMessage() for record in caplog.records if record.name == "mirror.hosting"]
    assert ["Traceback" in message for message in told] == [True, False, False, False, True]
    assert told[1:4] == [
        f"failing failed {times} times in a row (SourceError: out); it is restarted." for times in (2, 4, 8)
    ]
    assert host.restarts == 10


def test_the_pauses_between_failures_grow_up_to_a_limit(ros: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "FIRST_BACKOFF_S", 0.5)
    pauses: list[float] = []
    host: NodeHost

    class CountedStop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            pauses.append(timeout)
            if len(pauses) == 7:
                self.set()
            return self.is_set()

    def fail() -> MirrorNode:
        raise SourceError("never there")

    host = NodeHost("failing", fail)
    host._stop = CountedStop()
    host.start()
    assert host.join(30)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_after_a_long_healthy_run_the_first_pause_is_short_again(
    ros: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    host = NodeHost("sometimes", Ticking)
    outcomes = iter([False, False, False, True, False])
    monkeypatch.setattr(host, "_run_once", lambda: next(outcomes))
    wait = host._stop.wait

    def count(timeout: float) -> bool:
        pauses.append(timeout)
        if len(pauses) == 5:
            host.request_stop()
        return wait(0)

    monkeypatch.setattr(host._stop, "wait", count)
    host.start()
    assert host.join(30)
    assert pauses == [0.01, 0.02, 0.04, 0.01, 0.02]


def test_a_persons_mistake_ends_the_host_and_is_handed_on(start_host: Callable[..., NodeHost]) -> None:
    mistakes: list[UsageError] = []
    created: list[int] = []

    def refuse() -> MirrorNode:
        created.append(1)
        raise UsageError("source = webcam is refused.")

    host = start_host(refuse, "camera", wait=False, on_usage_error=mistakes.append)
    assert host.join(30)
    assert [str(mistake) for mistake in mistakes] == ["source = webcam is refused."]
    assert (created, host.restarts) == ([1], 0)


def test_a_mistake_found_while_opening_counts_too_and_releases_the_node(
    start_host: Callable[..., NodeHost],
) -> None:
    mistakes: list[UsageError] = []
    nodes: list[Ticking] = []

    class Mistaken(Ticking):
        def open(self) -> None:
            super().open()
            nodes.append(self)
            raise UsageError("path = nowhere is refused.")

    host = start_host(Mistaken, "camera", wait=False, on_usage_error=mistakes.append)
    assert host.join(30)
    assert [str(mistake) for mistake in mistakes] == ["path = nowhere is refused."]
    assert nodes[0].released.is_set()


def test_a_host_that_is_told_to_stop_releases_its_node(start_host: Callable[..., NodeHost]) -> None:
    host = start_host(Ticking)
    node = host.node
    assert isinstance(node, Ticking)
    host.request_stop()
    assert host.join(30)
    assert node.released.is_set()
    assert node.destroyed.is_set()
    assert not host.wait_active(0)
    assert host.node is None


def test_a_stopped_node_leaves_the_graph_without_waiting_for_the_collector(
    ros: Any, start_host: Callable[..., NodeHost], eventually: Callable[..., Any]
) -> None:
    observer = ros.create_node("observer")
    gc.disable()
    try:
        host = start_host(Ticking)
        eventually(lambda: "ticking" in observer.get_node_names(), "the node in the graph")
        host.request_stop()
        assert host.join(30)
        eventually(lambda: "ticking" not in observer.get_node_names(), "the node to leave the graph")
    finally:
        gc.enable()
        observer.destroy_node()


# ---- whole processes

PROCESS = """
import sys, threading, time
from mirror_core.errors import SourceError, UsageError
from mirror_core.hosting import run_hosts
from mirror_core.main_thread import main_thread
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from dataclasses import dataclass

@dataclass(frozen=True)
class Settings:
    strength: float = parameter(1.0, "Share.", minimum=0.0, maximum=1.0)

class Probe(MirrorNode):
    NAME = "probe"
    CONFIG = Settings

    def start(self):
        print("active", flush=True)
        main_thread().post(self.tell_thread)
        if "slow" in sys.argv:
            self.at_close(self.close_slowly)

    def tell_thread(self):
        print("main", threading.current_thread() is threading.main_thread(), flush=True)

    def close_slowly(self):
        print("closing", flush=True)
        time.sleep(1.0)
        print("closed", flush=True)

status = run_hosts([("probe", Probe)], sys.argv)
print("status", status, flush=True)
sys.exit(status)
"""


def test_ctrl_c_ends_a_process_cleanly_and_quietly(start_process: Callable[..., Any]) -> None:
    process = start_process(PROCESS)
    process.wait_for("active")
    assert process.wait_for("main ") == "main True"
    process.interrupt()
    assert process.wait() == 0
    assert process.errors == []


def test_a_second_ctrl_c_during_the_shutdown_does_no_harm(start_process: Callable[..., Any]) -> None:
    process = start_process(PROCESS, "slow")
    process.wait_for("active")
    process.interrupt()
    process.wait_for("closing")
    process.interrupt()
    process.interrupt()
    assert process.wait() == 0
    assert "closed" in process.lines
    assert process.errors == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-p", "strength:=3.0"], "strength = 3.0 is refused: allowed is 0.0 … 1.0."),
        (["-p", "colour:=3"], "colour is not a parameter: allowed are strength."),
        (["-p", "strength"], "Couldn't parse parameter override rule: '-p strength'"),
    ],
)
def test_a_mistake_on_the_command_line_ends_a_process_with_status_2_and_one_sentence(
    start_process: Callable[..., Any], words: list[str], sentence: str
) -> None:
    process = start_process(PROCESS, "--ros-args", *words)
    assert process.wait() == 2, process.said
    assert any(sentence in line for line in process.errors), process.said
    assert not any("Traceback" in line for line in process.errors)
    assert "active" not in process.lines


STAGED = """
import sys, threading, time
from mirror_core import hosting
from mirror_core.node import MirrorNode

hosting.STAGE_S = float(sys.argv[1])
class Probe(MirrorNode):
    def open(self):
        name = self.get_name()
        print("open", name, flush=True)
        if name == "slow":
            time.sleep(1.0)
    def start(self):
        print("active", self.get_name(), flush=True)

def made(name):
    return name, lambda: Probe(node_name=name)

class Never(MirrorNode):
    def open(self):
        print("open never", flush=True)
        raise OSError("the cable is out")

factories = [made("late"), made("slow"), ("never", lambda: Never(node_name="never")), made("second")]
names = [pair for pair in factories if pair[0] != "never" or "never" in sys.argv]
sys.exit(hosting.run_hosts(names, [], stages=[("slow", "never"), ("second",)]))
"""


def test_nodes_start_in_stages(start_process: Callable[..., Any]) -> None:
    process = start_process(STAGED, "60")
    process.wait_for("active late")
    process.interrupt()
    assert process.wait() == 0
    order = [line for line in process.lines if line.startswith(("open", "active"))]
    assert order == ["open slow", "active slow", "open second", "active second", "open late", "active late"]


def test_a_node_that_cannot_start_does_not_keep_others_waiting(start_process: Callable[..., Any]) -> None:
    process = start_process(STAGED, "2", "never")
    process.wait_for("active late")
    process.interrupt()
    assert process.wait() == 0
    assert "open never" in process.lines


def test_ctrl_c_while_a_stage_is_waited_for_ends_at_once(start_process: Callable[..., Any]) -> None:
    process = start_process(STAGED, "60", "never")
    process.wait_for("open never")
    process.interrupt()
    assert process.wait() == 0
    assert "open second" not in process.lines
