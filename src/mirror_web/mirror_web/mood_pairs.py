"""Which two periods the Mood page compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from mirror_core.errors import UsageError
from mirror_mood.log.buckets import day_starts, zone_named
from mirror_web.mood_choice import Period
from mirror_web.mood_texts import TEXTS

__all__ = ["OWN_FIELDS", "Pair", "PairChoice", "local_day", "month_of", "next_month", "own_start", "pair"]

OWN_FIELDS = ("first_from", "first_to", "second_from", "second_to")


class PairChoice(StrEnum):
    """What is compared with what."""

    WEEK = "week"
    TODAY = "today"
    MONTH = "month"
    SHOWN = "shown"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two periods, the later one second, and what they are called."""

    first: Period
    second: Period
    names: tuple[str, str]


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, next_month(first) - timedelta(1)


def next_month(first: date, months: int = 1) -> date:
    """The first day of the month so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def local_day(time_s: float, zone: str) -> date:
    """The day on which a moment is."""
    return datetime.fromtimestamp(time_s, UTC).astimezone(zone_named(zone)).date()


def _days(first: date, last: date, zone: str) -> Period:
    if last < first:
        raise UsageError(TEXTS["bad_period"])
    times = day_starts(first, last, zone_named(zone))
    return int(times[0]), int(times[-1])


def pair(choice: PairChoice, now_s: float, shown: Period, own: Mapping[str, date], zone: str) -> Pair:
    """The periods of a choice.

    Args:
        choice: what is compared.
        now_s: the present moment, UTC epoch seconds.
        shown: the period that the page shows.
        own: for PairChoice.OWN, the first and last day of both, by OWN_FIELDS.
        zone: time zone of the days.

    Raises:
        UsageError: if a period of one's own ends before it begins.
    """
    today = local_day(now_s, zone)
    if choice is PairChoice.TODAY:
        yesterday = today - timedelta(1)
        names = (TEXTS["yesterday"], TEXTS["today"])
        return Pair(_days(yesterday, yesterday, zone), _days(today, today, zone), names)
    if choice is PairChoice.WEEK:
        monday = today - timedelta(today.weekday())
        last = _days(monday - timedelta(7), monday - timedelta(1), zone)
        return Pair(
            last, _days(monday, monday + timedelta(6), zone), (TEXTS["last_week"], TEXTS["this_week"])
        )
    if choice is PairChoice.MONTH:
        this = month_of(today)
        last = _days(*month_of(next_month(this[0], -1)), zone)
        return Pair(last, _days(*this, zone), (TEXTS["last_month"], TEXTS["this_month"]))
    if choice is PairChoice.SHOWN:
        start_s, end_s = shown
        before = (max(2 * start_s - end_s, 0), start_s)
        return Pair(before, shown, (TEXTS["period_before"], TEXTS["shown_period"]))
    days = [own[name] for name in OWN_FIELDS]
    names = (TEXTS["first_period"], TEXTS["second_period"])
    return Pair(_days(days[0], days[1], zone), _days(days[2], days[3], zone), names)


def own_start(now_s: float, zone: str) -> dict[str, date]:
    """The days with which somebody begins to choose: this week so far, and the same days of the last one."""
    today = local_day(now_s, zone)
    monday = today - timedelta(today.weekday())
    week = timedelta(7)
    return dict(zip(OWN_FIELDS, (monday - week, today - week, monday, today), strict=True))
