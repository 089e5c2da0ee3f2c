"""How the whole graph is doing, in plain words, from what its nodes say about themselves.

No ROS in here: whoever hears diagnostics hands them to `GraphHealth.take`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mirror_core.diagnostics import NOT_ACTIVE, RUNNING, SILENT_AFTER_S, Level
from mirror_core.errors import ShapeError

__all__ = ["GraphHealth", "NodeState", "Summary", "summarised"]

START_S = 30.0  # time in which a node may come up without anybody worrying
RESTART_TOLD_S = 60.0  # for how long a restart is told
OPENINGS = {
    Level.WARN: "The mirror needs attention.",
    Level.ERROR: "Something is broken.",
}


@dataclass(frozen=True, slots=True)
class NodeState:
    """What is known of one node.

    Attributes:
        name: without the graph's namespace.
        level: as the node has it, or worse where it is silent or was restarted.
        message: a sentence or more.
        values: the node's newest figures by name.
        silent_s: seconds since its newest diagnostics; None where it has said nothing yet.
    """

    name: str
    level: Level
    message: str
    values: Mapping[str, str] = field(default_factory=dict)
    silent_s: float | None = 0.0

    def __post_init__(self) -> None:
        if not self.name:
            raise ShapeError("NodeState.name must not be empty.")

    @property
    def is_active(self) -> bool:
        """Whether it works; a node without a word does not."""
        return self.silent_s is not None and self.message != NOT_ACTIVE

    def number(self, key: str) -> float | None:
        """A figure as a number, None where there is none."""
        try:
            return float(self.values[key])
        except (KeyError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole graph.

    Attributes:
        level: of the node that is worst off.
        message: what a person should know, in plain words.
    """

    level: Level
    message: str


@dataclass(slots=True)
class _Heard:
    level: Level
    message: str
    values: Mapping[str, str]
    time_s: float
    restarts: int = 0
    restarted_s: float = float("-inf")


class GraphHealth:
    """Remembers what each node has said last.

    Args:
        namespace: of the graph; what others say is ignored. "" takes everybody.
        expected: nodes that must be there; empty where that is not known.
        now_s: when it begins to listen, in seconds of any monotonic clock.
    """

    def __init__(self, namespace: str, expected: Iterable[str] = (), now_s: float = 0.0) -> None:
        stripped = namespace.strip("/")
        self._prefix = f"{stripped}/" if stripped else ""
        self._expected = tuple(expected)
        self._began_s = now_s
        self._heard: dict[str, _Heard] = {}

    def expect(self, names: Iterable[str]) -> None:
        """From now on these nodes, and no others, must be there, in this order."""
        self._expected = tuple(dict.fromkeys(names))

    def take(self, full_name: str, level: int, message: str, values: Mapping[str, str], now_s: float) -> None:
        """Take one node's status, named "mirror/camera".

        Levels beyond ERROR (STALE) count as ERROR.
        """
        if not full_name.startswith(self._prefix):
            return
        name = full_name.removeprefix(self._prefix)
        restarts = _whole(values.get("restarts", "0"))
        before = self._heard.get(name)
        heard = _Heard(Level(min(level, Level.ERROR)), message, dict(values), now_s, restarts)
        if before is not None:
            heard.restarted_s = now_s if restarts > before.restarts else before.restarted_s
        elif restarts:
            heard.restarted_s = now_s
        self._heard[name] = heard

    def states(self, now_s: float) -> tuple[NodeState, ...]:
        """All nodes that are expected or were heard, the expected ones first, in their order.

        Where it is known which are expected, others may go as they came: one that falls silent is forgotten.
        """
        if self._expected:
            for name in set(self._heard) - set(self._expected):
                if now_s - self._heard[name].time_s > SILENT_AFTER_S:
                    del self._heard[name]
        names = dict.fromkeys((*self._expected, *self._heard))
        return tuple(self._state(name, now_s) for name in names)

    def _state(self, name: str, now_s: float) -> NodeState:
        heard = self._heard.get(name)
        if heard is None:
            if now_s - self._began_s < START_S:
                return NodeState(name, Level.OK, "Is starting.", silent_s=None)
            return NodeState(name, Level.ERROR, "Has not started.", silent_s=None)
        silent_s = now_s - heard.time_s
        if silent_s > SILENT_AFTER_S:
            sentence = "Has gone silent: it hangs, or its process has ended."
            return NodeState(name, Level.ERROR, sentence, heard.values, silent_s)
        if now_s - heard.restarted_s < RESTART_TOLD_S:
            times = "once" if heard.restarts == 1 else f"{heard.restarts} times"
            cause = heard.values.get("last error", "")
            sentence = f"Failed and was started again {times}{f' ({cause})' if cause else ''}."
            said = "" if heard.message == RUNNING else f" {heard.message}"
            return NodeState(name, max(heard.level, Level.WARN), sentence + said, heard.values, silent_s)
        return NodeState(name, heard.level, heard.message, heard.values, silent_s)


def _whole(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0


def summarised(states: Sequence[NodeState]) -> Summary:
    """One message about all nodes: what is wrong, the worst first; else that all is well."""
    troubles = sorted((s for s in states if s.level > Level.OK), key=lambda s: -s.level)
    asides = _asides(states)
    if troubles:
        level = troubles[0].level
        sentences = [OPENINGS[level], *(f"{state.name}: {state.message}" for state in troubles), *asides]
        return Summary(level, " ".join(sentences))
    if not states:
        return Summary(Level.OK, "No node has said anything yet.")
    waiting = [state.name for state in states if state.silent_s is None]
    if waiting:
        return Summary(Level.OK, " ".join([f"The mirror is starting: {', '.join(waiting)}.", *asides]))
    count = "1 node runs" if len(states) == 1 else f"{len(states)} nodes run"
    return Summary(Level.OK, " ".join([f"All is well: {count}.", *asides]))


def _asides(states: Sequence[NodeState]) -> list[str]:
    """What is no trouble, but what a person who wonders should know."""
    off = [state.name for state in states if state.silent_s is not None and state.message == NOT_ACTIVE]
    asides = ["The camera is off: its shutter is closed."] if "camera" in off else []
    others = [name for name in off if name != "camera"]
    if others:
        asides.append(f"Not active: {', '.join(others)}.")
    return asides
