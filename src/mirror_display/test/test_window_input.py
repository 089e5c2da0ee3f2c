"""Keys and fingers in the window: what stands on the screen gets them first, and only then they act."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pygame
import pytest

from mirror_core.frame import Frame
from mirror_core.testing import FakeClock
from mirror_display.layout import canvas_to_window
from mirror_display.light_sign import light_area
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.touch_bar import Button, button_areas
from mirror_display.window import MirrorWindow

SIZE = (800, 450)
SETTINGS = WindowParameters(width=SIZE[0], height=SIZE[1])


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def actions():
    return []


@pytest.fixture
def choices():
    return []


@pytest.fixture
def window(monkeypatch, clock, actions, choices):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = MirrorWindow(SETTINGS, on_action=actions.append, on_choice=choices.append, clock=clock)
    window.open()
    window.stage.tell_camera(True)
    window.stage.set_effects(("none", "mask", "swap"), ("none",))
    window.submit(Frame(np.full((SIZE[1], SIZE[0], 3), 140, np.uint8), 0))
    window.step(0.0)
    yield window
    window.close()


def press(window: MirrorWindow, key: int, kind: int = pygame.KEYDOWN) -> None:
    pygame.event.post(pygame.event.Event(kind, key=key))
    window.step(0.0)


def finger(window: MirrorWindow, kind: int, x: float, y: float) -> None:
    """`x` and `y` are shares of the window's width and height."""
    pygame.event.post(pygame.event.Event(kind, finger_id=3, x=x, y=y))
    window.step(0.0)


def tap(window: MirrorWindow, clock: FakeClock, x: float, y: float) -> None:
    finger(window, pygame.FINGERDOWN, x, y)
    clock.advance(0.1)
    finger(window, pygame.FINGERUP, x, y)


def swipe(window: MirrorWindow, clock: FakeClock, from_x: float, to_x: float) -> None:
    finger(window, pygame.FINGERDOWN, from_x, 0.5)
    clock.advance(0.2)
    finger(window, pygame.FINGERMOTION, to_x, 0.5)
    finger(window, pygame.FINGERUP, to_x, 0.5)


# ---- keys


def test_keys_step_through_the_first_start_and_escape_skips_it(window, actions):
    window.stage.tell_first_start()
    press(window, pygame.K_RIGHT)
    press(window, pygame.K_RETURN)
    assert window.stage.look().first_start.step == "off"
    press(window, pygame.K_LEFT)
    assert window.stage.look().first_start.step == "keeps"
    press(window, pygame.K_ESCAPE)
    assert window.stage.look().first_start is None and actions == []


def test_the_shutter_key_acts_during_the_first_start_too(window, actions):
    window.stage.tell_first_start()
    press(window, pygame.K_c)
    assert actions == ["shutter"] and window.stage.look().first_start is not None


def test_enter_chooses_from_the_carousel_and_escape_closes_it(window, actions, choices):
    window.stage.step_carousel(1)
    press(window, pygame.K_RETURN)
    window.step(0.0)
    assert choices == ["mask"]
    window.stage.step_carousel(1)
    press(window, pygame.K_ESCAPE)
    assert window.stage.look().carousel is None and choices == ["mask"] and actions == []


def test_who_stays_with_an_effect_is_heard_once(window, clock, choices):
    window.stage.step_carousel(-1)
    clock.advance(SETTINGS.carousel_stay + 0.01)
    window.step(0.0)
    window.step(0.0)
    assert choices == ["swap"]


def test_the_key_for_ones_own_face_holds_until_it_is_let_go(window, clock, actions):
    press(window, pygame.K_o)
    clock.advance(30.0)
    assert window.stage.own_face_is_asked and actions == ["own_face"]
    press(window, pygame.K_o, pygame.KEYUP)
    assert not window.stage.own_face_is_asked


def test_the_same_key_asks_for_the_link_and_closes_it(window, actions):
    press(window, pygame.K_r)
    window.stage.show_link("http://127.0.0.1", 60.0)
    press(window, pygame.K_r)
    assert actions == ["pair"] and not window.stage.link_is_shown


# ---- fingers


@pytest.mark.parametrize(
    ("gesture", "action"),
    [
        (lambda w, c: swipe(w, c, 0.7, 0.4), "next_effect"),
        (lambda w, c: swipe(w, c, 0.4, 0.7), "previous_effect"),
        (lambda w, c: tap(w, c, 0.97, 0.5), "next_effect"),
        (lambda w, c: tap(w, c, 0.03, 0.5), "previous_effect"),
    ],
)
def test_swipes_and_taps_at_the_edges_step_through_the_effects(window, clock, actions, gesture, action):
    gesture(window, clock)
    assert actions == [action]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_swipes_follow_the_turned_screen(window, clock, actions, rotation):
    window.update(replace(SETTINGS, rotation=rotation))
    window.step(0.0)
    canvas = (1.0, 1.0)  # shares of both sides: the mapping is the same
    for kind, x in ((pygame.FINGERDOWN, 0.7), (pygame.FINGERMOTION, 0.4), (pygame.FINGERUP, 0.4)):
        finger(window, kind, *canvas_to_window(x, 0.5, canvas, rotation))
    assert actions == ["next_effect"]


def test_a_touch_in_the_middle_shows_the_buttons_and_they_act(window, clock, actions):
    tap(window, clock, 0.5, 0.5)
    assert window.stage.look().bar_shown and actions == []
    for button in (Button.SHUTTER, Button.PAIR, Button.OWN_FACE):
        x, y, width, height = button_areas(SIZE)[button]
        tap(window, clock, (x + width / 2) / SIZE[0], (y + height / 2) / SIZE[1])
    assert actions == ["shutter", "pair", "own_face"] and window.stage.own_face_is_asked
    clock.advance(20.0)
    assert not window.stage.look().bar_shown


def test_where_no_buttons_are_shown_none_is_touched(window, clock, actions):
    x, y, width, height = button_areas(SIZE)[Button.SHUTTER]
    tap(window, clock, (x + width / 2) / SIZE[0], (y + height / 2) / SIZE[1])
    assert actions == []


def test_a_touch_of_the_light_closes_the_shutter(window, clock, actions):
    x, y, width, height = light_area(SIZE, SETTINGS.privacy_light)
    tap(window, clock, (x + width / 2) / SIZE[0], (y + height / 2) / SIZE[1])
    assert actions == ["shutter"]
    window.stage.tell_camera(False)
    clock.advance(2.0)  # the last picture is old
    x, y, width, height = light_area(SIZE, SETTINGS.privacy_light, with_words=True)
    tap(window, clock, (x + 5) / SIZE[0], (y + height / 2) / SIZE[1])
    assert actions == ["shutter", "shutter"]  # the words are a part of the sign


def test_holding_the_screen_shows_ones_own_face_until_the_finger_leaves(window, clock, actions):
    finger(window, pygame.FINGERDOWN, 0.5, 0.5)
    clock.advance(0.6)
    window.step(0.0)
    assert actions == ["own_face"] and window.stage.own_face_is_asked
    clock.advance(3.0)
    finger(window, pygame.FINGERUP, 0.5, 0.5)
    assert not window.stage.own_face_is_asked and not window.stage.look().bar_shown


def test_a_touch_goes_on_through_the_first_start_and_closes_the_link(window, clock, actions):
    window.stage.tell_first_start()
    tap(window, clock, 0.5, 0.5)
    assert window.stage.look().first_start.step == "keeps"
    window.stage.leave()
    window.stage.show_link("http://127.0.0.1", 60.0)
    tap(window, clock, 0.5, 0.5)
    assert not window.stage.link_is_shown and actions == []


def test_the_touch_that_wakes_the_window_does_nothing_else(window, clock, actions):
    clock.advance(1000.0)
    assert window.stage.rest is Rest.DARK
    tap(window, clock, 0.97, 0.5)
    assert window.stage.rest is Rest.AWAKE and actions == []


def test_the_mouse_is_a_finger_and_a_finger_is_not_told_twice(window, clock, actions):
    for is_touch in (True, False):
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, pos=(790, 200), button=1, touch=is_touch))
            clock.advance(0.05)
    window.step(0.0)
    assert actions == ["next_effect"]


# ---- the picture


def test_a_window_that_wakes_does_not_show_who_stood_there_before(window, clock):
    clock.advance(100.0)
    window.step(0.0)
    window.stage.see_person()
    window.step(0.0)
    assert not (window.snapshot() == 140).all(axis=2).any()
    window.submit(Frame(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8), 0))
    window.step(0.0)
    assert (window.snapshot()[200] == 90).all()


def test_ones_own_face_is_said_only_beside_the_cameras_picture(window):
    before = window.snapshot()
    window.submit(Frame(np.full((SIZE[1], SIZE[0], 3), 140, np.uint8), 0), is_own_face=True)
    window.step(0.0)
    named = window.snapshot()
    assert (named[300:] != before[300:]).any() and np.array_equal(named[60:300], before[60:300])
    window.submit(Frame(np.full((SIZE[1], SIZE[0], 3), 140, np.uint8), 0))
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_the_closed_shutter_is_told_by_the_window_in_its_language(window):
    placeholder = Frame(np.full((SIZE[1], SIZE[0], 3), 140, np.uint8), 0, is_placeholder=True)
    window.submit(placeholder)
    window.step(0.0)
    assert (window.snapshot()[100:300] == 140).all()  # a lost camera: its own picture says why
    window.stage.tell_camera(False)
    window.submit(placeholder)
    window.step(0.0)
    assert not (window.snapshot()[100:300] == 140).all(axis=2).any()
