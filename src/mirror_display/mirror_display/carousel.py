"""The choice of an effect: names pass by, and who stays with one, or nods, has chosen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Carousel", "CarouselView"]

TURN_S = 0.28  # in which a name moves to the middle
STEPS = 24  # in which it moves, and in which the time to stay fills


@dataclass(frozen=True, slots=True)
class CarouselView:
    """What is shown of the choice; two equal ones look the same.

    Attributes:
        names: of the effects around the middle one: two before it, itself, two after it.
        offset: by how many places the names still stand beside their own, −1 … 1; positive to the right.
        stayed: 0 … 1, how much of the time to stay has passed.
    """

    names: tuple[str, ...]
    offset: float = 0.0
    stayed: float = 0.0


class Carousel:
    """The effects in a ring, of which one is in the middle while the carousel is open. Times are monotonic.

    Attributes:
        stay_s: who stays so long with an effect has chosen it.
    """

    def __init__(self, stay_s: float = 1.2) -> None:
        self.stay_s = stay_s
        self._names: tuple[str, ...] = ()
        self._shown = ""
        self._place: int | None = None
        self._moved_s = 0.0
        self._from = 0.0

    @property
    def is_open(self) -> bool:
        """Whether somebody is choosing."""
        return self._place is not None

    @property
    def has_effects(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self._names)

    def set_effects(self, names: Sequence[str], shown: str) -> None:
        """Take which effects there are, and which one is shown; another list closes the carousel."""
        if tuple(names) != self._names:
            self._names, self._place = tuple(names), None
        self._shown = shown

    def step(self, step: int, now_s: float) -> None:
        """Move on by `step`, from the effect that is shown where the carousel was closed."""
        if not self._names:
            return
        if self._place is None:
            self._place = self._names.index(self._shown) if self._shown in self._names else 0
            self._from = 0.0
        else:
            self._from = self._offset(now_s)
        self._place = (self._place + step) % len(self._names)
        self._from = max(min(self._from + step, 1.0), -1.0)
        self._moved_s = now_s

    def choose(self) -> str | None:
        """Take the effect in the middle and close; None where the carousel is closed."""
        if self._place is None:
            return None
        chosen, self._place = self._names[self._place], None
        return chosen

    def close(self) -> None:
        """Leave everything as it is."""
        self._place = None

    def stayed_with(self, now_s: float) -> str | None:
        """The effect with which somebody has stayed long enough, once; the carousel then closes."""
        return self.choose() if self.is_open and now_s - self._moved_s >= self.stay_s else None

    def look(self, now_s: float, reduced_motion: bool = False) -> CarouselView | None:
        """What is shown now, None while the carousel is closed."""
        if self._place is None:
            return None
        count = len(self._names)
        around = tuple(self._names[(self._place + step) % count] for step in range(-2, 3))
        stayed = min(max((now_s - self._moved_s) / self.stay_s, 0.0), 1.0) if self.stay_s else 1.0
        offset = 0.0 if reduced_motion else self._offset(now_s)
        return CarouselView(around, round(offset * STEPS) / STEPS, round(stayed * STEPS) / STEPS)

    def _offset(self, now_s: float) -> float:
        left = 1.0 - min(max((now_s - self._moved_s) / TURN_S, 0.0), 1.0)
        return self._from * left**3
