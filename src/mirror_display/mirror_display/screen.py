"""SDL's video driver, its choice and its start: a window, the bare console, or no screen at all."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pygame

__all__ = ["OFFSCREEN_DRIVERS", "ScreenChoice", "choose_screen", "init_driver", "open_surface"]

OFFSCREEN_DRIVERS = ("dummy", "offscreen", "evdev")  # SDL's drivers that draw into memory only
DRI_FOLDER = Path("/dev/dri")


@dataclass(frozen=True, slots=True)
class ScreenChoice:
    """Which SDL video driver to open.

    Attributes:
        driver: name for SDL_VIDEODRIVER, or None where SDL shall choose by itself.
        offscreen_reason: one sentence that says why nothing will be seen, None with a screen.
    """

    driver: str | None
    offscreen_reason: str | None = None


def choose_screen(environment: Mapping[str, str], dri_folder: Path = DRI_FOLDER) -> ScreenChoice:
    """Choose by the environment: the user's own driver, a desktop, the console's screen, none.

    Args:
        environment: `os.environ` or the like.
        dri_folder: where the kernel lists its graphics cards.
    """
    wish = environment.get("SDL_VIDEODRIVER", "")
    if wish:
        if wish in OFFSCREEN_DRIVERS:
            return ScreenChoice(wish, f"SDL_VIDEODRIVER is {wish}, so the mirror runs offscreen.")
        return ScreenChoice(wish)
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return ScreenChoice(None)
    if any(dri_folder.glob("card*")):
        return ScreenChoice("kmsdrm")
    return ScreenChoice(
        "dummy",
        "No screen was found (no DISPLAY, no WAYLAND_DISPLAY, no graphics card in /dev/dri), "
        "so the mirror runs offscreen.",
    )


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def init_driver(driver: str | None) -> None:
    """Initialise SDL's video with a driver, or with the one it chooses by itself.

    Raises:
        pygame.error: where that cannot be.
    """
    with _environment({"SDL_VIDEODRIVER": driver} if driver else {}):
        pygame.display.init()
    # SDL's default on X11 sends each picture through OpenGL (4 … 10 ms on a software renderer);
    # its shared-memory path takes 0.2 ms.
    if pygame.display.get_driver() == "x11":
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")


def open_surface(size: tuple[int, int] | None) -> pygame.Surface:
    """A window of (width, height) pixels, or where that is None the whole screen, to draw on."""
    flags = pygame.FULLSCREEN if size is None else pygame.RESIZABLE
    with warnings.catch_warnings():
        # A desktop may give the window another size, which is its right: the layout follows.
        warnings.simplefilter("ignore", RuntimeWarning)
        surface = pygame.display.set_mode(size or (0, 0), flags)
        if size is not None and surface.get_size() != size:
            # Without a window manager the way back from full screen takes a second request.
            surface = pygame.display.set_mode(size, flags)
    pygame.mouse.set_visible(size is not None)
    return surface
