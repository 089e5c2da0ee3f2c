"""One body seen in one frame, and what it costs to take it for one that is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.association import Candidate
from mirror_tracking.body_shape import body_size, pose_distance, shoulder_centre
from mirror_tracking.pose_landmarks import PoseResult

__all__ = ["BodyObservation", "body_costs"]

SAME_BODY = 0.35  # sizes: two poses nearer than this are the same person
POSITION_GATE = 0.7  # sizes that shoulders may be off their predicted place, seen a moment ago
POSITION_GATE_GROWTH = 1.6  # sizes by which that grows per second unseen
POSITION_GATE_MAX = 3.0  # sizes
SIZE_GATE = 0.47  # |log| of the ratio of sizes: 1.6 times larger or smaller
APPEARANCE_GATE = 0.8  # appearance distance (0 same … 2 opposite) above which it is another person …
APPEARANCE_AFTER_S = 0.3  # … after so many seconds unseen; before, place and size know better
APPEARANCE_WEIGHT = 2.0  # how much of appearance distance weighs as much as the gate of position


@dataclass(frozen=True, slots=True, eq=False)
class BodyObservation:
    """One body seen in one frame.

    Attributes:
        landmarks: float32 [33, 3] in pixels.
        visibility: float32 [33], 0 … 1.
        world_landmarks: float32 [33, 3] in metres.
        presence: 0 … 1, that there is a body.
        hips, rim: float32 [2] each in pixels: where to look next (see `body_region`).
        appearance: float32 [k] of unit length, or None.
        is_certain: False where it takes a second look before a new track begins with it.
        source: what the model said, with its mask; None where no segmentation was asked for.
        size: as `body_size` says, in pixels.
    """

    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    world_landmarks: NDArray[np.float32]
    presence: float
    hips: NDArray[np.float32]
    rim: NDArray[np.float32]
    appearance: NDArray[np.float32] | None = None
    is_certain: bool = True
    source: PoseResult | None = None
    size: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", body_size(self.hips, self.rim))

    def candidate(self) -> Candidate:
        """This observation as the association sees it."""
        return Candidate(*shoulder_centre(self.landmarks), self.size, self.appearance)

    def is_same(self, other: BodyObservation) -> bool:
        """Whether two observations of one frame are of the same person."""
        size = min(self.size, other.size)
        distance = pose_distance(self.landmarks, other.landmarks, self.visibility, other.visibility, size)
        return distance < SAME_BODY


def body_costs(known: Sequence[Candidate], seen: Sequence[Candidate]) -> NDArray[np.float64]:
    """What it costs to take each known body for each seen one.

    Beside those of faces (`association_costs`) looks count less: clothes are turned, shaded and hidden by
    arms, so that alone they never part somebody from who they were a moment ago.

    Returns:
        float64 [len(known), len(seen)]; 0 for a perfect match, infinite where it cannot be.
    """
    costs = np.full((len(known), len(seen)), np.inf)
    for i, old in enumerate(known):
        gate = min(POSITION_GATE + POSITION_GATE_GROWTH * old.unseen_s, POSITION_GATE_MAX)
        for j, new in enumerate(seen):
            distance = math.hypot(new.x - old.x, new.y - old.y) / math.sqrt(new.size * old.size)
            growth = abs(math.log(new.size / old.size))
            if distance > gate or growth > SIZE_GATE:
                continue
            difference = 0.0
            if old.appearance is not None and new.appearance is not None:
                difference = 1.0 - float(old.appearance @ new.appearance)
                if difference > APPEARANCE_GATE and old.unseen_s > APPEARANCE_AFTER_S:
                    continue
            costs[i, j] = (
                (distance / POSITION_GATE) ** 2 + (growth / SIZE_GATE) ** 2 + APPEARANCE_WEIGHT * difference
            )
    return costs
