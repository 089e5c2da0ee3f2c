"""What a widget is: a name, parameters, what it says now, and how that is drawn.

A widget is asked a few times a second what it says (`content`) and draws that only when it has changed;
what is drawn is kept and laid over every frame. It learns everything from `WidgetData`: it opens no file and
no connection. Those of any pip package are found in the entry-point group `mirror.widgets`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

import pygame

from mirror_core.errors import ShapeError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_core.parameters import NoParameters
from mirror_display.widgets.pen import Pen
from mirror_display.window_texts import WindowTexts, window_texts

__all__ = ["NEEDS", "MoodDay", "MoodWeek", "Widget", "WidgetData"]

NEEDS = frozenset({"people", "mood_week"})
"""What widgets can ask for in `needs`: who is there and may be called by name, the moods of a week."""


@dataclass(frozen=True, slots=True)
class MoodDay:
    """The moods of one day.

    Attributes:
        day: in local time.
        shares: mean probability of each mood in MoodLabel's order; empty where nobody was seen.
        valence: mean, −1 … 1; 0 where nobody was seen.
    """

    day: date
    shares: tuple[float, ...] = ()
    valence: float = 0.0

    def __post_init__(self) -> None:
        if len(self.shares) not in (0, MOOD_COUNT):
            raise ShapeError(f"MoodDay.shares must be {MOOD_COUNT} numbers or none, not {len(self.shares)}.")

    @property
    def dominant(self) -> MoodLabel | None:
        """The mood of the highest mean; None where nobody was seen."""
        return MoodLabel(self.shares.index(max(self.shares))) if self.shares else None


@dataclass(frozen=True, slots=True)
class MoodWeek:
    """The moods of the last days.

    Attributes:
        days: one for each day without a hole, today last.
        name: of the person whose they are; empty for everybody's.
    """

    days: tuple[MoodDay, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class WidgetData:
    """All that widgets know.

    Attributes:
        now: the present moment in local time, with its zone.
        texts: of the window's language, as `texts/en.toml` names them.
        people: names of the people before the mirror who agreed to be recognised; nobody else is named.
            Filled while a widget needs "people".
        mood_week: None while moods are not kept, or nobody's are to be shown. Filled while a widget needs
            "mood_week".
    """

    now: datetime
    texts: WindowTexts = field(default_factory=window_texts)
    people: tuple[str, ...] = ()
    mood_week: MoodWeek | None = None


class Widget(ABC):
    """Base of all widgets.

    Class attributes:
        name: how people ask for it; also the prefix of its parameters (`<name>.<parameter>`).
        needs: what of `WidgetData` it reads beside time and texts, a subset of `NEEDS`.
        Parameters: frozen dataclass made with `mirror_core.parameters.parameter`.

    Attributes:
        parameters: the current values; replaced from outside when somebody changes one.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    Parameters: ClassVar[type[Any]] = NoParameters

    def __init__(self) -> None:
        self.parameters: Any = self.Parameters()

    @abstractmethod
    def content(self, data: WidgetData) -> Hashable | None:
        """What the widget says now; None for nothing. When this changes, it is drawn anew."""

    @abstractmethod
    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        """Draw what `content` has returned.

        Args:
            content: not None.
            pen: writes texts and makes panels at the size of this window.

        Returns:
            A surface with an alpha channel, upright.
        """
