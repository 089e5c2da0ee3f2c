"""The link that opens the page on a phone, for as long as it is valid; it is never written anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["LinkView", "PhoneLink"]

STEPS = 60  # in which the bar of the remaining time shrinks


@dataclass(frozen=True, slots=True)
class LinkView:
    """What is shown of the link; two equal ones look the same.

    Attributes:
        url: the link, which does not appear when this is printed.
        left: 0 … 1, the share of the time that is left.
    """

    url: str = field(repr=False)
    left: float = 1.0


class PhoneLink:
    """Holds a link until it expires. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._url = ""
        self._from_s = self._until_s = 0.0

    def show(self, url: str, now_s: float, valid_s: float) -> None:
        """Show a link for `valid_s` seconds."""
        self._url, self._from_s, self._until_s = url, now_s, now_s + valid_s

    def close(self) -> None:
        """Forget the link."""
        self._url = ""

    def look(self, now_s: float) -> LinkView | None:
        """What is shown now; a link that has expired is forgotten."""
        if not self._url:
            return None
        left = (self._until_s - now_s) / max(self._until_s - self._from_s, 1e-9)
        if left <= 0:
            self.close()
            return None
        return LinkView(self._url, round(left * STEPS) / STEPS)
