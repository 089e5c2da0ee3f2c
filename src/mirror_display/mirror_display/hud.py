"""The head-up display: texts over the picture, drawn after mirroring so that they read correctly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pygame

from mirror_display.actions import help_lines
from mirror_display.captures import CaptureState
from mirror_display.layout import canvas_size
from mirror_display.panels import (
    ACCENT,
    BAD,
    GOOD,
    QUIET_TEXT,
    TEXT,
    Panels,
    canvas_unit,
    put_panel,
    trimmed,
    upright,
)
from mirror_display.toasts import ToastKind, ToastView
from mirror_display.window_texts import WindowTexts, window_texts

__all__ = ["Hud", "HudState"]

_HINT_SIZE = 42  # letters that are read from two metres
_TOAST_SIZE = 30
_LIGHT_ROOM = (230, 66)  # width and height of the corner in which the privacy light stands, with its words

_HINT_DOTS = {CaptureState.DONE: GOOD, CaptureState.FAILED: BAD}
_TOAST_DOTS = {ToastKind.NOTE: ACCENT, ToastKind.GOOD: GOOD, ToastKind.ERROR: BAD}


@dataclass(frozen=True, slots=True)
class HudState:
    """What the head-up display says; two equal states look the same.

    Attributes:
        effect: the effect's name, empty for none.
        effect_opacity: 0 … 1.
        statistics: the line in the corner, empty for none.
        notice: what the person has to know, such as "Camera is off (privacy shutter)".
        toast: a message for a moment; it stands below the notice.
        hints: what the people who are captured shall do now, or how it ended, from left to right; they
            take the place of the effect's name.
        help_shown: the list of keys is open.
        has_picture: False where the window is empty; the notice then stands in the middle.
    """

    effect: str = ""
    effect_opacity: float = 0.0
    statistics: str = ""
    notice: str = ""
    toast: ToastView | None = None
    hints: tuple[tuple[str, CaptureState], ...] = ()
    help_shown: bool = False
    has_picture: bool = True


class Hud:
    """Draws a `HudState`; finished texts are kept, so that a frame costs a few small blits."""

    def __init__(self) -> None:
        self._panels = Panels()
        self._text_panel = lru_cache(maxsize=32)(self._draw_text_panel)
        self._help_panel = lru_cache(maxsize=2)(self._draw_help_panel)

    def draw(
        self, surface: pygame.Surface, state: HudState, rotation: int = 0, texts: WindowTexts | None = None
    ) -> None:
        """Draw over what is on `surface`.

        Args:
            surface: the window.
            state: what to say.
            rotation: clockwise turn of the canvas in degrees (0, 90, 180, 270).
            texts: of the help's language, English by default.
        """
        width, height = canvas_size(surface.get_size(), rotation)
        unit = canvas_unit((width, height))
        margin = round(24 * unit)
        wrap = max(width - 6 * margin, 1)
        top = margin

        def height_beside_light(panel: pygame.Surface) -> int:
            """Where a panel at the top begins: a wide one below the privacy light."""
            wide = canvas_size(panel.get_size(), rotation)[0] > width - 2 * round(_LIGHT_ROOM[0] * unit)
            return max(top, round(_LIGHT_ROOM[1] * unit)) if wide else top

        if state.statistics:
            panel = self._text_panel(
                state.statistics, round(17 * unit), unit, wrap, dot_colour=None, rotation=rotation
            )
            put_panel(surface, panel, (margin, height - margin), (0.0, 1.0), rotation=rotation)
        if state.notice:
            size = 20 if state.has_picture else 28
            panel = self._text_panel(
                state.notice, round(size * unit), unit, wrap, dot_colour=ACCENT, rotation=rotation
            )
            where = (width // 2, height_beside_light(panel) if state.has_picture else height // 2)
            put_panel(surface, panel, where, (0.5, 0.0 if state.has_picture else 0.5), rotation=rotation)
            if state.has_picture:
                top = where[1] + canvas_size(panel.get_size(), rotation)[1] + margin // 2
        if state.toast is not None:
            dot = _TOAST_DOTS[state.toast.kind]
            panel = self._text_panel(
                state.toast.text, round(_TOAST_SIZE * unit), unit, wrap, dot_colour=dot, rotation=rotation
            )
            at, opacity = (width // 2, height_beside_light(panel)), state.toast.opacity
            put_panel(surface, panel, at, (0.5, 0.0), rotation=rotation, opacity=opacity)
        if state.hints:
            self._draw_hints(surface, state.hints, unit, rotation)
        elif state.effect and state.effect_opacity > 0:
            panel = self._text_panel(
                state.effect, round(26 * unit), unit, wrap, dot_colour=None, rotation=rotation
            )
            at = (width // 2, height - round(3.5 * margin))
            put_panel(surface, panel, at, (0.5, 1.0), rotation=rotation, opacity=state.effect_opacity)
        if state.help_shown:
            put_panel(
                surface,
                self._help_panel(unit, rotation, texts or window_texts(), (width, height)),
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
            put_panel(surface, panel, at, (0.5, 1.0), rotation=rotation)

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
        words = self._panels.font(size).render(printable, True, TEXT, wraplength=wrap)
        words = trimmed(words)
        across, down = round(size * 0.85), round(size * 0.5)
        dot = round(size * 0.3) if dot_colour is not None else 0
        indent = dot * 4
        panel = self._panels.blank(
            words.get_width() + 2 * across + indent, words.get_height() + 2 * down, min(size, 24 * unit)
        )
        if dot_colour is not None:
            self._panels.draw_dot(panel, (across + dot, panel.get_height() // 2), dot, dot_colour)
        panel.blit(words, (across + indent, down))
        return upright(panel, rotation)

    def _draw_help_panel(
        self, unit: float, rotation: int, texts: WindowTexts, canvas: tuple[int, int]
    ) -> pygame.Surface:
        lines = help_lines(texts)
        unit = min(unit, canvas[1] / (36 * len(lines) + 190), canvas[0] / 660)
        font, title_font = self._panels.font(round(20 * unit)), self._panels.font(round(26 * unit))
        rows = [(font.render(k, True, ACCENT), font.render(m, True, TEXT)) for k, m in lines]
        title = title_font.render(texts["help.title"], True, TEXT)
        hint = self._panels.font(round(15 * unit)).render(texts["help.close"], True, QUIET_TEXT)
        pad, gap, line = round(34 * unit), round(36 * unit), round(36 * unit)
        key_width = max(key.get_width() for key, _ in rows)
        width = key_width + gap + max(meaning.get_width() for _, meaning in rows) + 2 * pad
        top = pad + title.get_height() + round(20 * unit)
        bottom = top + line * len(rows) + round(12 * unit)
        panel = self._panels.blank(width, bottom + hint.get_height() + pad, 24 * unit)
        panel.blit(title, (pad, pad))
        for index, (key, meaning) in enumerate(rows):
            panel.blit(key, (pad, top + index * line))
            panel.blit(meaning, (pad + key_width + gap, top + index * line))
        panel.blit(hint, (pad, bottom))
        return upright(panel, rotation)
