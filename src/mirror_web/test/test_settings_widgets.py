"""Widgets as the Settings page offers them: a region for each, from the window's one list and back."""

from __future__ import annotations

import pytest

from mirror_core.live_parameter import LiveParameter
from mirror_display.parameters import WindowParameters
from mirror_display.widget_places import REGIONS
from mirror_web.catalogue import spoken
from mirror_web.settings_widgets import is_of_widget, region_words, widget_changes, widget_name, widget_rows


def window(*lines: str) -> dict[str, LiveParameter]:
    return {"widgets": LiveParameter("widgets", lines or ("",)), "hud": LiveParameter("hud", False)}


def test_each_widget_has_a_row_with_its_region_and_nowhere_is_a_choice():
    rows = {row.name: row for row in widget_rows(window("date@top_left", "clock@top_left"))}
    assert {"clock", "date", "greeting", "mood_week"} <= set(rows)
    assert (rows["clock"].value, rows["date"].value, rows["greeting"].value) == ("top_left", "top_left", "")
    assert rows["clock"].choices == ("", *REGIONS)
    assert widget_rows({}) == ()


def test_a_widget_of_another_machine_is_offered_too():
    rows = {row.name: row.value for row in widget_rows(window("countdown@middle_right"))}
    assert rows["countdown"] == "middle_right"
    assert widget_changes("clock", "top_left", window("countdown@middle_right")) == {
        "widgets": ("countdown@middle_right", "clock@top_left")
    }


@pytest.mark.parametrize(
    ("widget", "region", "after"),
    [
        ("greeting", "bottom_centre", ("clock@top_left", "date@top_left", "greeting@bottom_centre")),
        ("clock", "top_right", ("date@top_left", "clock@top_right")),
        ("clock", "top_left", ("date@top_left", "clock@top_left")),  # below the one that is there
        ("clock", "", ("date@top_left",)),
    ],
)
def test_placing_a_widget_leaves_the_others_and_the_window_takes_it(widget, region, after):
    changes = widget_changes(widget, region, window("clock@top_left", "date@top_left"))
    assert changes == {"widgets": after}
    assert [p.widget for p in WindowParameters(**changes).widget_places] == [
        line.partition("@")[0] for line in after
    ]


def test_without_any_widget_the_list_is_what_the_window_begins_with():
    assert widget_changes("clock", "", window("clock@top_left")) == {"widgets": WindowParameters().widgets}


@pytest.mark.parametrize(("widget", "region"), [("clock", "attic"), ("no_such", "top_left")])
def test_what_cannot_be_meant_changes_nothing(widget, region):
    assert widget_changes(widget, region, window()) is None


def test_widgets_own_parameters_are_told_from_the_windows():
    assert is_of_widget("widgets")
    assert is_of_widget("clock.hours")
    assert not is_of_widget("hud")
    assert not is_of_widget("carousel_stay")


def test_names_and_regions_speak_the_language():
    assert (widget_name("mood_week"), region_words("top_centre"), region_words("")) == (
        "Mood of the week",
        "Top centre",
        "Not shown",
    )
    with spoken("de"):
        assert (widget_name("clock"), region_words("middle_left"), region_words("")) == (
            "Uhr",
            "Mitte links",
            "Nicht gezeigt",
        )
        assert widget_name("of_a_plugin") == "Of a plugin"
