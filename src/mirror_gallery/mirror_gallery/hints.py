"""What a person is asked to do while their face is captured: one thing at a time, and no flicker."""

from __future__ import annotations

__all__ = ["HINTS", "HintChooser"]

HINTS: dict[str, str] = {
    "come_back": "Step in front of the mirror.",
    "come_closer": "Come closer.",
    "move_back": "Move back a little.",
    "more_light": "More light, please.",
    "less_light": "Less light, please.",
    "even_light": "Turn towards the light.",
    "uncover_face": "Uncover your face.",
    "look_straight": "Look straight into the mirror.",
    "hold_still": "Hold still.",
    "turn_left": "Turn your head a little to your left.",
    "turn_right": "Turn your head a little to your right.",
    "one_moment": "One moment.",
    "done": "Done.",
}
"""Key → sentence."""

SETTLE_S = 0.3  # a new hint must be due for so long before it is shown
LEAST_SHOWN_S = 1.0  # a hint is shown for at least so long: people need that to read it
AT_ONCE = frozenset({"one_moment", "done"})  # nothing is left to do: these need no patience


class HintChooser:
    """Turns the hint that is due at each moment into one that a person can follow."""

    def __init__(self) -> None:
        self._shown = ""
        self._shown_s = 0.0
        self._due = ""
        self._due_s = 0.0

    @property
    def shown(self) -> str:
        """Key of the hint that is shown, "" before the first."""
        return self._shown

    def choose(self, due: str, time_s: float) -> str:
        """The hint to show.

        Args:
            due: key of the hint that is due now, one of `HINTS`.
            time_s: any clock that does not run backwards.

        Returns:
            The key of `HINTS` to show.
        """
        if due != self._due:
            self._due, self._due_s = due, time_s
        settled = time_s - self._due_s >= SETTLE_S and time_s - self._shown_s >= LEAST_SHOWN_S
        if due != self._shown and (not self._shown or due in AT_ONCE or settled):
            self._shown, self._shown_s = due, time_s
        return self._shown
