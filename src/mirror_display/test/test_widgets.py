"""Widgets: each says the right thing in its language, stands in its region, is drawn only when it changes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import ParameterError, ShapeError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_core.parameters import update
from mirror_display.parameters import WindowParameters
from mirror_display.widget_places import REGIONS, WidgetPlace, places_of, widget_names
from mirror_display.widgets import MoodDay, MoodWeek, Widget, WidgetData
from mirror_display.widgets.clock import ClockWidget
from mirror_display.widgets.date import DateWidget
from mirror_display.widgets.greeting import GreetingWidget
from mirror_display.widgets.mood_week import MoodWeekWidget
from mirror_display.widgets.registry import find_widgets
from mirror_display.window_texts import language_codes, window_texts

DOCS = Path(__file__).resolve().parents[3] / "docs" / "widgets.md"
TODAY = date(2026, 11, 28)  # a Saturday
SIZE = (1280, 720)
KNOWN = ("clock", "date", "greeting", "mood_week")


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 28, hour, minute, second, tzinfo=UTC)


def data(hour: int = 9, minute: int = 5, language: str = "en", **more: Any) -> WidgetData:
    return WidgetData(at(hour, minute, 7), window_texts(language), **more)


def said(widget: type[Widget], known: WidgetData, **parameters: Any) -> Any:
    made = widget()
    made.parameters = update(made.parameters, parameters)
    return made.content(known)


def shares(**moods: float) -> tuple[float, ...]:
    return tuple(moods.get(label.name.lower(), 0.0) for label in MoodLabel)


def week(*days: tuple[float, ...], name: str = "") -> MoodWeek:
    first = TODAY - timedelta(days=len(days) - 1)
    return MoodWeek(tuple(MoodDay(first + timedelta(i), day) for i, day in enumerate(days)), name)


# ---- where they stand


def test_lines_say_which_widget_stands_where_in_order() -> None:
    lines = ("clock@top_left", " date @ bottom_centre ", "", "greeting@middle_right")
    assert places_of(lines, KNOWN) == (
        WidgetPlace("clock", "top_left"),
        WidgetPlace("date", "bottom_centre"),
        WidgetPlace("greeting", "middle_right"),
    )
    assert len(REGIONS) == 9
    assert widget_names() == KNOWN


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "clock@top_middle",
            "widgets = clock@top_middle is refused: the regions are top_left, top_centre, top_right, "
            "middle_left, middle_centre, middle_right, bottom_left, bottom_centre, bottom_right.",
        ),
        (
            "cloc@top_left",
            "widgets = cloc@top_left is refused: the widgets are clock, date, greeting, mood_week.",
        ),
        (
            "clock",
            "widgets = clock is refused: allowed is a widget and its region, such as clock@top_left.",
        ),
        (
            "date@top_right",
            "widgets = date@top_right is refused: date stands already, and each widget may stand once.",
        ),
    ],
)
def test_a_wrong_line_is_refused_with_what_is_right(line: str, sentence: str) -> None:
    with pytest.raises(ParameterError, match=f"^{re.escape(sentence)}$"):
        WindowParameters(widgets=("date@top_left", line))


# ---- what they say


@pytest.mark.parametrize(
    ("hour", "parameters", "expected"),
    [
        (9, {}, ("09:05", "")),
        (21, {"hours": 12}, ("9:05", "pm")),
        (0, {"hours": 12}, ("12:05", "am")),
        (12, {"hours": 12, "seconds": True}, ("12:05:07", "pm")),
    ],
)
def test_the_clock_has_twelve_or_twenty_four_hours(
    hour: int, parameters: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert said(ClockWidget, data(hour), **parameters) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ("Saturday", "28 November 2026")), ("de", ("Samstag", "28. November 2026"))],
)
def test_the_date_is_in_the_windows_language(language: str, expected: tuple[str, str]) -> None:
    assert said(DateWidget, data(language=language)) == expected


@pytest.mark.parametrize(
    ("hour", "people", "language", "expected"),
    [
        (8, ("Ada",), "en", "Good morning, Ada"),
        (14, ("Ada", "Bo"), "en", "Hello, Ada and Bo"),
        (2, ("Ada", "Bo", "Cy"), "de", "Guten Abend, Ada, Bo und Cy"),
        (8, ("A" * 60,), "en", f"Good morning, {'A' * 27}…"),
        (8, (), "en", None),  # nobody who agreed: no greeting at all
    ],
)
def test_the_greeting_names_those_it_is_told_of_and_nobody_else(
    hour: int, people: tuple[str, ...], language: str, expected: str | None
) -> None:
    assert said(GreetingWidget, data(hour, language=language, people=people)) == expected


def test_the_week_has_a_bar_for_each_day_with_the_strongest_mood_at_the_foot() -> None:
    happy, sad = shares(happy=0.7, neutral=0.3), shares(sad=0.6, angry=0.4)
    title, caption, bars = said(MoodWeekWidget, data(mood_week=week(happy, (), sad)))
    assert (title, caption) == ("Moods of the week", "Today mostly sad")
    assert [bar.weekday for bar in bars] == ["Th", "Fr", "Sa"]
    assert bars[0].hundredths[:2] == ((MoodLabel.HAPPY, 70), (MoodLabel.NEUTRAL, 30))
    assert bars[1].hundredths == ()
    assert bars[2].dominant is MoodLabel.SAD
    ended = said(MoodWeekWidget, data(mood_week=week(happy, (), name="Ada"), language="de"))
    assert ended[:2] == ("Die Woche von Ada", "Zuletzt meist fröhlich")


@pytest.mark.parametrize("known", [None, MoodWeek(()), week((), (), ())])
def test_without_moods_there_is_no_chart(known: MoodWeek | None) -> None:
    assert said(MoodWeekWidget, data(mood_week=known)) is None


def test_a_day_has_all_moods_or_none() -> None:
    with pytest.raises(ShapeError, match=f"{MOOD_COUNT} numbers or none, not 3"):
        MoodDay(TODAY, (0.1, 0.2, 0.7))


def test_every_language_says_all_that_the_widgets_say() -> None:
    known = week(*(shares(**{label.name.lower(): 1.0}) for label in MoodLabel), name="Ada")
    for language in language_codes():
        for name, widget in find_widgets([]).widgets.items():
            assert said(widget, data(language=language, people=("Ada", "Bo"), mood_week=known)), name
