"""The choice of SDL's video driver: a window, the bare console, or no screen at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OFFSCREEN_DRIVERS", "ScreenChoice", "choose_screen"]

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
