"""Small pictures of stored faces for lists: the frontal view on a plain ground."""

from __future__ import annotations

import cv2
import numpy as np

from mirror_core.frame import Image
from mirror_gallery.portrait import FaceView

__all__ = ["SIDE_PX", "thumbnail", "thumbnail_jpeg"]

SIDE_PX = 160
FACE_PX = 144  # the face's larger side in it
GROUND = 48  # grey level behind the face
QUALITY = 85  # JPEG; about 6 kB


def thumbnail(view: FaceView) -> Image:
    """The face of a view, cut out, centred, and 144 px high or wide.

    Returns:
        uint8 [160, 160, 3], BGR.
    """
    left, top, width, height = cv2.boundingRect(view.opacity)
    if width == 0:  # nothing of the face is opaque: an empty picture says so
        return np.full((SIDE_PX, SIDE_PX, 3), GROUND, np.uint8)
    box = np.s_[top : top + height, left : left + width]
    weight = view.opacity[box][..., None].astype(np.float32) / 255
    flat = view.image[box] * weight + GROUND * (1 - weight)
    scale = FACE_PX / max(width, height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(flat, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    picture = np.full((SIDE_PX, SIDE_PX, 3), GROUND, np.uint8)
    x, y = (SIDE_PX - size[0]) // 2, (SIDE_PX - size[1]) // 2
    picture[y : y + size[1], x : x + size[0]] = np.clip(small + 0.5, 0, 255).astype(np.uint8)
    return picture


def thumbnail_jpeg(view: FaceView) -> bytes:
    """The same as the bytes of a JPEG file."""
    _, data = cv2.imencode(".jpg", thumbnail(view), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(data.tobytes())
