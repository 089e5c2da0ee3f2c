"""What the Health page asks of the mirror: how each node is doing, how that was, and what was logged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = [
    "HealthControl",
    "HealthState",
    "LogLine",
    "NodeFigures",
    "NodeState",
    "Sample",
    "UnansweredHealth",
]


class NodeState(StrEnum):
    """How a node is doing; from the best to the worst."""

    OK = "ok"
    PAUSED = "paused"  # it runs, but was switched off
    WARN = "warn"
    ERROR = "error"
    SILENT = "silent"  # it was there, and says nothing any more


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """What a node says about itself.

    Attributes:
        name: without the graph's namespace.
        state: how it is doing.
        message: its own sentences; empty where there is nothing to say.
        rate_hz: what it makes a second, None where it does not say.
        p50_ms, p99_ms: age of what it makes when it is done with it, counted from the camera.
        dropped: pictures that it left out since it started, None where it counts none.
        source: what a camera node has its pictures from, else empty.
    """

    name: str
    state: NodeState
    message: str = ""
    rate_hz: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    dropped: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A node's latency at one moment: seconds ago, median and 99th percentile in milliseconds."""

    ago_s: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message of the log.

    Attributes:
        number: counts the messages, so that a page knows which are new.
        time_s: UTC epoch seconds.
        level: "info", "warn" or "error".
        name: who says it, without the graph's namespace.
        text: what.
    """

    number: int
    time_s: float
    level: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HealthState:
    """All nodes, those in need of attention first, and the newest messages, the newest first."""

    nodes: tuple[NodeFigures, ...] = ()
    messages: tuple[LogLine, ...] = ()


class HealthControl(Protocol):
    """The mirror's health as the page sees it; nothing here blocks."""

    def health(self) -> HealthState:
        """How everything stands now."""
        ...

    def latencies(self, node: str) -> tuple[Sample, ...]:
        """A node's latency over the last minutes, the oldest first."""
        ...


class UnansweredHealth:
    """A `HealthControl` for a page without a graph."""

    def health(self) -> HealthState:
        """Nothing is there."""
        return HealthState()

    def latencies(self, node: str) -> tuple[Sample, ...]:
        """Nothing was there."""
        return ()
