"""The privacy light: whether the camera runs, its shutter is closed, or neither is known."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Light", "PrivacyLight"]

PICTURE_S = 1.5  # a picture of the camera that is no older shows that it runs


class Light(StrEnum):
    """What stands in the corner of the window."""

    ON = "on"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class PrivacyLight:
    """Errs on the side of saying that the camera runs: each of two signs of that is enough.

    Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._is_on: bool | None = None
        self._picture_s = float("-inf")

    def tell(self, is_on: bool | None) -> None:
        """Take what the camera node says of itself; None where it has not answered."""
        if is_on is False and self._is_on is not False:
            self._picture_s = float("-inf")  # the last picture before the shutter closed proves nothing
        self._is_on = is_on

    def see_picture(self, now_s: float) -> None:
        """A picture that the camera took has come."""
        self._picture_s = now_s

    def look(self, now_s: float) -> Light:
        """The light now."""
        if self._is_on or now_s - self._picture_s < PICTURE_S:
            return Light.ON
        return Light.CLOSED if self._is_on is False else Light.UNKNOWN
