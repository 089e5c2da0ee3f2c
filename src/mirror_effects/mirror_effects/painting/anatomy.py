"""Places on the chart that painters need: outlines as fields, named points, the mask's own edge."""

from __future__ import annotations

from functools import cache

import numpy as np

from mirror_effects.painting.noise import Field
from mirror_effects.painting.shapes import blurred, curve, depth_inside, fill, smooth_step
from mirror_effects.uv_chart import FACE_OUTLINE, OUTLINES, UV_POINTS

__all__ = [
    "EYE_CENTRES",
    "NOSE",
    "edge",
    "eyes",
    "inside",
    "lips_height",
    "mouth",
    "painted_eyes",
]

EYE_CENTRES = tuple(OUTLINES[name].mean(axis=0) for name in ("right_eye", "left_eye"))
NOSE = UV_POINTS[4]


@cache
def inside(size: int, outline: str) -> Field:
    """Depth inside an outline of `uv_chart.OUTLINES` in chart pixels; negative outside."""
    return depth_inside(size, curve(OUTLINES[outline], closed=True))


def eyes(size: int) -> Field:
    """Depth inside the nearer eye in chart pixels; negative outside."""
    return np.maximum(inside(size, "right_eye"), inside(size, "left_eye"))


def mouth(size: int) -> Field:
    """Depth inside the open mouth in chart pixels; negative outside."""
    return inside(size, "mouth")


def edge(size: int, feather: float, inset: float = 0.0) -> Field:
    """Opacity of a mask that ends at the face's outline: over `feather` chart pixels inwards."""
    depth = depth_inside(size, FACE_OUTLINE)
    return smooth_step(inset, inset + max(feather, 1e-3), depth)


def lips_height(size: int) -> Field:
    """A bulge 0 … 1 over each lip, 0 in the mouth."""
    depth = np.clip(inside(size, "lips"), 0, None)
    bulge = smooth_step(0, 24, depth) * (1 - smooth_step(-14, 2, mouth(size)))
    return blurred(bulge.astype(np.float32), 3)


def painted_eyes(size: int, radius: float = 30.0) -> tuple[Field, Field]:
    """Iris and pupil 0 … 1 of eyes that look straight ahead, within the eyes' outlines."""
    iris, pupil = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for centre in EYE_CENTRES:
        iris = np.maximum(iris, fill(size, centre + ring * radius))
        pupil = np.maximum(pupil, fill(size, centre + ring * radius * 0.45))
    within = smooth_step(-1, 1, eyes(size))
    return iris * within, pupil * within
