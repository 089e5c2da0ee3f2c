"""The person's own face: the untouched picture for as long as a key is held, or for a few seconds."""

from __future__ import annotations

__all__ = ["OwnFace"]

TAP_S = 0.4  # who lets go sooner has pressed and not held: the picture then stays for a few seconds


class OwnFace:
    """Whether the untouched picture is asked for. Times are monotonic seconds.

    Attributes:
        stay_s: how long it stays after a short press or a gesture.
    """

    def __init__(self, stay_s: float = 5.0) -> None:
        self.stay_s = stay_s
        self._held_since_s: float | None = None
        self._until_s = float("-inf")

    def press(self, now_s: float) -> None:
        """The key goes down or a finger begins to hold; repeats of a key that is down change nothing."""
        if self._held_since_s is None:
            self._held_since_s = now_s

    def release(self, now_s: float) -> None:
        """The key or finger is let go."""
        if self._held_since_s is None:
            return
        was_tap = now_s - self._held_since_s < TAP_S
        self._held_since_s = None
        # A second press takes back what the first one asked for.
        self._until_s = now_s + self.stay_s if was_tap and now_s >= self._until_s else float("-inf")

    def show(self, now_s: float) -> None:
        """Show it for `stay_s`, as after a gesture."""
        self._until_s = now_s + self.stay_s

    def end(self) -> None:
        """Show the mirror's picture again."""
        self._held_since_s, self._until_s = None, float("-inf")

    def is_asked(self, now_s: float) -> bool:
        """Whether the untouched picture is to be shown now."""
        return self._held_since_s is not None or now_s < self._until_s
