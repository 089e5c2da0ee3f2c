"""Make the UV chart: where each of the 468 points of the face mesh lies in a mask's texture.

Usage: python make_uv_chart.py
The mean head is unrolled half-way: each coordinate is a mix of the frontal view and of the arc on a
cylinder through the head, so that the sides get room and a frontal drawing still looks like a face. The
result, float32 [468, 2] in pixels of a texture of 1024 × 1024, is written to data/uv_points.npy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.head_pose import mean_face

AXIS_BEHIND_M = 0.09  # the cylinder's axis stands this far behind the middle of the eyes
RADIUS_M = 0.12  # … and its surface touches the cheeks
MIDDLE_HEIGHT_M = -0.03  # height from which the arc upwards and downwards is measured: the nose
SIDEWAYS_UNROLLED = 0.35  # share of the arc, the rest is the frontal view
UPRIGHT_UNROLLED = 0.4
SIZE_PX, MARGIN_PX = 1024, 32
SURFACE_POINTS = 468
TARGET = Path(__file__).parent.parent / "mirror_effects" / "data" / "uv_points.npy"


def unrolled(head: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Texture pixels float32 [n, 2] of points [n, 3] in the head frame."""
    forward, left, up = np.asarray(head, np.float64).T
    out, height = forward + AXIS_BEHIND_M, up - MIDDLE_HEIGHT_M
    u = (1 - SIDEWAYS_UNROLLED) * left + SIDEWAYS_UNROLLED * RADIUS_M * np.arctan2(left, out)
    v = -(1 - UPRIGHT_UNROLLED) * height - UPRIGHT_UNROLLED * RADIUS_M * np.arctan2(height, out)
    chart = np.stack([u, v], axis=1)
    low, high = chart.min(axis=0), chart.max(axis=0)
    return np.asarray(MARGIN_PX + (chart - low) / (high - low) * (SIZE_PX - 2 * MARGIN_PX), np.float32)


if __name__ == "__main__":
    np.save(TARGET, unrolled(mean_face()[:SURFACE_POINTS]))
    print(TARGET)
