"""The UV chart of masks: where the face's points and outlines lie in a texture of 1024 × 1024 pixels.

The texture shows the face as the camera does: the person's right eye stands left.
"""

from __future__ import annotations

from importlib import resources

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.topology import (
    FACE_OVAL,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = ["FACE_OUTLINE", "HOLES", "OUTLINES", "TEXTURE_SIZE", "UV_POINTS"]

TEXTURE_SIZE = 1024
"""Width and height in pixels of the texture that the chart is given in."""


def _load() -> NDArray[np.float32]:
    with resources.files("mirror_effects").joinpath("data", "uv_points.npy").open("rb") as file:
        points = np.array(np.load(file, allow_pickle=False), np.float32)
    points.flags.writeable = False
    return points


UV_POINTS = _load()
"""float32 [468, 2]: x and y of the mesh's points in texture pixels; tools/make_uv_chart.py made it."""

OUTLINES: dict[str, NDArray[np.float32]] = {
    name: UV_POINTS[loop]
    for name, loop in {
        "face": FACE_OVAL,
        "right_eye": RIGHT_EYE,
        "left_eye": LEFT_EYE,
        "right_brow": RIGHT_BROW,
        "left_brow": LEFT_BROW,
        "lips": OUTER_LIPS,
        "mouth": INNER_LIPS,
    }.items()
}
"""Name → closed outline, float32 [n, 2] in texture pixels."""

FACE_OUTLINE = OUTLINES["face"]
HOLES = {"eyes": (OUTLINES["right_eye"], OUTLINES["left_eye"]), "mouth": (OUTLINES["mouth"],)}
"""What may be cut out of a mask → the outlines of its parts."""
