"""The label beside a mood's ring: the dominant mood in large letters, the next ones small below it."""

from __future__ import annotations

from functools import lru_cache

import pygame

from mirror_core.mood_colours import MOOD_COLOURS, UNSURE_COLOUR
from mirror_display.mood_rings import MoodReading
from mirror_display.mood_words import ENGLISH, MoodWords
from mirror_display.panels import QUIET_TEXT, TEXT, Panels, upright

__all__ = ["NEXT_MOODS", "MoodLabels", "label_lines"]

NEXT_MOODS = 3  # as many are written below the dominant one
LEAST_NEXT_PERCENT = 2  # a mood that is less likely is not written
WORD_SIZE = 36  # letters that are read from two metres, where the canvas's shorter side has 720 px
NEXT_SIZE = 23
LINE = 1.35  # distance of two lines as a share of the letters' size
CORNER = 16


def label_lines(
    reading: MoodReading, is_long: bool, words: MoodWords = ENGLISH
) -> tuple[tuple[str, tuple[int, int, int]], ...]:
    """What is written beside a ring, line by line, each with the colour of its dot (red, green, blue).

    Args:
        reading: the moods.
        is_long: with the next moods below the dominant one.
        words: of the language.
    """
    if reading.unsure or not reading.shares:
        return ((words.unsure, UNSURE_COLOUR),)
    following = reading.shares[1 : 1 + NEXT_MOODS] if is_long else ()
    shown = [reading.shares[0], *(share for share in following if share[1] >= LEAST_NEXT_PERCENT)]
    return tuple((words.line(mood, percent), MOOD_COLOURS[mood]) for mood, percent in shown)


class MoodLabels:
    """Makes labels and keeps them: a label is made anew when its words change."""

    def __init__(self, words: MoodWords = ENGLISH) -> None:
        self._words = words
        self._panels = Panels()
        self._label = lru_cache(maxsize=64)(self._draw_label)

    def label(self, reading: MoodReading, is_long: bool, unit: float, rotation: int) -> pygame.Surface:
        """The label for a reading.

        Args:
            reading: the moods.
            is_long: with the next moods below the dominant one.
            unit: by what sizes are multiplied.
            rotation: clockwise turn of the canvas in degrees.
        """
        return self._label(label_lines(reading, is_long, self._words), unit, rotation)

    def _draw_label(
        self, lines: tuple[tuple[str, tuple[int, int, int]], ...], unit: float, rotation: int
    ) -> pygame.Surface:
        sizes = [round((WORD_SIZE if row == 0 else NEXT_SIZE) * unit) for row in range(len(lines))]
        texts = [
            self._panels.font(size).render(text, True, TEXT if row == 0 else QUIET_TEXT)
            for row, (size, (text, _)) in enumerate(zip(sizes, lines, strict=True))
        ]
        across, down, dot = round(18 * unit), round(12 * unit), round(9 * unit)
        indent = across + round(3.4 * dot)
        heights = [round(size * LINE) for size in sizes]
        width = indent + max(text.get_width() for text in texts) + across
        panel = self._panels.blank(width, sum(heights) + 2 * down, CORNER * unit)
        top = down
        for row, (text, height) in enumerate(zip(texts, heights, strict=True)):
            middle = top + height // 2
            radius = dot if row == 0 else round(dot * 0.62)
            self._panels.draw_dot(panel, (across + dot, middle), radius, lines[row][1])
            panel.blit(text, (indent, middle - text.get_height() // 2))
            top += height
        return upright(panel, rotation)
