"""What widgets draw with: texts and panels in the window's own style, at the window's own size."""

from __future__ import annotations

import pygame

from mirror_display.panels import QUIET_TEXT, TEXT, Panels

__all__ = ["Pen"]

Colour = tuple[int, int, int]
"""Red, green, blue, 0 … 255."""

ACROSS, DOWN, CORNER = 18, 12, 16  # of a panel's rim and corners, in units


class Pen:
    """Draws for one size of window; what it returns may be drawn on.

    Args:
        panels: the window's fonts and empty panels.
        unit: pixels by which sizes are multiplied: 1 where the window's shorter side has 720 px.
        align: where rows of different width stand in a panel: 0 left, 0.5 centred, 1 right.
    """

    def __init__(self, panels: Panels, unit: float, align: float = 0.0) -> None:
        self._panels = panels
        self.unit = unit
        self.align = align

    def pixels(self, size: float) -> int:
        """A length in units as whole pixels, 1 or more."""
        return max(1, round(size * self.unit))

    def text(self, words: str, size: float, colour: Colour = TEXT, *, quiet: bool = False) -> pygame.Surface:
        """One line of text.

        Args:
            words: the text; what cannot be printed becomes a space.
            size: height of the letters in units; 26 and more is read from two metres.
            colour: of the letters.
            quiet: in the quieter colour of what matters less.
        """
        printable = "".join(c if c.isprintable() else " " for c in words)
        font = self._panels.font(self.pixels(size))
        return font.render(printable, True, QUIET_TEXT if quiet else colour)

    def blank(self, width: float, height: float) -> pygame.Surface:
        """A transparent surface to draw on, in units."""
        return pygame.Surface((self.pixels(width), self.pixels(height)), pygame.SRCALPHA)

    def dot(self, surface: pygame.Surface, centre: tuple[int, int], radius: float, colour: Colour) -> None:
        """A dot with a smooth edge; centre in pixels of the surface, radius in units."""
        self._panels.draw_dot(surface, centre, self.pixels(radius), colour)

    def panel(self, *rows: pygame.Surface, gap: float = 4) -> pygame.Surface:
        """A dark panel with round corners that holds rows one below the other, so that they are legible.

        Args:
            rows: surfaces, the topmost first.
            gap: between them in units.
        """
        across, down, between = self.pixels(ACROSS), self.pixels(DOWN), self.pixels(gap)
        inner = max(row.get_width() for row in rows)
        height = sum(row.get_height() for row in rows) + between * (len(rows) - 1)
        panel = self._panels.blank(inner + 2 * across, height + 2 * down, CORNER * self.unit)
        top = down
        for row in rows:
            panel.blit(row, (across + round((inner - row.get_width()) * self.align), top))
            top += row.get_height() + between
        return panel
