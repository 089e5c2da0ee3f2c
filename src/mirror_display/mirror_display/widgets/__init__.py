"""Widgets: small panels in regions of the window, from this package and from plugins (docs/widgets.md)."""

from mirror_display.widgets.pen import Pen
from mirror_display.widgets.widget import MoodDay, MoodWeek, Widget, WidgetData

__all__ = ["MoodDay", "MoodWeek", "Pen", "Widget", "WidgetData"]
