"""Toasts: in order, one at a time, what is outdated gives way, and all of them end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_display.toasts import LEAST_S, MOST_WAITING, SHOWN_S, ToastKind, Toasts


def texts_until(toasts: Toasts, now_s: float, end_s: float) -> list[str]:
    """What is shown, in order, looked at ten times a second."""
    seen: list[str] = []
    while now_s < end_s:
        view = toasts.look(now_s)
        if view is not None and seen[-1:] != [view.text]:
            seen.append(view.text)
        now_s += 0.1
    return seen


def test_messages_are_shown_one_after_the_other_in_the_order_in_which_they_came():
    toasts = Toasts()
    for text in ("one", "two", "three"):
        toasts.say(text, 0.0)
    assert texts_until(toasts, 0.0, 20.0) == ["one", "two", "three"]
    assert toasts.look(20.0) is None


def test_a_message_is_there_at_once_and_stands_for_its_time():
    toasts = Toasts()
    toasts.say("Hello", 5.0)
    view = toasts.look(5.0)
    assert view is not None and view.text == "Hello" and view.opacity > 0
    assert toasts.look(6.0).opacity == 1.0
    assert toasts.look(5.0 + SHOWN_S["note"] + 0.01) is None


def test_errors_stand_longer():
    toasts = Toasts()
    toasts.say("Broken", 0.0, ToastKind.ERROR)
    assert toasts.look(SHOWN_S["note"] + 1.0).kind is ToastKind.ERROR
    assert toasts.look(SHOWN_S["error"] + 0.01) is None


def test_while_others_wait_each_is_shown_shorter_but_long_enough_to_read():
    toasts = Toasts()
    toasts.say("one", 0.0)
    toasts.say("two", 0.0)
    assert toasts.look(LEAST_S - 0.01).text == "one"
    assert toasts.look(LEAST_S).text == "two"


def test_a_newer_message_on_the_same_topic_takes_the_place_at_once():
    toasts = Toasts()
    toasts.say("strength 0.1", 0.0, topic="parameters")
    toasts.say("other", 0.1)
    toasts.say("strength 0.2", 1.0, topic="parameters")
    assert toasts.look(1.0).text == "strength 0.2" and toasts.look(1.0).opacity == 1.0
    toasts.say("other", 1.1)
    assert texts_until(toasts, 1.1, 20.0) == ["strength 0.2", "other"]


def test_a_flood_keeps_the_errors():
    toasts = Toasts()
    toasts.say("first", 0.0)
    toasts.say("Broken", 0.0, ToastKind.ERROR)
    for number in range(20):
        toasts.say(f"note {number}", 0.0)
    seen = texts_until(toasts, 0.0, 60.0)
    assert seen[:2] == ["first", "Broken"] and seen[-1] == "note 19"
    assert len(seen) == 1 + MOST_WAITING


def test_texts_fade_at_the_end_unless_motion_is_reduced():
    toasts = Toasts()
    toasts.say("Hello", 0.0)
    end_s = SHOWN_S["note"] - 0.1
    assert 0.0 < toasts.look(end_s).opacity < 1.0
    assert toasts.look(end_s, reduced_motion=True).opacity == 1.0


def test_nothing_is_said_for_an_empty_text():
    toasts = Toasts()
    toasts.say("", 0.0)
    assert toasts.look(0.0) is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0.0, 9.0), st.booleans()), max_size=40))
def test_every_queue_runs_dry(said):
    toasts, now_s = Toasts(), 0.0
    for text, passed_s, is_error in said:
        now_s += passed_s
        toasts.say(text, now_s, ToastKind.ERROR if is_error else ToastKind.NOTE)
    for _ in range(200):
        now_s += 1.0
        toasts.look(now_s)
    assert toasts.look(now_s) is None


@pytest.mark.parametrize("kind", list(ToastKind))
def test_every_kind_has_a_time(kind):
    assert SHOWN_S[kind] > LEAST_S
