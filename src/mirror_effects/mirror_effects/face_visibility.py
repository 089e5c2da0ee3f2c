"""What is in front of a face, for an effect that draws on it: the occlusion layer's answer, in its place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_effects.effect import Scene
from mirror_effects.occlusion import OcclusionLayer

__all__ = ["visible_part"]


def visible_part(  # noqa: PLR0917 – a picture, a face and a place read well in this order
    layer: OcclusionLayer, image: Image, face: Face, scene: Scene, x0: int, y0: int, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Where the face itself is seen, in one part of the picture.

    The layer is asked about the picture as it was before any effect moved faces in it, and its answer is
    moved like them.

    Args:
        layer: the shared layer.
        image: uint8 [height, width, 3], BGR, as the effect got it.
        face: one of the scene's faces.
        scene: what is known about the frame.
        x0, y0: column and row of the part's upper left pixel.
        shape: (rows, columns, …) of the part.

    Returns:
        uint8 [rows, columns]: 255 where the face is seen, 0 where something is in front of it; 255 outside
        the face.
    """
    landmarks = face.landmarks
    if scene.unmoved is not None:
        image = scene.unmoved.image
        landmarks = scene.unmoved.landmarks.get(face.track_id, landmarks)
    seen = layer.visibility(image, landmarks, face.track_id, scene.stamp_ns)
    if scene.unmoved is None or not scene.unmoved.bends:
        return _part(seen.mask, seen.x0 - x0, seen.y0 - y0, shape)
    height, width = image.shape[:2]
    plane = _part(seen.mask, seen.x0, seen.y0, (height, width))
    for bend in scene.unmoved.bends:
        plane[bend.rows, bend.columns] = bend.looked_up(plane)
    return np.ascontiguousarray(plane[y0 : y0 + shape[0], x0 : x0 + shape[1]])


def _part(mask: NDArray[np.uint8], left: int, top: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The mask, whose upper left pixel lies at (left, top), in a part of the picture; 255 around it."""
    height, width = shape[:2]
    part = np.full((height, width), 255, np.uint8)
    rows = slice(max(top, 0), max(min(top + mask.shape[0], height), 0))
    columns = slice(max(left, 0), max(min(left + mask.shape[1], width), 0))
    part[rows, columns] = mask[
        rows.start - top : max(rows.stop - top, 0), columns.start - left : max(columns.stop - left, 0)
    ]
    return part
