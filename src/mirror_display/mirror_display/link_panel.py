"""Draws the link for a phone as a QR code with quiet room around it, and how long it is still good for."""

from __future__ import annotations

import importlib.util
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

from mirror_core.errors import MirrorError
from mirror_display.layout import Size
from mirror_display.panels import ACCENT, QUIET_TEXT, TEXT, Panels, canvas_unit, put_panel, trimmed, upright
from mirror_display.phone_link import LinkView
from mirror_display.window_texts import WindowTexts

__all__ = ["LinkPanel", "can_draw_links", "qr_modules"]

QUIET_MODULES = 4  # of white around the code, as its standard asks for (ISO/IEC 18004)
SIDE = 0.5  # of the code as a share of the canvas's shorter side: scanned from a metre
TITLE_SIZE, HINT_SIZE = 42, 24
BAR = 6
SMALLEST = (560, 640)  # a canvas that is narrower or lower has smaller letters


def can_draw_links() -> bool:
    """Whether the package that makes the codes is installed."""
    return importlib.util.find_spec("segno") is not None


def qr_modules(link: str) -> NDArray[np.bool_]:
    """The code of a link with its quiet room: bool [n, n], True where it is dark.

    Raises:
        MirrorError: where the package segno is missing.
    """
    try:
        import segno
    except ImportError as error:
        raise MirrorError("A QR code needs the package segno: pip install segno.") from error
    code = segno.make_qr(link, error="m")
    return np.array([[bool(module) for module in row] for row in code.matrix_iter(border=QUIET_MODULES)])


class LinkPanel:
    """Draws the link; the finished code is kept as long as it is the same one."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._panel = lru_cache(maxsize=1)(self._draw_panel)

    def forget(self) -> None:
        """Keep no code any more, when its link has ended."""
        self._panel.cache_clear()

    def draw(
        self, surface: pygame.Surface, canvas: Size, view: LinkView, texts: WindowTexts, rotation: int
    ) -> None:
        """Draw over the picture; arguments as `IdleScreen.draw`."""
        unit = min(canvas_unit(canvas), canvas[0] / SMALLEST[0], canvas[1] / SMALLEST[1])
        panel = self._panel(
            view.url, view.left, texts, unit, side=round(min(canvas) * SIDE), rotation=rotation
        )
        put_panel(surface, panel, (canvas[0] // 2, canvas[1] // 2), (0.5, 0.5), rotation=rotation)

    def _draw_panel(
        self, url: str, left: float, texts: WindowTexts, unit: float, *, side: int, rotation: int
    ) -> pygame.Surface:
        modules = qr_modules(url)
        scale = max(side // len(modules), 2)
        light = np.where(modules.T, 0, 255).astype(np.uint8)
        pixels = np.repeat(np.repeat(light, scale, 0), scale, 1)
        code = pygame.surfarray.make_surface(np.repeat(pixels[..., None], 3, 2))
        wrap = max(round(1.4 * code.get_width()), round(420 * unit))
        title = self._panels.font(round(TITLE_SIZE * unit)).render(
            texts["link.title"], True, TEXT, wraplength=wrap
        )
        hint = self._panels.font(round(HINT_SIZE * unit)).render(
            texts["link.hint"], True, QUIET_TEXT, wraplength=wrap
        )
        title, hint = trimmed(title), trimmed(hint)
        pad, gap, bar = round(34 * unit), round(22 * unit), max(round(BAR * unit), 2)
        width = max(code.get_width(), title.get_width(), hint.get_width()) + 2 * pad
        height = 2 * pad + title.get_height() + code.get_height() + bar + hint.get_height() + 3 * gap
        panel = self._panels.blank(width, height, 28 * unit)
        top = pad
        for part, after in ((title, gap), (code, gap)):
            panel.blit(part, ((width - part.get_width()) // 2, top))
            top += part.get_height() + after
        x = (width - code.get_width()) // 2
        pygame.draw.rect(panel, (70, 76, 84), (x, top, code.get_width(), bar), border_radius=bar)
        pygame.draw.rect(panel, ACCENT, (x, top, round(code.get_width() * left), bar), border_radius=bar)
        panel.blit(hint, ((width - hint.get_width()) // 2, top + bar + gap))
        return upright(panel, rotation)
