"""Where widgets stand: nine regions of the window, and lines such as `clock@top_left` that choose them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points

from mirror_core.errors import ParameterError

__all__ = ["BUILT_IN", "GROUP", "REGIONS", "WidgetPlace", "places_of", "widget_names"]

GROUP = "mirror.widgets"
BUILT_IN = {
    "clock": "mirror_display.widgets.clock:ClockWidget",
    "date": "mirror_display.widgets.date:DateWidget",
    "greeting": "mirror_display.widgets.greeting:GreetingWidget",
    "mood_week": "mirror_display.widgets.mood_week:MoodWeekWidget",
}
"""Name → "module:class"; found also where the package runs from its source tree."""

REGIONS = {
    f"{row}_{column}": (x, y)
    for row, y in (("top", 0.0), ("middle", 0.5), ("bottom", 1.0))
    for column, x in (("left", 0.0), ("centre", 0.5), ("right", 1.0))
}
"""Name → where in the window, as shares of the room beside and above what stands there."""


@dataclass(frozen=True, slots=True)
class WidgetPlace:
    """One widget in its region.

    Attributes:
        widget: its name.
        region: one of `REGIONS`.
    """

    widget: str
    region: str


@cache
def widget_names() -> tuple[str, ...]:
    """All widgets that are installed, by name; a plugin is named even if it turns out not to load."""
    return tuple(sorted({*BUILT_IN, *(plugin.name for plugin in entry_points(group=GROUP))}))


def places_of(lines: Iterable[str], widgets: Collection[str]) -> tuple[WidgetPlace, ...]:
    """The places that lines such as `clock@top_left` say, in order; empty lines count for nothing.

    Args:
        lines: widget and region each.
        widgets: the names that are allowed.

    Raises:
        ParameterError: on a line that is none, an unknown widget or region, or a widget that stands twice.
    """
    places: list[WidgetPlace] = []
    for line in lines:
        widget, sign, region = (part.strip() for part in line.partition("@"))
        if not line.strip():
            continue
        if not sign:
            raise _refused(line, "allowed is a widget and its region, such as clock@top_left")
        if widget not in widgets:
            raise _refused(line, f"the widgets are {', '.join(widgets)}")
        if region not in REGIONS:
            raise _refused(line, f"the regions are {', '.join(REGIONS)}")
        if any(place.widget == widget for place in places):
            raise _refused(line, f"{widget} stands already, and each widget may stand once")
        places.append(WidgetPlace(widget, region))
    return tuple(places)


def _refused(line: str, why: str) -> ParameterError:
    return ParameterError(f"widgets = {line} is refused: {why}.")
