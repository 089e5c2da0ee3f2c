"""The still background of a clip: what is seen where the figure is not, and whether it stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["Background", "Stillness", "estimate", "same_place", "stillness", "widened"]

Bytes = NDArray[np.uint8]

FIGURE = 40  # alpha from which a pixel may be the figure
WIDER = 0.02  # of the side: how far around the figure nothing counts as background
LEAST_VIEWS = 3  # of a pixel, for its median to be believed
ROWS = 32  # at a time
DIFFERS = 25.0  # grey levels by which a pixel is not the background's, after blurring
BLUR = 1 / 200  # of the side, before comparing
STILL_SHARE = 0.03  # of the pixels that may differ in a frame of a still background
LIGHT = 8.0  # grey levels by which the whole may grow lighter or darker
TYPICAL = 90.0  # percentile of the frames that must be still
OTHER_PLACE = 0.25  # share of differing pixels from which two backgrounds are of other places
LEAST_COMMON = 0.05  # share of pixels that two must both show, to be compared


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The picture without the figure.

    Attributes:
        picture: uint8 [side, side, 3], BGR; where it was never seen, painted in from around.
        seen: bool [side, side]: where it was seen.
    """

    picture: Image
    seen: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stillness:
    """How still a background is.

    Attributes:
        moving: share of the pixels beside the figure that differ from the background, in a frame of which
            nine of ten have less.
        light: change of the mean light in grey levels, likewise.
        shaking: likewise, pixels by which the whole picture is shifted.
    """

    moving: float
    light: float
    shaking: float

    @property
    def is_still(self) -> bool:
        """Whether it may be kept as one picture."""
        return self.moving <= STILL_SHARE and self.light <= LIGHT


def widened(alpha: Bytes) -> NDArray[np.bool_]:
    """Where the figure is, or may be: bool [side, side]."""
    size = 2 * max(1, round(WIDER * alpha.shape[0])) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate((alpha >= FIGURE).astype(np.uint8), kernel) > 0)


def estimate(frames: Sequence[Image], covered: Sequence[NDArray[np.bool_]]) -> Background:
    """The median of what is seen of each pixel beside the figure.

    Args:
        frames: uint8 [side, side, 3] each, of one place, spread over the clip.
        covered: bool [side, side] each: where the figure may be (`widened`).
    """
    shape = frames[0].shape
    picture = np.zeros(shape, np.uint8)
    clear = ~np.stack(covered)
    views = clear.sum(axis=0)
    seen = views >= min(LEAST_VIEWS, len(frames))
    for top in range(0, shape[0], ROWS):
        rows = slice(top, top + ROWS)
        values = np.stack([frame[rows] for frame in frames]).astype(np.int16)
        # What is covered is sorted to the end, behind every value; the median is in the middle of the rest.
        values[~clear[:, rows]] = 256
        values.sort(axis=0)
        count = views[rows][None, ..., None]
        low = np.take_along_axis(values, np.maximum(0, (count - 1) // 2), axis=0)[0]
        high = np.take_along_axis(values, np.maximum(0, count // 2).clip(max=len(values) - 1), axis=0)[0]
        picture[rows] = np.where(seen[rows][..., None], (low + high) // 2, 0).astype(np.uint8)
    if not seen.all() and seen.any():
        holes = (~seen).astype(np.uint8)
        picture = np.asarray(cv2.inpaint(picture, holes, 5, cv2.INPAINT_TELEA), np.uint8)
    return Background(picture, seen)


def _blurred(picture: Image) -> NDArray[np.float32]:
    sigma = max(0.7, BLUR * picture.shape[0])
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def stillness(
    background: Background, frames: Sequence[Image], covered: Sequence[NDArray[np.bool_]]
) -> Stillness:
    """Compare frames with their background, beside the figure."""
    still = _blurred(background.picture)
    grey = cv2.cvtColor(background.picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    moving, light, shaking = [0.0], [0.0], [0.0]
    for frame, hidden in zip(frames, covered, strict=True):
        clear = background.seen & ~hidden
        if clear.mean() < LEAST_COMMON:
            continue
        apart = _blurred(frame) - still
        change = float(np.median(apart[clear].mean(axis=1)))
        light.append(abs(change))
        moving.append(float((np.abs(apart[clear] - change).max(axis=1) > DIFFERS).mean()))
        shown = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32)
        # Where the figure is, both are made alike: only the rest can say that it is shifted.
        (x, y), sure = cv2.phaseCorrelate(np.where(clear, grey, 0), np.where(clear, shown, 0))
        shaking.append(float(np.hypot(x, y)) if sure > 0.3 else 0.0)
    return Stillness(*(float(np.percentile(each, TYPICAL)) for each in (moving, light, shaking)))


def same_place(one: Background, other: Background) -> bool:
    """Whether two backgrounds are of one place, seen by one camera that stands still."""
    common = one.seen & other.seen
    if common.mean() < LEAST_COMMON:
        return False
    apart = np.abs(_blurred(one.picture) - _blurred(other.picture)).max(axis=2)
    return bool((apart[common] > DIFFERS).mean() < OTHER_PLACE)
