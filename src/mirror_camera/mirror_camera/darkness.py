"""Whether the camera's pictures are too dark to see anybody well; costs 30 µs a second."""

from __future__ import annotations

from mirror_core.frame import Image

__all__ = ["DarknessWatch", "mean_brightness"]

DARK, BRIGHT = 22.0, 30.0  # mean brightness, 0 … 255, from which on it is dark, and no longer dark
PERIOD_S = 0.5  # between two looks
PATIENCE = 6  # looks in a row that must agree: a hand before the lens and the first pictures are no darkness
STEP = 16  # every so many-th pixel of both directions is looked at


def mean_brightness(image: Image) -> float:
    """Mean of the green channel, which is most of what eyes see, 0 … 255.

    Args:
        image: uint8 [height, width, 3], BGR.
    """
    return float(image[::STEP, ::STEP, 1].mean())


class DarknessWatch:
    """Looks at pictures now and then. Times are monotonic seconds.

    Attributes:
        is_dark: what is known now.
        brightness: of the picture that was looked at last, 0 … 255.
    """

    def __init__(self) -> None:
        self.is_dark = False
        self.brightness = 0.0
        self._looked_s = float("-inf")
        self._against = 0

    def reset(self) -> None:
        """Begin anew, as with another camera."""
        self.is_dark, self._against = False, 0

    def look(self, image: Image, now_s: float) -> bool:
        """Take a picture; returns whether what is known has changed."""
        if now_s - self._looked_s < PERIOD_S:
            return False
        self._looked_s = now_s
        self.brightness = mean_brightness(image)
        disagrees = self.brightness > BRIGHT if self.is_dark else self.brightness < DARK
        self._against = self._against + 1 if disagrees else 0
        if self._against < PATIENCE:
            return False
        self.is_dark, self._against = not self.is_dark, 0
        return True
