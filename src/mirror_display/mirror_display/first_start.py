"""The first start: what the mirror sees, what it keeps, how to switch it off, in a few steps.

The steps go on by themselves, and by a key, a touch or a nod; the mirror runs on behind them. Told only of
times, the sequence needs no screen. Whether it was shown already is a file in the state folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mirror_core.errors import StoreError
from mirror_core.store.places import private_folder, state_folder

__all__ = ["STEPS", "FirstStart", "FirstStartView", "marker_file", "remember_shown", "was_shown"]

STEPS = ("sees", "keeps", "off", "use")  # keys of the texts
STEP_S = 14.0  # a step stands so long unless somebody goes on; the longest has 40 words
APPEAR_S = 0.5
FADE_STEPS = 12
MARKER = "first_start_shown"


@dataclass(frozen=True, slots=True)
class FirstStartView:
    """What is shown of the sequence; two equal ones look the same.

    Attributes:
        step: one of `STEPS`.
        number: of the step, from 0 on.
        opacity: 0 … 1.
    """

    step: str
    number: int
    opacity: float = 1.0


class FirstStart:
    """The sequence; it begins with `begin`. Times are monotonic seconds.

    Args:
        on_end: called once when the last step is over or somebody skips the rest.
    """

    def __init__(self, on_end: Callable[[], None] = lambda: None) -> None:
        self._on_end = on_end
        self._number: int | None = None
        self._since_s = 0.0
        self._began_s = 0.0

    @property
    def is_shown(self) -> bool:
        """Whether a step stands on the screen."""
        return self._number is not None

    def begin(self, now_s: float) -> None:
        """Show the first step."""
        self._number, self._since_s, self._began_s = 0, now_s, now_s

    def go_on(self, now_s: float, step: int = 1) -> None:
        """Show the next step, or with -1 the one before; after the last one the sequence ends."""
        if self._number is None:
            return
        self._number, self._since_s = max(self._number + step, 0), now_s
        if self._number >= len(STEPS):
            self.end()

    def end(self) -> None:
        """Skip the rest."""
        if self._number is not None:
            self._number = None
            self._on_end()

    def look(self, now_s: float, reduced_motion: bool = False) -> FirstStartView | None:
        """What is shown now."""
        if self._number is not None and now_s - self._since_s >= STEP_S:
            self.go_on(now_s)
        if self._number is None:
            return None
        began = self._began_s if self._number == 0 else self._since_s
        share = 1.0 if reduced_motion else min(max((now_s - began) / APPEAR_S, 0.0), 1.0)
        return FirstStartView(STEPS[self._number], self._number, round(share * FADE_STEPS) / FADE_STEPS)


def marker_file() -> Path:
    """The file that says that the sequence was shown."""
    return state_folder() / MARKER


def was_shown(marker: Path | None = None) -> bool:
    """Whether the sequence was shown on an earlier start."""
    return (marker or marker_file()).exists()


def remember_shown(marker: Path | None = None) -> None:
    """Note that the sequence was shown.

    Raises:
        StoreError: if the file cannot be written; it is then shown again at the next start.
    """
    path = marker or marker_file()
    try:
        private_folder(path.parent)
        path.touch()
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}); check the rights.") from error
