"""The window's parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mirror_core.errors import ParameterError
from mirror_core.parameters import parameter
from mirror_core.text_files import DEFAULT_LANGUAGE
from mirror_display.presence import RestTimes
from mirror_display.widget_places import WidgetPlace, places_of, widget_names
from mirror_display.window_texts import language_codes

__all__ = ["CORNERS", "WindowParameters"]

CORNERS = ("top_right", "top_left", "bottom_right", "bottom_left")
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
    language: str = parameter(
        DEFAULT_LANGUAGE, "What the window speaks, such as en or de.", choices=language_codes
    )
    reduced_motion: bool = parameter(False, "Nothing fades, slides or moves.")
    privacy_light: str = parameter(
        "top_right",
        "Corner of the light that is on while the camera runs; it cannot be switched off.",
        choices=CORNERS,
    )
    first_start: str = parameter(
        "once",
        "When the window tells what the mirror sees and keeps: once, at the first start with a screen; "
        "always, at each start and when this is set; never.",
        choices=("once", "always", "never"),
    )
    idle_after: float = parameter(
        60.0,
        "Seconds without anybody after which the window shows a clock in place of the picture; 0: it always "
        "shows the picture.",
        minimum=0.0,
        maximum=86400.0,
    )
    attract_after: float = parameter(
        90.0,
        "Seconds without anybody after which something moves gently and invites people; 0: never.",
        minimum=0.0,
        maximum=86400.0,
    )
    dim_after: float = parameter(
        300.0,
        "Seconds without anybody after which only a very dark clock is left; 0: never.",
        minimum=0.0,
        maximum=86400.0,
    )
    wake_by_body: bool = parameter(
        True, "A body wakes the window too, also when its face is not seen; takes the bodies node's work."
    )
    carousel_stay: float = parameter(
        1.2,
        "Seconds after which the effect in the middle of the carousel is chosen; 0: each step chooses it.",
        minimum=0.0,
        maximum=60.0,
    )
    carousel_by_gesture: bool = parameter(
        False, "Tilting the head to a shoulder turns the carousel of effects, a nod chooses."
    )
    own_face_gesture: str = parameter(
        "none",
        "Head gesture that shows the untouched picture for a while.",
        choices=("none", "nod", "shake", "tilt_left", "tilt_right"),
    )
    own_face_seconds: float = parameter(
        5.0,
        "Seconds for which the untouched picture stays after a short press or a gesture.",
        minimum=0.5,
        maximum=600.0,
    )

    widgets: tuple[str, ...] = parameter(
        ("",),
        "Widgets and their regions in order, such as clock@top_left,greeting@bottom_centre: top, middle or "
        "bottom, then left, centre or right; empty: none.",
    )

    def __post_init__(self) -> None:
        places_of(self.widgets, widget_names())
        if not _COLOUR.fullmatch(self.background):
            raise ParameterError(
                f"background = {self.background!r} is refused: allowed is #rrggbb, such as #0b0d10."
            )

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """The background as red, green, blue, each 0 … 255."""
        value = int(self.background[1:], 16)
        return value >> 16, value >> 8 & 255, value & 255

    @property
    def widget_places(self) -> tuple[WidgetPlace, ...]:
        """The widgets and where they stand."""
        return places_of(self.widgets, widget_names())

    @property
    def rest_times(self) -> RestTimes:
        """When the window rests while nobody is there."""
        return RestTimes(self.idle_after, self.attract_after, self.dim_after)
