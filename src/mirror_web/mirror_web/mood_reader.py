"""The mood log as the page reads it: opened when it is there, each question answered once for all."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from datetime import date
from typing import Any, TypeVar

from mirror_core.errors import StoreError
from mirror_mood.log.answers import Comparison, Day, LogState, Presence, Series
from mirror_mood.log.queries import MoodQueries
from mirror_mood.log.rows import MoodRow
from mirror_web.mood_choice import Period, Whose

__all__ = ["MoodReader"]

Answer = TypeVar("Answer")

STATE_S = 0.4  # for so long the log's state is not asked for again, however many browsers look
KEPT = 200  # answers that are remembered


class MoodReader:
    """Asks a mood log; any number of threads may use one.

    Args:
        open_log: opens the log; it raises a `StoreError` where there is none.
        clock: monotonic seconds.

    All methods but `close` raise what `MoodQueries` raises. After an error the log is opened anew at the
    next question.
    """

    def __init__(
        self,
        open_log: Callable[[], MoodQueries] = MoodQueries,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_log = open_log
        self._clock = clock
        self._lock = threading.Lock()  # guards all below
        self._opening = threading.Lock()
        self._log: MoodQueries | None = None
        self._state: tuple[float, LogState] | None = None
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def close(self) -> None:
        """Let go of the log; the next question opens it again."""
        with self._lock:
            log, self._log, self._state = self._log, None, None
            self._answers.clear()
        if log is not None:
            log.close()

    def state(self) -> LogState:
        """The change counter and the first and latest second."""
        with self._lock:
            known = self._state
        if known is not None and self._clock() - known[0] < STATE_S:
            return known[1]
        state = self._use(lambda log: log.state())
        with self._lock:
            self._state = (self._clock(), state)
        return state

    def people(self) -> tuple[Presence, ...]:
        """See `MoodQueries`."""
        return self._remembered(("people",), lambda log: log.people())

    def mirrors(self) -> tuple[Presence, ...]:
        """See `MoodQueries`."""
        return self._remembered(("mirrors",), lambda log: log.mirrors())

    def series(self, period: Period, points: int, whose: Whose, zone: str) -> Series:
        """See `MoodQueries`."""
        person, mirror = whose
        return self._remembered(
            ("series", period, points, whose, zone),
            lambda log: log.series(*period, points=points, person=person, mirror=mirror, zone=zone),
        )

    def compare(self, first: Period, second: Period, points: int, whose: Whose, zone: str) -> Comparison:
        """See `MoodQueries`."""
        person, mirror = whose
        return self._remembered(
            ("compare", first, second, points, whose, zone),
            lambda log: log.compare(first, second, points=points, person=person, mirror=mirror, zone=zone),
        )

    def calendar(self, first: date, last: date, whose: Whose, zone: str) -> tuple[Day, ...]:
        """See `MoodQueries`."""
        person, mirror = whose
        return self._remembered(
            ("calendar", first, last, whose, zone),
            lambda log: log.calendar(first, last, person=person, mirror=mirror, zone=zone),
        )

    def rows(self, period: Period, whose: Whose) -> Iterator[MoodRow]:
        """See `MoodQueries`; each call reads anew."""
        person, mirror = whose
        return self._use(lambda log: log.rows(*period, person=person, mirror=mirror))

    # ---- asking

    def _remembered(self, question: Hashable, ask: Callable[[MoodQueries], Answer]) -> Answer:
        """The answer for the log's present revision; whoever asks the same meanwhile waits for it."""
        key = (self.state().revision, question)
        with self._lock:
            answer = self._answers.get(key)
            is_mine = answer is None
            if answer is None:
                answer = self._answers[key] = Future()
                if len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
            else:
                self._answers.move_to_end(key)
        if is_mine:
            try:
                answer.set_result(self._use(ask))
            except BaseException as error:
                with self._lock:
                    self._answers.pop(key, None)
                answer.set_exception(error)
        found: Answer = answer.result()
        return found

    def _use(self, ask: Callable[[MoodQueries], Answer]) -> Answer:
        with self._opening:
            if self._log is None:
                self._log = self._open_log()
            log = self._log
        try:
            return ask(log)
        except StoreError:
            self.close()
            raise
