"""How visible the border of something laid into a picture is: one number to compare blends by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = ["seam_visibility"]

OUTERMOST_PX, INNERMOST_PX = -3, 17  # depths between which a blend may put its border
WINDOW_PX = 3  # adjoining depths averaged, so that one row of content is no border
ACROSS = np.array([[0, -1, 1]], np.float32)


def seam_visibility(result: Image, target: Image, source: Image, mask: NDArray[np.uint8]) -> float:
    """The mean gradient jump along a blend's border, in grey levels per pixel; 0 where there is no seam.

    The depth of a pixel is its distance from the mask's border, positive inside. Gradient magnitudes
    (grey, differences to the next pixel) are averaged over each depth, one pixel wide, in the result,
    the target and the source. What the result has beyond the larger of the other two, averaged over
    three adjoining depths, is the jump there; the largest jump from -3 to 16 px is the seam. So a
    border is found wherever a blend has moved it to, and content is not mistaken for a border.

    Args:
        result: uint8 [h, w, 3], BGR.
        target, source: uint8 [h, w, 3], what it was made of.
        mask: uint8 [h, w], 128 or more inside.

    Raises:
        ShapeError: if the sizes differ or the mask has no border.
    """
    for name, picture in (("result", result), ("target", target), ("source", source)):
        require_bgr(picture, name)
    sizes = {picture.shape[:2] for picture in (result, target, source, mask)}
    if len(sizes) > 1:
        raise ShapeError(f"result, target, source and mask must have one size, not {sorted(sizes)}.")
    inside = (mask >= 128).view(np.uint8)
    if inside.all() or not inside.any():
        raise ShapeError("The mask must have a border: some pixels of 128 or more, some of less.")
    inwards = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    outwards = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    depth = np.where(inside > 0, np.ceil(inwards) - 1, -np.ceil(outwards)).astype(np.int64) - OUTERMOST_PX
    near = (depth >= 0) & (depth < INNERMOST_PX - OUTERMOST_PX)
    counts = np.maximum(np.bincount(depth[near]), 1)
    means = [np.bincount(depth[near], weights=_gradient(p)[near]) / counts for p in (result, target, source)]
    jumps = np.convolve(means[0] - np.maximum(means[1], means[2]), np.ones(WINDOW_PX) / WINDOW_PX, "valid")
    return max(0.0, float(jumps.max(initial=0.0)))


def _gradient(picture: Image) -> NDArray[np.float32]:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.hypot(cv2.filter2D(grey, -1, ACROSS), cv2.filter2D(grey, -1, ACROSS.T))
