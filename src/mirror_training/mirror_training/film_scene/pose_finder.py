"""Finds the film's figure in a frame: its pose and which pixels it covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import Body
from mirror_core.frame import Frame, Image
from mirror_effects.film.pose import Pose
from mirror_tracking.body_tracker import BodyTracker, BodyTrackerParameters

__all__ = ["FinderMaker", "Found", "PoseFinder", "TrackedFinder"]

SMALLEST_BODY = 0.25  # of the picture's side: height of a body, from head to foot, that is taken up
LEAST_BODY_PX = 32
NO_SMOOTHING_HZ = 1000.0  # smoothing would lag behind the frames; `smoothing` does it afterwards, without


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The figure in a frame.

    Attributes:
        pose: in the frame's pixels.
        alpha: uint8 [height, width]: how much of each pixel is the figure.
        others: how many other bodies were seen.
    """

    pose: Pose
    alpha: NDArray[np.uint8]
    others: int = 0


class PoseFinder(Protocol):
    """What the scene maker needs to find a figure; `TrackedFinder` is one."""

    def reset(self) -> None:
        """Forget everybody: the next frame has nothing to do with the last."""

    def find(self, picture: Image, time_s: float) -> Found | None:
        """The figure in the next frame, or None where there is none."""


FinderMaker = Callable[[int], PoseFinder]
"""Makes a finder for pictures whose shorter side has so many pixels. It goes to other processes: it must be a
class or function of a module."""


class TrackedFinder:
    """The mirror's own body tracker. Of several bodies it follows one: the largest at first.

    Args:
        side: of the pictures in pixels.
    """

    def __init__(self, side: int) -> None:
        self._tracker = BodyTracker(
            BodyTrackerParameters(
                min_body_px=max(LEAST_BODY_PX, round(SMALLEST_BODY * side)),
                smoothing_min_cutoff=NO_SMOOTHING_HZ,
            )
        )
        self._followed: int | None = None

    def reset(self) -> None:
        """Forget everybody."""
        self._tracker.reset()
        self._followed = None

    def find(self, picture: Image, time_s: float) -> Found | None:
        """The followed body, or the largest where that has gone."""
        frame = Frame(picture, round(time_s * 1e9))
        bodies = self._tracker.update(frame, segmentation=True).bodies
        if not bodies:
            return None
        body = next((each for each in bodies if each.track_id == self._followed), None)
        body = body or max(bodies, key=lambda each: each.roi.area)
        self._followed = body.track_id
        return Found(Pose.of_body(body), _alpha(body, *picture.shape[:2]), len(bodies) - 1)


def _alpha(body: Body, height: int, width: int) -> NDArray[np.uint8]:
    """The segmentation in the whole picture."""
    alpha = np.zeros((height, width), np.uint8)
    if body.segmentation is None:
        return alpha
    x, y = round(body.roi.x), round(body.roi.y)
    rows, columns = body.segmentation.shape
    top, left = max(0, y), max(0, x)
    bottom, right = min(height, y + rows), min(width, x + columns)
    if bottom > top and right > left:
        alpha[top:bottom, left:right] = body.segmentation[top - y : bottom - y, left - x : right - x]
    return alpha
