"""Learns a participant's size, proportions and usual place while they stand before the mirror.

Every value follows what is measured by a share that is large in the first second and small later, and a
measurement far off counts only as far as `TRUSTED`: values settle within a few seconds, and none ever
jumps.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_statistics import ENOUGH_SEEN
from mirror_effects.film.skeleton import (
    CHEST,
    STANDARD_PROPORTIONS,
    height_of,
    joints,
    kind_lengths,
)

__all__ = ["Participant"]

Floats = NDArray[np.float64]

FIRST_S, LAST_S = 0.25, 20.0  # time constant at the beginning, and after a minute
GROWTH = 3.0  # the time constant is the time since the beginning over this
SIZE_S = 0.3  # time constant of the present size, which follows steps to and fro
STEADY = 1.1  # by how much the smoothed size may differ from that of the latest pose
FEET_S = 0.7  # of whether the feet are seen
FEET_UNSEEN = 0.1  # below which the feet's place is not believed and begun anew
LONGEST_STEP_S = 0.2  # that one measurement counts for
GONE_S = 2.0  # without a pose: then it may be somebody else
TRUSTED = 0.15  # of the height: how far off a measurement may be and still count in full
TRUSTED_PROPORTION = 0.3  # of a proportion
LEAST_PROPORTION, LARGEST_PROPORTION = 0.6, 1.7  # of the usual one
FLAT = 0.06  # of the height: with a smaller spread of sizes, nothing is concluded from them
_ANKLES: Final = [int(BodyPoint.LEFT_ANKLE), int(BodyPoint.RIGHT_ANKLE)]


class _PlaceBySize:
    """A usual y that may depend on the size: a regression over fading memories, level unless sizes vary."""

    def __init__(self, size: float, y: float) -> None:
        self._size, self._y = size, y
        self._spread, self._together = 0.0, 0.0

    def learn(self, size: float, y: float, share: float) -> None:
        """Take in one measurement."""
        limit = TRUSTED * size
        off_size = min(max(size - self._size, -limit), limit)
        off_y = min(max(y - self._y, -limit), limit)
        self._size += share * off_size
        self._y += share * off_y
        self._spread += share * (off_size * off_size - self._spread)
        self._together += share * (off_size * off_y - self._together)

    def at(self, size: float) -> float:
        """The usual y of somebody of this size."""
        flat = FLAT * self._size
        return self._y + self._together / (self._spread + flat * flat) * (size - self._size)


class Participant:
    """What is known of the person whose poses come in.

    Attributes:
        proportions: float64 [kinds], length of each kind of bone as a share of the height.
        size: present height (ears to ankles, unfolded) in pixels, smoothed.
        present_size: the same, but never far from what the latest pose alone says, for scaling that pose.
        usual_size: its usual value.
        feet: 0 … 1, how far the ankles are seen, smoothed.
    """

    def __init__(self) -> None:
        self._began_s = self._last_s = self._ankles_since_s = -math.inf
        self._forget()

    def _forget(self) -> None:
        self.proportions: Floats = STANDARD_PROPORTIONS.copy()
        self.size = self.present_size = self.usual_size = self.feet = 0.0
        self._chest: _PlaceBySize | None = None
        self._ankles: _PlaceBySize | None = None

    def learn(self, pose: Pose, time_s: float) -> bool:
        """Take in a pose.

        Args:
            pose: in the pixels of the participant's picture.
            time_s: of the frame; a step back or a gap of more than 2 s begins anew, with whoever is there.

        Returns:
            Whether it shows enough of a body to be worked with.
        """
        lengths, weights = kind_lengths(pose.points, pose.visibility)
        size, evidence = (float(value) for value in height_of(lengths, weights, self.proportions))
        if evidence < ENOUGH_SEEN or size <= 0.0:
            return False
        step = time_s - self._last_s
        if not 0.0 <= step <= GONE_S:
            self._forget()
            self._began_s, step = time_s, 0.0
            size = float(height_of(lengths, weights)[0])
        self._last_s = time_s
        step = min(step, LONGEST_STEP_S)
        chest = float(joints(pose.points)[CHEST, 1])
        if self._chest is None:
            self.size = self.usual_size = size
            self._chest = _PlaceBySize(size, chest)
        share = _share(step, self._patience(time_s - self._began_s))
        self._learn_proportions(lengths / size, weights, share)
        limit = TRUSTED * self.size
        self.size += _share(step, SIZE_S) * min(max(size - self.size, -limit), limit)
        self.present_size = min(max(self.size, size / STEADY), size * STEADY)
        self.usual_size += share * min(max(self.size - self.usual_size, -limit), limit)
        self._chest.learn(self.size, chest, share)
        self._learn_feet(pose, time_s, step)
        return True

    def chest_below(self, chest_y: float) -> float:
        """How far the chest is below its usual place, as a share of the height; negative when jumping."""
        return (chest_y - self._chest.at(self.size)) / self.size if self._chest else 0.0

    def ankles_below(self, ankle_y: float) -> float:
        """How far the lower ankle is below its usual place, as a share of the height."""
        return (ankle_y - self._ankles.at(self.size)) / self.size if self._ankles else 0.0

    def _learn_proportions(self, shares: Floats, weights: Floats, share: float) -> None:
        off = np.clip(shares / self.proportions - 1.0, -TRUSTED_PROPORTION, TRUSTED_PROPORTION)
        learned = self.proportions * (1.0 + share * np.minimum(weights, 1.0) * off)
        self.proportions = np.clip(
            learned, LEAST_PROPORTION * STANDARD_PROPORTIONS, LARGEST_PROPORTION * STANDARD_PROPORTIONS
        )

    def _learn_feet(self, pose: Pose, time_s: float, step: float) -> None:
        seen, height = pose.visibility[_ANKLES], pose.points[_ANKLES, 1]
        best = float(seen.max())
        ground = float(height[seen >= 0.5 * best].max())
        self.feet = best if self._ankles is None else self.feet + _share(step, FEET_S) * (best - self.feet)
        if self._ankles is None or self.feet < FEET_UNSEEN:
            self._ankles, self._ankles_since_s = _PlaceBySize(self.size, ground), time_s
        self._ankles.learn(
            self.size, ground, _share(step, self._patience(time_s - self._ankles_since_s)) * best
        )

    @staticmethod
    def _patience(since_s: float) -> float:
        """Time constant in seconds for what has been learned for so long."""
        return min(max(since_s / GROWTH, FIRST_S), LAST_S)


def _share(step_s: float, constant_s: float) -> float:
    """How much of the way to a new value is gone in one step of exponential smoothing."""
    return 1.0 - math.exp(-step_s / constant_s)
