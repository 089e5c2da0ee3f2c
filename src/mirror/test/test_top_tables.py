"""What `mirror top` prints: rates, latencies and drops of each node, stages below, processes, the machine."""

from __future__ import annotations

import io

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from rich.console import Console

from mirror.top_tables import Snapshot, frame_line, machine_line, nodes_table, processes_table, top_view
from mirror_core.diagnostics import Level
from mirror_inspection.graph_health import NodeState, Summary, summarised

FACES = NodeState(
    "faces",
    Level.OK,
    "Running.",
    {
        "rate [Hz]": "29.9",
        "latency p50 [ms]": "12.30",
        "latency p99 [ms]": "25.00",
        "detect p50 [ms]": "2.10",
        "detect p99 [ms]": "4.20",
        "head pose p50 [ms]": "0.30",
        "head pose p99 [ms]": "0.60",
        "dropped": "3",
        "process": "77 on hall",
        "process CPU [%]": "55",
        "process memory [MB]": "401",
    },
    silent_s=0.8,
)
CAMERA = NodeState(
    "camera",
    Level.WARN,
    "The camera Fake Cam is gone.",
    {
        "rate [Hz]": "0.0",
        "dropped": "0",
        "process": "77 on hall",
        "process CPU [%]": "57",
        "process memory [MB]": "402",
    },
    silent_s=0.1,
)
HEALTH = NodeState(
    "health",
    Level.OK,
    "Running.",
    {
        "machine CPU [%]": "61.5",
        "machine memory [%]": "40",
        "temperature [°C]": "63",
        "process": "78 on hall",
        "process CPU [%]": "1",
        "process memory [MB]": "60",
    },
)


def printed(what: object, width: int = 120) -> list[str]:
    """The lines without colours, runs of spaces as one."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_each_node_has_a_row_and_its_stages_stand_below() -> None:
    assert printed(nodes_table((CAMERA, FACES))) == [
        "node Hz p50 ms p99 ms dropped state",
        "camera 0.0 – – 0 The camera Fake Cam is gone.",
        "faces 29.9 12.30 25.00 3 running",
        "detect 2.10 4.20",
        "head pose 0.30 0.60",
    ]


def test_a_node_that_has_said_nothing_has_a_row_too() -> None:
    state = NodeState("mood", Level.ERROR, "Has not started.", silent_s=None)
    assert printed(nodes_table((state,)))[1] == "mood – – – – Has not started."


def test_figures_that_are_not_known_are_dashes() -> None:
    state = NodeState("mood", Level.OK, "Running.", {"rate [Hz]": "nan", "read p50 [ms]": "–"})
    assert printed(nodes_table((state,)))[1:] == ["mood – – – – running", "read – –"]


def test_nodes_that_share_a_process_share_a_row_with_the_newest_reading() -> None:
    assert printed(processes_table((CAMERA, FACES, HEALTH))) == [
        "process CPU % MB nodes",
        "77 on hall 57 402 camera, faces",
        "78 on hall 1 60 health",
    ]


def test_the_machine_is_one_line_of_what_it_tells() -> None:
    assert machine_line((FACES, HEALTH)) == "Machine: CPU 61.5 %, memory 40 %, temperature 63 °C"
    silent = NodeState("health", Level.OK, "Running.", {"machine CPU [%]": "5", "temperature [°C]": "–"})
    assert machine_line((silent,)) == "Machine: CPU 5 %"
    assert machine_line((FACES,)) == ""


def test_the_way_of_a_frame_is_told_in_the_order_in_which_it_passes() -> None:
    display = NodeState("display", Level.OK, "Running.", {"latency p50 [ms]": "18.04"})
    idle = NodeState("bodies", Level.OK, "Running.", {"latency p50 [ms]": "–"})
    camera = NodeState("camera", Level.OK, "Running.", {"latency p50 [ms]": "1.80"})
    assert frame_line((display, idle, FACES, camera)) == (
        "A frame's age in ms: camera 1.8 → faces 12.3 → display 18.0"
    )
    assert frame_line((idle, HEALTH)) == ""


def test_the_whole_view_begins_with_the_summary() -> None:
    states = (CAMERA, FACES, HEALTH)
    lines = printed(top_view(Snapshot(summarised(states), states)))
    assert lines[0] == "The mirror needs attention. camera: The camera Fake Cam is gone."
    assert lines[1].startswith("Machine: CPU 61.5 %")
    assert lines[2] == "A frame's age in ms: faces 12.3"
    assert lines[4].startswith("node Hz p50 ms")
    assert "process CPU % MB nodes" in lines


def test_a_narrow_terminal_keeps_every_figure_and_folds_the_words() -> None:
    lines = printed(nodes_table((CAMERA,)), width=60)
    assert lines[1].startswith("camera 0.0 – – 0 The camera")
    assert "gone." in lines[-1]


def test_square_brackets_in_a_message_stay_text() -> None:
    state = NodeState("camera", Level.ERROR, "Cannot open [red]: no.")
    assert printed(nodes_table((state,)))[1].endswith("Cannot open [red]: no.")
    assert printed(top_view(Snapshot(Summary(Level.OK, "[bold]x"))))[0] == "[bold]x"
