"""What `mirror top` shows, from the figures that were heard: tables for the terminal. No ROS in here."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mirror_core.diagnostics import NOT_ACTIVE, RUNNING, Level
from mirror_inspection.graph_health import NodeState, Summary

__all__ = ["Snapshot", "frame_line", "machine_line", "nodes_table", "processes_table", "top_view"]

COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.ERROR: "red"}
NONE = "–"  # where a node has no such figure
STAGE = re.compile(r"(?P<stage>.+) p50 \[ms\]")
LATENCY = "latency"  # the age of a frame when the node is done with it: the node's own row
MACHINE = "health"  # the node that tells the machine's figures
PLAIN = (RUNNING, NOT_ACTIVE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was heard up to one moment.

    Attributes:
        summary: of the graph.
        states: of its nodes.
    """

    summary: Summary
    states: Sequence[NodeState] = field(default_factory=tuple)


def _figure(values: Mapping[str, str], key: str) -> str:
    return values.get(key, NONE) if values.get(key, "") != "nan" else NONE


def nodes_table(states: Sequence[NodeState]) -> Table:
    """A row for each node, and below it one for each of its stages.

    A node's own p50 and p99 are the age of a frame, from the moment when the camera took it until the node
    was done with it. A stage's are how long the stage takes.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("node", no_wrap=True)
    for heading in ("Hz", "p50 ms", "p99 ms", "dropped"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for state in states:
        values = state.values
        quiet = state.level is Level.OK and state.message in PLAIN
        said = state.message.rstrip(".").lower() if quiet else state.message
        table.add_row(
            Text(state.name, style="bold"),
            _figure(values, "rate [Hz]"),
            _figure(values, f"{LATENCY} p50 [ms]"),
            _figure(values, f"{LATENCY} p99 [ms]"),
            _figure(values, "dropped"),
            Text(said, style=COLOURS[state.level]),
        )
        for key in values:
            match = STAGE.fullmatch(key)
            if match is None or match["stage"] == LATENCY:
                continue
            stage = match["stage"]
            figures = (_figure(values, key), _figure(values, f"{stage} p99 [ms]"))
            table.add_row(Text(f"  {stage}", style="dim"), "", *figures, "", "")
    return table


def processes_table(states: Sequence[NodeState]) -> Table:
    """A row for each process, with the nodes that share it. A CPU of 100 % is one core."""
    table = Table(box=None, pad_edge=False)
    table.add_column("process", no_wrap=True)
    for heading in ("CPU %", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("nodes", overflow="fold")
    shared: dict[str, list[NodeState]] = {}
    for state in states:
        if "process" in state.values:
            shared.setdefault(state.values["process"], []).append(state)
    for process, nodes in shared.items():
        # They all tell the same reading, some a moment earlier than others.
        newest = min(nodes, key=lambda state: state.silent_s or 0.0)
        table.add_row(
            process,
            _figure(newest.values, "process CPU [%]"),
            _figure(newest.values, "process memory [MB]"),
            ", ".join(state.name for state in nodes),
        )
    return table


def machine_line(states: Sequence[NodeState]) -> str:
    """The machine's processor, memory and temperature as one line; empty where nobody tells them."""
    values = next((state.values for state in states if state.name == MACHINE), {})
    parts = [
        f"{word} {values[key]} {unit}"
        for word, key, unit in (
            ("CPU", "machine CPU [%]", "%"),
            ("memory", "machine memory [%]", "%"),
            ("temperature", "temperature [°C]", "°C"),
        )
        if values.get(key, NONE) != NONE
    ]
    return f"Machine: {', '.join(parts)}" if parts else ""


def frame_line(states: Sequence[NodeState]) -> str:
    """When half of the frames were through each node, in the order of these times; empty without frames."""
    ages = [(state.number(f"{LATENCY} p50 [ms]"), state.name) for state in states]
    known = sorted((age, name) for age, name in ages if age is not None and not math.isnan(age))
    if not known:
        return ""
    return f"A frame's age in ms: {' → '.join(f'{name} {age:.1f}' for age, name in known)}"


def top_view(snapshot: Snapshot) -> RenderableType:
    """All of it, one below the other."""
    lines: list[RenderableType] = [Text(snapshot.summary.message, style=COLOURS[snapshot.summary.level])]
    lines += [Text(line) for line in (machine_line(snapshot.states), frame_line(snapshot.states)) if line]
    lines += [Text(), nodes_table(snapshot.states)]
    processes = processes_table(snapshot.states)
    if processes.row_count:
        lines += [Text(), processes]
    return Group(*lines)
