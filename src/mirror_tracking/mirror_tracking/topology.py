"""How the 478 points of the face mesh hang together: triangles, outlines and named points.

Left and right are the person's own. Points 0 … 467 are the surface, 468 … 472 the right iris (centre
first), 473 … 477 the left one. `import` costs nothing but a small file: mediapipe is not needed.
"""

from __future__ import annotations

from importlib import resources

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONTOURS",
    "FACE_OVAL",
    "FILLED_TRIANGLES",
    "HOLE_TRIANGLES",
    "INNER_LIPS",
    "LEFT_BROW",
    "LEFT_EYE",
    "LEFT_EYE_INNER",
    "LEFT_EYE_OUTER",
    "LEFT_IRIS",
    "LEFT_IRIS_CENTRE",
    "MESH_EDGES",
    "MESH_TRIANGLES",
    "MOUTH_LEFT",
    "MOUTH_RIGHT",
    "NOSE_TIP",
    "OUTER_LIPS",
    "RIGHT_BROW",
    "RIGHT_EYE",
    "RIGHT_EYE_INNER",
    "RIGHT_EYE_OUTER",
    "RIGHT_IRIS",
    "RIGHT_IRIS_CENTRE",
]

Indices = NDArray[np.int32]

RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133
LEFT_EYE_INNER, LEFT_EYE_OUTER = 362, 263
RIGHT_IRIS_CENTRE, LEFT_IRIS_CENTRE = 468, 473
NOSE_TIP = 1
MOUTH_RIGHT, MOUTH_LEFT = 61, 291


def _indices(*values: int) -> Indices:
    array = np.array(values, np.int32)
    array.flags.writeable = False
    return array


# Closed loops, each point once; the last is joined to the first.
FACE_OVAL = _indices(
    *(10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148),
    *(152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356, 389, 251, 284, 332, 297, 338),
)
RIGHT_EYE = _indices(33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_EYE = _indices(263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
OUTER_LIPS = _indices(
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409),
    *(291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
)
INNER_LIPS = _indices(
    *(78, 191, 80, 81, 82, 13, 312, 311, 310, 415),
    *(308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)
RIGHT_BROW = _indices(70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
LEFT_BROW = _indices(300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
RIGHT_IRIS = _indices(469, 470, 471, 472)
LEFT_IRIS = _indices(474, 475, 476, 477)

CONTOURS: dict[str, Indices] = {
    "face_oval": FACE_OVAL,
    "right_eye": RIGHT_EYE,
    "left_eye": LEFT_EYE,
    "outer_lips": OUTER_LIPS,
    "inner_lips": INNER_LIPS,
    "right_brow": RIGHT_BROW,
    "left_brow": LEFT_BROW,
    "right_iris": RIGHT_IRIS,
    "left_iris": LEFT_IRIS,
}
"""All outlines by name; each is a closed loop of point indices."""


def _load(name: str) -> Indices:
    with resources.files("mirror_tracking").joinpath("data", name).open("rb") as file:
        triangles = np.array(np.load(file, allow_pickle=False), np.int32)
    triangles.flags.writeable = False
    return triangles


def _strip(loop: Indices) -> list[tuple[int, int, int]]:
    """Triangles between the two halves of a loop that begins in one of its corners."""
    half = len(loop) // 2
    upper = [int(i) for i in loop[: half + 1]]
    lower = [int(loop[0]), *(int(i) for i in loop[:half:-1]), int(loop[half])]
    triangles = []
    for i in range(half):
        if i > 0:
            triangles.append((upper[i], lower[i], upper[i + 1]))
        if i < half - 1:
            triangles.append((upper[i + 1], lower[i], lower[i + 1]))
    return triangles


def _holes() -> Indices:
    mirrored = [(a, c, b) for a, b, c in _strip(LEFT_EYE)]  # its loop runs the other way round
    triangles = np.array(_strip(RIGHT_EYE) + mirrored + _strip(INNER_LIPS), np.int32)
    triangles.flags.writeable = False
    return triangles


def _edges(triangles: Indices) -> Indices:
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges: Indices = np.unique(np.sort(pairs, axis=1), axis=0)
    edges.flags.writeable = False
    return edges


MESH_TRIANGLES = _load("mesh_triangles.npy")
"""int32 [852, 3]: the skin, open at eyes and mouth; counter-clockwise as the camera sees a face."""

HOLE_TRIANGLES = _holes()
"""int32 [46, 3]: fills the two eyes (14 each) and the mouth (18), wound like the skin."""

FILLED_TRIANGLES = np.concatenate([MESH_TRIANGLES, HOLE_TRIANGLES])
"""int32 [898, 3]: the whole face without holes."""
FILLED_TRIANGLES.flags.writeable = False

MESH_EDGES = _edges(MESH_TRIANGLES)
"""int32 [1322, 2]: every edge of the skin once, smaller index first."""
