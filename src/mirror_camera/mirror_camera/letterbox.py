"""Fits a picture into a size: keeps its proportions, black bars fill the rest."""

from __future__ import annotations

import cv2
import numpy as np

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = ["letterbox"]


def letterbox(image: Image, width: int, height: int) -> Image:
    """`image` (uint8 [h, w, 3]) scaled as large as fits and centred: uint8 [height, width, 3].

    An image that has the size already is returned as it is.

    Raises:
        ShapeError: if the image or the size is not valid.
    """
    require_bgr(image)
    if width < 1 or height < 1:
        raise ShapeError(f"A picture's size must be 1 × 1 or more, not {width} × {height}.")
    rows, columns = image.shape[:2]
    if (columns, rows) == (width, height):
        return image
    scale = min(width / columns, height / rows)
    inner = (min(max(round(columns * scale), 1), width), min(max(round(rows * scale), 1), height))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(image, inner, interpolation=method)
    canvas = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas[top : top + inner[1], left : left + inner[0]] = fitted
    return canvas
