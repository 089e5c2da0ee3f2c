"""A stored face of somebody before the mirror, its day, and which of several faces is to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mirror_core.errors import ShapeError
from mirror_gallery.portrait import Portrait

__all__ = ["StoredFace", "nearest_in_time"]

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class StoredFace:
    """One stored face.

    Attributes:
        portrait: the face.
        created: when it was stored first, with a time zone.
    """

    portrait: Portrait
    created: datetime

    def __post_init__(self) -> None:
        if self.created.utcoffset() is None:
            raise ShapeError(f"StoredFace.created must have a time zone, but {self.created} has none.")


def nearest_in_time(
    faces: Iterable[StoredFace], now: datetime, days: float, least_days: float
) -> StoredFace | None:
    """The face whose age is nearest to `days`, of those at least `least_days` old; None without one."""
    old = [face for face in faces if now - face.created >= least_days * DAY]
    return min(old, key=lambda face: abs((now - face.created) - days * DAY), default=None)
