"""How long ago a face was stored, and on which day, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

__all__ = ["age_words", "date_words", "nobody_words"]

TODAY = "then_and_now"
DAYS_UP_TO, WEEKS_UP_TO, MONTHS_UP_TO = 13, 62, 730  # days up to which an age is said in each
DAYS_A_MONTH, DAYS_A_YEAR = 30.44, 365.25


def age_words(texts: Mapping[str, str], then: datetime, now: datetime) -> str:
    """How long ago: "yesterday", "7 weeks ago"; by calendar days of the local time.

    Args:
        texts: of `effect_texts`.
        then, now: moments with a time zone.
    """
    days = (now.astimezone().date() - then.astimezone().date()).days
    if days < 1:
        return texts[f"{TODAY}.today_stored"]
    if days == 1:
        return texts[f"{TODAY}.day"]
    if days <= DAYS_UP_TO:
        return texts[f"{TODAY}.days"].format(count=days)
    if days <= WEEKS_UP_TO:
        return texts[f"{TODAY}.weeks"].format(count=round(days / 7))
    if days <= MONTHS_UP_TO:
        return texts[f"{TODAY}.months_ago"].format(count=round(days / DAYS_A_MONTH))
    return texts[f"{TODAY}.years"].format(count=round(days / DAYS_A_YEAR))


def date_words(texts: Mapping[str, str], moment: datetime) -> str:
    """The day of a moment in local time: "5 March 2027"."""
    day = moment.astimezone().date()
    month = texts[f"{TODAY}.months.{day.month}"]
    return texts[f"{TODAY}.date"].format(day=day.day, month=month, year=day.year)


def nobody_words(texts: Mapping[str, str], least_days: float) -> str:
    """The sentence where nobody has a stored face that is old enough."""
    age = texts[f"{TODAY}.age_days"].format(count=f"{least_days:g}")
    if least_days <= 0:
        age = texts[f"{TODAY}.age_none"]
    elif least_days == 1:
        age = texts[f"{TODAY}.age_day"]
    return texts[f"{TODAY}.nobody"].format(age=age)
