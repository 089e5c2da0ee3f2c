"""Every sentence of the Mood page, and what periods, durations, days and differences are in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime

from mirror_core.moods import MoodLabel
from mirror_mood.log.answers import Comparison, Day, Total
from mirror_mood.log.buckets import zone_named

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

TEXTS: Mapping[str, str] = {
    # ---- now
    "now": "Now",
    "now_label": "The moods of the last minute as lines",
    "now_person": "{name}: {mood}",
    "now_nobody": "Nobody stands before the mirror.",
    "now_silent": "No moods come from the mirror at the moment.",
    "somebody": "Somebody",
    "somebody_number": "Person {number}",
    "unsure": "unsure",
    # ---- over time
    "over_time": "Over time",
    "view_moods": "Moods",
    "view_feeling": "Valence and arousal",
    "view_group": "What is drawn",
    "valence": "Valence",
    "arousal": "Arousal",
    "pleasant": "pleasant",
    "unpleasant": "unpleasant",
    "excited": "excited",
    "calm": "calm",
    "scales": "Length of time",
    "earlier": "Earlier",
    "later": "Later",
    "from": "From",
    "to": "To",
    "person": "Person",
    "everyone": "Everybody",
    "unknown_people": "Everybody unknown",
    "no_name": "Somebody with a stored face",
    "mirror": "Mirror",
    "all_mirrors": "All mirrors",
    "points": "Points at most",
    "drag_hint": "Drag across the picture to look at a part of it.",
    "chart_label": "{summary} The numbers stand in the table below the picture.",
    "numbers": "The numbers as a table",
    "numbers_cut": "The table has the newest {count} rows; the CSV file has all of them.",
    "time": "Time",
    "seen": "Seen",
    "save_shown": "Save what is shown",
    "save_rows": "Save every second",
    "save_hint": "Both are CSV files: the first has a row for each point of the picture, the second one for "
    "each second of each person in this period.",
    # ---- states
    "loading": "Reading the mood log …",
    "nothing_here": "Nobody was seen in this period.",
    "nothing_yet": "The mood log is still empty; it fills while somebody stands before the mirror.",
    "unreadable": "The mood log cannot be read, and the page goes on trying: {error}",
    "refused": "This cannot be shown: {error}",
    "on": "The mood log is on: a row a second and person is kept, no picture.",
    "off": "The mood log is switched off, so nothing new is kept (parameter log of the node mood_log).",
    "off_empty": "No moods are kept: the mood log is switched off (parameter log of the node mood_log).",
    "no_log": "No moods are kept, and the mood log does not answer; it runs with the graphs full and mood.",
    "switch_on": "Switch it on",
    "switch_off": "Stop keeping moods",
    "offline": "The connection to the mirror is lost; what you see is how it was before.",
    # ---- calendar
    "calendar": "Calendar",
    "month_before": "The month before",
    "month_after": "The month after",
    "calendar_hint": "A day has the colour of its mood, the stronger the surer the mirror was; "
    "press one to see it.",
    # ---- comparison
    "compare": "Compare",
    "compare_what": "What with what",
    "compare_today": "Today with yesterday",
    "compare_week": "This week with last week",
    "compare_month": "This month with last month",
    "compare_shown": "What is shown with the time before",
    "compare_own": "Two periods of your own",
    "first_from": "First from",
    "first_to": "First to",
    "second_from": "Second from",
    "second_to": "Second to",
    "mood": "Mood",
    "difference": "Difference",
    "today": "Today",
    "yesterday": "Yesterday",
    "this_week": "This week",
    "last_week": "Last week",
    "this_month": "This month",
    "last_month": "Last month",
    "shown_period": "Shown",
    "period_before": "Before",
    "first_period": "First",
    "second_period": "Second",
    "compare_label": "Valence of both periods as two lines, each from its beginning on",
    "nobody_in": "Nobody was seen: {period}.",
    "alike": "Both are much alike.",
    "bad_period": "A period has to end after it begins.",
}

SCALE_NAMES: Mapping[str, str] = {
    "minute": "1 min",
    "ten_minutes": "10 min",
    "hour": "1 h",
    "six_hours": "6 h",
    "day": "Day",
    "week": "Week",
    "two_weeks": "2 weeks",
    "month": "Month",
    "year": "Year",
    "all": "All",
}
MOOD_NAMES: Mapping[MoodLabel, str] = {
    MoodLabel.ANGRY: "Angry",
    MoodLabel.DISGUST: "Disgusted",
    MoodLabel.FEAR: "Afraid",
    MoodLabel.HAPPY: "Happy",
    MoodLabel.SAD: "Sad",
    MoodLabel.SURPRISE: "Surprised",
    MoodLabel.NEUTRAL: "Neutral",
}
_UNITS = ((7 * 86400, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
WORTH_SAYING = 0.02  # a smaller difference of a mood's share is none
WORTH_SAYING_FEELING = 0.05  # the same of valence and arousal
MOST_MOODS_SAID = 3


def mood_words(mood: MoodLabel) -> str:
    """A mood within a sentence: "happy"."""
    return MOOD_NAMES[mood].lower()


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
    article = "an" if unit == "hour" else "a"
    return f"{article} {unit}" if count == 1 else f"{count} {unit}s"


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
        return f"{start.day} {start:%B %Y}, {start:%H:%M} – {end:%H:%M}"
    year = "" if start.year == end.year else f" {start:%Y}"
    return f"{start.day} {start:%B}{year}, {start:%H:%M} – {end.day} {end:%B %Y}, {end:%H:%M}"


def _days_words(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{first.day} {first:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {last.day} {last:%B %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"


def summary_words(total: Total, bucket_s: int) -> str:
    """What the curves show, in one or two sentences."""
    if total.dominant is None:
        return TEXTS["nothing_here"]
    share = percent_words(float(total.means[total.dominant]))
    return (
        f"Mostly {mood_words(total.dominant)} ({share}). Seen for {duration_words(total.count)}, "
        f"a point is {points_words(bucket_s)}."
    )


def day_words(day: Day) -> str:
    """A day of the calendar: "Tuesday 3 March: mostly happy (46 %), seen for 2 h 5 min"."""
    name = f"{day.day:%A} {day.day.day} {day.day:%B}"
    if day.dominant is None:
        return f"{name}: nobody was seen"
    share = percent_words(float(day.total.means[day.dominant]))
    seen = duration_words(day.total.count)
    return f"{name}: mostly {mood_words(day.dominant)} ({share}), seen for {seen}"


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
        return tuple(TEXTS["nobody_in"].format(period=name.lower()) for name in missing)
    lines = []
    dominant = [total.dominant for total in (found.first, found.second) if total.dominant is not None]
    if dominant[0] is not dominant[1]:
        before, after = mood_words(dominant[0]), mood_words(dominant[1])
        lines.append(f"{second} was mostly {after}, {first.lower()} mostly {before}.")
    order = sorted(MoodLabel, key=lambda mood: -abs(float(found.difference[mood])))
    changed = [mood for mood in order if abs(float(found.difference[mood])) >= WORTH_SAYING]
    for sign, word in ((1, "More"), (-1, "Less")):
        theirs = [mood for mood in changed[:MOST_MOODS_SAID] if sign * found.difference[mood] > 0]
        if theirs:
            parts = [
                f"{mood_words(mood)} ({percent_words(float(found.second.means[mood]))} instead of "
                f"{percent_words(float(found.first.means[mood]))})"
                for mood in theirs
            ]
            lines.append(f"{word} {' and '.join(parts)}.")
    lines += _feeling_lines(found)
    return tuple(lines) or (TEXTS["alike"],)


def _feeling_lines(found: Comparison) -> list[str]:
    words = (
        (found.valence_difference, found.first.valence, found.second.valence, "pleasant", "valence"),
        (found.arousal_difference, found.first.arousal, found.second.arousal, "excited", "arousal"),
    )
    return [
        f"{'More' if difference > 0 else 'Less'} {word} on the whole ({name} {_signed(after)} "
        f"instead of {_signed(before)})."
        for difference, before, after, word, name in words
        if abs(difference) >= WORTH_SAYING_FEELING
    ]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def month_words(day: date) -> str:
    """A month: "March 2026"."""
    return f"{day:%B %Y}"
