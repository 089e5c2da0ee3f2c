"""Moods as the Mood page sees them: `MoodsControl` over the topic of moods and the log node's parameters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.node import Node

from mirror_mood.log.queries import MoodQueries
from mirror_web.mood_control import no_mood_log
from mirror_web.mood_live import LiveMoods
from mirror_web.mood_reader import MoodReader

__all__ = ["MoodView"]

ANSWER_S = 3.0
KNOWN_S = 1.0  # for so long the log's parameters are not asked for again, however many browsers look
LOG, DATABASE = "log", "database_url"


class MoodView:
    """Implements `mirror_web.mood_control.MoodsControl`.

    Args:
        node: the owner; its executor must spin.
        clock: monotonic seconds.
    """

    def __init__(self, node: Node, clock: Callable[[], float] = time.monotonic) -> None:
        self._node = node
        self._clock = clock
        self.live = LiveMoods()
        self.log = MoodReader(self._open_log)
        self._lock = threading.Lock()  # guards the two below
        self._asked_s = float("-inf")
        self._is_on: bool | None = None
        self._get = node.create_client(GetParameters, "mood_log/get_parameters")
        self._set = node.create_client(SetParameters, "mood_log/set_parameters")

    def close(self) -> None:
        """Release everything; call it in the owner's thread."""
        self._node.destroy_client(self._get)
        self._node.destroy_client(self._set)
        self.log.close()

    def now_s(self) -> float:
        """See `MoodsControl`."""
        return time.time()

    def log_is_on(self) -> bool | None:
        """See `MoodsControl`."""
        with self._lock:
            if self._clock() - self._asked_s >= KNOWN_S:
                values = self._values(LOG)
                self._is_on = values[0].bool_value if values else None
                self._asked_s = self._clock()
            return self._is_on

    def switch_log(self, on: bool) -> str | None:
        """See `MoodsControl`."""
        value = ParameterValue(type=ParameterType.PARAMETER_BOOL, bool_value=on)
        answer = self._ask(self._set, SetParameters.Request(parameters=[Parameter(name=LOG, value=value)]))
        with self._lock:
            self._asked_s = float("-inf")
        if answer is None or not answer.results:
            return no_mood_log()
        return None if answer.results[0].successful else str(answer.results[0].reason)

    def erase_log(self) -> int:
        """See `MoodsControl`."""
        from mirror_web.mood_erasure import (
            erase_log,  # brings the store along, which the start need not wait for
        )

        return erase_log(self._log_url())

    def _open_log(self) -> MoodQueries:
        return MoodQueries(self._log_url())

    def _log_url(self) -> str:
        """Where the log's node writes; empty, for the default place, where that node does not answer."""
        values = self._values(DATABASE)
        is_text = bool(values) and values[0].type == ParameterType.PARAMETER_STRING
        return values[0].string_value if is_text else ""

    def _values(self, *names: str) -> list[Any]:
        answer = self._ask(self._get, GetParameters.Request(names=list(names)))
        return [] if answer is None else list(answer.values)

    @staticmethod
    def _ask(client: Any, request: Any) -> Any:
        if not client.service_is_ready():
            return None
        done = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: done.set())
        return future.result() if done.wait(ANSWER_S) else None
