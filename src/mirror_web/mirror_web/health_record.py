"""Remembers what the nodes of a graph say about themselves, over some minutes, and what they log."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mirror_core.diagnostics import NOT_ACTIVE, RUNNING, SILENT_AFTER_S, Level
from mirror_web.health_control import HealthState, LogLine, NodeFigures, NodeState, Sample

__all__ = ["HealthRecord"]

FORGOTTEN_AFTER_S = 600.0  # a node that was ended on purpose is not told for ever
HISTORY_S = 300.0  # of latencies
MOST_MESSAGES = 200
NOTHING_TO_SAY = (RUNNING, NOT_ACTIVE)
STATES = {Level.OK: NodeState.OK, Level.WARN: NodeState.WARN, Level.ERROR: NodeState.ERROR}
ORDER = (NodeState.ERROR, NodeState.SILENT, NodeState.WARN, NodeState.OK, NodeState.PAUSED)
# The way of a frame; nodes that are not named follow by name.
PLACES = ("camera", "faces", "bodies", "effects", "display", "web", "gallery", "mood", "mood_log", "gestures")


@dataclass(slots=True)
class _Heard:
    time_s: float
    level: Level
    message: str
    values: Mapping[str, str]
    history: deque[tuple[float, float, float]] = field(default_factory=deque)


class HealthRecord:
    """Implements `mirror_web.health_control.HealthControl`; thread-safe.

    Args:
        namespace: of the graph, without slashes at its ends; what others say is ignored.
        clock: monotonic seconds.
    """

    def __init__(self, namespace: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._status_prefix = f"{namespace}/" if namespace else ""
        self._logger_prefix = f"{namespace.replace('/', '.')}." if namespace else ""
        self._clock = clock
        self._lock = threading.Lock()  # guards all below
        self._heard: dict[str, _Heard] = {}
        self._messages: deque[LogLine] = deque(maxlen=MOST_MESSAGES)
        self._count = 0

    def take_status(self, full_name: str, level: int, message: str, values: Mapping[str, str]) -> None:
        """Take a node's diagnostics, named "mirror/camera"; levels beyond ERROR count as ERROR."""
        if not full_name.startswith(self._status_prefix):
            return
        name, now_s = full_name.removeprefix(self._status_prefix), self._clock()
        with self._lock:
            heard = self._heard.get(name)
            if heard is None:
                heard = self._heard[name] = _Heard(now_s, Level.OK, "", {})
            heard.time_s, heard.message, heard.values = now_s, message, dict(values)
            heard.level = Level(min(max(level, Level.OK), Level.ERROR))
            p50_ms, p99_ms = _number(values, "latency p50 [ms]"), _number(values, "latency p99 [ms]")
            is_idle = _number(values, "rate [Hz]") == 0  # it goes on saying what was, long after
            if p50_ms is not None and p99_ms is not None and not is_idle:
                heard.history.append((now_s, p50_ms, p99_ms))
            while heard.history and now_s - heard.history[0][0] > HISTORY_S:
                heard.history.popleft()

    def take_log(self, logger: str, level: str, text: str, time_s: float) -> None:
        """Take a message of a logger, named "mirror.camera"; see `LogLine`."""
        if not logger.startswith(self._logger_prefix):
            return
        with self._lock:
            self._count += 1
            name = logger.removeprefix(self._logger_prefix)
            self._messages.appendleft(LogLine(self._count, time_s, level, name, text))

    def health(self) -> HealthState:
        """See `HealthControl`."""
        now_s = self._clock()
        with self._lock:
            for name in [n for n, heard in self._heard.items() if now_s - heard.time_s > FORGOTTEN_AFTER_S]:
                del self._heard[name]
            nodes = [_figures(name, heard, now_s) for name, heard in self._heard.items()]
            messages = tuple(self._messages)
        nodes.sort(key=lambda node: (ORDER.index(node.state), _place(node.name), node.name))
        return HealthState(tuple(nodes), messages)

    def latencies(self, node: str) -> tuple[Sample, ...]:
        """See `HealthControl`."""
        now_s = self._clock()
        with self._lock:
            heard = self._heard.get(node)
            history = tuple(heard.history) if heard is not None else ()
        return tuple(
            Sample(now_s - time_s, p50_ms, p99_ms)
            for time_s, p50_ms, p99_ms in history
            if now_s - time_s <= HISTORY_S
        )


def _figures(name: str, heard: _Heard, now_s: float) -> NodeFigures:
    state = STATES[heard.level]
    if now_s - heard.time_s > SILENT_AFTER_S:
        state = NodeState.SILENT
    elif state is NodeState.OK and heard.message == NOT_ACTIVE:
        state = NodeState.PAUSED
    dropped = _number(heard.values, "dropped")
    return NodeFigures(
        name,
        state,
        "" if heard.message in NOTHING_TO_SAY else heard.message,
        _number(heard.values, "rate [Hz]"),
        _number(heard.values, "latency p50 [ms]"),
        _number(heard.values, "latency p99 [ms]"),
        None if dropped is None else round(dropped),
        heard.values.get("source", "") if name == "camera" else "",
    )


def _place(name: str) -> int:
    return PLACES.index(name) if name in PLACES else len(PLACES)


def _number(values: Mapping[str, str], key: str) -> float | None:
    try:
        number = float(values[key])
    except (KeyError, ValueError):
        return None
    return number if math.isfinite(number) else None
