"""What the occlusion network sees: the face, upright in a small square, and a hint where its parts are."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.topology import INNER_LIPS, LEFT_BROW, LEFT_EYE, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE

__all__ = [
    "CHANNELS",
    "CHIN",
    "FOREHEAD",
    "GRID",
    "SURFACE_POINTS",
    "aligned",
    "face_hint",
    "face_outline",
    "network_input",
    "upright_similarity",
    "upright_square",
]

GRID = 96  # side in pixels of the network's square
CHANNELS = 4  # blue, green, red, hint
MARGIN = 1.2  # side of the square over the larger side of the upright face
SURFACE_POINTS = 468
FOREHEAD, CHIN = 10, 152
SHIFT_BITS = 4  # fractional bits of drawn coordinates
HINT_FACE, HINT_PART, HINT_MOUTH = (110,), (200,), (255,)  # grey levels of the hint

Points = NDArray[np.floating[Any]]


def upright_similarity(landmarks: Points) -> NDArray[np.float64]:
    """The similarity that turns a face upright and fits it into the network's square.

    The chin-to-forehead line becomes vertical: unlike the line of the eyes it keeps its length when
    the head turns.

    Args:
        landmarks: [468 or more, 2 or more] in pixels.

    Returns:
        float64 [2, 3], from image pixels (OpenCV's convention) to pixels of the square.
    """
    points = np.asarray(landmarks[:SURFACE_POINTS, :2], np.float64)
    up = points[FOREHEAD] - points[CHIN]
    length = float(np.hypot(up[0], up[1]))
    cosine, sine = (-up[1] / length, up[0] / length) if length > 1e-6 else (1.0, 0.0)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    turned = rotation @ points.T
    low, high = turned.min(axis=1), turned.max(axis=1)
    scale = GRID / (MARGIN * max(float((high - low).max()), 1.0))
    offset = GRID / 2 - scale * (low + high) / 2
    return np.column_stack([scale * rotation, offset])


def upright_square(image: Image, similarity: NDArray[np.float64]) -> Image:
    """The upright face: uint8 [GRID, GRID, 3]; what lies outside the image repeats its border.

    A large face is first halved (or more) by averaging, so that no detail is skipped.
    """
    shrink = int(1.0 / max(float(np.hypot(similarity[0, 0], similarity[0, 1])), 1e-3))
    if shrink >= 2:
        back = cv2.invertAffineTransform(similarity)
        corners = (
            np.array([[0, 0], [GRID, 0], [0, GRID], [GRID, GRID]], np.float64) @ back[:, :2].T + back[:, 2]
        )
        height, width = image.shape[:2]
        x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int) - shrink, 0, (width - 1, height - 1))
        x1, y1 = np.clip(
            np.ceil(corners.max(axis=0)).astype(int) + 2 * shrink, (x0 + 1, y0 + 1), (width, height)
        )
        size = (max(1, (x1 - x0) // shrink), max(1, (y1 - y0) // shrink))
        # Whole blocks are averaged fastest; the few pixels beyond them were added above.
        x1, y1 = min(x1, x0 + size[0] * shrink), min(y1, y0 + size[1] * shrink)
        part = image[y0:y1, x0:x1]
        image = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        # In OpenCV's convention, pixel u of the smaller picture lies at (u + ½) · ratio − ½ of the larger.
        ratio = np.array([(x1 - x0) / size[0], (y1 - y0) / size[1]])
        offset = similarity[:, :2] @ (np.array([x0, y0]) + ratio / 2 - 0.5) + similarity[:, 2]
        similarity = np.column_stack([similarity[:, :2] * ratio, offset])
    square = cv2.warpAffine(
        image, similarity, (GRID, GRID), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(square, np.uint8)


def aligned(landmarks: Points, similarity: NDArray[np.float64]) -> NDArray[np.float32]:
    """The surface points in the square: float32 [468, 2]."""
    points = landmarks[:SURFACE_POINTS, :2] @ similarity[:, :2].T + similarity[:, 2]
    return np.asarray(points, np.float32)


def face_outline(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outline of a face in any pose, the convex hull of its points: float32 [n, 2]."""
    return np.asarray(cv2.convexHull(points), np.float32)[:, 0]


def _fixed(points: NDArray[np.float32]) -> NDArray[np.int32]:
    return np.asarray(np.rint(points * (1 << SHIFT_BITS)), np.int32)


def face_hint(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Where the face and its parts should be.

    Args:
        points: float32 [468, 2] in the square.

    Returns:
        uint8 [GRID, GRID]: 0 outside, then face, brows/eyes/lips, inside of the mouth.
    """
    hint = np.zeros((GRID, GRID), np.uint8)
    cv2.fillPoly(hint, [_fixed(face_outline(points))], HINT_FACE, shift=SHIFT_BITS)
    parts = [_fixed(points[part]) for part in (LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE, OUTER_LIPS)]
    for part in parts:
        cv2.fillPoly(hint, [part], HINT_PART, shift=SHIFT_BITS)
    cv2.fillPoly(hint, [_fixed(points[INNER_LIPS])], HINT_MOUTH, shift=SHIFT_BITS)
    return hint


def network_input(square: Image, hint: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The network's input, float32 [1, GRID, GRID, CHANNELS] in −1 … 1, of a square picture and its hint."""
    return (np.dstack([square, hint]).astype(np.float32) * (1 / 127.5) - 1.0)[None]
