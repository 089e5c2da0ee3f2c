"""The sentences of the Mood page, and what periods, durations, days and differences are in words."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

from mirror_core.moods import MoodLabel
from mirror_mood.log.answers import Comparison, Day, Total
from mirror_mood.log.buckets import zone_named
from mirror_web.calendar_words import date_words, month_name, weekday_name
from mirror_web.catalogue import Texts

__all__ = [
    "MOOD_NAMES",
    "SCALE_NAMES",
    "TEXTS",
    "day_words",
    "difference_words",
    "duration_words",
    "month_words",
    "mood_words",
    "percent_words",
    "period_words",
    "points_words",
    "signed_points",
    "summary_words",
]

TEXTS = Texts("mood")
SCALE_NAMES = Texts("mood_scales")  # by the keys of mood_choice.SCALES
MOOD_NAMES = Texts("mood_names")  # by MoodLabel.word
_BUCKETS = Texts("mood_buckets")
_TIME = Texts("time")
_UNITS = ((7 * 86400, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
WORTH_SAYING = 0.02  # a smaller difference of a mood's share is none
WORTH_SAYING_FEELING = 0.05  # the same of valence and arousal
MOST_MOODS_SAID = 3


def mood_words(mood: MoodLabel) -> str:
    """A mood within a sentence: "happy"."""
    return MOOD_NAMES[mood.word].lower()


def percent_words(share: float) -> str:
    """A share: "46 %", "–" where there is none."""
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"


def signed_points(difference: float) -> str:
    """A difference of shares in percentage points with its sign: "+8", "−3", "0"."""
    if math.isnan(difference):
        return "–"
    points = round(100 * difference)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)}"


def duration_words(seconds: int) -> str:
    """How long somebody was seen: "2 h 5 min", "40 s"."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest and hours < 24 else f"{hours} h"


def points_words(bucket_s: int) -> str:
    """How much time a point of the curves stands for: "10 minutes", "an hour"."""
    length_s, unit = next((length_s, unit) for length_s, unit in _UNITS if bucket_s % length_s == 0)
    count = bucket_s // length_s
    return _BUCKETS[unit if count == 1 else f"{unit}s"].format(count=count)


def _local(time_s: int, zone: str) -> datetime:
    return datetime.fromtimestamp(time_s, UTC).astimezone(zone_named(zone))


def period_words(start_s: int, end_s: int, zone: str) -> str:
    """A period: "2 – 9 March 2026", "9 March 2026, 14:00 – 15:00", "9 March 2026"."""
    start, end = _local(start_s, zone), _local(end_s, zone)
    midnights = (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
    if midnights:
        last = _local(end_s - 1, zone)
        return _days_words(start, last)
    if start.date() == end.date():
        return f"{date_words(start)}, {start:%H:%M} – {end:%H:%M}"
    first = _day_of_month(start) if start.year == end.year else date_words(start)
    return f"{first}, {start:%H:%M} – {date_words(end)}, {end:%H:%M}"


def _day_of_month(day: date) -> str:
    return _TIME["day_of_month"].format(day=day.day, month=month_name(day))


def _days_words(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return date_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return _TIME["days_of_month"].format(
            first=first.day, last=last.day, month=month_name(last), year=last.year
        )
    if first.year == last.year:
        return f"{_day_of_month(first)} – {date_words(last)}"
    return f"{date_words(first)} – {date_words(last)}"


def summary_words(total: Total, bucket_s: int) -> str:
    """What the curves show, in one or two sentences."""
    if total.dominant is None:
        return TEXTS["nothing_here"]
    share = percent_words(float(total.means[total.dominant]))
    return TEXTS["summary"].format(
        mood=mood_words(total.dominant),
        share=share,
        duration=duration_words(total.count),
        bucket=points_words(bucket_s),
    )


def day_words(day: Day) -> str:
    """A day of the calendar: "Tuesday 3 March: mostly happy (46 %), seen for 2 h 5 min"."""
    name = _TIME["day_of_week"].format(
        weekday=weekday_name(day.day), day=day.day.day, month=month_name(day.day)
    )
    if day.dominant is None:
        return TEXTS["day_empty"].format(day=name)
    share = percent_words(float(day.total.means[day.dominant]))
    seen = duration_words(day.total.count)
    return TEXTS["day"].format(day=name, mood=mood_words(day.dominant), share=share, duration=seen)


def difference_words(found: Comparison, first: str, second: str) -> tuple[str, ...]:
    """How the second period differs from the first, a sentence each.

    Args:
        found: the answer.
        first, second: what the periods are called.
    """
    missing = [
        name for name, total in ((first, found.first), (second, found.second)) if total.dominant is None
    ]
    if missing:
        return tuple(TEXTS["nobody_in"].format(period=_within(name)) for name in missing)
    lines = []
    dominant = [total.dominant for total in (found.first, found.second) if total.dominant is not None]
    if dominant[0] is not dominant[1]:
        before, after = mood_words(dominant[0]), mood_words(dominant[1])
        lines.append(
            TEXTS["dominant_changed"].format(second=second, first=_within(first), before=before, after=after)
        )
    order = sorted(MoodLabel, key=lambda mood: -abs(float(found.difference[mood])))
    changed = [mood for mood in order if abs(float(found.difference[mood])) >= WORTH_SAYING]
    for sign, key in ((1, "more"), (-1, "less")):
        theirs = [mood for mood in changed[:MOST_MOODS_SAID] if sign * found.difference[mood] > 0]
        if theirs:
            parts = [
                TEXTS["mood_change"].format(
                    mood=mood_words(mood),
                    before=percent_words(float(found.first.means[mood])),
                    after=percent_words(float(found.second.means[mood])),
                )
                for mood in theirs
            ]
            lines.append(TEXTS[key].format(moods=TEXTS["and"].join(parts)))
    lines += _feeling_lines(found)
    return tuple(lines) or (TEXTS["alike"],)


def _feeling_lines(found: Comparison) -> list[str]:
    words = (
        (found.valence_difference, found.first.valence, found.second.valence, "pleasant", "valence"),
        (found.arousal_difference, found.first.arousal, found.second.arousal, "excited", "arousal"),
    )
    return [
        TEXTS["more_feeling" if difference > 0 else "less_feeling"].format(
            feeling=TEXTS[word], name=_named(name), before=_signed(before), after=_signed(after)
        )
        for difference, before, after, word, name in words
        if abs(difference) >= WORTH_SAYING_FEELING
    ]


def _named(name: str) -> str:
    """Valence or arousal within a sentence; German writes nouns with a capital there too."""
    return TEXTS[f"{name}_within"]


def _within(name: str) -> str:
    """A period's name within a sentence: "Last week" → "last week"."""
    return name[:1].lower() + name[1:]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def month_words(day: date) -> str:
    """A month: "March 2026"."""
    return _TIME["month_of_year"].format(month=month_name(day), year=day.year)
