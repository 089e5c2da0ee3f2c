"""The moods of the last seven days for the widgets: read in a thread of its own, while moods are kept.

Whether they are is what the node mood_log says of its parameter `log`; its parameter `database_url` says
where. Each person's week is read at most once a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

from rcl_interfaces.msg import ParameterEvent
from rcl_interfaces.srv import GetParameters
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.qos import qos_profile_parameter_events

from mirror_core.errors import MirrorError
from mirror_display.widgets.widget import MoodDay, MoodWeek

__all__ = ["DAYS", "MoodWeeks", "read_week"]

DAYS = 7
PERIOD_S = 60.0  # between two readings of one week
ASK_S = 5.0  # between two questions whether moods are kept, while nobody answers
NODE = "mood_log"


def read_week(url: str, person: str | None, today: date) -> tuple[MoodDay, ...]:
    """The moods of seven days, today last; blocks while the log is read.

    Args:
        url: of the mood log; empty for its default place.
        person: gallery id; None for everybody.
        today: in local time.

    Raises:
        MirrorError: if there is no log, or it cannot be read.
    """
    from mirror_mood.log.queries import MoodQueries  # SQLAlchemy is loaded only where the widget is shown

    with MoodQueries(url) as log:
        days = log.calendar(today - timedelta(days=DAYS - 1), today, person=person)
    return tuple(
        MoodDay(day.day, tuple(float(v) for v in day.total.means), float(day.total.valence))
        if day.total.count
        else MoodDay(day.day)
        for day in days
    )


class MoodWeeks:
    """Keeps the weeks that are shown; made while a widget needs them, closed after.

    All methods are called in the node's thread.

    Args:
        node: whose subscription and client it is.
        read: reads a week; called in a thread of its own.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        node: Node,
        read: Callable[[str, str | None, date], tuple[MoodDay, ...]] = read_week,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node = node
        self._read = read
        self._clock = clock
        self._log_node = node.resolve_topic_name(NODE)
        self._is_kept = False
        self._url = ""
        self._next_ask_s = float("-inf")
        self._days: dict[str | None, tuple[MoodDay, ...]] = {}
        self._read_s: dict[str | None, float] = {}
        self._reading: Future[tuple[MoodDay, ...]] | None = None
        self._reading_whose: str | None = None
        self._worker = ThreadPoolExecutor(1, "mood week")
        self._client = node.create_client(GetParameters, f"{NODE}/get_parameters")
        self._events = node.create_subscription(
            ParameterEvent, "/parameter_events", self._on_event, qos_profile_parameter_events
        )

    def close(self) -> None:
        """Forget all moods and end the thread."""
        self._forget()
        self._node.destroy_subscription(self._events)
        self._node.destroy_client(self._client)
        self._worker.shutdown(wait=False, cancel_futures=True)

    def week(self, person: str | None, name: str, today: date) -> MoodWeek | None:
        """The week as it was read last; None while moods are not kept, or it is not there yet.

        Args:
            person: gallery id; None for everybody.
            name: of the person, for the title.
            today: in local time.
        """
        self._look()
        if not self._is_kept:
            return None
        self._take()
        now_s = self._clock()
        if self._reading is None and now_s - self._read_s.get(person, float("-inf")) >= PERIOD_S:
            self._read_s[person] = now_s
            self._reading_whose = person
            self._reading = self._worker.submit(self._read, self._url, person, today)
        for old in [whose for whose, read_s in self._read_s.items() if now_s - read_s >= PERIOD_S]:
            if old != person:  # what is not shown any more is not kept
                self._read_s.pop(old)
                self._days.pop(old, None)
        days = self._days.get(person)
        return None if days is None or days[-1].day != today else MoodWeek(days, name)

    def _take(self) -> None:
        if self._reading is None or not self._reading.done():
            return
        done, whose, self._reading = self._reading, self._reading_whose, None
        error = done.exception()
        if error is None:
            self._days[whose] = done.result()
        else:
            self._days.pop(whose, None)
            if not isinstance(error, MirrorError):
                self._node.get_logger().error(f"The mood log could not be read for the window ({error!r}).")

    def _forget(self) -> None:
        self._days.clear()
        self._read_s.clear()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    # ---- whether moods are kept

    def _look(self) -> None:
        now_s = self._clock()
        if now_s < self._next_ask_s:
            return
        self._next_ask_s = now_s + ASK_S
        if self._client.service_is_ready():
            names = ["log", "database_url"]
            self._client.call_async(GetParameters.Request(names=names)).add_done_callback(self._on_answer)
        else:
            self._learn(is_kept=False)

    def _on_answer(self, answered: Any) -> None:
        answer = answered.result() if answered.exception() is None else None
        values = [] if answer is None else [parameter_value_to_python(value) for value in answer.values]
        if len(values) == 2:
            self._learn(is_kept=values[0] is True, url=values[1] or "")

    def _on_event(self, event: ParameterEvent) -> None:
        if event.node != self._log_node:
            return
        for parameter in (*event.new_parameters, *event.changed_parameters):
            if parameter.name == "log":
                self._learn(is_kept=parameter.value.bool_value)
            elif parameter.name == "database_url":
                self._learn(is_kept=self._is_kept, url=parameter.value.string_value)

    def _learn(self, *, is_kept: bool, url: str | None = None) -> None:
        place = self._url if url is None else url
        if (is_kept, place) != (self._is_kept, self._url):
            self._is_kept, self._url = is_kept, place
            self._forget()
