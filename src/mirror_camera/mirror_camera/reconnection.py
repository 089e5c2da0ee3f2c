"""When to try again: the states of a source that gets lost and comes back; without threads or clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mirror_core.errors import ParameterError

__all__ = ["Policy", "Reconnection", "SourceState", "Status"]


class SourceState(Enum):
    """Where a source stands."""

    CLOSED = "closed"
    OPENING = "opening"
    STREAMING = "streaming"
    WAITING = "waiting"  # lost; the next attempt is due later
    ENDED = "ended"  # a clip that is not looped has come to its end


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient to be.

    Attributes:
        first_delay_s: wait after the first failure; doubles with each further one.
        longest_delay_s: cap of that wait.
        freeze_s: this long without a picture counts as a loss.
        opening_s: this long an attempt to open may take.
        placeholder_period_s: time between placeholder pictures.
    """

    first_delay_s: float = 0.5
    longest_delay_s: float = 8.0
    freeze_s: float = 3.0
    opening_s: float = 15.0
    placeholder_period_s: float = 0.5

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ParameterError(f"{name} = {getattr(self, name)} is refused: allowed is more than 0 s.")
        if self.longest_delay_s < self.first_delay_s:
            raise ParameterError(
                f"longest_delay_s = {self.longest_delay_s} is refused: allowed is first_delay_s "
                f"({self.first_delay_s}) or more."
            )


@dataclass(frozen=True, slots=True)
class Status:
    """What diagnostics say about a source.

    Attributes:
        state: where it stands.
        reason: why it does not stream, one sentence; empty while it does.
        since_s: monotonic time at which it came into this state.
        attempts: attempts to open since it streamed last.
        frames: pictures delivered, placeholders not counted.
        restarts: times that it streamed again after a loss.
        corrupt: pictures dropped because they were none.
        dropped: pictures dropped because a newer one came before they were read.
        next_attempt_s: monotonic time of the next attempt; 0 unless waiting.
    """

    state: SourceState = SourceState.CLOSED
    reason: str = ""
    since_s: float = 0.0
    attempts: int = 0
    frames: int = 0
    restarts: int = 0
    corrupt: int = 0
    dropped: int = 0
    next_attempt_s: float = 0.0


class Reconnection:
    """Told what happened and when (monotonic seconds), it knows the state and what is due.

    Args:
        policy: how patient to be.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.state = SourceState.CLOSED
        self.reason = ""
        self.since_s = 0.0
        self.attempts = 0
        self.frames = 0
        self.restarts = 0
        self.corrupt = 0
        self.dropped = 0
        self._deadline_s = 0.0  # of the next attempt, or until which a picture must come
        self._delay_s = policy.first_delay_s
        self._was_lost = False

    def opening(self, now_s: float) -> None:
        """An attempt begins."""
        self._enter(SourceState.OPENING, now_s)
        self.attempts += 1
        self._deadline_s = now_s + self.policy.opening_s

    def opened(self, now_s: float) -> None:
        """The source is open; its first picture is awaited."""
        if self.state is SourceState.OPENING:
            self._deadline_s = now_s + self.policy.freeze_s

    def delivered(self, now_s: float) -> None:
        """A picture came."""
        if self.state is not SourceState.STREAMING:
            self._enter(SourceState.STREAMING, now_s)
            self.restarts += self._was_lost
            self._was_lost = False
            self.reason = ""
        self.attempts = 0
        self.frames += 1
        self._delay_s = self.policy.first_delay_s
        self._deadline_s = now_s + self.policy.freeze_s

    def pausing(self, now_s: float) -> None:
        """The source waits on purpose: its patience begins when that is over."""
        if self.state is SourceState.STREAMING:
            self._deadline_s = now_s + self.policy.freeze_s

    def held_up(self, seconds: float) -> None:
        """Nobody could look for so long: the source gets this time back."""
        if self._awaits_picture:
            self._deadline_s += seconds

    def lost(self, reason: str, now_s: float) -> None:
        """The attempt failed or the source stopped."""
        self._enter(SourceState.WAITING, now_s)
        self.reason = reason
        self._was_lost = self._was_lost or self.frames > 0
        self._deadline_s = now_s + self._delay_s
        self._delay_s = min(2 * self._delay_s, self.policy.longest_delay_s)

    def ended(self, reason: str, now_s: float) -> None:
        """The clip is over; nothing more is due."""
        self._enter(SourceState.ENDED, now_s)
        self.reason = reason

    def closed(self, now_s: float) -> None:
        """Somebody closed the source."""
        self._enter(SourceState.CLOSED, now_s)
        self.reason = ""
        self.attempts = 0
        self._delay_s = self.policy.first_delay_s

    def attempt_is_due(self, now_s: float) -> bool:
        """Whether it is time to try again."""
        return self.state is SourceState.WAITING and now_s >= self._deadline_s

    def is_frozen(self, now_s: float) -> bool:
        """Whether opening or the next picture takes too long."""
        return self._awaits_picture and now_s >= self._deadline_s

    def status(self) -> Status:
        """The numbers, as they are now."""
        waiting = self.state is SourceState.WAITING
        return Status(
            state=self.state,
            reason=self.reason,
            since_s=self.since_s,
            attempts=self.attempts,
            frames=self.frames,
            restarts=self.restarts,
            corrupt=self.corrupt,
            dropped=self.dropped,
            next_attempt_s=self._deadline_s if waiting else 0.0,
        )

    @property
    def _awaits_picture(self) -> bool:
        return self.state in (SourceState.OPENING, SourceState.STREAMING)

    def _enter(self, state: SourceState, now_s: float) -> None:
        if state is not self.state:
            self.state, self.since_s = state, now_s
