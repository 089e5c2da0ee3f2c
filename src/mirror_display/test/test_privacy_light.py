"""The privacy light: on while the camera may run, a clear sign while it is off, in every state."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_core.testing import FakeClock
from mirror_display.layout import canvas_size, rect_in_window
from mirror_display.light_sign import light_area
from mirror_display.panels import BAD, GOOD
from mirror_display.parameters import CORNERS, WindowParameters
from mirror_display.presence import Rest
from mirror_display.privacy_light import PICTURE_S, Light, PrivacyLight
from mirror_display.window import MirrorWindow

SIZE = (640, 360)


@pytest.mark.parametrize(
    ("told", "picture_age_s", "light"),
    [
        (None, None, Light.UNKNOWN),
        (True, None, Light.ON),
        (False, None, Light.CLOSED),
        (None, 0.5, Light.ON),  # nobody says so, but pictures come
        (None, PICTURE_S + 0.1, Light.UNKNOWN),
        (False, 0.5, Light.ON),  # it says that it is off, and pictures come all the same
    ],
)
def test_each_sign_that_the_camera_runs_is_enough(told, picture_age_s, light):
    lamp = PrivacyLight()
    lamp.tell(told)
    if picture_age_s is not None:
        lamp.see_picture(100.0 - picture_age_s)
    assert lamp.look(100.0) is light


def test_when_the_shutter_closes_the_last_picture_proves_nothing():
    lamp = PrivacyLight()
    lamp.tell(True)
    lamp.see_picture(1.0)
    lamp.tell(False)
    assert lamp.look(1.0) is Light.CLOSED


# ---- in the window


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def window(monkeypatch, clock):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    settings = WindowParameters(width=SIZE[0], height=SIZE[1], background="#000000")
    window = MirrorWindow(settings, clock=clock, wall_clock=lambda: datetime(2026, 3, 1, 9, 5))
    window.open()
    window.stage.tell_camera(True)
    window.stage.set_effects(("none", "mask"), ("none",))
    window.submit(Frame(np.full((SIZE[1], SIZE[0], 3), 140, np.uint8), 0))
    window.step(0.0)
    yield window
    window.close()


def lit(
    window: MirrorWindow, colour: tuple[int, int, int], corner: str = "top_right", rotation: int = 0
) -> int:
    """How many pixels of the light's corner have its colour."""
    seen = window.snapshot()
    size = (seen.shape[1], seen.shape[0])
    x, y, width, height = rect_in_window(light_area(canvas_size(size, rotation), corner), size, rotation)
    part = seen[y : y + height, x : x + width].astype(int)
    return int((np.abs(part - np.array(colour[::-1])).max(axis=2) < 12).sum())


def rest(window: MirrorWindow, clock: FakeClock, seconds: float, wanted: Rest) -> None:
    clock.advance(seconds)
    window.step(0.0)
    assert window.stage.rest is wanted


STATES = {
    "awake": lambda window, clock: None,
    "first start": lambda window, clock: window.stage.tell_first_start(),
    "carousel": lambda window, clock: window.stage.step_carousel(1),
    "link": lambda window, clock: window.stage.show_link("http://127.0.0.1/pair", 99.0),
    "buttons": lambda window, clock: window.stage.show_bar(),
    "trouble": lambda window, clock: window.stage.show_trouble("too_dark"),
    "a long toast": lambda window, clock: window.stage.say("word " * 60),
    "fading": lambda window, clock: rest(window, clock, 60.3, Rest.CLOCK),
    "clock": lambda window, clock: rest(window, clock, 70.0, Rest.CLOCK),
    "invitation": lambda window, clock: rest(window, clock, 100.0, Rest.ATTRACT),
    "dark": lambda window, clock: rest(window, clock, 1000.0, Rest.DARK),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("is_on", "colour"), [(True, GOOD), (False, BAD)])
def test_the_light_or_the_sign_is_seen_in_every_state(window, clock, state, is_on, colour):
    window.stage.tell_camera(is_on)
    STATES[state](window, clock)
    window.step(0.0)
    clock.advance(0.6)  # what fades in has done so
    window.step(0.0)
    other = BAD if is_on else GOOD
    assert lit(window, colour) > 40 and lit(window, other) == 0


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("rotation", [0, 90])
def test_it_stands_in_the_chosen_corner_of_a_turned_screen_too(window, corner, rotation):
    window.update(
        WindowParameters(
            width=SIZE[0], height=SIZE[1], privacy_light=corner, rotation=rotation, idle_after=0.0
        )
    )
    window.step(0.0)
    for other in CORNERS:
        assert (lit(window, GOOD, other, rotation) > 60) is (other == corner)


def test_no_setting_switches_it_off(window):
    assert set(CORNERS) == {"top_right", "top_left", "bottom_right", "bottom_left"}
    with pytest.raises(Exception, match="refused"):
        from mirror_core.parameters import update

        update(WindowParameters(), {"privacy_light": "none"})
