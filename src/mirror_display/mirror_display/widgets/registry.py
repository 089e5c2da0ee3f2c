"""Finds widgets: the built-in ones and those that other pip packages add."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint

from mirror_core.plugins import PluginKind, find_plugins
from mirror_display.widget_places import BUILT_IN, GROUP
from mirror_display.widgets.widget import NEEDS, Widget

__all__ = ["WidgetRegistry", "find_widgets"]

KIND = PluginKind("Widget", Widget, "mirror_display.widgets.Widget", NEEDS, GROUP, BUILT_IN)


@dataclass(frozen=True, slots=True)
class WidgetRegistry:
    """The widgets that were found.

    Attributes:
        widgets: name → class, by name.
        problems: one sentence for each plugin that cannot be used.
    """

    widgets: dict[str, type[Widget]]
    problems: tuple[str, ...] = ()


def find_widgets(plugins: list[EntryPoint] | None = None) -> WidgetRegistry:
    """All widgets; a plugin that does not load is left out and reported, never fatal.

    Args:
        plugins: entry points to look at; default: those installed in the group `mirror.widgets`.
    """
    found, problems = find_plugins(KIND, plugins)
    return WidgetRegistry(dict(sorted(found.items())), problems)
