"""The layer of widgets: each in its region, drawn only when it changes; widgets of other packages."""

from __future__ import annotations

import re
import sys
from datetime import UTC, date, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pygame
import pytest

from mirror_core.frame import Frame
from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import MoodLabel
from mirror_core.parameters import specs_of, update
from mirror_core.testing import FakeClock
from mirror_display.hud import HudState
from mirror_display.light_sign import light_area
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.stage import StageView
from mirror_display.surface import read_surface
from mirror_display.widget_places import GROUP, REGIONS, WidgetPlace, places_of
from mirror_display.widgets import MoodDay, MoodWeek, Pen, Widget, WidgetData
from mirror_display.widgets.clock import ClockWidget
from mirror_display.widgets.covered import covered_regions
from mirror_display.widgets.layer import LOOK_PERIOD_S, WidgetLayer
from mirror_display.widgets.registry import WidgetRegistry, find_widgets
from mirror_display.window import MirrorWindow

DOCS = Path(__file__).resolve().parents[3] / "docs" / "widgets.md"
SIZE = (1280, 720)
KNOWN = ("clock", "date", "greeting", "mood_week")
THREE_QUARTERS_HAPPY = (0.25, 0.0, 0.0, 0.75, 0.0, 0.0, 0.0)  # and angry
HAPPY = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
WEEK = MoodWeek(
    (
        MoodDay(date(2026, 11, 26), THREE_QUARTERS_HAPPY),
        MoodDay(date(2026, 11, 27)),
        MoodDay(date(2026, 11, 28), HAPPY),
    )
)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 28, hour, minute, tzinfo=UTC)


def said(widget: type[Widget], **parameters: Any) -> Any:
    made = widget()
    made.parameters = update(made.parameters, parameters)
    return made.content(WidgetData(at(9)))


class Square(Widget):
    """A white square; counts how often it is drawn."""

    name = "square"
    drawn = 0

    def content(self, data: WidgetData) -> int:
        return data.now.minute

    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        type(self).drawn += 1
        square = pygame.Surface((100, 60), pygame.SRCALPHA)
        square.fill((255, 255, 255))
        square.fill((255, 0, 0), (0, 0, 50, 30))  # a corner that shows which way is up
        return square


class Broken(Widget):
    """Fails."""

    name = "broken"

    def content(self, data: WidgetData) -> int:
        raise RuntimeError("no idea")

    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        raise AssertionError


@pytest.fixture
def moment() -> list[datetime]:
    return [at(9, 5)]


@pytest.fixture
def layer(moment: list[datetime]) -> WidgetLayer:
    Square.drawn = 0
    registry = WidgetRegistry({"square": Square, "broken": Broken, "clock": ClockWidget})
    return WidgetLayer(registry, lambda: moment[0])


def placed(*lines: str) -> tuple[WidgetPlace, ...]:
    return tuple(WidgetPlace(*line.split("@")) for line in lines)


def white(layer: WidgetLayer, size: tuple[int, int] = SIZE, rotation: int = 0, **more: Any) -> Any:
    """Left, top, right and bottom of what was drawn on a black window; None for nothing."""
    surface = pygame.Surface(size)
    layer.draw(surface, rotation, **more)
    rows, columns = np.nonzero(read_surface(surface)[..., 2] > 128)
    return (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None


@pytest.mark.parametrize(
    ("region", "box"),
    [
        ("top_left", (24, 24, 124, 84)),
        ("top_centre", (590, 24, 690, 84)),
        ("middle_right", (1156, 330, 1256, 390)),
        ("bottom_right", (1156, 636, 1256, 696)),
    ],
)
def test_a_widget_stands_in_its_region(layer: WidgetLayer, region: str, box: tuple[int, ...]) -> None:
    assert layer.look(0.0, placed(f"square@{region}"))
    assert white(layer) == box


def test_a_turned_screen_has_the_widgets_upright_for_who_stands_before_it(layer: WidgetLayer) -> None:
    layer.look(0.0, placed("square@top_left"))
    surface = pygame.Surface(SIZE)
    layer.draw(surface, 90)
    seen = np.rot90(read_surface(surface), 1)  # turned back: the canvas of 720 × 1280
    assert seen.shape[:2] == (1280, 720)
    assert seen[30, 30].tolist() == [0, 0, 255]
    assert seen[80, 120].tolist() == [255, 255, 255]
    assert seen[90, 30].tolist() == [0, 0, 0]


def test_the_privacy_light_keeps_its_corner_and_covered_regions_stay_empty(layer: WidgetLayer) -> None:
    layer.look(0.0, placed("square@top_right"))
    light = light_area(SIZE, "top_right")
    left, top, right, bottom = white(layer, light_corner="top_right")
    assert top == light[1] + light[3] + 10
    assert (right - left, bottom - top) == (100, 60)
    assert white(layer, light_corner="bottom_right") == (1156, 24, 1256, 84)
    assert white(layer, covered=frozenset({"top_right"})) is None
    layer.look(1.0, placed("square@bottom_right"))
    assert white(layer, light_corner="bottom_right")[3] == light_area(SIZE, "bottom_right")[1] - 10


def test_what_is_drawn_is_kept_until_the_widget_says_something_else(
    layer: WidgetLayer, moment: list[datetime]
) -> None:
    places = placed("square@top_left")
    assert layer.look(0.0, places)
    for turn in range(20):
        white(layer)
        assert not layer.look(turn * LOOK_PERIOD_S / 20, places)
    assert Square.drawn == 1
    moment[0] = at(9, 6)
    assert not layer.look(0.9 * LOOK_PERIOD_S, places)  # not asked yet
    assert layer.look(1.1 * LOOK_PERIOD_S, places)
    white(layer)
    assert Square.drawn == 2


def test_news_from_other_threads_is_seen_at_once(layer: WidgetLayer) -> None:
    places = placed("clock@top_left")
    layer.look(0.0, places)
    assert not layer.look(0.01, places)
    layer.set_parameters("clock", update(ClockWidget.Parameters(), {"hours": 12}))
    assert layer.look(0.02, places)


def test_a_widget_that_fails_is_left_out_and_the_others_stay(
    layer: WidgetLayer, caplog: pytest.LogCaptureFixture
) -> None:
    places = placed("broken@top_left", "square@top_left")
    layer.look(0.0, places)
    layer.look(1.0, places)
    assert white(layer) == (24, 24, 124, 84)
    assert [record.message for record in caplog.records] == [
        "Widget broken is off until it is placed anew, because it failed."
    ]


def test_the_chart_shows_the_moods_in_their_colours() -> None:
    layer = WidgetLayer(find_widgets([]), lambda: at(9))
    layer.tell((), WEEK)
    layer.look(0.0, placed("mood_week@top_left"))
    surface = pygame.Surface(SIZE)
    layer.draw(surface)
    rgb = read_surface(surface)[..., ::-1].astype(int)
    counts = {mood: (abs(rgb - MOOD_COLOURS[mood]).max(axis=2) < 8).sum() for mood in MoodLabel}
    assert counts[MoodLabel.HAPPY] / counts[MoodLabel.ANGRY] == pytest.approx(7, rel=0.15)
    assert counts[MoodLabel.SAD] == 0


@pytest.mark.parametrize(
    ("hud", "stage", "covered", "free"),
    [
        ({}, {}, (), REGIONS),
        ({"effect": "mask"}, {}, ("bottom_centre",), ("bottom_left", "top_left")),
        ({"hints": (("Come closer.", None),)}, {}, ("bottom_left", "bottom_right"), ("top_left",)),
        ({"statistics": "30 Hz"}, {}, ("bottom_left",), ("bottom_centre",)),
        ({"notice": "No camera"}, {}, ("top_centre",), ("top_left",)),
        ({"help_shown": True}, {}, REGIONS, ()),
        ({}, {"rest": Rest.CLOCK}, REGIONS, ()),
        ({}, {"bar_shown": True}, ("bottom_centre",), ("middle_centre",)),
    ],
)
def test_widgets_give_way_to_what_stands_there(
    hud: dict[str, Any], stage: dict[str, Any], covered: Any, free: Any
) -> None:
    found = covered_regions(HudState(**hud), StageView(**stage))
    assert found >= set(covered)
    assert not found & set(free)


def test_the_window_shows_its_widgets_over_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    clock = FakeClock()
    settings = WindowParameters(width=640, height=360, first_start="never")
    window = MirrorWindow(settings, clock=clock)
    window.open()
    try:
        frame = Frame(np.full((360, 640, 3), 200, np.uint8), 0)
        window.submit(frame)
        window.step(0.0)
        before = window.snapshot()
        window.update(update(settings, {"widgets": ("date@top_left",)}))
        window.step(0.0)
        after = window.snapshot()
    finally:
        window.close()
    changed = (before != after).any(axis=2)
    assert changed[20:90, 20:200].mean() > 0.5
    assert not changed[150:].any()


# ---- plugins


def documented_widget() -> str:
    text = DOCS.read_text(encoding="utf-8").partition("## Make your own widget in 30 lines")[2]
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> EntryPoint:
    module = ModuleType("my_widgets")
    exec(compile(documented_widget(), str(DOCS), "exec", dont_inherit=True), vars(module))
    monkeypatch.setitem(sys.modules, "my_widgets", module)
    return EntryPoint("countdown", "my_widgets:CountdownWidget", GROUP)


def test_the_documented_widget_is_found_and_counts_down_in_the_window(plugin: EntryPoint) -> None:
    assert len([line for line in documented_widget().splitlines() if line.strip()]) <= 30
    registry = find_widgets([plugin])
    assert registry.problems == ()
    countdown = registry.widgets["countdown"]
    assert [spec.name for spec in specs_of(countdown.Parameters)] == ["year", "month", "day", "what"]
    assert said(countdown, year=2026, month=12, day=5) == ("New Year", "7 days")
    assert said(countdown, year=2026, month=11, day=28) is None
    layer = WidgetLayer(registry, lambda: at(9))
    layer.look(0.0, places_of(("countdown@middle_left",), tuple(registry.widgets)))
    left, top, right, bottom = white(layer)
    assert 24 < left < 60
    assert top < 360 < bottom
    assert right > left + 100


def test_a_plugin_that_is_no_widget_is_reported_and_left_out(plugin: EntryPoint) -> None:
    broken = [
        EntryPoint("gone", "no_such_package:Widget", GROUP),
        EntryPoint("number", "my_widgets:date", GROUP),
        EntryPoint("other", plugin.value, GROUP),
        EntryPoint("clock", plugin.value, GROUP),
    ]
    registry = find_widgets(broken)
    assert tuple(registry.widgets) == KNOWN
    assert [problem.split(":")[0].split(" of ")[0] for problem in registry.problems] == [
        "Widget gone",
        "Widget number",
        "Widget other",
        "Widget clock",
    ]
    assert "its class calls itself 'countdown'" in registry.problems[2]
    assert "the name is taken" in registry.problems[3]
