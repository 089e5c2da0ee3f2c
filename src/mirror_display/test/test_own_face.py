"""One's own face: as long as the key is held, a while after a short press, and the mirror's picture again."""

from __future__ import annotations

from mirror_display.own_face import TAP_S, OwnFace


def test_it_is_shown_at_once_and_as_long_as_the_key_is_held():
    own = OwnFace(5.0)
    assert not own.is_asked(0.0)
    own.press(1.0)
    own.press(1.5)  # the key repeats
    assert own.is_asked(1.0) and own.is_asked(60.0)
    own.release(60.0)
    assert not own.is_asked(60.0)


def test_a_short_press_shows_it_for_a_while_and_another_one_ends_that():
    own = OwnFace(5.0)
    own.press(0.0)
    own.release(TAP_S / 2)
    assert own.is_asked(TAP_S / 2 + 4.9) and not own.is_asked(TAP_S / 2 + 5.0)
    own.press(10.0)
    own.release(10.1)
    own.press(11.0)
    own.release(11.1)
    assert not own.is_asked(11.1)


def test_a_gesture_shows_it_for_a_while():
    own = OwnFace(3.0)
    own.show(0.0)
    assert own.is_asked(2.9) and not own.is_asked(3.0)
    own.show(10.0)
    own.end()
    assert not own.is_asked(10.0)


def test_letting_go_of_what_was_not_held_changes_nothing():
    own = OwnFace(3.0)
    own.show(0.0)
    own.release(1.0)
    assert own.is_asked(2.0)
