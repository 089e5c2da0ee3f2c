"""Cuts a face out of a picture: cropped, background removed by the outline of its mesh."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image, require_bgr
from mirror_gallery.portrait import SURFACE_POINTS, FaceView
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["cut_out", "mesh_mask"]

MARGIN = 0.12  # around the face's box, as a share of its longer side
SOFT_EDGE = 0.03  # width over which the opacity rises, inwards from the outline, as a share of that side
UNTRUSTED_RIM = 0.025  # share of that side: so near to the outline a pixel may show background
LARGEST_SIDE_PX = 768  # of the kept picture; a face on the mirror is smaller
SMALLEST_SIDE_PX = 16  # of a face's box, below which there is nothing to keep
SUBPIXEL_BITS = 4


def cut_out(
    image: Image,
    landmarks: NDArray[np.float32],
    angles: tuple[float, float, float] = (math.nan, math.nan, math.nan),
) -> FaceView:
    """One view of a face for the gallery.

    Outside the outline the picture holds no background but the face's own colours, spread outwards and
    ever smoother: nothing of the room is kept, and sampling at the edge finds skin.

    Args:
        image: uint8 [height, width, 3], BGR.
        landmarks: float32 [468 or 478, 3], pixels of `image`.
        angles: yaw, pitch, roll in degrees, as in `FaceView`.

    Raises:
        UsageError: if the face is a few pixels small or outside the picture.
    """
    require_bgr(image)
    height, width = image.shape[:2]
    surface = landmarks[:SURFACE_POINTS, :2].astype(np.float64)
    low, high = surface.min(axis=0), surface.max(axis=0)
    side = float((high - low).max())
    left, top = np.floor(low - MARGIN * side).astype(int)
    right, bottom = np.ceil(high + MARGIN * side).astype(int)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if side < SMALLEST_SIDE_PX or min(x1 - x0, y1 - y0) < SMALLEST_SIDE_PX:
        raise UsageError("The face lies outside the picture or is only a few pixels small.")
    scale = min(1.0, LARGEST_SIDE_PX / max(x1 - x0, y1 - y0))
    size = (round((x1 - x0) * scale), round((y1 - y0) * scale))
    crop = np.asarray(cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), np.uint8)
    moved = landmarks.astype(np.float64)
    moved[:, :2] = (moved[:, :2] - (x0, y0)) * (size[0] / (x1 - x0), size[1] / (y1 - y0))
    moved[:, 2] *= scale
    mask = mesh_mask(moved, size)
    # The picture's border is no outline: a face that it cuts off stays opaque there.
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    share = np.clip(depth / max(SOFT_EDGE * side * scale, 1.0), 0.0, 1.0)
    opacity = np.rint(255 * share * share * (3 - 2 * share)).astype(np.uint8)
    trust = np.clip(depth / max(UNTRUSTED_RIM * side * scale, 1.0), 0.0, 1.0).astype(np.float32)
    if not (trust >= 1.0).any():
        raise UsageError("The face's points do not enclose a face.")
    spread = _spread(crop.astype(np.float32), (trust >= 1.0).astype(np.float32))
    clean = np.clip(np.rint(spread + (crop - spread) * trust[..., None]), 0, 255).astype(np.uint8)
    return FaceView(np.ascontiguousarray(clean), opacity, moved.astype(np.float32), *angles)


def mesh_mask(landmarks: NDArray[np.floating[Any]], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Where the mesh is: uint8 [height, width], 255 or 0.

    The union of all triangles rather than the face oval: on a turned head the nose may stand out over
    the far cheek.

    Args:
        landmarks: [468 or more, 2 or 3], pixels (pixel i covers i … i+1).
        size: (width, height) of the picture.
    """
    mask = np.zeros((size[1], size[0]), np.uint8)
    fixed = np.rint((landmarks[:SURFACE_POINTS, :2] - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    for triangle in fixed[FILLED_TRIANGLES]:
        cv2.fillConvexPoly(mask, triangle, (255,), cv2.LINE_8, SUBPIXEL_BITS)
    return mask


def _spread(colours: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill where `weight` is 0 from where it is 1, smoothly.

    The push-pull of Gortler et al. 1996, "The lumigraph": averages go up a pyramid, and come down again
    where nothing finer is known.

    Args:
        colours: float32 [h, w, 3].
        weight: float32 [h, w], 0 … 1.
    """
    height, width = weight.shape
    if max(height, width) <= 2:
        total = max(float(weight.sum()), 1e-6)
        mean = (colours * weight[..., None]).sum(axis=(0, 1)) / total
        return np.broadcast_to(mean.astype(np.float32), colours.shape).copy()
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse_weight = np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32)
    sums = np.asarray(cv2.resize(colours * weight[..., None], half, interpolation=cv2.INTER_AREA), np.float32)
    coarse = sums / np.maximum(coarse_weight, 1e-6)[..., None]
    filled = _spread(coarse, np.minimum(coarse_weight * 4, 1.0).astype(np.float32))
    up = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(up + (colours - up) * weight[..., None], np.float32)
