"""Clips of faces whose every movement is known exactly: stills that are shifted, turned, scaled and bent.

The truth needs no hand-marked landmarks: if a point of the still is known, so is its place in all pictures.
What a tracker says of a clip is carried back to the still (`Movement.to_still`), where it should be the same
at every moment; what is not the same is error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.topology import (
    INNER_LIPS,
    LEFT_BROW,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    RIGHT_BROW,
)
from mirror_training.opencv import cv2

__all__ = ["CLIP_SIZE", "RATE_HZ", "Bend", "Movement", "moving_face", "scripted_movements"]

CLIP_SIZE = (480, 360)  # width, height in pixels
RATE_HZ = 30.0
NOISE_LEVELS = 2.0  # standard deviation of a camera's noise in grey levels
FACE_PX = 150.0  # height of the landmarks' box in the clip, before it is scaled
REST_S = 1.0  # for so long nothing moves at the start
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """A part of the face that moves: a Gaussian's worth of displacement, in pixels of the still.

    Attributes:
        at: float64 [2], the middle, in the bent still.
        by: float64 [2], the displacement there.
        size: the Gaussian's standard deviation.
    """

    at: Points
    by: Points
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """How one picture of the clip comes from the still; coordinates with pixel centres at whole numbers.

    Attributes:
        place: float64 [2, 3], a similarity from the bent still to the clip.
        bends: what moves in the face; a place of the bent still shows the still's place less all bends there.
        gain: brightness is multiplied by it.
    """

    place: Points
    bends: tuple[Bend, ...] = ()
    gain: float = 1.0

    def to_still(self, points: NDArray[Any]) -> Points:
        """Points [n, 2] of the clip as points of the still."""
        inverse = np.linalg.inv(self.place[:, :2])
        return self._unbent(np.asarray((points - self.place[:, 2]) @ inverse.T, np.float64))

    def to_clip(self, points: NDArray[Any]) -> Points:
        """Points [n, 2] of the still as points of the clip."""
        still = np.asarray(points, np.float64)
        bent = still.copy()
        for _ in range(20):  # bends are weak, so that this converges quickly
            bent += still - self._unbent(bent)
        return np.asarray(bent @ self.place[:, :2].T + self.place[:, 2])

    def _unbent(self, bent: Points) -> Points:
        still = bent.copy()
        for bend in self.bends:
            squares = ((bent - bend.at) ** 2).sum(axis=-1, keepdims=True)
            still -= bend.by * np.exp(-squares / (2 * bend.size**2))
        return still

    def picture(self, still: Image, rng: np.random.Generator) -> Image:
        """The clip's picture, uint8 [360, 480, 3]."""
        width, height = CLIP_SIZE
        y, x = np.mgrid[0.0:height, 0.0:width]
        grid = np.stack([x.ravel(), y.ravel()], axis=1)
        places = self.to_still(grid).astype(np.float32).reshape(height, width, 2)
        moved = cv2.remap(still, places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        noisy = moved * self.gain + rng.normal(0.0, NOISE_LEVELS, moved.shape)
        return np.asarray(np.clip(noisy + 0.5, 0, 255), np.uint8)


def scripted_movements(landmarks: NDArray[Any], count: int, rng: np.random.Generator) -> Iterator[Movement]:
    """Movements of a face: it rests, then sways and turns, opens its mouth, smiles and raises its brows.

    Args:
        landmarks: of the still, [468 or more, 2 or more], pixel centres at whole numbers.
        count: number of pictures, `RATE_HZ` a second.
        rng: draws speeds and directions.
    """
    points = np.asarray(landmarks[:, :2], np.float64)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    height = float(np.ptp(points[:, 1]))
    speeds, phases = rng.uniform(0.15, 0.9, 7), rng.uniform(0, 2 * math.pi, 7)
    lower_lip = points[INNER_LIPS].mean(axis=0) + np.array([0.0, 0.1 * height])
    corners, brows = points[[MOUTH_RIGHT, MOUTH_LEFT]], [points[RIGHT_BROW], points[LEFT_BROW]]
    for index in range(count):
        time = index / RATE_HZ
        moves = min(1.0, max(0.0, time - REST_S))
        sway = moves * np.sin(2 * math.pi * speeds * time + phases)
        opened, smile, raised = 0.05 * height * sway[4:] ** 2 * (1.0, 0.8, 0.7)
        turn = math.radians(5.0) * sway[2]
        scale = FACE_PX / height * (1.0 + 0.04 * sway[3])
        linear = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        goal = np.array([CLIP_SIZE[0] / 2 + 14.0 * sway[0], CLIP_SIZE[1] / 2 + 8.0 * sway[1]])
        yield Movement(
            np.hstack([linear, (goal - linear @ middle)[:, None]]),
            (
                Bend(lower_lip, np.array([0.0, opened]), 0.12 * height),
                Bend(corners[0], np.array([-smile, -0.4 * smile]), 0.1 * height),
                Bend(corners[1], np.array([smile, -0.4 * smile]), 0.1 * height),
                *(Bend(brow.mean(axis=0), np.array([0.0, -raised]), 0.12 * height) for brow in brows),
            ),
            1.0 + 0.04 * math.sin(2 * math.pi * 0.4 * time),
        )


def moving_face(
    still: Image, landmarks: NDArray[Any], count: int, seed: int
) -> Iterator[tuple[Image, Movement]]:
    """The pictures of a clip with their movements; see `scripted_movements`."""
    rng = np.random.default_rng(seed)
    for movement in scripted_movements(landmarks, count, rng):
        yield movement.picture(still, rng), movement
