"""How near played frames are to the true ones: SSIM, PSNR, L1, and how much they flicker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_training.film.footage import Footage
from mirror_training.opencv import cv2
from mirror_training.picture_quality import Quality, mean_quality, quality

__all__ = ["Score", "flicker", "moving_area", "score_pieces"]

FIGURE_FROM = 128  # alpha from which a pixel is the figure
REACH = 1 / 32  # of the side: how far around the figure the moving area goes, so that its edge is judged, too

Frames = NDArray[np.uint8]
Area = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    """How good a way to make frames is.

    Attributes:
        frames: how many were judged.
        moving: in the moving area of each frame.
        whole: in all of each frame.
        flicker: see `flicker`, grey levels.
    """

    frames: int
    moving: Quality
    whole: Quality
    flicker: float

    def as_json(self) -> dict[str, Any]:
        """What a program may want to know."""
        parts = {
            name: {"ssim": each.ssim, "psnr_db": each.psnr_db, "l1": each.l1}
            for name, each in (("moving", self.moving), ("whole", self.whole))
        }
        return {"frames": self.frames, **parts, "flicker": self.flicker}


def moving_area(footage: Footage, piece: range) -> Area:
    """Where the figure is, and a little around it: bool [length, side, side]."""
    size = 2 * max(1, round(REACH * footage.side)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.stack(
        [cv2.dilate((footage.alpha[frame] >= FIGURE_FROM).astype(np.uint8), kernel) > 0 for frame in piece]
    )


def flicker(found: Frames, truth: Frames, area: Area) -> float:
    """How much frames change that the true ones do not, grey levels.

    For each step t from the second frame on, the mean over the pixels in the area of frame t or t − 1, and
    over the channels, of |(found_t − found_{t−1}) − (truth_t − truth_{t−1})|; then the mean over the steps. A
    constant error costs nothing; what jumps where the film moves smoothly does, and so does what stands where
    the film moves. Steps in which nothing is in the area are left out; NaN where that is all of them.

    Args:
        found: uint8 [n, h, w, 3].
        truth: uint8 [n, h, w, 3].
        area: bool [n, h, w].

    Raises:
        ShapeError: where they do not fit together.
    """
    if found.shape != truth.shape or area.shape != truth.shape[:3]:
        raise ShapeError(
            f"Frames and area must fit together, not {list(found.shape)}, {list(truth.shape)} and "
            f"{list(area.shape)}."
        )
    steps = []
    for number in range(1, len(truth)):
        where = area[number] | area[number - 1]
        if where.any():
            ours, true = (
                each[number][where].astype(np.float32) - each[number - 1][where] for each in (found, truth)
            )
            steps.append(float(np.abs(ours - true).mean()))
    return float(np.mean(steps)) if steps else float("nan")


def score_pieces(found: Sequence[Frames], truths: Sequence[Frames], areas: Sequence[Area]) -> Score:
    """Judge pieces of a clip; each frame counts alike, and so does each step between two of a piece."""
    moving, whole, steps, weights = [], [], [], []
    for ours, true, area in zip(found, truths, areas, strict=True):
        for picture, known, where in zip(ours, true, area, strict=True):
            if (judged := quality(picture, known, where)) is not None:
                moving.append(judged)
            everywhere = quality(picture, known, np.ones(where.shape, np.bool_))
            whole.extend([everywhere] if everywhere is not None else [])
        change = flicker(ours, true, area)
        if np.isfinite(change):
            steps.append(change)
            weights.append(len(true) - 1)
    mean = float(np.average(steps, weights=weights)) if steps else float("nan")
    return Score(len(whole), mean_quality(moving), mean_quality(whole), mean)
