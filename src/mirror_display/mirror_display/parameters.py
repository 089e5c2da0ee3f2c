"""The window's parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mirror_core.errors import ParameterError
from mirror_core.parameters import parameter

__all__ = ["WindowParameters"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class WindowParameters:
    """How the mirror's picture is shown; every field can be changed while the window is open."""

    mirrored: bool = parameter(True, "Swap left and right, as a mirror does.")
    rotation: int = parameter(
        0,
        "Clockwise turn of picture and texts in degrees, for a screen that is mounted sideways.",
        choices=(0, 90, 180, 270),
    )
    fit: str = parameter(
        "letterbox",
        "letterbox shows the whole picture with bars; fill covers the window and cuts what sticks out.",
        choices=("letterbox", "fill"),
    )
    fullscreen: bool = parameter(False, "Cover the whole screen.")
    width: int = parameter(
        1280, "Width of the window in pixels, when not full screen.", minimum=64, maximum=16384
    )
    height: int = parameter(
        720, "Height of the window in pixels, when not full screen.", minimum=64, maximum=16384
    )
    hud: bool = parameter(False, "Show frame rate and latency.")
    mood_ring: bool = parameter(
        False, "Show the mood of each face as a ring around it, with its words and percentages."
    )
    background: str = parameter("#0b0d10", "Colour of the bars and of the empty window, as #rrggbb.")

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.background):
            raise ParameterError(
                f"background = {self.background!r} is refused: allowed is #rrggbb, such as #0b0d10."
            )

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """The background as red, green, blue, each 0 … 255."""
        value = int(self.background[1:], 16)
        return value >> 16, value >> 8 & 255, value & 255
