"""Edge-following enlargement of a coarse mask: the fast guided filter (He & Sun, "Fast Guided Filter", 2015).

The mask is modelled as a linear function of the picture's brightness in each small window of the coarse
grid. The two coefficients are smooth, so they can be enlarged, and the fine picture then supplies the edges.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["coefficients"]

WINDOW = 5  # side in pixels of the coarse grid in which mask and picture are taken to go together
FLATNESS = 4e-4  # variance (of brightness 0 … 1) below which the picture has no say


def coefficients(
    mask: NDArray[np.float32], guide: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit `mask ≈ slope · guide + offset` in every window.

    Args:
        mask: float32 [h, w], 0 … 1.
        guide: float32 [h, w], brightness 0 … 1 of the same pixels.

    Returns:
        (slope, offset): float32 [h, w] each, averaged over the windows that hold a pixel.
    """
    size = (WINDOW, WINDOW)
    stack = np.dstack([guide, mask, guide * guide, guide * mask])
    mean = np.asarray(cv2.blur(stack, size), np.float32)
    variance = mean[..., 2] - mean[..., 0] ** 2
    covariance = mean[..., 3] - mean[..., 0] * mean[..., 1]
    slope = covariance / (variance + FLATNESS)
    offset = mean[..., 1] - slope * mean[..., 0]
    slope, offset = (np.asarray(cv2.blur(each, size), np.float32) for each in (slope, offset))
    return slope, offset
