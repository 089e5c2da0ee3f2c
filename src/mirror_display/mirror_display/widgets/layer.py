"""The layer of widgets over the picture: asks each what it says and draws what has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import pygame

from mirror_core.text_files import DEFAULT_LANGUAGE
from mirror_display.layout import Rect, canvas_size
from mirror_display.light_sign import light_area
from mirror_display.panels import Panels, canvas_unit, put_panel, upright
from mirror_display.widget_places import REGIONS, WidgetPlace
from mirror_display.widgets.pen import Pen
from mirror_display.widgets.registry import WidgetRegistry, find_widgets
from mirror_display.widgets.widget import MoodWeek, Widget, WidgetData
from mirror_display.window_texts import window_texts

__all__ = ["WidgetLayer"]

logger = logging.getLogger("mirror.display")

LOOK_PERIOD_S = 0.2  # how often the widgets are asked; a clock is late by this at most
MARGIN, GAP = 24, 10  # from the window's edge, and between widgets of one region, in units


def _local_now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True, eq=False)
class _Shown:
    """One widget that is placed.

    Attributes:
        widget: the instance.
        region: where it stands.
        content: what it said last.
        key: what its panel was drawn for.
        panel: as `upright` gives it; None before the first.
        failed: it raised, and is left out until it is placed anew.
    """

    widget: Widget
    region: str
    content: Hashable | None = None
    key: Hashable | None = None
    panel: pygame.Surface | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """What other threads have said."""

    people: tuple[str, ...] = ()
    mood_week: MoodWeek | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


class WidgetLayer:
    """Draws the widgets. `tell` and `set_parameters` may be called from any thread, the rest in the window's.

    Args:
        registry: which widgets there are; default: all that are installed, found when the first is placed.
        now: the present moment in local time.
    """

    def __init__(
        self, registry: WidgetRegistry | None = None, now: Callable[[], datetime] = _local_now
    ) -> None:
        self._registry = registry
        self._now = now
        self._lock = threading.Lock()  # guards _told
        self._told = _Told()
        self._applied = _Told()
        self._places: tuple[WidgetPlace, ...] = ()
        self._language = DEFAULT_LANGUAGE
        self._shown: tuple[_Shown, ...] = ()
        self._looked_s = float("-inf")
        self._panels: Panels | None = None

    # ---- any thread

    def tell(self, people: tuple[str, ...], mood_week: MoodWeek | None) -> None:
        """Say who is there and may be named, and whose moods may be shown."""
        with self._lock:
            if (people, mood_week) != (self._told.people, self._told.mood_week):
                self._told = replace(self._told, people=people, mood_week=mood_week)

    def set_parameters(self, name: str, parameters: Any) -> None:
        """Give a widget new parameters, now or when it is placed."""
        with self._lock:
            self._told = replace(self._told, parameters={**self._told.parameters, name: parameters})

    # ---- the window's thread

    def look(self, now_s: float, places: tuple[WidgetPlace, ...], language: str = DEFAULT_LANGUAGE) -> bool:
        """Ask the widgets what they say; returns whether the layer looks different from before.

        Args:
            now_s: monotonic seconds.
            places: the widgets in order.
            language: code of the window's language.
        """
        with self._lock:
            told = self._told
        is_new = places != self._places or language != self._language
        if not is_new and told is self._applied and now_s - self._looked_s < LOOK_PERIOD_S:
            return False
        self._looked_s, self._applied = now_s, told
        if is_new:
            self._place(places, language)
        return self._ask(told) or is_new

    def _place(self, places: tuple[WidgetPlace, ...], language: str) -> None:
        self._language = language
        if places == self._places:
            return
        if self._registry is None:
            self._registry = find_widgets()
        classes = self._registry.widgets
        self._places = places
        self._shown = tuple(
            _Shown(classes[place.widget](), place.region) for place in places if place.widget in classes
        )

    def _ask(self, told: _Told) -> bool:
        if not self._shown:
            return False
        data = WidgetData(self._now(), window_texts(self._language), told.people, told.mood_week)
        changed = False
        for shown in self._shown:
            widget = shown.widget
            widget.parameters = told.parameters.get(widget.name, widget.parameters)
            before = shown.content
            shown.content = None if shown.failed else self._tried(shown, partial(widget.content, data))
            changed = changed or shown.content != before
        return changed

    def draw(
        self,
        surface: pygame.Surface,
        rotation: int = 0,
        covered: Collection[str] = (),
        light_corner: str = "",
    ) -> None:
        """Lay the widgets over what is on a surface.

        Args:
            surface: the window.
            rotation: clockwise turn of the canvas in degrees (0, 90, 180, 270).
            covered: regions in which nothing is drawn now.
            light_corner: where the privacy light stands, such as "top_right"; empty: nowhere.
        """
        if not any(shown.content is not None for shown in self._shown):
            return
        canvas = canvas_size(surface.get_size(), rotation)
        for region, anchor in REGIONS.items():
            panels = [
                panel
                for shown in self._shown
                if shown.region == region
                and region not in covered
                and (panel := self._panel(shown, canvas_unit(canvas), anchor[0], rotation)) is not None
            ]
            if panels:
                taken = light_area(canvas, light_corner) if region == light_corner else None
                _put(surface, panels, anchor, taken=taken, rotation=rotation)

    def _panel(self, shown: _Shown, unit: float, align: float, rotation: int) -> pygame.Surface | None:
        """What the widget says, drawn; kept until it says something else."""
        if shown.content is None or shown.failed:
            return None
        key = (shown.content, unit, rotation)
        if shown.key != key:
            if self._panels is None:
                self._panels = Panels()
            pen = Pen(self._panels, unit, align)
            drawn = self._tried(shown, lambda: upright(shown.widget.draw(shown.content, pen), rotation))
            shown.key, shown.panel = key, drawn
        return shown.panel

    def _tried(self, shown: _Shown, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:
            shown.failed = True
            logger.error(
                "Widget %s is off until it is placed anew, because it failed.",
                shown.widget.name,
                exc_info=error,
            )
            return None


def _put(
    surface: pygame.Surface,
    panels: list[pygame.Surface],
    anchor: tuple[float, float],
    *,
    taken: Rect | None,
    rotation: int,
) -> None:
    """Lay the panels of one region below each other, beside what is `taken` in its corner."""
    canvas = canvas_size(surface.get_size(), rotation)
    unit = canvas_unit(canvas)
    margin, gap = round(MARGIN * unit), round(GAP * unit)
    sizes = [canvas_size(panel.get_size(), rotation) for panel in panels]
    height = sum(size[1] for size in sizes) + gap * (len(sizes) - 1)
    x = round(margin + (canvas[0] - 2 * margin) * anchor[0])
    first = max(margin, taken[1] + taken[3] + gap) if taken and not anchor[1] else margin
    last = min(canvas[1] - margin, taken[1] - gap) if taken and anchor[1] else canvas[1] - margin
    top = round(first + (last - first - height) * anchor[1])
    for panel, size in zip(panels, sizes, strict=True):
        put_panel(surface, panel, (x, top), (anchor[0], 0.0), rotation=rotation)
        top += size[1] + gap
