"""What a browser has chosen to see of the mood log: period, points, person, mirror and view.

A choice travels in the page's address, so that it outlives a reload and can be kept as a bookmark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from mirror_core.errors import UsageError
from mirror_mood.log.answers import LogState
from mirror_mood.log.buckets import chosen_bucket, zone_named
from mirror_mood.log.queries import MOST_POINTS

__all__ = ["FIXED", "SCALES", "MoodChoice", "Period", "View", "Whose"]

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
Period = tuple[int, int]  # first second and the one after the last, UTC epoch seconds
Whose = tuple[str | None, str | None]  # person and mirror as of MoodChoice

ALL = "all"  # everything that the log has
FIXED = "fixed"  # a period that stays where it is
SCALES: Final[Mapping[str, int]] = {  # length in seconds of what ends now
    "minute": MINUTE_S,
    "ten_minutes": 10 * MINUTE_S,
    "hour": HOUR_S,
    "six_hours": 6 * HOUR_S,
    "day": DAY_S,
    "week": 7 * DAY_S,
    "two_weeks": 14 * DAY_S,
    "month": 30 * DAY_S,
    "year": 365 * DAY_S,
    ALL: 0,
}
DEFAULT_POINTS = 100  # more can hardly be told apart where somebody is seen a few times a day
LEAST_POINTS = 2
LEAST_PERIOD_S = 5


class View(StrEnum):
    """What is drawn over time."""

    MOODS = "moods"  # the seven moods' shares, one on the other
    FEELING = "feeling"  # valence and arousal


@dataclass(frozen=True, slots=True)
class MoodChoice:
    """What one browser shows.

    Attributes:
        scale: a key of SCALES, of what ends now, or FIXED.
        fixed: the period of FIXED.
        points: how many points the curves have at most.
        person: gallery id, "" for everybody who is not known, None for all.
        mirror: a mirror's id, None for all.
        view: what is drawn.
    """

    scale: str = "day"
    fixed: Period = (0, LEAST_PERIOD_S)
    points: int = DEFAULT_POINTS
    person: str | None = None
    mirror: str | None = None
    view: View = View.MOODS

    def __post_init__(self) -> None:
        if self.scale not in (*SCALES, FIXED):
            raise UsageError(f"scale = {self.scale!r} is refused: allowed are {', '.join((*SCALES, FIXED))}.")
        if not LEAST_POINTS <= self.points <= MOST_POINTS:
            raise UsageError(
                f"Points = {self.points} is refused: allowed are {LEAST_POINTS} … {MOST_POINTS}."
            )
        start_s, end_s = self.fixed
        if not 0 <= start_s <= end_s - LEAST_PERIOD_S:
            raise UsageError("The period has to end after it begins.")

    @property
    def whose(self) -> Whose:
        """Whose moods are shown."""
        return self.person, self.mirror

    @property
    def follows(self) -> bool:
        """Whether the period moves on with the time."""
        return self.scale != FIXED

    def period(self, state: LogState, now_s: float, zone: str = "") -> Period:
        """The period that is shown now.

        One that ends now ends at the end of the bucket (at most an hour) that has begun, so that it stays
        the same, and with it the answer, until there can be anything new.

        Args:
            state: of the log.
            now_s: the present moment, UTC epoch seconds.
            zone: time zone of local days.
        """
        if not self.follows:
            return self.fixed
        now = math.floor(now_s) + 1
        length_s = SCALES[self.scale]
        if self.scale == ALL:
            first_s = now - DAY_S if state.first_s is None else state.first_s
            length_s = max(now - first_s, MINUTE_S)
        bucket_s = chosen_bucket(now - length_s, now, self.points, zone_named(zone))
        step_s = min(bucket_s, HOUR_S)
        end_s = -(-now // step_s) * step_s
        start_s = end_s - length_s
        if self.scale == ALL:
            start_s = (now - length_s) // step_s * step_s
        return max(start_s, 0), end_s

    def between(self, start_s: int, end_s: int) -> MoodChoice:
        """The same of a period that stays where it is.

        Raises:
            UsageError: if it is none.
        """
        return replace(self, scale=FIXED, fixed=(start_s, end_s))

    def moved(self, period: Period, lengths: int, now_s: float) -> MoodChoice:
        """The same so many of the shown period's lengths later, but not later than now.

        Args:
            period: what is shown.
            lengths: negative for earlier.
            now_s: the present moment.
        """
        start_s, end_s = period
        step_s = lengths * (end_s - start_s)
        if lengths > 0:
            step_s = min(step_s, max(math.ceil(now_s) - end_s, 0))
        step_s = max(step_s, -start_s)
        return self.between(start_s + step_s, end_s + step_s)

    # ---- in an address

    def query(self) -> dict[str, str]:
        """The choice as the part of an address behind the question mark; without what is the default."""
        found = {"scale": self.scale}
        if not self.follows:
            found |= {"from": str(self.fixed[0]), "to": str(self.fixed[1])}
        if self.points != DEFAULT_POINTS:
            found["points"] = str(self.points)
        if self.person is not None:
            found["person"] = self.person
        if self.mirror is not None:
            found["mirror"] = self.mirror
        if self.view is not View.MOODS:
            found["view"] = str(self.view)
        return found

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> MoodChoice:
        """The choice of an address; what is missing or not allowed there is the default."""
        try:
            return cls(
                scale=query.get("scale", "day"),
                fixed=(int(query.get("from", "0")), int(query.get("to", str(LEAST_PERIOD_S)))),
                points=int(query.get("points", DEFAULT_POINTS)),
                person=query.get("person"),
                mirror=query.get("mirror"),
                view=View(query.get("view", View.MOODS)),
            )
        except (UsageError, ValueError):
            return cls()
