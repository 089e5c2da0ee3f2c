"""What the unmasking network sees and says: a face upright in a square, and what lies beneath its mask.

Training, evaluation and running use these same functions, so that they cannot drift apart. A face is turned,
scaled and moved by points that a mask does not cover: corners of the eyes, bridge of the nose, temples,
forehead. The network answers with a colour and an alpha for each pixel of the square; where alpha is small,
the picture stays as it is, byte by byte.
"""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = [
    "ALPHA_HIGH",
    "ALPHA_LOW",
    "LAYOUT",
    "SIDE",
    "STEADY_POINTS",
    "aligned_face",
    "composed",
    "face_similarity",
    "for_opencv",
    "in_square",
    "network_input",
    "opacity",
    "paste_back",
    "split_output",
]

SIDE: Final = 192  # usual height and width of the network's square, in pixels
ALPHA_LOW: Final = 0.1  # alpha up to which the picture stays as it is
ALPHA_HIGH: Final = 0.9  # alpha from which only the network's colour is seen
SURFACE_POINTS = 468
LARGEST_SHRINK = 16  # times that a picture is averaged before it is laid into the square

# Mean places, in shares of the square's side, of points that a mask leaves bare; both halves made alike. From
# 3,357 faces seen from the front, with the outer corners of the eyes 1/2.2 of the side apart: the forehead
# ends at 0.09, the chin at 0.90, so that what hangs below the chin is still in the square.
LAYOUT: Final[dict[int, tuple[float, float]]] = {
    33: (0.2727, 0.3450),
    133: (0.4128, 0.3536),
    362: (0.5872, 0.3536),
    263: (0.7273, 0.3450),
    168: (0.5000, 0.3290),
    6: (0.5000, 0.3685),
    8: (0.5000, 0.2929),
    9: (0.5000, 0.2513),
    127: (0.1503, 0.3594),
    356: (0.8497, 0.3594),
    10: (0.5000, 0.0929),
}
STEADY_POINTS: Final = tuple(LAYOUT)
_PLACES: Final = np.array(list(LAYOUT.values()), np.float64)


def face_similarity(landmarks: NDArray[np.floating[Any]], side: int = SIDE) -> NDArray[np.float64]:
    """The similarity that brings a face's steady points nearest to LAYOUT, in the sense of least squares.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991, in the
    plane, where it is one division of complex numbers.

    Args:
        landmarks: [468 or more, 2 or more] in pixels (pixel i covers i … i+1).
        side: of the square in pixels.

    Returns:
        float64 [2, 3], from such pixels of the image to such pixels of the square.

    Raises:
        ShapeError: where the array has another shape or holds what is no finite number.
    """
    if landmarks.ndim != 2 or landmarks.shape[0] < SURFACE_POINTS or landmarks.shape[1] < 2:
        raise ShapeError(
            f"landmarks must be float32 [{SURFACE_POINTS} or more, 2 or more], not {list(landmarks.shape)}."
        )
    points = np.asarray(landmarks[list(STEADY_POINTS), :2], np.float64)
    if not np.isfinite(points).all():
        raise ShapeError("landmarks must be finite numbers, but some are NaN or infinite.")
    places = _PLACES * side
    middle, target = points.mean(0), places.mean(0)
    here = (points - middle) @ (1, 1j)
    there = (places - target) @ (1, 1j)
    spread = float((np.abs(here) ** 2).sum())
    factor = complex((here.conj() * there).sum() / spread) if spread > 1e-9 else 1 + 0j
    if abs(factor) < 1e-9:  # points without any order: the square lies upright around their middle
        factor = 1 + 0j
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([linear, target - linear @ middle])


def in_square(landmarks: NDArray[np.floating[Any]], similarity: NDArray[np.float64]) -> NDArray[np.float32]:
    """The landmarks' x and y in the square: float32 [n, 2] of [n, 2 or more]."""
    return np.asarray(landmarks[:, :2] @ similarity[:, :2].T + similarity[:, 2], np.float32)


def for_opencv(similarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same between pixels whose middle is at whole numbers, as OpenCV counts them."""
    moved = similarity.copy()
    moved[:, 2] += moved[:, :2] @ (0.5, 0.5) - 0.5
    return moved


def aligned_face(
    image: NDArray[np.uint8], similarity: NDArray[np.float64], side: int = SIDE, *, beyond: int | None = None
) -> NDArray[np.uint8]:
    """The face laid into the square.

    A face that is larger than the square is averaged first, so that no detail is skipped.

    Args:
        image: uint8 [height, width] or [height, width, 3].
        similarity: as `face_similarity` gives it for this side.
        side: of the square in pixels.
        beyond: value of what lies outside the image; None: it repeats the image's border.

    Returns:
        uint8 [side, side] or [side, side, 3].
    """
    scale = max(math.hypot(similarity[0, 0], similarity[1, 0]), 1e-3)
    shrink = min(LARGEST_SHRINK, int(1 / scale + 0.25))
    if shrink >= 2:
        image, similarity = _averaged(image, similarity, side, shrink)
    square = cv2.warpAffine(
        image,
        for_opencv(similarity),
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT,
        borderValue=(beyond or 0,) * 3,
    )
    return np.asarray(square, np.uint8)


def _averaged(
    image: NDArray[np.uint8], similarity: NDArray[np.float64], side: int, shrink: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of an image that a square needs, in blocks of shrink × shrink pixels; its own similarity."""
    height, width = image.shape[:2]
    back = cv2.invertAffineTransform(similarity)
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64) @ back[:, :2].T + back[:, 2]
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - shrink, 0, (width - 1, height - 1))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2 * shrink, low + 1, (width, height))
    size = np.maximum(1, (high - low) // shrink)
    high = np.minimum(high, low + size * shrink)
    part = image[low[1] : high[1], low[0] : high[0]]
    smaller = cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    ratio = (high - low) / size
    offset = similarity[:, :2] @ low + similarity[:, 2]
    return np.asarray(smaller, np.uint8), np.column_stack([similarity[:, :2] * ratio, offset])


def network_input(squares: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The network's input of BGR squares uint8 [n, side, side, 3] (or one without n): float32 in 0 … 1."""
    pictures = squares[None] if squares.ndim == 3 else squares
    return np.asarray(pictures, np.float32) * np.float32(1 / 255)


def split_output(output: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The network's output [..., side, side, 4] as colour [..., side, side, 3] and alpha [..., side, side].

    Raises:
        ShapeError: where it has not four channels.
    """
    if output.ndim < 3 or output.shape[-1] != 4:
        raise ShapeError(f"The output must be float32 [side, side, 4], not {list(output.shape)}.")
    return output[..., :3], output[..., 3]


def opacity(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of the network's colour is seen for an alpha 0 … 1: exactly 0 up to ALPHA_LOW."""
    return np.clip((alpha - np.float32(ALPHA_LOW)) / np.float32(ALPHA_HIGH - ALPHA_LOW), 0, 1)


def composed(square: Image, colour: NDArray[np.float32], alpha: NDArray[np.float32]) -> Image:
    """The square with the network's colour where the mask is.

    Args:
        square: uint8 [side, side, 3], BGR.
        colour: float32 [side, side, 3] in 0 … 1, BGR.
        alpha: float32 [side, side] in 0 … 1.

    Returns:
        uint8 [side, side, 3]; where alpha is at most ALPHA_LOW, the very bytes of `square`.
    """
    require_bgr(square, "square")
    return _laid_in(square, colour * np.float32(255), opacity(alpha))


def _laid_in(picture: Image, colour: NDArray[np.float32], seen: NDArray[np.float32]) -> Image:
    result = picture.copy()
    inside = seen > 0
    before = picture[inside].astype(np.float32)
    mixed = before + seen[inside][:, None] * (colour[inside] - before)
    result[inside] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result


def paste_back(
    image: Image, similarity: NDArray[np.float64], colour: NDArray[np.float32], alpha: NDArray[np.float32]
) -> Image:
    """The whole image with the network's colour where the mask is: the inverse of `aligned_face`.

    Args:
        image: uint8 [height, width, 3], BGR; not changed.
        similarity: that the square was made with.
        colour: float32 [side, side, 3] in 0 … 1, BGR.
        alpha: float32 [side, side] in 0 … 1.

    Returns:
        uint8 [height, width, 3]; the very bytes of `image` outside the square and where alpha is at most
        ALPHA_LOW.
    """
    require_bgr(image)
    side = alpha.shape[0]
    height, width = image.shape[:2]
    back = cv2.invertAffineTransform(similarity)
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64) @ back[:, :2].T + back[:, 2]
    x0, y0 = (int(v) for v in np.clip(np.floor(corners.min(axis=0)), 0, (width, height)))
    x1, y1 = (int(v) for v in np.clip(np.ceil(corners.max(axis=0)), 0, (width, height)))
    result = image.copy()
    if x1 <= x0 or y1 <= y0:
        return result
    moved = similarity.copy()
    moved[:, 2] += moved[:, :2] @ (x0, y0)
    matrix, size = for_opencv(moved), (x1 - x0, y1 - y0)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(
        np.asarray(colour * 255, np.float32), matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    seen = cv2.warpAffine(opacity(alpha), matrix, size, flags=flags, borderValue=(0.0,))
    part = (slice(y0, y1), slice(x0, x1))
    result[part] = _laid_in(image[part], np.asarray(drawn), np.asarray(seen, np.float32))
    return result
