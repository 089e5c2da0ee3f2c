"""Which control a parameter gets, in which steps, and what a browser's answer means."""

from __future__ import annotations

import pytest

from mirror_core.live_parameter import LiveParameter
from mirror_web.effect_values import control_kind, default_values, range_words, slider_step, typed_value


def number(value: float, low: float | None = None, high: float | None = None) -> LiveParameter:
    return LiveParameter("x", value, "", low, high)


@pytest.mark.parametrize(
    ("parameter", "kind"),
    [
        (LiveParameter("x", True), "switch"),
        (number(0.5, 0.0, 1.0), "slider"),
        (number(3, 1, 16), "slider"),
        (number(0, 0, 2147483647), "number"),
        (number(0.5, 0.0), "number"),
        (LiveParameter("x", "owl", choices=("owl", "frog")), "select"),
        (LiveParameter("x", 90, choices=("0", "90")), "select"),
        (LiveParameter("x", ""), "text"),
        (LiveParameter("x", ("a",)), "text"),
        (LiveParameter("x", ("a",), choices=("a", "b")), "choices"),
    ],
)
def test_each_parameter_has_the_right_control(parameter, kind):
    assert control_kind(parameter) == kind


@pytest.mark.parametrize(
    ("parameter", "step"),
    [
        (number(1.0, 0.0, 1.0), 0.01),
        (number(1.0, -2.0, 7.0), 0.01),
        (number(1.0, 0.7, 1.3), 0.001),
        (number(1.0, 0.0, 0.03), 0.0001),
        (number(20.0, 3.0, 600.0), 1.0),
        (number(2, 1, 16), 1),
    ],
)
def test_a_slider_has_a_hundred_steps_or_more(parameter, step):
    assert slider_step(parameter) == pytest.approx(step)


def test_ranges_in_words():
    assert range_words(number(0.5, 0.0, 0.25)).replace("\N{NO-BREAK SPACE}", " ") == "0 … 0.25"
    assert range_words(number(0.5, 0.0)) == "0 or more"
    assert range_words(number(0.5, None, 2.0)) == "2 or less"
    assert not range_words(number(0.5))
    assert not range_words(LiveParameter("x", True))


@pytest.mark.parametrize(
    ("now", "sent", "meant"),
    [
        (0.5, 1, 1.0),
        (3, 2.0, 2),
        (3, "x", None),
        (0.5, "nan", None),
        (True, False, False),
        ("gold", "cat", "cat"),
        (("a",), "b, c,", ("b", "c")),
        (("a",), ["c", "b"], ("c", "b")),
    ],
)
def test_what_a_browser_sends_gets_the_parameters_type(now, sent, meant):
    value = typed_value(LiveParameter("x", now), sent)
    assert value == meant
    assert type(value) is type(meant)


def test_defaults_come_from_the_effect_itself():
    defaults = default_values("caricature")
    assert defaults["factor"] == 2.5
    assert defaults["expression"] is False
    assert default_values("of_nobody") == {}
