"""Colours of the Mood page as a browser takes them, and those of a day."""

from __future__ import annotations

from mirror_core.mood_colours import MOOD_COLOURS
from mirror_mood.log.answers import Day

__all__ = ["contrast", "css_colour", "day_colours"]

GROUND = (28, 34, 41)  # of a day without colour
INKS = ((0, 0, 0), (255, 255, 255))  # of what stands on a colour
PALEST = 0.3  # share of the mood's colour on a day of which the mirror was not at all sure
SUREST = 0.75  # confidence from which on a day has the whole colour

Rgb = tuple[int, int, int]  # red, green, blue, 0 … 255


def css_colour(rgb: Rgb) -> str:
    """A colour as "#f0e442"."""
    return "#" + "".join(f"{part:02x}" for part in rgb)


def day_colours(day: Day) -> tuple[Rgb, Rgb] | None:
    """The colour of a day and of what stands on it; None where nobody was seen.

    The mood's colour is the stronger the surer the mirror was.
    """
    if day.dominant is None:
        return None
    strength = PALEST + (1 - PALEST) * min(max(day.total.confidence / SUREST, 0.0), 1.0)
    colour = MOOD_COLOURS[day.dominant]
    red, green, blue = (round(g + strength * (c - g)) for g, c in zip(GROUND, colour, strict=True))
    ground = (red, green, blue)
    return ground, max(INKS, key=lambda ink: contrast(ink, ground))


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two colours by WCAG 2.2, 1 … 21."""
    lights = sorted(_luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: Rgb) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
