"""Hints: one at a time, long enough to be read."""

from __future__ import annotations

from mirror_gallery.hints import HINTS, HintChooser


def test_every_hint_is_a_sentence() -> None:
    assert all(text.endswith(".") and text[0].isupper() for text in HINTS.values())
    assert {"come_closer", "turn_left", "turn_right", "hold_still", "done"} <= HINTS.keys()


def test_the_first_hint_shows_at_once() -> None:
    assert HintChooser().choose("come_closer", 0.0) == "come_closer"


def test_a_hint_stays_long_enough_to_be_read() -> None:
    chooser = HintChooser()
    chooser.choose("come_closer", 0.0)
    assert chooser.choose("hold_still", 0.2) == "come_closer"
    assert chooser.choose("hold_still", 0.9) == "come_closer"
    assert chooser.choose("hold_still", 1.01) == "hold_still"
    assert chooser.shown == "hold_still"


def test_what_is_due_for_a_moment_only_is_not_shown() -> None:
    chooser = HintChooser()
    due = ["more_light" if i % 2 else "hold_still" for i in range(200)]  # flickers, 30 times a second
    assert {chooser.choose(hint, i / 30) for i, hint in enumerate(due)} == {"hold_still"}


def test_the_end_does_not_wait() -> None:
    chooser = HintChooser()
    chooser.choose("turn_left", 0.0)
    assert chooser.choose("one_moment", 0.05) == "one_moment"
    assert chooser.choose("done", 0.1) == "done"
