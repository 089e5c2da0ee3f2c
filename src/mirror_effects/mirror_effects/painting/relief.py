"""The mean head as a relief under the chart: positions, normals, hollows, and light on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from mirror_effects.painting.noise import CHART, Field, enlarged, positions
from mirror_effects.painting.shapes import blurred, smooth_step
from mirror_effects.uv_chart import UV_POINTS
from mirror_tracking.head_pose import mean_face

__all__ = ["Relief", "carved", "diffuse", "gloss", "reflection", "relief"]

COARSE = 160  # the head is interpolated on a grid of this size; finer is not in 468 points
SMOOTHING = 0.004
LIGHT = (-0.26, -0.62, 0.74)  # to the light: from the upper left, as painters have it


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """The head's surface at each pixel of a texture.

    Attributes:
        position: float32 [size, size, 3] in millimetres: x to the picture's right, y down, z towards
            the viewer.
        normal: float32 [size, size, 3], unit length, pointing outwards.
        hollow: float32 [size, size], 0 on what stands out … 1 in the deepest hollows.
    """

    position: Field
    normal: Field
    hollow: Field


@cache
def _coarse() -> NDArray[np.float32]:
    head = mean_face()[:468].astype(np.float64) * 1000.0
    axes = np.stack([head[:, 1], -head[:, 2], head[:, 0]], axis=1)
    x, y = positions(COARSE)
    grid = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64) / CHART
    surface = RBFInterpolator(UV_POINTS.astype(np.float64) / CHART, axes, smoothing=SMOOTHING)(grid)
    return np.asarray(surface.reshape(COARSE, COARSE, 3), np.float32)


def _normals(position: Field) -> Field:
    across = np.stack([cv2.Sobel(position[..., i], cv2.CV_32F, 1, 0, ksize=3) for i in range(3)], axis=2)
    down = np.stack([cv2.Sobel(position[..., i], cv2.CV_32F, 0, 1, ksize=3) for i in range(3)], axis=2)
    normal = np.cross(across, down)
    length = np.linalg.norm(normal, axis=2, keepdims=True)
    return np.asarray(normal / np.maximum(length, 1e-9), np.float32)


@cache
def relief(size: int) -> Relief:
    """The head's relief for a texture of `size` × `size` pixels."""
    places = np.clip((np.arange(size) + 0.5) * (COARSE / size) - 0.5, 1, COARSE - 2)
    position = np.stack([enlarged(_coarse()[..., i], places) for i in range(3)], axis=2)
    position = np.stack([blurred(position[..., i], 4.0) for i in range(3)], axis=2)
    height = position[..., 2]
    hollow = np.zeros((size, size), np.float32)
    for radius, reach_mm in ((14.0, 1.6), (34.0, 4.0), (70.0, 8.0)):
        hollow += np.clip((blurred(height, radius) - height) / reach_mm, 0, 1) / 3
    return Relief(position, _normals(position), smooth_step(0.0, 0.75, hollow))


def carved(base: Relief, height_mm: Field) -> Field:
    """Normals [size, size, 3] of the relief raised by `height_mm` along its own normals."""
    return _normals(base.position + base.normal * height_mm[..., None])


def diffuse(normal: Field, light: tuple[float, float, float] = LIGHT, wrap: float = 0.35) -> Field:
    """Light 0 … 1 on a matt surface; `wrap` lets it reach around the edge."""
    direction = np.asarray(light, np.float32) / np.linalg.norm(light)
    return np.clip((normal @ direction.astype(np.float32) + wrap) / (1 + wrap), 0, 1).astype(np.float32)


def gloss(normal: Field, sharpness: float, light: tuple[float, float, float] = LIGHT) -> Field:
    """Highlight 0 … 1 on a polished surface (Blinn 1977)."""
    half = np.asarray(light, np.float64) / np.linalg.norm(light) + (0.0, 0.0, 1.0)
    half /= np.linalg.norm(half)
    return np.asarray(np.clip(normal @ half.astype(np.float32), 0, 1) ** sharpness, np.float32)


def reflection(normal: Field, blur: float = 0.12) -> Field:
    """Brightness 0 … 1 of what a metal surface mirrors: a studio with two soft boxes and a dark floor."""
    mirror = 2 * normal[..., 2:3] * normal - (0.0, 0.0, 1.0)
    x, y = mirror[..., 0], mirror[..., 1]
    sky = 0.22 + 0.42 * smooth_step(0.75, -0.85, y)
    floor = 0.22 * smooth_step(0.45, 0.95, y)
    key = smooth_step(0.42 + blur, 0.42 - blur, np.hypot((x + 0.42) / 1.2, (y + 0.5) / 0.8))
    rim = smooth_step(0.16 + blur, 0.16 - blur, np.abs(x - 0.78)) * smooth_step(0.75 + blur, 0.6, np.abs(y))
    band = smooth_step(0.10 + blur, 0.0, np.abs(y - 0.12)) * 0.28
    return np.asarray(np.clip(sky + floor + 0.62 * key + 0.4 * rim - band, 0, 1), np.float32)
