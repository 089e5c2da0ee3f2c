"""The stage: what people do and what the graph says, put together in the right precedence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from mirror_core.testing import FakeClock
from mirror_display.first_start import STEPS
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.privacy_light import Light
from mirror_display.stage import Stage

SETTINGS = WindowParameters(idle_after=60.0, attract_after=90.0, dim_after=300.0)
NAMES = ("none", "mask", "swap")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def stage(clock):
    stage = Stage(SETTINGS, clock, lambda: datetime(2026, 3, 1, 9, 5))
    stage.set_effects(NAMES, ("none",))
    return stage


def test_at_rest_it_shows_time_and_date_after_the_picture_has_given_way(stage, clock):
    clock.advance(60.0)
    assert stage.look().rested == 0.0 and not stage.look().hides_picture
    clock.advance(0.35)
    assert 0.3 < stage.look().rested < 0.7
    clock.advance(1.0)
    view = stage.look()
    assert view.hides_picture and (view.clock, view.date) == ("09:05", "Sunday, 1 March")


def test_only_the_invitation_moves_and_only_the_dark_clock_changes_its_place(stage, clock):
    clock.advance(70.0)
    stage.look()
    clock.advance(2.0)
    before = stage.look()
    clock.advance(5.0)
    assert stage.look() == before  # so that nothing is drawn
    clock.advance(20.0)
    before = stage.look()
    clock.advance(0.1)
    assert before.rest is Rest.ATTRACT and stage.look().motion_s > before.motion_s > 0
    clock.advance(500.0)
    before = stage.look()
    clock.advance(61.0)
    after = stage.look()
    assert after.rest is Rest.DARK and after.shift != before.shift and after.motion_s == 0.0


def test_a_person_brings_the_picture_back_in_the_same_moment(stage, clock):
    clock.advance(1000.0)
    assert stage.look().hides_picture
    assert stage.see_person()
    view = stage.look()
    assert view.rest is Rest.AWAKE and view.rested == 0.0 and view.clock == ""


def test_reduced_motion_neither_fades_nor_moves(clock):
    stage = Stage(replace(SETTINGS, reduced_motion=True), clock, lambda: datetime(2026, 3, 1))
    clock.advance(60.0)
    assert stage.look().rested == 1.0
    clock.advance(40.0)
    assert stage.look().rest is Rest.ATTRACT and stage.look().motion_s == 0.0


@pytest.mark.parametrize("begin", ["tell_first_start", "keep_awake", "show_link", "hold_own_face"])
def test_it_does_not_rest_while_something_is_told_or_asked(stage, clock, begin):
    {
        "tell_first_start": stage.tell_first_start,
        "keep_awake": lambda: stage.keep_awake(True),
        "show_link": lambda: stage.show_link("http://127.0.0.1", 1e4),
        "hold_own_face": lambda: stage.hold_own_face(True),
    }[begin]()
    for _ in range(5):
        clock.advance(13.0)
        assert stage.look().rest is Rest.AWAKE
    if begin == "tell_first_start":  # its steps are over by then
        for _ in STEPS:
            clock.advance(20.0)
            stage.look()
        assert stage.look().first_start is None
        clock.advance(61.0)
        assert stage.look().rest is not Rest.AWAKE


def test_a_nod_goes_on_first_then_chooses_and_only_then_shows_ones_own_face(clock):
    stage = Stage(replace(SETTINGS, own_face_gesture="nod", carousel_by_gesture=True), clock)
    stage.set_effects(NAMES, ("none",))
    stage.tell_first_start()
    for _ in STEPS:
        stage.gesture("nod")
    assert stage.look().first_start is None and not stage.own_face_is_asked
    stage.gesture("tilt_right")
    stage.gesture("nod")
    assert stage.take_chosen() == "mask" and not stage.own_face_is_asked
    stage.gesture("nod")
    assert stage.own_face_is_asked and stage.take_chosen() is None


def test_tilts_turn_the_carousel_to_the_persons_own_side(clock):
    stage = Stage(replace(SETTINGS, carousel_by_gesture=True), clock)
    stage.set_effects(NAMES, ("mask",))
    stage.gesture("tilt_left")
    assert stage.look().carousel.names[2] == "none"
    clock.advance(SETTINGS.carousel_stay)
    assert stage.take_chosen() == "none" and stage.take_chosen() is None


def test_gestures_do_nothing_until_somebody_has_set_them(stage):
    for kind in ("nod", "shake", "tilt_left", "tilt_right"):
        stage.gesture(kind)
    view = stage.look()
    assert view.carousel is None and not stage.own_face_is_asked and not stage.wants_gestures


def test_gestures_are_wanted_while_one_would_do_something(stage, clock):
    stage.tell_first_start()
    assert stage.wants_gestures  # a nod goes on
    stage.leave()
    assert not stage.wants_gestures
    stage.configure(replace(SETTINGS, own_face_gesture="shake"))
    assert stage.wants_gestures
    clock.advance(100.0)
    assert not stage.wants_gestures  # nobody is there


def test_leaving_takes_one_thing_after_the_other_from_the_screen(stage):
    stage.step_carousel(1)
    stage.show_link("http://127.0.0.1", 60.0)
    stage.tell_first_start()
    assert stage.leave() and stage.look().first_start is None and stage.look().link is not None
    assert stage.leave() and stage.look().link is None and stage.look().carousel is not None
    assert stage.leave() and stage.look().carousel is None
    assert not stage.leave()


def test_a_shutter_that_closes_or_opens_is_said_and_the_first_word_of_the_camera_is_not(stage):
    stage.tell_camera(True)
    assert stage.look().toast is None and stage.look().light is Light.ON
    stage.tell_camera(False)
    assert stage.look().toast.text == "The shutter is closed. No picture is taken."
    stage.tell_camera(True)
    assert stage.look().toast.text == "The camera is on again."


def test_a_shutter_may_be_closed_while_the_window_rests(stage, clock):
    clock.advance(70.0)
    stage.tell_camera(True)
    stage.tell_camera(False)
    assert stage.look().rest is Rest.CLOCK and stage.look().light is Light.CLOSED


def test_a_trouble_is_shown_while_it_lasts_and_somebody_is_there(stage, clock):
    stage.show_trouble("disk_full")
    assert stage.look().trouble == "disk_full"
    clock.advance(100.0)
    assert stage.look().trouble == ""
    stage.see_person()
    assert stage.look().trouble == "disk_full"
    stage.show_trouble("")
    assert stage.look().trouble == ""


def test_other_settings_hold_at_once(stage, clock):
    clock.advance(30.0)
    stage.configure(replace(SETTINGS, idle_after=20.0, language="de"))
    view = stage.look()
    assert view.rest is Rest.CLOCK and view.date == "Sonntag, 1. März"
    stage.configure(replace(SETTINGS, idle_after=0.0))
    assert stage.look().rest is Rest.AWAKE and not stage.wants_faces


def test_bodies_are_left_alone_where_they_shall_not_wake_the_window(clock):
    stage = Stage(replace(SETTINGS, wake_by_body=False), clock)
    clock.advance(100.0)
    assert stage.wants_faces and not stage.wants_bodies
