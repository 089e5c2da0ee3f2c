"""The name of a new effect: it stands for a moment over the picture and fades."""

from __future__ import annotations

__all__ = ["SHOWN_S", "EffectName"]

SHOWN_S = 2.5  # time for which a new effect's name stands
FADE_S = 0.5  # of which it fades at the end
FADE_STEPS = 12  # a fading text is redrawn at most this often when no frame comes


class EffectName:
    """Knows which name is shown. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._name = ""
        self._since_s = float("-inf")

    def tell(self, name: str, now_s: float) -> bool:
        """Take the name; returns whether it is another one than before."""
        if name == self._name:
            return False
        self._name, self._since_s = name, now_s
        return True

    def look(self, now_s: float, reduced_motion: bool = False) -> tuple[str, float]:
        """The name that is shown now, empty for none, and its opacity, 0 … 1."""
        left = (self._since_s + SHOWN_S - now_s) / FADE_S
        opacity = round(min(max(left, 0.0), 1.0) * FADE_STEPS) / FADE_STEPS
        if opacity <= 0:
            return "", 0.0
        return self._name, 1.0 if reduced_motion else opacity
