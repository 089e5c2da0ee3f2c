"""The colours of moods, the same in the window and on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mirror_core.moods import MoodLabel

__all__ = ["MOOD_COLOURS", "UNSURE_COLOUR"]

Rgb = tuple[int, int, int]  # red, green, blue, 0 … 255

# The palette of Masataka Okabe and Kei Ito, "Color Universal Design" (2002, revised 2008,
# https://jfly.uni-koeln.de/color/) without its black: chosen so that people with any of the common
# kinds of colour blindness tell its colours apart.
MOOD_COLOURS: Final[Mapping[MoodLabel, Rgb]] = {
    MoodLabel.ANGRY: (213, 94, 0),
    MoodLabel.DISGUST: (0, 158, 115),
    MoodLabel.FEAR: (204, 121, 167),
    MoodLabel.HAPPY: (240, 228, 66),
    MoodLabel.SAD: (0, 114, 178),
    MoodLabel.SURPRISE: (230, 159, 0),
    MoodLabel.NEUTRAL: (86, 180, 233),
}
UNSURE_COLOUR: Final[Rgb] = (158, 163, 170)
