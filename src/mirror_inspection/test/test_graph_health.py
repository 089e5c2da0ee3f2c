"""The summary of the graph in plain words: what is wrong stands first, and silence is noticed."""

from __future__ import annotations

import pytest

from mirror_core.diagnostics import Level
from mirror_core.errors import ShapeError
from mirror_inspection.graph_health import (
    RESTART_TOLD_S,
    SILENT_AFTER_S,
    START_S,
    GraphHealth,
    NodeState,
    summarised,
)

NODES = ("camera", "faces")


@pytest.fixture
def graph() -> GraphHealth:
    return GraphHealth("/mirror", NODES)


def hear(graph: GraphHealth, now_s: float, **said: tuple[int, str]) -> None:
    for name, (level, message) in said.items():
        graph.take(f"mirror/{name}", level, message, {}, now_s)


def words(graph: GraphHealth, now_s: float) -> str:
    return summarised(graph.states(now_s)).message


def test_all_is_well_when_every_expected_node_says_so(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(0, "Running."), faces=(0, "Running."))
    summary = summarised(graph.states(1.5))
    assert (summary.level, summary.message) == (Level.OK, "All is well: 2 nodes run.")


def test_while_nodes_come_up_it_is_said_for_whom_one_waits(graph: GraphHealth) -> None:
    assert words(graph, 0.5) == "The mirror is starting: camera, faces."
    hear(graph, 1.0, camera=(0, "Running."))
    summary = summarised(graph.states(1.5))
    assert (summary.level, summary.message) == (Level.OK, "The mirror is starting: faces.")


def test_a_node_that_never_comes_up_is_an_error(graph: GraphHealth) -> None:
    hear(graph, START_S, camera=(0, "Running."))
    summary = summarised(graph.states(START_S + 0.5))
    assert summary.level is Level.ERROR
    assert summary.message == "Something is broken. faces: Has not started."


def test_the_camera_that_is_unplugged_is_told_with_its_own_sentence(graph: GraphHealth) -> None:
    gone = "The camera Fake Cam is gone: connect it again."
    hear(graph, 1.0, camera=(1, gone), faces=(0, "Running."))
    summary = summarised(graph.states(1.0))
    assert summary.level is Level.WARN
    assert summary.message == f"The mirror needs attention. camera: {gone}"


def test_the_worst_stands_first(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(1, "It is dark."), faces=(2, "No model."))
    assert words(graph, 1.0) == "Something is broken. faces: No model. camera: It is dark."


def test_a_node_that_falls_silent_is_an_error_until_it_speaks_again(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(0, "Running."), faces=(0, "Running."))
    later_s = 1.0 + SILENT_AFTER_S
    hear(graph, later_s, camera=(0, "Running."))
    assert words(graph, later_s) == "All is well: 2 nodes run."
    assert words(graph, later_s + 0.1) == (
        "Something is broken. faces: Has gone silent: it hangs, or its process has ended."
    )
    hear(graph, later_s + 1, camera=(0, "Running."), faces=(0, "Running."))
    assert words(graph, later_s + 1) == "All is well: 2 nodes run."


def test_a_closed_shutter_is_no_trouble_but_is_told(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(0, "Not active."), faces=(0, "Running."))
    summary = summarised(graph.states(1.0))
    assert summary.level is Level.OK
    assert summary.message == "All is well: 2 nodes run. The camera is off: its shutter is closed."
    hear(graph, 2.0, faces=(0, "Not active."))
    assert words(graph, 2.0).endswith("The camera is off: its shutter is closed. Not active: faces.")


def test_a_restart_is_told_for_a_minute_with_its_cause(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(0, "Running."))
    graph.take("mirror/faces", 0, "Running.", {"restarts": "0"}, 1.0)
    graph.take("mirror/faces", 0, "Running.", {"restarts": "2", "last error": "ValueError: odd"}, 2.0)
    (_, faces) = graph.states(2.0)
    assert faces.level is Level.WARN
    assert faces.message == "Failed and was started again 2 times (ValueError: odd)."
    end_s = 2.0 + RESTART_TOLD_S
    graph.take("mirror/faces", 0, "Running.", {"restarts": "2"}, end_s)
    assert graph.states(end_s)[1].message == "Running."


def test_a_restart_hides_no_trouble_of_the_node(graph: GraphHealth) -> None:
    graph.take("mirror/faces", 2, "No model.", {"restarts": "1"}, 1.0)
    faces = graph.states(1.0)[1]
    assert faces.level is Level.ERROR
    assert faces.message == "Failed and was started again once. No model."


def test_other_graphs_are_not_heard_and_unexpected_nodes_are(graph: GraphHealth) -> None:
    graph.take("other/camera", 2, "Broken.", {}, 1.0)
    graph.take("mirror/mimic", 0, "Running.", {"rate [Hz]": "30.0"}, 1.0)
    assert [state.name for state in graph.states(1.0)] == ["camera", "faces", "mimic"]
    assert graph.states(1.0)[2].number("rate [Hz]") == 30.0


def test_a_node_that_nobody_expects_may_go_as_it_came(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(0, "Running."), faces=(0, "Running."), visitor=(0, "Running."))
    assert words(graph, 1.0) == "All is well: 3 nodes run."
    hear(graph, 9.0, camera=(0, "Running."), faces=(0, "Running."))
    assert words(graph, 9.0) == "All is well: 2 nodes run."


def test_where_nobody_is_expected_silence_is_told_of_everybody() -> None:
    graph = GraphHealth("mirror")
    hear(graph, 1.0, camera=(0, "Running."))
    assert words(graph, 9.0).startswith("Something is broken. camera: Has gone silent")
    graph.expect(["faces"])
    assert [state.name for state in graph.states(9.0)] == ["faces"]


def test_without_a_namespace_everybody_is_heard() -> None:
    graph = GraphHealth("/")
    graph.take("camera", 0, "Running.", {}, 1.0)
    assert summarised(graph.states(1.0)).message == "All is well: 1 node runs."


def test_a_stale_status_counts_as_an_error(graph: GraphHealth) -> None:
    hear(graph, 1.0, camera=(3, "Stale."))
    assert graph.states(1.0)[0].level is Level.ERROR


def test_nobody_has_spoken_yet() -> None:
    assert summarised(()).message == "No node has said anything yet."


def test_a_figure_that_is_no_number_is_none() -> None:
    state = NodeState("faces", Level.OK, "Running.", {"state": "idle"})
    assert state.number("state") is None
    assert state.number("rate [Hz]") is None


def test_a_node_without_a_name_is_refused() -> None:
    with pytest.raises(ShapeError, match="name must not be empty"):
        NodeState("", Level.OK, "")
