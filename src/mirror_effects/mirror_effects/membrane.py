"""The smoothest sheet through given values: interpolation inwards from a boundary, on a pyramid.

Two problems, one solver:
- `membrane`: the Laplace equation with the values fixed at some pixels (Pérez, Gangnet, Blake,
  "Poisson Image Editing", 2003, eq. 4 for the difference of two pictures; its interpolation directly
  from the boundary is the idea of Farbman et al., "Coordinates for Instant Image Cloning", 2009).
- `relief`: the screened Poisson equation (Bhat, Curless, Cohen, Zitnick, 2008), for gradients that are
  mixed in.

Both go once over the levels of a pyramid, as in Farbman et al., "Convolution Pyramids" (2011); what
each level adds is relaxed there a few times (Bornemann & Deuflhard, "The
cascadic multigrid method", 1996). Beyond the array's edge there is no data: the sheet runs on level.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["membrane", "relief"]

Values = NDArray[np.float32]

COARSEST_PX = 2  # longer side of the coarsest level
RELAXATIONS = ((24, 12), (48, 6), (96, 3))  # on levels up to so many pixels long, so many times
FINEST_RELAXATIONS = 1
LEVEL = cv2.BORDER_REPLICATE
CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32)
CENTRE = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)
DAMPING = np.float32(0.8)  # of the Jacobi steps; smooths the shortest waves best
SHORTEST_REACH_PX = 1.0  # on a level where the sheet reaches no farther, one step is enough
SMALLEST_REPEATED_PX = 40  # levels from this size on, but the finest, are corrected twice


def membrane(values: Values, given: NDArray[np.bool_]) -> Values:
    """Values everywhere that agree with `values` where `given` says so and are smooth elsewhere.

    Args:
        values: float32 [h, w, 3].
        given: bool [h, w], where `values` counts.

    Returns:
        float32 [h, w, 3], within the range of the given values; 0 where none is given at all.
    """
    mask = given.view(np.uint8)
    weight = given.astype(np.float32)
    weighted = np.asarray(cv2.bitwise_and(values, values, mask=mask), np.float32)
    levels = [(values, mask)]
    while max(weight.shape) > COARSEST_PX:
        size = _half(weight.shape)
        weighted = np.asarray(cv2.resize(weighted, size, interpolation=cv2.INTER_AREA), np.float32)
        weight = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32)
        levels.append((weighted / np.maximum(weight, 1e-12)[..., None], (weight > 0).view(np.uint8)))
    total = float(weight.sum())
    if total <= 0:
        return np.zeros_like(values)
    sheet: NDArray[Any] = np.empty((*weight.shape, values.shape[2]), np.float32)
    sheet[:] = weighted.sum(axis=(0, 1)) / total
    for known, mask in reversed(levels):
        sheet = cv2.resize(sheet, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
        sheet = cv2.copyTo(known, mask, sheet)
        for _ in range(_relaxations(max(mask.shape))):
            sheet = cv2.copyTo(known, mask, cv2.blur(sheet, (3, 3), borderType=LEVEL))
    return np.asarray(sheet, np.float32)


def relief(divergence: Values, reach_px: float) -> Values:
    """A sheet s with Laplacian(s) − s / reach² = divergence, by one multigrid cycle.

    The second term pulls the sheet to 0 where nothing happens for longer than the reach: edges and
    details stay, no bright or dark haze is left around them.

    Args:
        divergence: float32 [h, w], the wanted Laplacian (sum of the four neighbours less four times
            the pixel).
        reach_px: distance over which a step in the sheet fades, in pixels.

    Returns:
        float32 [h, w], within about 15 % of the exact sheet for details of 1 px, 5 % from 4 px on.
    """
    return _relieved(divergence, reach_px, passes=1)


def _relieved(divergence: Values, reach_px: float, passes: int) -> Values:
    """One level: a Jacobi step, `passes` corrections from the coarser levels, a Jacobi step after each."""
    diagonal = 4 + 1 / reach_px**2
    jacobi = (1 - DAMPING) * CENTRE + np.float32(DAMPING / diagonal) * CROSS
    operator = CROSS - np.float32(diagonal) * CENTRE
    step = divergence * np.float32(-DAMPING / diagonal)
    sheet: NDArray[Any] = step
    if reach_px <= SHORTEST_REACH_PX or min(divergence.shape) == 1:
        return step
    half = _half(divergence.shape)
    coarser_passes = 2 if max(half) >= SMALLEST_REPEATED_PX else 1
    for _ in range(passes):
        missing = cv2.subtract(divergence, cv2.filter2D(sheet, -1, operator, borderType=LEVEL))
        coarse = np.asarray(cv2.resize(missing, half, interpolation=cv2.INTER_AREA), np.float32)
        coarse *= 4  # a pixel of this level is two pixels wide, and the Laplacian is per squared pixel
        correction = _relieved(coarse, reach_px / 2, coarser_passes)
        enlarged = cv2.resize(correction, divergence.shape[::-1], interpolation=cv2.INTER_LINEAR)
        sheet = cv2.add(cv2.filter2D(cv2.add(sheet, enlarged), -1, jacobi, borderType=LEVEL), step)
    return np.asarray(sheet, np.float32)


def _half(shape: tuple[int, ...]) -> tuple[int, int]:
    """(width, height) of the next coarser level."""
    return (shape[1] + 1) // 2, (shape[0] + 1) // 2


def _relaxations(length: int) -> int:
    return next((count for limit, count in RELAXATIONS if length <= limit), FINEST_RELAXATIONS)
