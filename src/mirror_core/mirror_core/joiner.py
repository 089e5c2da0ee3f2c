"""The stamp joiner: brings a frame together with what was found in that same frame.

Frames and results (faces, bodies, moods) arrive on their own paths. A frame waits here for its own
results; this is the one place in the graph that waits. The policy for what is late or missing:

1. A frame leaves as soon as all its results are here.
2. A result of a *later* stamp shows that the earlier frame's result will not come (its maker takes
   the newest frame and skips others): the earlier frame gives way to the later one if that is here.
3. A frame that has waited `patience_s` leaves with the newest earlier result, marked as stale.
4. After `IMPATIENT_AFTER` such frames in a row the maker is taken to be slower than the patience:
   frames no longer wait at all, until a result comes that its frame could have waited for.
5. Frames leave in the order of their stamps; an older frame never follows a newer one.
6. When stamps go backwards (a replay loops, the clock jumps) everything is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mirror_core.errors import ShapeError
from mirror_core.frame import Frame

__all__ = ["Joined", "Joint", "StampJoiner"]

RING = 8  # frames and results kept
IMPATIENT_AFTER = 3  # late frames in a row after which frames do not wait
BACKWARDS_NS = 1_000_000_000  # a stamp this much older than the newest one is a jump, not disorder


@dataclass(frozen=True, slots=True)
class Joined:
    """One input's part in a joint.

    Attributes:
        value: the result, None where there is none at all yet.
        stamp_ns: the stamp that it belongs to.
        is_stale: True where it belongs to an earlier frame than the one it is joined with.
    """

    value: Any = None
    stamp_ns: int = -1
    is_stale: bool = True


@dataclass(frozen=True, slots=True)
class Joint:
    """A frame with the results of all inputs."""

    frame: Frame
    results: Mapping[str, Joined]


@dataclass(slots=True)
class _Waiting:
    frame: Frame
    since_s: float


@dataclass
class StampJoiner:
    """Joins frames with results by exact stamp; pure, not thread-safe.

    Args:
        inputs: names of the results a frame waits for.
        patience_s: how long a frame waits at most, seconds on the caller's monotonic clock.

    Attributes:
        skipped: frames that gave way to a later one.
        late: frames that left with a stale or missing result.
    """

    inputs: frozenset[str]
    patience_s: float = 0.025
    skipped: int = 0
    late: int = 0
    _frames: deque[_Waiting] = field(default_factory=deque)
    _results: dict[str, OrderedDict[int, Any]] = field(default_factory=dict)
    _newest_frame_ns: int = -1
    _late_in_a_row: int = 0
    _left_late: OrderedDict[int, float] = field(default_factory=OrderedDict)  # stamp → arrival

    def __post_init__(self) -> None:
        self.inputs = frozenset(self.inputs)
        if self.patience_s < 0:
            raise ShapeError(f"StampJoiner.patience_s must be 0 or more, not {self.patience_s}.")
        self._results = {name: OrderedDict() for name in self.inputs}

    def set_inputs(self, inputs: Collection[str]) -> None:
        """Wait for these results from now on; results of inputs that stay are kept."""
        self.inputs = frozenset(inputs)
        self._results = {name: self._results.get(name, OrderedDict()) for name in self.inputs}
        self._late_in_a_row = 0

    def reset(self) -> None:
        """Forget all frames and results."""
        self._frames.clear()
        for results in self._results.values():
            results.clear()
        self._newest_frame_ns = -1
        self._late_in_a_row = 0
        self._left_late.clear()

    def add_frame(self, frame: Frame, now_s: float) -> None:
        """Add a frame that arrived now."""
        if frame.stamp_ns < self._newest_frame_ns - BACKWARDS_NS:
            self.reset()
        if frame.stamp_ns <= self._newest_frame_ns:
            self.skipped += 1  # older than, or the same as, one that is already here
            return
        self._newest_frame_ns = frame.stamp_ns
        self._frames.append(_Waiting(frame, now_s))
        while len(self._frames) > RING:
            self._frames.popleft()
            self.skipped += 1

    def add_result(self, name: str, stamp_ns: int, value: Any, now_s: float) -> None:
        """Add a result that arrived now; one of an input that is not waited for is ignored."""
        results = self._results.get(name)
        if results is None:
            return
        newest = next(reversed(results), -1)
        if stamp_ns < newest - BACKWARDS_NS:
            results.clear()
        results[stamp_ns] = value
        results.move_to_end(stamp_ns)
        while len(results) > RING:
            results.popitem(last=False)
        arrival_s = self._left_late.pop(stamp_ns, None)
        if arrival_s is not None and now_s - arrival_s <= self.patience_s:
            self._late_in_a_row = 0

    def pop(self, now_s: float) -> Joint | None:
        """The newest frame that may leave now, or None; older waiting frames give way to it."""
        for index in range(len(self._frames) - 1, -1, -1):
            waiting = self._frames[index]
            complete = self._is_complete(waiting.frame.stamp_ns)
            if complete or self._has_waited(waiting, now_s):
                for _ in range(index):
                    self._frames.popleft()
                    self.skipped += 1
                self._frames.popleft()
                return self._leave(waiting, complete)
        return None

    def next_deadline_s(self) -> float | None:
        """When the oldest waiting frame's patience ends; None where no frame waits."""
        return self._frames[0].since_s + self._patience() if self._frames else None

    def _patience(self) -> float:
        return 0.0 if self._late_in_a_row >= IMPATIENT_AFTER else self.patience_s

    def _has_waited(self, waiting: _Waiting, now_s: float) -> bool:
        return now_s - waiting.since_s >= self._patience()

    def _is_complete(self, stamp_ns: int) -> bool:
        return all(stamp_ns in results for results in self._results.values())

    def _leave(self, waiting: _Waiting, complete: bool) -> Joint:
        stamp_ns = waiting.frame.stamp_ns
        if complete:
            self._late_in_a_row = 0
        else:
            self.late += 1
            self._late_in_a_row += 1
            self._left_late[stamp_ns] = waiting.since_s
            while len(self._left_late) > RING:
                self._left_late.popitem(last=False)
        results = {name: self._newest_up_to(name, stamp_ns) for name in sorted(self.inputs)}
        return Joint(waiting.frame, results)

    def _newest_up_to(self, name: str, stamp_ns: int) -> Joined:
        stamps = [stamp for stamp in self._results[name] if stamp <= stamp_ns]
        if not stamps:
            return Joined()
        newest = max(stamps)
        return Joined(self._results[name][newest], newest, newest != stamp_ns)
