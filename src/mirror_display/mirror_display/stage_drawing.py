"""Draws everything that stands over or in place of the picture, in the right order."""

from __future__ import annotations

import cv2
import pygame

from mirror_display.carousel_strip import CarouselStrip
from mirror_display.first_start_panel import DIMMED, FirstStartPanel
from mirror_display.idle_screen import IdleScreen
from mirror_display.layout import canvas_size
from mirror_display.light_sign import LightSign
from mirror_display.link_panel import LinkPanel
from mirror_display.panels import Panels
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.privacy_light import Light
from mirror_display.stage import StageView
from mirror_display.surface import pixels_of
from mirror_display.touch_bar import TouchBar
from mirror_display.trouble_card import TroubleCard
from mirror_display.window_texts import WindowTexts

__all__ = ["StageDrawing"]

TROUBLE_SIGNS = {"too_dark": "moon", "disk_full": "disk"}
TROUBLE_AT = (0.5, 0.8)  # below the faces


def _dim(surface: pygame.Surface, share: float) -> None:
    """Leave a share of the brightness of all that was drawn."""
    with pixels_of(surface) as pixels:
        cv2.convertScaleAbs(pixels, pixels, share)


class StageDrawing:
    """Draws a `StageView` over what is on the surface."""

    def __init__(self) -> None:
        panels = Panels()
        self._idle, self._first_start = IdleScreen(panels), FirstStartPanel(panels)
        self._carousel, self._link = CarouselStrip(panels), LinkPanel(panels)
        self._bar, self._light = TouchBar(panels), LightSign(panels)
        self._card = TroubleCard(panels)

    def draw(
        self,
        surface: pygame.Surface,
        view: StageView,
        settings: WindowParameters,
        texts: WindowTexts,
        has_picture: bool = True,
    ) -> None:
        """Draw.

        Args:
            surface: the window, with the picture on it.
            view: what to show.
            settings: of the window.
            texts: of its language.
            has_picture: False where the window is empty, so that there is room for a card in its middle.
        """
        rotation = settings.rotation
        canvas = canvas_size(surface.get_size(), rotation)
        if view.rest is not Rest.AWAKE:
            self._draw_rest(surface, view, texts, rotation)
        elif view.light is Light.CLOSED and not has_picture and view.first_start is None:
            said = (texts["window.camera_off_title"], texts["window.camera_off_advice"])
            self._card.draw(surface, canvas, "camera_off", said, at=(0.5, 0.5), rotation=rotation)
        is_free = view.first_start is None and view.carousel is None and not view.bar_shown
        if view.trouble and is_free:
            said = (texts[f"trouble.{view.trouble}_title"], texts[f"trouble.{view.trouble}"])
            sign = TROUBLE_SIGNS[view.trouble]
            self._card.draw(surface, canvas, sign, said, at=TROUBLE_AT, rotation=rotation)
        if view.first_start is not None:
            share = 1.0 if view.first_start.number else view.first_start.opacity
            _dim(surface, 1.0 - (1.0 - DIMMED) * share)
            self._first_start.draw(surface, canvas, view.first_start, texts, rotation)
        elif view.carousel is not None:
            self._carousel.draw(surface, canvas, view.carousel, texts, rotation)
        elif view.bar_shown:
            self._bar.draw(surface, canvas, texts, rotation)
        if view.link is not None:
            self._link.draw(surface, canvas, view.link, texts, rotation)
        else:
            self._link.forget()

    def draw_light(
        self, surface: pygame.Surface, view: StageView, settings: WindowParameters, texts: WindowTexts
    ) -> None:
        """Draw the privacy light; call it last, so that nothing covers it. Arguments as `draw`."""
        canvas = canvas_size(surface.get_size(), settings.rotation)
        words, corner = texts["window.sign_off"], settings.privacy_light
        self._light.draw(surface, canvas, view.light, words, corner=corner, rotation=settings.rotation)

    def _draw_rest(self, surface: pygame.Surface, view: StageView, texts: WindowTexts, rotation: int) -> None:
        if view.rested < 1.0:
            _dim(surface, 1.0 - view.rested)
            return
        surface.fill((0, 0, 0))
        canvas = canvas_size(surface.get_size(), rotation)
        self._idle.draw(surface, canvas, view, texts["window.invitation"], rotation)
