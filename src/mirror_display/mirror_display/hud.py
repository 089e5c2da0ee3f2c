"""The head-up display: texts over the picture, drawn after mirroring so that they read correctly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pygame

from mirror_display.actions import HELP_LINES
from mirror_display.captures import CaptureState
from mirror_display.layout import canvas_size, rect_in_window

__all__ = ["Hud", "HudState"]

_FONTS = (  # pygame's own font is bold only, so a regular one is taken where it is installed
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
)
_REFERENCE_SIDE = 720  # pixels of the canvas's shorter side at which sizes are as written below
_SMALLEST_UNIT, _LARGEST_UNIT = 0.8, 4.0
_HINT_SIZE = 42  # letters that are read from two metres
_SMOOTHING = 3  # panels are drawn this much larger and scaled down, which smooths their round corners

_PANEL = (14, 17, 22, 205)
_OUTLINE = (255, 255, 255, 28)
_TEXT = (240, 243, 247)
_QUIET_TEXT = (160, 170, 182)
_ACCENT = (255, 190, 92)
_GOOD = (95, 211, 141)
_BAD = (255, 122, 122)
_HINT_DOTS = {CaptureState.DONE: _GOOD, CaptureState.FAILED: _BAD}


@dataclass(frozen=True, slots=True)
class HudState:
    """What the head-up display says; two equal states look the same.

    Attributes:
        effect: the effect's name, empty for none.
        effect_opacity: 0 … 1.
        statistics: the line in the corner, empty for none.
        notice: what the person has to know, such as "Camera is off (privacy shutter)".
        hints: what the people who are captured shall do now, or how it ended, from left to right; they
            take the place of the effect's name.
        help_shown: the list of keys is open.
        has_picture: False where the window is empty; the notice then stands in the middle.
    """

    effect: str = ""
    effect_opacity: float = 0.0
    statistics: str = ""
    notice: str = ""
    hints: tuple[tuple[str, CaptureState], ...] = ()
    help_shown: bool = False
    has_picture: bool = True


class Hud:
    """Draws a `HudState`; finished texts are kept, so that a frame costs a few small blits."""

    def __init__(self) -> None:
        if not pygame.font.get_init():
            pygame.font.init()
        self._font_file = next((path for path in _FONTS if Path(path).is_file()), None)
        self._font = lru_cache(maxsize=16)(self._open_font)
        self._text_panel = lru_cache(maxsize=32)(self._draw_text_panel)
        self._help_panel = lru_cache(maxsize=2)(self._draw_help_panel)

    def draw(self, surface: pygame.Surface, state: HudState, rotation: int = 0) -> None:
        """Draw over what is on `surface`.

        Args:
            surface: the window.
            state: what to say.
            rotation: clockwise turn of the canvas in degrees (0, 90, 180, 270).
        """
        width, height = canvas_size(surface.get_size(), rotation)
        unit = min(max(min(width, height) / _REFERENCE_SIDE, _SMALLEST_UNIT), _LARGEST_UNIT)
        margin = round(24 * unit)
        wrap = max(width - 6 * margin, 1)
        if state.statistics:
            panel = self._text_panel(
                state.statistics, round(17 * unit), unit, wrap, dot_colour=None, rotation=rotation
            )
            self._put(surface, panel, (margin, height - margin), (0.0, 1.0), rotation=rotation)
        if state.notice:
            size, where = (20, (width // 2, margin)) if state.has_picture else (28, (width // 2, height // 2))
            panel = self._text_panel(
                state.notice, round(size * unit), unit, wrap, dot_colour=_ACCENT, rotation=rotation
            )
            self._put(surface, panel, where, (0.5, 0.0 if state.has_picture else 0.5), rotation=rotation)
        if state.hints:
            self._draw_hints(surface, state.hints, unit, rotation)
        elif state.effect and state.effect_opacity > 0:
            panel = self._text_panel(
                state.effect, round(26 * unit), unit, wrap, dot_colour=None, rotation=rotation
            )
            at = (width // 2, height - round(3.5 * margin))
            self._put(surface, panel, at, (0.5, 1.0), rotation=rotation, opacity=state.effect_opacity)
        if state.help_shown:
            self._put(
                surface,
                self._help_panel(unit, rotation),
                (width // 2, height // 2),
                (0.5, 0.5),
                rotation=rotation,
            )

    def _draw_hints(
        self,
        surface: pygame.Surface,
        hints: tuple[tuple[str, CaptureState], ...],
        unit: float,
        rotation: int,
    ) -> None:
        width, height = canvas_size(surface.get_size(), rotation)
        share, margin = width / len(hints), round(24 * unit)
        for index, (text, state) in enumerate(hints):
            wrap = max(round(share) - 3 * margin, 1)
            size = round(_HINT_SIZE * unit)
            panel = self._text_panel(
                text, size, unit, wrap, dot_colour=_HINT_DOTS.get(state), rotation=rotation
            )
            at = (round((index + 0.5) * share), height - 2 * margin)
            self._put(surface, panel, at, (0.5, 1.0), rotation=rotation)

    @staticmethod
    def _put(
        surface: pygame.Surface,
        panel: pygame.Surface,
        at: tuple[int, int],
        anchor: tuple[float, float],
        *,
        rotation: int,
        opacity: float = 1.0,
    ) -> None:
        width, height = canvas_size(panel.get_size(), rotation)
        x, y = at[0] - round(width * anchor[0]), at[1] - round(height * anchor[1])
        window_rect = rect_in_window((x, y, width, height), surface.get_size(), rotation)
        panel.set_alpha(round(255 * min(max(opacity, 0.0), 1.0)))
        surface.blit(panel, window_rect[:2])

    def _open_font(self, size: int) -> pygame.font.Font:
        font = pygame.font.Font(self._font_file, max(size, 8))
        font.align = pygame.FONT_CENTER
        return font

    @staticmethod
    def _blank_panel(width: int, height: int, radius: float) -> pygame.Surface:
        large = pygame.Surface((width * _SMOOTHING, height * _SMOOTHING), pygame.SRCALPHA)
        corner = round(radius * _SMOOTHING)
        pygame.draw.rect(large, _PANEL, large.get_rect(), border_radius=corner)
        pygame.draw.rect(large, _OUTLINE, large.get_rect(), width=_SMOOTHING, border_radius=corner)
        return pygame.transform.smoothscale(large, (width, height))

    def _draw_text_panel(
        self,
        text: str,
        size: int,
        unit: float,
        wrap: int,
        *,
        dot_colour: tuple[int, int, int] | None,
        rotation: int,
    ) -> pygame.Surface:
        printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
        words = self._font(size).render(printable, True, _TEXT, wraplength=wrap)
        # Centred lines are rendered as wide as they may be; the panel is as wide as the words.
        inked = words.get_bounding_rect()
        words = words.subsurface((inked.x, 0, max(inked.width, 1), words.get_height()))
        across, down = round(size * 0.85), round(size * 0.5)
        dot = round(size * 0.3) if dot_colour is not None else 0
        indent = dot * 4
        panel = self._blank_panel(
            words.get_width() + 2 * across + indent, words.get_height() + 2 * down, min(size, 24 * unit)
        )
        if dot_colour is not None:
            self._draw_dot(panel, (across + dot, panel.get_height() // 2), dot, dot_colour)
        panel.blit(words, (across + indent, down))
        return pygame.transform.rotate(panel, -rotation)

    @staticmethod
    def _draw_dot(
        panel: pygame.Surface, centre: tuple[int, int], radius: int, colour: tuple[int, int, int]
    ) -> None:
        side = 2 * radius * _SMOOTHING
        large = pygame.Surface((side, side), pygame.SRCALPHA)
        pygame.draw.circle(large, colour, (side // 2, side // 2), side // 2)
        small = pygame.transform.smoothscale(large, (2 * radius, 2 * radius))
        panel.blit(small, (centre[0] - radius, centre[1] - radius))

    def _draw_help_panel(self, unit: float, rotation: int) -> pygame.Surface:
        font, title_font = self._font(round(20 * unit)), self._font(round(26 * unit))
        rows = [(font.render(k, True, _ACCENT), font.render(m, True, _TEXT)) for k, m in HELP_LINES]
        title = title_font.render("Mirror", True, _TEXT)
        hint = self._font(round(15 * unit)).render("H or Esc closes this", True, _QUIET_TEXT)
        pad, gap, line = round(34 * unit), round(36 * unit), round(36 * unit)
        key_width = max(key.get_width() for key, _ in rows)
        width = key_width + gap + max(meaning.get_width() for _, meaning in rows) + 2 * pad
        top = pad + title.get_height() + round(20 * unit)
        bottom = top + line * len(rows) + round(12 * unit)
        panel = self._blank_panel(width, bottom + hint.get_height() + pad, 24 * unit)
        panel.blit(title, (pad, pad))
        for index, (key, meaning) in enumerate(rows):
            panel.blit(key, (pad, top + index * line))
            panel.blit(meaning, (pad + key_width + gap, top + index * line))
        panel.blit(hint, (pad, bottom))
        return pygame.transform.rotate(panel, -rotation)
