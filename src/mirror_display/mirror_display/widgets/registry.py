"""Finds widgets: the built-in ones and those that other pip packages add."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from mirror_core.parameters import specs_of
from mirror_display.widget_places import BUILT_IN, GROUP
from mirror_display.widgets.widget import NEEDS, Widget

__all__ = ["WidgetRegistry", "find_widgets"]


@dataclass(frozen=True, slots=True)
class WidgetRegistry:
    """The widgets that were found.

    Attributes:
        widgets: name → class, by name.
        problems: one sentence for each plugin that cannot be used.
    """

    widgets: dict[str, type[Widget]]
    problems: tuple[str, ...] = ()


def _built_in(place: str) -> type[Widget]:
    module, _, attribute = place.partition(":")
    widget: type[Widget] = getattr(import_module(module), attribute)
    return widget


def _problem_with(widget: object, name: str) -> str:
    if not (isinstance(widget, type) and issubclass(widget, Widget)):
        return f"it names {widget!r}, which is not a subclass of mirror_display.widgets.Widget"
    if getattr(widget, "name", None) != name:
        return f"its class calls itself {getattr(widget, 'name', None)!r}"
    if not widget.needs <= NEEDS:
        return f"it needs {sorted(widget.needs - NEEDS)}, but allowed are {sorted(NEEDS)}"
    try:
        specs_of(widget.Parameters)
    except TypeError as error:
        return str(error)
    return ""


def find_widgets(plugins: list[EntryPoint] | None = None) -> WidgetRegistry:
    """All widgets; a plugin that does not load is left out and reported, never fatal.

    Args:
        plugins: entry points to look at; default: those installed in the group `mirror.widgets`.
    """
    found = {name: _built_in(place) for name, place in BUILT_IN.items()}
    problems = []
    for plugin in entry_points(group=GROUP) if plugins is None else plugins:
        if plugin.name in found:
            if not plugin.value.startswith("mirror_display."):
                problems.append(f"Widget {plugin.name} of {plugin.value} is left out: the name is taken.")
            continue
        try:
            widget = plugin.load()
            reason = _problem_with(widget, plugin.name)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            reason = reason.removesuffix(".")
            problems.append(f"Widget {plugin.name} of {plugin.value} is left out: {reason}.")
        else:
            found[plugin.name] = widget
    return WidgetRegistry(dict(sorted(found.items())), tuple(problems))
