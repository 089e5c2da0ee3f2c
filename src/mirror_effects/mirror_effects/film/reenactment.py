"""Scores how well a participant re-enacts a scene: 0 … 100, forgiving up to a second of delay.

The participant's poses are aligned with the film's by dynamic time warping (Sakoe & Chiba, "Dynamic
programming algorithm optimization for spoken word recognition", 1978: symmetric form, slope not
constrained) within a band of ± 1 s. With c(i, j) = 1 − agreement of the participant's pose i and the film's
pose j (`similarity`), over the bones that both show:

    D(i, j) = min( D(i−1, j) + c,  D(i, j−1) + c,  D(i−1, j−1) + 2c )        D(0, 0) = 2 c(0, 0)

score = 100 · (1 − min over j of D(i, j) / (i + j + 2)), i being the latest pose. The denominator is the sum
of the weights of any path to (i, j), so that the score is a mean agreement: 100 for the same postures at
the same or nearly the same time, about 0 for bones that are all 60° off. Who stands still is not spared:
film poses that are passed over count, too.

Bones that the film moves count more than those it keeps still: the weights of `similarity` are multiplied by
0.2 + 0.8 · min(1, s/30°), s being the root mean square angle between a bone's direction and its mean over the
film. Otherwise who stands still would score well by the trunk and the legs alone.

A moment at which nobody is seen counts as not agreeing. Bones that the mirror does not see do not count.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_effects.film.pose import Pose
from mirror_effects.film.similarity import BONE_WEIGHT, bone_agreement, directions
from mirror_effects.film.skeleton import bone_visibility

__all__ = ["WINDOW_S", "ReenactmentScore"]

Floats = NDArray[np.float64]

WINDOW_S = 1.0  # how far a participant may be early or late
LEAST_WEIGHT = 0.05  # share of a film pose's weight that must be seen for it to be compared
STILL_WEIGHT = 0.2  # of a bone that the film never moves, beside 1 for one that moves much
MUCH_RAD = math.radians(30)  # root mean square angle to the mean direction that counts as much movement


class ReenactmentScore:
    """The score of one take, brought up to date with each frame."""

    def __init__(
        self,
        points: NDArray[Any],
        visibility: NDArray[Any],
        times_s: NDArray[Any],
        *,
        window_s: float = WINDOW_S,
    ) -> None:
        """Begin a take.

        Args:
            points: [n, 33, 3], the film's poses in pixels.
            visibility: [n, 33], 0 … 1.
            times_s: [n], rising, of the poses since the beginning of the scene.
            window_s: how far the participant may be early or late, above 0.

        Raises:
            ShapeError: if the arrays do not fit together.
            UsageError: if there is no pose, times do not rise or the window is not above 0.
        """
        points, visibility = np.asarray(points, np.float64), np.asarray(visibility, np.float64)
        times = np.asarray(times_s, np.float64)
        if points.ndim != 3 or points.shape[1:] != (33, 3) or visibility.shape != points.shape[:2]:
            raise ShapeError(
                "A re-enactment needs points [n, 33, 3] and visibility [n, 33], "
                f"not {list(points.shape)} and {list(visibility.shape)}."
            )
        if times.shape != points.shape[:1] or not len(times):
            raise UsageError(f"A re-enactment needs one time per pose, not {len(times)} for {len(points)}.")
        if not (np.diff(times) > 0).all():
            raise UsageError("The times of the film's poses must rise.")
        if not window_s > 0:
            raise UsageError(f"The window of a re-enactment must be above 0 s, not {window_s}.")
        self._times, self._window_s = times, window_s
        self._directions = directions(points)
        seen = bone_visibility(visibility)
        self._weights = BONE_WEIGHT * _movement(self._directions, seen) * seen
        self._costs = np.full(len(times), np.inf)  # D(i, ·) of the latest pose
        self._count = 0
        self._last_s = -np.inf

    @property
    def score(self) -> float:
        """0 … 100 so far; 0 before the first pose."""
        if not self._count or not np.isfinite(self._costs).any():
            return 0.0
        steps = self._count + 1 + np.arange(len(self._costs))
        return float(100.0 * min(max(1.0 - float((self._costs / steps).min()), 0.0), 1.0))

    def add(self, pose: Pose | None, time_s: float) -> float:
        """Take in a frame of the participant, who is to be seen as the character is: `mirrored` if it is.

        Args:
            pose: the participant's; None where nobody is seen.
            time_s: since the beginning of the scene, not before the last one; a frame after the scene's
                end (plus the window) changes nothing.

        Returns:
            The score so far.

        Raises:
            UsageError: if time goes back.
        """
        if time_s < self._last_s:
            raise UsageError(f"A re-enactment goes on in time: {time_s:g} s came after {self._last_s:g} s.")
        self._last_s = time_s
        low = int(np.searchsorted(self._times, time_s - self._window_s, side="left"))
        high = int(np.searchsorted(self._times, time_s + self._window_s, side="right"))
        if low >= high:
            return self.score
        cost = self._cost(pose, low, high).tolist()
        before = self._before(low)
        now = [np.inf] * len(before)
        for j in range(low, high):
            c = cost[j - low]
            if self._count == 0 and j == low:
                now[j] = low + 2.0 * c  # the film's poses before a late entry do not agree
                continue
            now[j] = min(before[j] + c, now[j - 1] + c, before[j - 1] + 2.0 * c)
        self._costs = np.array(now[:-1])
        self._count += 1
        return self.score

    def _before(self, low: int) -> list[float]:
        """D of the latest pose, continued up to the film's pose `low`: a pose that nobody acted costs 1."""
        before: list[float] = self._costs.tolist()
        reached = np.flatnonzero(np.isfinite(self._costs))
        if reached.size:
            for j in range(int(reached[-1]) + 1, low + 1):
                before[j] = before[j - 1] + 1.0
        before.append(np.inf)  # index −1: before the first pose of the film
        return before

    def _cost(self, pose: Pose | None, low: int, high: int) -> Floats:
        """1 − agreement with the film's poses low … high."""
        if pose is None:
            return np.ones(high - low)
        weight = self._weights[low:high] * bone_visibility(pose.visibility)
        total = weight.sum(axis=1)
        agree = (weight * bone_agreement(directions(pose.points), self._directions[low:high])).sum(axis=1)
        enough = total >= LEAST_WEIGHT * np.maximum(self._weights[low:high].sum(axis=1), 1e-9)
        cost: Floats = np.where(enough, 1.0 - agree / np.maximum(total, 1e-9), 1.0)
        return cost


def _movement(where: Floats, seen: Floats) -> Floats:
    """[bones], 0.2 … 1, how much a film of directions [n, bones, 3], seen [n, bones], moves each bone."""
    total = np.maximum(seen.sum(axis=0), 1e-9)
    mean = (seen[..., None] * where).sum(axis=0)
    length = np.linalg.norm(mean, axis=-1, keepdims=True)
    mean /= np.maximum(length, 1e-9)
    angle = np.arccos(np.clip((where * mean).sum(axis=-1), -1.0, 1.0))
    spread = np.sqrt((seen * angle * angle).sum(axis=0) / total)
    result: Floats = STILL_WEIGHT + (1.0 - STILL_WEIGHT) * np.minimum(spread / MUCH_RAD, 1.0)
    return result
