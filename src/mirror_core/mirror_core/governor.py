"""The latency governor: while the processor is short of time, work is lowered in a stated order.

Frames tell it: how old they are when they are shown, and how many of those that came are shown at all. A
level says how far work is lowered; each level includes those before it. Whoever does the work lowers it
(`film_rate`, `unmask_rate`, `EverySecond`, `RESOLUTION_SHARE`). What a person notices least comes first.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from mirror_core.errors import ShapeError
from mirror_core.parameters import parameter

__all__ = [
    "RESOLUTION_SHARE",
    "EverySecond",
    "Governor",
    "GovernorParameters",
    "Load",
    "Step",
    "film_rate",
    "lowered_words",
    "unmask_rate",
]

FILM_SHARE = 1 / 2  # of its pictures a second that the film keeps
UNMASK_SHARE = 1 / 3  # of its looks a second that mask removal keeps
RESOLUTION_SHARE = 1 / 2  # of width and height that effects draw in
ENOUGH = 0.9  # share of the wanted pictures a second below which frames are missing
EASY = 0.7  # share of the wanted latency below which work may be taken back
RISE_AFTER = 2  # windows in a row without enough time until a step is taken
FALL_AFTER = 5  # windows in a row with time to spare until one is taken back
RELAPSE = 10  # windows after a step back in which the next step says that it came too early
LONGEST_FALL_AFTER = 80  # windows with time to spare that are waited for after several relapses


class Step(IntEnum):
    """What is lowered at a level and all above it."""

    NONE = 0
    FILM = 1
    UNMASK = 2
    TRACKING = 3
    RESOLUTION = 4


WORDS = {
    Step.FILM: "the film plays at half its rate",
    Step.UNMASK: "mask removal looks a third as often",
    Step.TRACKING: "every second frame is tracked",
    Step.RESOLUTION: "effects draw at half the resolution",
}


@dataclass(frozen=True)
class GovernorParameters:
    """When work is lowered."""

    on: bool = parameter(
        True,
        "Lower work while the processor is short of time: film rate, mask removal, tracking, resolution.",
    )
    latency: float = parameter(
        0.08, "Age in seconds that half of the frames may have when shown.", minimum=0.005, maximum=5.0
    )
    rate: float = parameter(
        25.0,
        "Pictures a second that are to be shown; where fewer come, all of them.",
        minimum=1.0,
        maximum=240.0,
    )


@dataclass(frozen=True, slots=True)
class Load:
    """What a window of about a second showed.

    Attributes:
        latency_s: median age of the frames when they were shown, seconds; NaN where none was.
        shown_hz: frames shown a second.
        came_hz: frames a second that came, those included that were left out.
    """

    latency_s: float
    shown_hz: float
    came_hz: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.shown_hz) and math.isfinite(self.came_hz)) or self.shown_hz < 0:
            raise ShapeError(f"Load needs rates of 0 or more, not {self.shown_hz} and {self.came_hz}.")

    def is_short_of_time(self, target: GovernorParameters) -> bool:
        """Whether frames are too old or too few."""
        if self.came_hz <= 0:
            return False
        return self.latency_s > target.latency or self.shown_hz < ENOUGH * min(self.came_hz, target.rate)

    def has_time_to_spare(self, target: GovernorParameters) -> bool:
        """Whether frames are young and many enough that more could be done; also where none came."""
        if self.came_hz <= 0:
            return True
        is_young = self.latency_s <= EASY * target.latency
        return is_young and not self.is_short_of_time(target)

    @property
    def words(self) -> str:
        """The figures in a person's words."""
        age = "no frame shown" if math.isnan(self.latency_s) else f"{self.latency_s * 1e3:.0f} ms old"
        return f"{self.shown_hz:.0f} of {self.came_hz:.0f} frames a second shown, {age}"


class Governor:
    """Gives the level, window by window.

    A step is taken after `RISE_AFTER` windows without enough time, and taken back after `FALL_AFTER` with
    time to spare. Where the next step follows soon on one that was taken back, twice as many are waited for
    the next time: it does not swing.

    Args:
        target: what is to be held; may be replaced at any time.

    Attributes:
        level: how far work is lowered, 0 … 4.
        reason: the figures that have led to it; empty at level 0.
    """

    def __init__(self, target: GovernorParameters | None = None) -> None:
        self.target = target or GovernorParameters()
        self.level = Step.NONE
        self.reason = ""
        self._short = 0
        self._spare = 0
        self._fall_after = FALL_AFTER
        self._since_fall = RELAPSE + 1

    def observe(self, load: Load, steps: Collection[Step]) -> Step:
        """Take a window in; returns the level from now on.

        Args:
            load: what it showed.
            steps: those that would lower something now; others are passed over.
        """
        if not self.target.on:
            self.reset()
            return self.level
        self._since_fall += 1
        is_short, has_spare = load.is_short_of_time(self.target), load.has_time_to_spare(self.target)
        self._short = self._short + 1 if is_short else 0
        self._spare = self._spare + 1 if has_spare else 0
        if self.level is Step.NONE and self._spare >= LONGEST_FALL_AFTER:
            self._fall_after = FALL_AFTER
        if self._short >= RISE_AFTER:
            self._rise(load, steps)
        elif self.level > Step.NONE and self._spare >= self._fall_after:
            self._fall(steps)
        return self.level

    def reset(self) -> None:
        """Nothing is lowered any more, and what was is forgotten."""
        self.level, self.reason = Step.NONE, ""
        self._short = self._spare = 0
        self._fall_after, self._since_fall = FALL_AFTER, RELAPSE + 1

    def _rise(self, load: Load, steps: Collection[Step]) -> None:
        self._short = 0
        higher = sorted(step for step in steps if step > self.level)
        if not higher:
            return
        if self._since_fall <= RELAPSE:
            self._fall_after = min(2 * self._fall_after, LONGEST_FALL_AFTER)
        self.level, self.reason = higher[0], load.words

    def _fall(self, steps: Collection[Step]) -> None:
        self._spare = 0
        self._since_fall = 0
        self.level = max((step for step in steps if step < self.level), default=Step.NONE)
        if self.level is Step.NONE:
            self.reason = ""


def lowered_words(level: int, steps: Collection[Step]) -> str:
    """What is lowered at a level, of these steps, in a person's words; empty where nothing is."""
    return ", ".join(WORDS[step] for step in sorted(steps) if Step.NONE < step <= level)


def film_rate(rate: float, level: int) -> float:
    """Most pictures of a film's scene a second at a level, of `rate` without need."""
    return rate * FILM_SHARE if level >= Step.FILM else rate


def unmask_rate(rate: float, level: int) -> float:
    """Most looks beneath masks a second at a level, of `rate` without need."""
    return rate * UNMASK_SHARE if level >= Step.UNMASK else rate


class EverySecond:
    """Which frames a tracker leaves out: every second one from the level `Step.TRACKING` on."""

    def __init__(self) -> None:
        self._left_out = False

    def leaves_out(self, level: int) -> bool:
        """Whether this frame is to be left out; ask once for each."""
        self._left_out = level >= Step.TRACKING and not self._left_out
        return self._left_out
