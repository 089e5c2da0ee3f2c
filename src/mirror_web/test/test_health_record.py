"""What is remembered of the nodes' diagnostics and of the log, and how it is said."""

from __future__ import annotations

import pytest

from mirror_core.testing import FakeClock
from mirror_web.catalogue import spoken
from mirror_web.control import CameraState, Status
from mirror_web.health_control import HealthState, NodeFigures, NodeState
from mirror_web.health_page import camera_words, summary_words
from mirror_web.health_record import FORGOTTEN_AFTER_S, HISTORY_S, MOST_MESSAGES, HealthRecord
from mirror_web.health_table import figure_words, node_name

FIGURES = {"rate [Hz]": "29.9", "latency p50 [ms]": "7.50", "latency p99 [ms]": "12.00", "dropped": "3"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def record(clock: FakeClock) -> HealthRecord:
    return HealthRecord("mirror", clock)


def states(record: HealthRecord) -> list[tuple[str, NodeState]]:
    return [(node.name, node.state) for node in record.health().nodes]


def test_a_nodes_figures_are_read(record):
    record.take_status("mirror/effects", 0, "Running.", FIGURES)
    record.take_status("other/effects", 2, "Broken.", {})
    assert record.health().nodes == (NodeFigures("effects", NodeState.OK, "", 29.9, 7.5, 12.0, 3),)


def test_figures_that_are_missing_or_no_numbers_are_none(record):
    record.take_status("mirror/camera", 0, "C920.", {"rate [Hz]": "–", "source": "v4l2"})
    (camera,) = record.health().nodes
    assert (camera.rate_hz, camera.p50_ms, camera.dropped) == (None, None, None)
    assert (camera.source, camera.message) == ("v4l2", "C920.")


def test_those_in_need_come_first_then_the_way_of_a_frame(record, clock):
    record.take_status("mirror/gone", 0, "Running.", {})
    clock.advance(6.0)
    for name, level, message in (
        ("display", 0, "Running."),
        ("mood", 0, "Not active."),
        ("camera", 0, "Running."),
        ("gallery", 1, "The disk is nearly full."),
        ("faces", 2, "A model is missing."),
        ("extra", 3, "Stale."),
    ):
        record.take_status(f"mirror/{name}", level, message, {})
    assert states(record) == [
        ("faces", NodeState.ERROR),
        ("extra", NodeState.ERROR),
        ("gone", NodeState.SILENT),
        ("gallery", NodeState.WARN),
        ("camera", NodeState.OK),
        ("display", NodeState.OK),
        ("mood", NodeState.PAUSED),
    ]


def test_a_node_that_is_gone_for_long_is_forgotten(record, clock):
    record.take_status("mirror/gone", 0, "Running.", FIGURES)
    clock.advance(FORGOTTEN_AFTER_S + 1)
    assert record.health().nodes == ()
    assert record.latencies("gone") == ()


def test_latencies_reach_back_for_some_minutes(record, clock):
    for second in range(int(HISTORY_S) + 50):
        clock.advance(1.0)
        record.take_status("mirror/effects", 0, "", {**FIGURES, "latency p50 [ms]": str(second)})
    samples = record.latencies("effects")
    assert len(samples) == HISTORY_S + 1
    assert (samples[0].ago_s, samples[-1].ago_s) == (HISTORY_S, 0.0)
    assert (samples[0].p50_ms, samples[-1].p50_ms, samples[-1].p99_ms) == (49.0, 349.0, 12.0)
    assert record.latencies("nobody") == ()
    record.take_status("mirror/effects", 0, "", {**FIGURES, "rate [Hz]": "0.0"})
    assert len(record.latencies("effects")) == len(samples)  # an idle node only repeats what was


def test_messages_of_this_graph_are_kept_the_newest_first(record):
    record.take_log("mirror.camera", "info", "one", 1.0)
    record.take_log("elsewhere.camera", "error", "two", 2.0)
    record.take_log("mirror.mood_log", "warn", "three", 3.0)
    assert [(line.number, line.name, line.text) for line in record.health().messages] == [
        (2, "mood_log", "three"),
        (1, "camera", "one"),
    ]
    for number in range(MOST_MESSAGES):
        record.take_log("mirror.camera", "info", str(number), 4.0)
    assert len(record.health().messages) == MOST_MESSAGES


def summary(*nodes: NodeFigures) -> tuple[NodeState, str]:
    return summary_words(HealthState(nodes))


def test_the_whole_mirror_in_a_sentence():
    fine = NodeFigures("camera", NodeState.OK)
    assert summary(fine) == (NodeState.OK, "Everything works.")
    assert summary(NodeFigures("mood_log", NodeState.WARN), fine) == (
        NodeState.WARN,
        "Needs attention: Mood log.",
    )
    broken = summary(NodeFigures("faces", NodeState.ERROR), NodeFigures("mood_log", NodeState.WARN))
    assert broken == (NodeState.ERROR, "Does not work: Face tracking, Mood log.")
    assert summary()[0] is NodeState.SILENT


def test_the_camera_in_a_sentence():
    camera = NodeFigures("camera", NodeState.OK, rate_hz=29.6, source="v4l2")
    running = Status(CameraState.RUNNING)
    assert camera_words(camera, running) == "Pictures come from a camera of this machine, 30 a second."
    assert camera_words(camera, Status(CameraState.OFF)).startswith("The camera is switched off")
    assert camera_words(None, running) == "The camera's node says nothing."
    plugin = NodeFigures("camera", NodeState.OK, source="of_a_plugin")
    assert camera_words(plugin, running).startswith("Pictures would come from of_a_plugin; nobody looks")


def test_figures_and_names_in_words():
    assert figure_words(NodeFigures("faces", NodeState.OK, "", 29.94, 7.5, None, 3)) == {
        "rate": "29.9/s",
        "p50": "7.5 ms",
        "p99": "–",
        "dropped": "3",
    }
    assert node_name("of_a_plugin") == "Of a plugin"
    with spoken("de"):
        assert node_name("display") == "Fenster"
