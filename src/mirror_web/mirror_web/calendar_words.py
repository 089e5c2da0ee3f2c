"""Days, months and weekdays in words."""

from __future__ import annotations

from datetime import date

from mirror_web.catalogue import Texts

__all__ = ["date_words", "month_name", "short_date_words", "weekday_name"]

_TEXTS = Texts("time")
_MONTHS, _SHORT_MONTHS = Texts("time.months"), Texts("time.short_months")
_WEEKDAYS = Texts("time.weekdays")


def month_name(day: date) -> str:
    """The month of a day: "March"."""
    return _MONTHS[str(day.month)]


def weekday_name(day: date) -> str:
    """The weekday of a day: "Tuesday"."""
    return _WEEKDAYS[str(day.isoweekday())]


def date_words(day: date) -> str:
    """A day: "5 March 2027"."""
    return _TEXTS["date"].format(day=day.day, month=month_name(day), year=day.year)


def short_date_words(day: date) -> str:
    """A day with a short month: "5 Mar 2027"."""
    month = _SHORT_MONTHS[str(day.month)]
    return _TEXTS["date"].format(day=day.day, month=month, year=day.year)
