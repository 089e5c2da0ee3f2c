"""Drawing on the chart with smooth edges: outlines, brush strokes of changing width, distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from mirror_effects.painting.noise import CHART, Field

__all__ = ["blurred", "curve", "depth_inside", "fill", "mirrored", "smooth_step", "stroke"]

Points = NDArray[np.floating[Any]] | Sequence[tuple[float, float]] | Sequence[NDArray[np.floating[Any]]]
SUBPIXEL_BITS = 6
OVERSAMPLING = 2


def smooth_step(low: float, high: float, value: Field) -> Field:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the larger one."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def blurred(field: Field, radius: float) -> Field:
    """Gaussian blur with a standard deviation of `radius` chart pixels."""
    sigma = radius * field.shape[0] / CHART
    return field if sigma < 0.2 else np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)


def mirrored(points: Points) -> NDArray[np.float64]:
    """The same points on the other half of the face."""
    return np.asarray(points, np.float64) * (-1, 1) + (CHART, 0)


def curve(points: Points, closed: bool = False, samples: int = 160) -> NDArray[np.float64]:
    """A smooth line float64 [samples, 2] through points [n ≥ 2, 2]."""
    knots = np.asarray(points, np.float64)
    if closed:
        knots = np.concatenate([knots, knots[:1]])
    steps = np.maximum(np.linalg.norm(np.diff(knots, axis=0), axis=1), 1e-3) ** 0.5
    along = np.concatenate([[0.0], np.cumsum(steps)])
    spline = CubicSpline(along, knots, bc_type="periodic" if closed else "natural")
    return np.asarray(spline(np.linspace(0, along[-1], samples, endpoint=not closed)))


def fill(size: int, points: Points, blur: float = 0.0) -> Field:
    """The inside of a closed outline: 1 inside, 0 outside, with smooth edges."""
    work = size * OVERSAMPLING
    image = np.zeros((work, work), np.uint8)
    scaled = np.asarray(points, np.float64) * (work / CHART) - 0.5
    fixed = np.rint(scaled * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(image, [fixed], (255,), cv2.LINE_AA, SUBPIXEL_BITS)
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return blurred(small.astype(np.float32) / 255, blur)


def stroke(
    size: int, points: Points, widths: float | Sequence[float], *, closed: bool = False, smooth: bool = True
) -> Field:
    """A brush stroke: 1 on it, 0 beside it.

    Args:
        size: of the result in pixels.
        points: the brush's way.
        widths: full width in chart pixels; several are spread evenly along the way.
        closed: join the end with the beginning.
        smooth: draw a smooth curve through the points.
    """
    way = curve(points, closed) if smooth else np.asarray(points, np.float64)
    if closed:
        way = np.concatenate([way, way[:1]])
    wanted = np.atleast_1d(np.asarray(widths, np.float64))
    half = np.interp(np.linspace(0, 1, len(way)), np.linspace(0, 1, len(wanted)), wanted) / 2
    work = size * OVERSAMPLING
    scale = work / CHART
    half = np.maximum(half - 0.5 / scale, 0.15 / scale)  # OpenCV's smooth edge lies half a pixel outside
    image = np.zeros((work, work), np.uint8)
    direction = np.gradient(way, axis=0)
    normal = direction[:, ::-1] * (-1, 1) / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    left, right = way + normal * half[:, None], way - normal * half[:, None]
    unit = 1 << SUBPIXEL_BITS
    for i in range(len(way) - 1):  # quads, so that a loop does not cancel itself out
        quad = np.stack([left[i], left[i + 1], right[i + 1], right[i]]) * scale - 0.5
        cv2.fillConvexPoly(image, np.rint(quad * unit).astype(np.int32), (255,), cv2.LINE_AA, SUBPIXEL_BITS)
    for point, radius in zip(way, half, strict=True):
        centre = np.rint((point * scale - 0.5) * unit).astype(int).tolist()
        wide = max(1, round(radius * scale * unit))
        cv2.circle(image, centre, wide, (255,), -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.float32) / 255


def depth_inside(size: int, points: Points) -> Field:
    """Distance to a closed outline in chart pixels, positive inside, negative outside."""
    mask = (fill(size, points) > 0.5).astype(np.uint8)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray((inside - outside) * (CHART / size), np.float32)
