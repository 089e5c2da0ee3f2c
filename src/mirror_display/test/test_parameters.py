"""The window's parameters refuse what cannot be shown."""

from __future__ import annotations

import pytest

from mirror_core.errors import ParameterError
from mirror_core.parameters import specs_of, update
from mirror_display.parameters import WindowParameters


def test_every_parameter_has_a_description_and_may_change_live():
    specs = specs_of(WindowParameters)
    assert all(spec.description.endswith(".") and spec.live for spec in specs)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"rotation": 45}, "0 | 90 | 180 | 270"),
        ({"fit": "stretch"}, "letterbox | fill"),
        ({"width": 10}, "64"),
        ({"background": "blue"}, "#rrggbb"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(values, complaint):
    with pytest.raises(ParameterError) as refusal:
        update(WindowParameters(), values)
    assert complaint in str(refusal.value)


def test_the_background_is_read_as_red_green_blue():
    assert WindowParameters(background="#102030").background_rgb == (0x10, 0x20, 0x30)
