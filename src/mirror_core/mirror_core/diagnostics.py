"""What a node says about itself once a second, in words that a person understands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from mirror_core.credentials import without_credentials
from mirror_core.process_figures import process_figures
from mirror_core.tracing import Quantiles, RateMeter, StageTimes

__all__ = ["NOT_ACTIVE", "RUNNING", "SILENT_AFTER_S", "Level", "NodeHealth", "Report"]

RUNNING = "Running."  # what a node says that has nothing to say
NOT_ACTIVE = "Not active."  # what one says that was deactivated
SILENT_AFTER_S = 5.0  # diagnostics come once a second; a node that is silent for longer hangs or is gone


class Level(IntEnum):
    """`diagnostic_msgs/DiagnosticStatus` levels."""

    OK = 0
    WARN = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Report:
    """One status: a level, a sentence, and figures by name."""

    level: Level
    message: str
    values: Mapping[str, str]


def _milliseconds(seconds: float) -> str:
    return "–" if math.isnan(seconds) else f"{seconds * 1e3:.2f}"


@dataclass
class NodeHealth:
    """Collects a node's figures and conditions.

    Attributes:
        rate: items produced a second.
        latency: age of each item when this node was done with it.
        stages: durations of the node's own stages.
        counters: name → function giving a number (drops, refused messages …).
    """

    rate: RateMeter = field(default_factory=RateMeter)
    latency: Quantiles = field(default_factory=Quantiles)
    stages: StageTimes = field(default_factory=StageTimes)
    counters: dict[str, Callable[[], float | str]] = field(default_factory=dict)
    _conditions: dict[str, tuple[Level, str]] = field(default_factory=dict)

    def set_condition(self, key: str, level: Level, sentence: str) -> None:
        """State a condition that lasts until `clear_condition` (or another call with this key)."""
        self._conditions[key] = (level, sentence)

    def clear_condition(self, key: str) -> None:
        """The condition is over; unknown keys are fine."""
        self._conditions.pop(key, None)

    def condition(self, key: str) -> str:
        """The sentence of a condition, or "" where it does not hold."""
        return self._conditions.get(key, (Level.OK, ""))[1]

    def report(self) -> Report:
        """The status now: the worst condition's level, all sentences of that level or worse than OK.

        What lets somebody in is hidden, whatever got into a sentence or a figure: bags are kept for years.
        """
        conditions = sorted(self._conditions.values(), key=lambda c: -c[0])
        level = conditions[0][0] if conditions else Level.OK
        message = " ".join(sentence for _, sentence in conditions) or RUNNING
        values = {"rate [Hz]": f"{self.rate.rate():.1f}"}
        if self.latency.count:
            values["latency p50 [ms]"] = _milliseconds(self.latency.p50)
            values["latency p99 [ms]"] = _milliseconds(self.latency.p99)
        for stage, durations in self.stages.items():
            values[f"{stage} p50 [ms]"] = _milliseconds(durations.p50)
            values[f"{stage} p99 [ms]"] = _milliseconds(durations.p99)
        for name, value in list(self.counters.items()):
            current = value()
            values[name] = without_credentials(current) if isinstance(current, str) else f"{current:g}"
        values.update(process_figures())
        return Report(level, without_credentials(message), values)
