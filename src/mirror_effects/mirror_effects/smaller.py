"""Draws effects in a smaller picture and lays what they drew back into the large one.

Work on pixels falls with the square of the share. Only the box in which effects changed something becomes
softer: all else keeps its own pixels. The way there and back costs 1.5 ms at 1280×720, so that it is gone
only for effects that save more (`Effect.gains_by_resolution`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from mirror_core.bodies import Body
from mirror_core.faces import Face, Roi
from mirror_core.frame import Image, read_only
from mirror_effects.effect import Scene, writable

__all__ = ["apply_smaller", "smaller", "smaller_scene"]

UNCHANGED = 2  # grey levels by which a pixel may differ and count as untouched


def smaller(image: Image, share: float) -> Image:
    """The picture in `share` of its width and height: uint8 [h, w, 3], read-only."""
    height, width = image.shape[:2]
    size = (max(1, round(width * share)), max(1, round(height * share)))
    return read_only(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8))


def smaller_scene(scene: Scene, share: float, camera: Image | None) -> Scene:
    """The scene of a picture that was made smaller.

    Args:
        scene: of the large picture, before any effect.
        share: of width and height.
        camera: the camera's picture, made smaller.
    """
    return replace(
        scene,
        faces=tuple(_smaller_face(face, share) for face in scene.faces),
        bodies=tuple(_smaller_body(body, share) for body in scene.bodies),
        camera=camera,
    )


def apply_smaller(apply: Callable[[Image, Scene], Image], image: Image, scene: Scene, share: float) -> Image:
    """What `apply` makes of the picture, drawn at a lower resolution.

    Args:
        apply: the effects; called once, with a smaller picture and its scene.
        image: uint8 [height, width, 3], BGR; may be read-only.
        scene: of this picture, before any effect.
        share: of width and height in which effects draw, 0 … 1.

    Returns:
        uint8 [height, width, 3]; `image` itself where the effects change nothing.
    """
    small = smaller(image, share)
    drawn = apply(small, smaller_scene(scene, share, small if scene.camera is not None else None))
    if drawn is small:
        return image
    box = _changed_box(drawn, small)
    if box is None:
        return image
    result = writable(image)
    _lay_enlarged(drawn, box, result)
    return result


def _changed_box(drawn: Image, before: Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of what differs, with a pixel around it; None where nothing does."""
    height, width = before.shape[:2]
    # As one grey picture of three columns for each pixel: much quicker than colour by colour.
    difference = cv2.absdiff(drawn, before).reshape(height, 3 * width)
    _, changed = cv2.threshold(difference, UNCHANGED, 255, cv2.THRESH_BINARY)
    x, y, across, down = cv2.boundingRect(changed)
    if across == 0:
        return None
    left, right = x // 3 - 1, (x + across - 1) // 3 + 2
    return max(left, 0), max(y - 1, 0), min(right, width), min(y + down + 1, height)


def _lay_enlarged(drawn: Image, box: tuple[int, int, int, int], target: Image) -> None:
    """Enlarge a box of a small picture onto a large one, where enlarging all of it would lay that."""
    across, down = (target.shape[i] / drawn.shape[i] for i in (1, 0))
    left, top = math.floor(box[0] * across), math.floor(box[1] * down)
    right = min(math.ceil(box[2] * across), target.shape[1])
    bottom = min(math.ceil(box[3] * down), target.shape[0])
    # Centres of pixels fall on centres of pixels.
    matrix = np.array(
        [[1 / across, 0, (left + 0.5) / across - 0.5], [0, 1 / down, (top + 0.5) / down - 0.5]], np.float64
    )
    target[top:bottom, left:right] = cv2.warpAffine(
        drawn,
        matrix,
        (right - left, bottom - top),
        flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _smaller_face(face: Face, share: float) -> Face:
    scale = np.float32(share)
    return replace(
        face,
        roi=_smaller_roi(face.roi, share),
        landmarks=face.landmarks * scale,
        shape_reconstruction=face.shape_reconstruction * scale,
        mask_roi=_smaller_roi(face.mask_roi, share) if face.mask_roi is not None else None,
    )


def _smaller_body(body: Body, share: float) -> Body:
    roi, mask = _smaller_roi(body.roi, share), body.segmentation
    if mask is not None:
        # The mask's rectangle has whole pixels.
        x, y = round(roi.x), round(roi.y)
        roi = Roi(x, y, max(1, round(roi.width)), max(1, round(roi.height)))
        size = (int(roi.width), int(roi.height))
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return replace(body, roi=roi, landmarks=body.landmarks * np.float32(share), segmentation=mask)


def _smaller_roi(roi: Roi, share: float) -> Roi:
    return Roi(roi.x * share, roi.y * share, roi.width * share, roi.height * share)
