"""What the placed widgets need to know, from the graph: follows it only while one of them needs it."""

from __future__ import annotations

from datetime import UTC, datetime

from mirror_core.diagnostics import Level
from mirror_core.node import MirrorNode
from mirror_display.widgets.layer import WidgetLayer
from mirror_display.widgets.mood_week import EVERYBODY, MoodWeekWidget
from mirror_display.widgets.people import NamedPeople, NamedPerson
from mirror_display.widgets.registry import WidgetRegistry
from mirror_display.widgets.week import MoodWeeks
from mirror_display.widgets.widget import MoodWeek

__all__ = ["WidgetFeed"]


class WidgetFeed:
    """Tells the window's widgets who is there and how the week was; all methods belong to the node's thread.

    Args:
        node: the owner, whose parameter `widgets` says which are shown; its executor must spin.
        registry: the widgets that are installed.
        layer: what is told.
    """

    def __init__(self, node: MirrorNode, registry: WidgetRegistry, layer: WidgetLayer) -> None:
        self._node = node
        self._classes = registry.widgets
        self._layer = layer
        self._people: NamedPeople | None = None
        self._weeks: MoodWeeks | None = None
        for name in registry.widgets:
            layer.set_parameters(name, node.config_of(f"{name}."))
        for index, problem in enumerate(registry.problems):
            node.get_logger().warning(problem)
            node.health.set_condition(f"widget {index}", Level.WARN, problem)

    def close(self) -> None:
        """Forget everybody and release all."""
        self._follow(people=False, weeks=False)

    def look(self, is_seen: bool) -> None:
        """Follow what the widgets need, and tell them; call it a few times a second.

        Args:
            is_seen: whether anybody sees the widgets now.
        """
        placed = (
            [self._classes.get(place.widget) for place in self._node.config.widget_places] if is_seen else []
        )
        needs = frozenset[str]().union(*(widget.needs for widget in placed if widget is not None))
        self._follow(people="people" in needs, weeks="mood_week" in needs)
        people = self._people.here(datetime.now(UTC)) if self._people is not None else ()
        self._layer.tell(tuple(person.name for person in people), self._week(people))

    def _week(self, people: tuple[NamedPerson, ...]) -> MoodWeek | None:
        if self._weeks is None:
            return None
        today = datetime.now().astimezone().date()
        if self._node.config_of(f"{MoodWeekWidget.name}.").of == EVERYBODY:
            return self._weeks.week(None, "", today)
        if len(people) != 1:  # whose week it is must be beyond doubt
            return None
        return self._weeks.week(people[0].id, people[0].name, today)

    def _follow(self, *, people: bool, weeks: bool) -> None:
        if people and self._people is None:
            self._people = NamedPeople(self._node)
        elif not people and self._people is not None:
            self._people.close()
            self._people = None
        if weeks and self._weeks is None:
            self._weeks = MoodWeeks(self._node)
        elif not weeks and self._weeks is not None:
            self._weeks.close()
            self._weeks = None
