"""Sheets of what the window shows besides the picture, for the documentation: first start, rest, choices."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import cv2
import numpy as np

from mirror_camera.reel import Reel
from mirror_core.frame import Frame, Image

__all__ = ["WINDOW_SHEETS", "carousel_sheet", "first_start_sheet", "idle_sheet"]

SIZE = (1280, 720)
TILE = (640, 360)
TIME_S = 29.0  # of the demo reel: near, and looking at the mirror
SHOWN_AT = datetime(2026, 11, 28, 18, 45)
EFFECTS = ("none", "landmarks", "mask", "swap", "caricature", "deform")
LINK = "http://192.0.2.20:8080/"  # an address that is nobody's (RFC 5737)


class _Window:
    """A window with the demo reel behind it, whose time passes when it is told to."""

    def __init__(self, window: Any, now: list[float]) -> None:
        self._window, self._now = window, now
        self.stage = window.stage
        self._frame = Frame(Reel(*SIZE).render(TIME_S), 0)

    def after(self, seconds: float, has_picture: bool = True) -> Image:
        """What it shows so much later, as a tile."""
        self._now[0] += seconds
        if has_picture:
            self._window.submit(self._frame)
        self._window.step(0.0)
        return np.asarray(cv2.resize(self._window.snapshot(), TILE, interpolation=cv2.INTER_AREA), np.uint8)


@contextmanager
def _window() -> Iterator[_Window]:
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    from mirror_display.parameters import WindowParameters
    from mirror_display.window import MirrorWindow

    now = [0.0]
    settings = WindowParameters(width=SIZE[0], height=SIZE[1])
    window = MirrorWindow(settings, clock=lambda: now[0], wall_clock=lambda: SHOWN_AT)
    window.open()
    try:
        window.stage.tell_camera(True)
        window.stage.set_effects(EFFECTS, ("landmarks",))
        yield _Window(window, now)
    finally:
        window.close()


def _rows(*tiles: Image) -> Image:
    """Tiles two and two: uint8 [360 · rows, 1280, 3], BGR."""
    return np.vstack([np.hstack(tiles[index : index + 2]) for index in range(0, len(tiles), 2)])


def first_start_sheet() -> Image:
    """The steps of the first start, from left to right and down."""
    from mirror_display.first_start import STEPS

    with _window() as window:
        window.stage.tell_first_start()
        tiles = []
        for _ in STEPS:
            tiles.append(window.after(1.0))
            window.stage.go_on()
        return _rows(*tiles)


def idle_sheet() -> Image:
    """The clock, the invitation, the very dark clock, and the window whose shutter is closed."""
    with _window() as window:
        tiles = []
        window.after(0.0)
        for seconds in (70.0, 30.0, 300.0):
            window.after(seconds, has_picture=False)
            tiles.append(window.after(1.0, has_picture=False))
        window.stage.see_person()
        window.stage.tell_camera(False)
        window.after(1.0, has_picture=False)
        return _rows(*tiles, window.after(10.0, has_picture=False))


def carousel_sheet() -> Image:
    """The choice of an effect, the buttons for fingers, a lasting trouble, and the code for a phone."""
    with _window() as window:
        window.stage.step_carousel(1)
        tiles = [window.after(0.7)]
        window.stage.leave()
        window.stage.show_bar()
        tiles.append(window.after(0.1))
        window.stage.show_trouble("too_dark")
        tiles.append(window.after(10.0))
        window.stage.show_trouble("")
        window.stage.show_link(LINK, 300.0)
        return _rows(*tiles, window.after(60.0))


WINDOW_SHEETS: dict[str, Callable[[], Image]] = {
    "first_start": first_start_sheet,
    "idle": idle_sheet,
    "carousel": carousel_sheet,
}
"""Name of the picture → what makes it."""
