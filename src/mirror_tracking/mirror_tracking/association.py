"""Which of the faces seen now is which of the faces known: a cost and an optimal assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

__all__ = ["Candidate", "assign", "association_costs", "distinct"]

POSITION_GATE = 0.7  # face sizes that a face may be off its predicted place, seen a moment ago
POSITION_GATE_GROWTH = 1.6  # face sizes by which that grows per second unseen
POSITION_GATE_MAX = 2.0  # face sizes
SIZE_GATE = 0.47  # |log| of the ratio of sizes: 1.6 times larger or smaller
APPEARANCE_GATE = 0.75  # appearance distance (0 same … 2 opposite) above which it is another person
APPEARANCE_WEIGHT = 2.0  # how much of appearance distance weighs as much as the gate of position
SAME_FACE_DISTANCE = 0.3  # face sizes: two observations closer than this are the same face
SAME_FACE_SIZE_RATIO = 1.8  # unless one is this much larger


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A face as the association sees it, known (at its predicted place) or just observed.

    Attributes:
        x, y: centre in pixels.
        size: longer side of the landmarks' box in pixels, above 0.
        appearance: float32 [k] of unit length, or None where unknown.
        unseen_s: seconds since it was last observed; 0 for an observation.
    """

    x: float
    y: float
    size: float
    appearance: NDArray[np.float32] | None = None
    unseen_s: float = 0.0


def association_costs(known: Sequence[Candidate], seen: Sequence[Candidate]) -> NDArray[np.float64]:
    """What it costs to take each known face for each seen one.

    Returns:
        float64 [len(known), len(seen)]; 0 for a perfect match, infinite where it cannot be.
    """
    costs = np.full((len(known), len(seen)), np.inf)
    for i, old in enumerate(known):
        gate = min(POSITION_GATE + POSITION_GATE_GROWTH * old.unseen_s, POSITION_GATE_MAX)
        for j, new in enumerate(seen):
            distance = np.hypot(new.x - old.x, new.y - old.y) / np.sqrt(new.size * old.size)
            growth = abs(np.log(new.size / old.size))
            if distance > gate or growth > SIZE_GATE:
                continue
            difference = 0.0
            if old.appearance is not None and new.appearance is not None:
                difference = 1.0 - float(old.appearance @ new.appearance)
                if difference > APPEARANCE_GATE:
                    continue
            costs[i, j] = (
                (distance / POSITION_GATE) ** 2 + (growth / SIZE_GATE) ** 2 + APPEARANCE_WEIGHT * difference
            )
    return costs


def assign(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the cheapest one-to-one assignment, infinite costs left out.

    As many pairs as possible are made; among those the sum of costs is smallest (Hungarian method).
    """
    if costs.size == 0:
        return []
    finite = np.isfinite(costs)
    forbidden = (1.0 + float(costs[finite].sum())) if finite.any() else 1.0
    rows, columns = linear_sum_assignment(np.where(finite, costs, forbidden))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if finite[i, j]]


def distinct(seen: Sequence[Candidate]) -> list[int]:
    """Indices of the observations that remain when those of the same face are merged, the first kept."""
    kept: list[int] = []
    for j, new in enumerate(seen):
        for k in kept:
            old = seen[k]
            larger, smaller = max(new.size, old.size), min(new.size, old.size)
            near = np.hypot(new.x - old.x, new.y - old.y) < SAME_FACE_DISTANCE * larger
            if near and larger < SAME_FACE_SIZE_RATIO * smaller:
                break
        else:
            kept.append(j)
    return kept
