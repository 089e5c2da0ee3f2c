"""Which frames of a clip a scene is learned from, and the runs of neighbours among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.pose_statistics import ENOUGH_SEEN
from mirror_effects.film.skeleton import CHEST, height_of, joints, kind_lengths

__all__ = ["Selection", "select", "smoothed"]

LEAST_RUN = 8  # frames: shorter ones teach no movement
JUMP = 0.35  # of the body's height between two frames: that is another body
WEIGHTS = (0.25, 0.5, 0.25)  # of a pose's neighbours in time
SURE = 0.5  # visibility from which a point counts
_SHOULDERS = [int(BodyPoint.LEFT_SHOULDER), int(BodyPoint.RIGHT_SHOULDER)]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What is used.

    Attributes:
        frames: int64 [m], their numbers, rising.
        shots: int64 [m], the number of the run of neighbours each belongs to, rising from 0.
        without_body, other_place, little_seen, in_short_runs: how many frames are left out, and why.
    """

    frames: NDArray[np.int64]
    shots: NDArray[np.int64]
    without_body: int
    other_place: int
    little_seen: int
    in_short_runs: int


def select(
    points: NDArray[np.float32],
    visibility: NDArray[np.float32],
    parts: NDArray[np.int64],
    in_place: NDArray[np.bool_],
) -> Selection:
    """Choose frames with a well seen body before the scene's background, in runs that no cut divides.

    Args:
        points: [n, 33, 3]; visibility: [n, 33], 0 where there is no body.
        parts: int64 [n], number of the part between cuts.
        in_place: bool [n], whether the frame is before the scene's background.
    """
    found = visibility.max(axis=1) > 0
    sizes, evidence = height_of(*kind_lengths(points, visibility))
    shown = (evidence >= ENOUGH_SEEN) & (sizes > 0) & (visibility[:, _SHOULDERS].min(axis=1) >= SURE / 2)
    usable = found & shown & in_place
    chests = joints(points)[:, CHEST, :2]
    runs: list[list[int]] = []
    for frame in np.flatnonzero(usable):
        last = runs[-1][-1] if runs else -2
        follows = last == frame - 1 and parts[last] == parts[frame]
        follows = follows and bool(np.linalg.norm(chests[frame] - chests[last]) <= JUMP * sizes[frame])
        if follows:
            runs[-1].append(int(frame))
        else:
            runs.append([int(frame)])
    long = [run for run in runs if len(run) >= LEAST_RUN]
    return Selection(
        frames=np.array([frame for run in long for frame in run], np.int64),
        shots=np.array([number for number, run in enumerate(long) for _ in run], np.int64),
        without_body=int((~found).sum()),
        other_place=int((found & ~in_place).sum()),
        little_seen=int((found & in_place & ~shown).sum()),
        in_short_runs=sum(len(run) for run in runs if len(run) < LEAST_RUN),
    )


def smoothed(
    points: NDArray[np.float32], visibility: NDArray[np.float32], shots: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Points averaged with those of the frame before and after, by visibility, within a run: without any lag.

    Args:
        points: [m, 33, 3]; visibility: [m, 33]; shots: [m].
    """
    total = np.zeros(points.shape, np.float64)
    weights = np.zeros((*visibility.shape, 1))
    for shift, weight in zip((-1, 0, 1), WEIGHTS, strict=True):
        near = np.clip(np.arange(len(points)) + shift, 0, len(points) - 1)
        share = weight * np.where(shots[near] == shots, 1.0, 0.0)[:, None] * (0.02 + visibility[near])
        total += share[..., None] * points[near]
        weights += share[..., None]
    return (total / weights).astype(np.float32)
