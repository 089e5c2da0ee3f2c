"""What a person has agreed to, and until when it holds; times are UTC and know that they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from mirror_core.errors import UsageError

__all__ = ["Clock", "Consent", "Scope", "as_utc", "utc_now"]

Clock = Callable[[], datetime]
"""Returns the present moment with a time zone; tests hand in their own."""


class Scope(Enum):
    """How long a face may be kept; the values stand in files and in the database."""

    THIS_VISIT = "this_visit"
    UNTIL_DATE = "until_date"
    UNTIL_REVOKED = "until_revoked"


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def as_utc(moment: datetime, what: str) -> datetime:
    """The same moment in UTC.

    Args:
        moment: with a time zone.
        what: names it in the error, e.g. "Consent.until".

    Raises:
        UsageError: if it has no time zone, or lies where UTC has no year for it.
    """
    if moment.utcoffset() is None:
        raise UsageError(f"{what} must be a moment with a time zone, but {moment.isoformat()} has none.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise UsageError(
            f"{what} must lie in the years 1 to 9999 in UTC, not {moment.isoformat()}."
        ) from None


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's consent to keep their face.

    A consent whose date has passed is still a valid object: stored ones have to be read to be found expired.
    Whoever takes a new one calls `require_current`.

    Attributes:
        scope: how long the face may be kept.
        until: with `Scope.UNTIL_DATE` the first moment at which the face must be gone, in UTC (any
            other time zone is converted); None with the other scopes.
        others_may_wear: other people may wear this face.
        recognise: the mirror may recognise this person and keep a neutral baseline for moods.

    Raises:
        UsageError: if scope and date do not go together, or the date has no time zone.
    """

    scope: Scope
    until: datetime | None = None
    others_may_wear: bool = False
    recognise: bool = False

    def __post_init__(self) -> None:
        if self.scope is Scope.UNTIL_DATE:
            if self.until is None:
                raise UsageError("A consent until a date needs that date.")
            object.__setattr__(self, "until", as_utc(self.until, "The date of a consent"))
        elif self.until is not None:
            words = self.scope.value.replace("_", " ")
            raise UsageError(f"Only a consent until a date has a date; this one is for {words!r}.")

    def has_expired(self, now: datetime) -> bool:
        """Whether its date has come at `now`; a visit ends by `FaceStore.end_visits` instead."""
        return self.until is not None and now >= self.until

    def require_current(self, now: datetime) -> None:
        """Check a consent that is given at `now`.

        Raises:
            UsageError: if its date is not in the future.
        """
        if self.has_expired(now):
            assert self.until is not None
            raise UsageError(
                f"A consent must last into the future, but {self.until:%Y-%m-%d %H:%M} UTC has passed; "
                "choose a later date."
            )
