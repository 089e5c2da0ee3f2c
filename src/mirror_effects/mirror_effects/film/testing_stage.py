"""Fakes for tests of how films are played, shipped so that others can use them too.

- `PaintingNetwork`: paints a flat figure where the pose map shows a body, and remembers what it was asked.
- `painted_stage`: a scene of somebody who waves, drawn by it.
- `body_of`: a pose as the tracker would report it.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import Body
from mirror_core.faces import Roi
from mirror_core.frame import Image
from mirror_effects.film.pose import MODEL_DEPTH, Pose
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import Movement
from mirror_effects.film.stage import Stage
from mirror_effects.film.testing import walk

__all__ = ["FIGURE_COLOUR", "PaintingNetwork", "body_of", "painted_stage", "still_background"]

FIGURE_COLOUR = (40, 200, 230)
"""Blue, green, red, of what `PaintingNetwork` paints; no background here has it."""


class PaintingNetwork:
    """A network that paints the body of a pose map in one colour.

    Attributes:
        side: of its square.
        asked: the pose map and the frame before of each call.
        may_go: an event that it waits for.
    """

    def __init__(self, side: int = 64) -> None:
        self.side = side
        self.asked: list[tuple[Image, Image]] = []
        self.may_go = threading.Event()
        self.may_go.set()

    def next(self, pose_map: Image, previous: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The figure where the map is not 0."""
        self.may_go.wait(10)
        self.asked.append((pose_map, previous))
        colour = np.empty(pose_map.shape, np.float32)
        colour[:] = np.array(FIGURE_COLOUR, np.float32) / 255
        return colour, (pose_map[..., 0] > 0).astype(np.float32)


def still_background(side: int, seed: int = 1) -> Image:
    """A dark picture, uint8 [side, side, 3], whose left half is darker than its right one."""
    picture = np.random.default_rng(seed).integers(10, 40, (side, side, 3)).astype(np.uint8)
    picture[:, side // 2 :] += 60
    return picture


def painted_stage(name: str = "noir", side: int = 64, seconds: float = 4.0, fps: float = 25.0) -> Stage:
    """A scene with a `PaintingNetwork`: somebody stands in the middle and waves once a second."""
    count = max(1, round(seconds * fps))
    height = 0.6 * side
    points, visibility = walk(
        count,
        height=(height, height),
        ears=(0.5 * side, 0.2 * side),
        horizon=0.2 * side,
        period=max(2, round(fps)),
    )
    return Stage.of(
        name,
        PaintingNetwork(side),
        still_background(side),
        PoseStatistics.of(points, visibility, side, side),
        Movement(points, visibility, np.arange(count) / fps),
    )


def body_of(pose: Pose, track_id: int = 1) -> Body:
    """A tracked body in a pose, whose `Pose.of_body` is that pose."""
    landmarks = pose.points.copy()
    landmarks[:, 2] *= MODEL_DEPTH
    return Body(track_id, Roi.around(landmarks), landmarks, pose.visibility, 0.9)
