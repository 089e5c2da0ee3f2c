"""A photograph on the Shape page: its face is found once, then deformed by the mirror's own effects."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.faces import Face, Roi
from mirror_core.frame import Image
from mirror_core.jpeg import encode_jpeg
from mirror_core.parameters import update
from mirror_web.shape_values import NO_PRESET, UNCHANGED_FACTOR, ShapeValues

__all__ = ["ShapePhoto", "demo_photo", "photo_of_file"]

SHOWN_SIDE_PX = 800
LARGEST_SCALE = 3.0  # a small face is enlarged so much at most
JPEG_QUALITY = 88
AROUND = 1.3  # of the face's size to each side of its middle is shown
NO_FACE = "The mirror finds no face in this photo; choose one that shows a face from the front."


class ShapePhoto:
    """A photograph with its face.

    Args:
        image: uint8 [height, width, 3], BGR.

    Raises:
        UsageError: if no face is found.
        ModelError: if a model does not load.
    """

    def __init__(self, image: Image) -> None:
        from mirror_gallery.photo import find_faces

        found = find_faces(image)
        if not found:
            raise UsageError(NO_FACE)
        part, landmarks = _around_face(image, found[0])
        scale = min(SHOWN_SIDE_PX / max(part.shape[:2]), LARGEST_SCALE)
        size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
        kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        part, landmarks = np.asarray(cv2.resize(part, size, interpolation=kind), np.uint8), landmarks * scale
        self._image = np.ascontiguousarray(part)
        self._image.flags.writeable = False
        self._face = Face(1, 1.0, Roi.around(landmarks), np.asarray(landmarks, np.float32))

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._image.shape[1], self._image.shape[0]

    def rendered(self, values: ShapeValues) -> Image:
        """The photograph with these values: uint8 [height, width, 3], BGR."""
        from mirror_effects import Effect, Scene
        from mirror_effects.caricature import CaricatureEffect
        from mirror_effects.deform import DeformEffect

        image, scene = self._image, Scene(0, (self._face,), camera=self._image)
        wanted: list[Effect] = []
        if values.preset != NO_PRESET or any(values.components):
            deform = DeformEffect()
            deform.parameters = update(deform.parameters, values.deform_parameters)
            wanted.append(deform)
        if values.factor != UNCHANGED_FACTOR:
            caricature = CaricatureEffect()
            caricature.parameters = update(caricature.parameters, values.caricature_parameters)
            wanted.insert(0, caricature)  # of the person's own shape, before it is deformed
        for effect in wanted:
            image = effect.apply(image, scene)
            scene = effect.scene_after(scene)
            effect.close()
        return image

    def jpeg(self, values: ShapeValues) -> bytes:
        """The same as JPEG."""
        return encode_jpeg(self.rendered(values), JPEG_QUALITY)


def _around_face(image: Image, landmarks: NDArray[np.float32]) -> tuple[Image, NDArray[np.float32]]:
    """The part of a photograph around its face, and the landmarks in that part."""
    roi = Roi.around(landmarks)
    half = AROUND * max(roi.width, roi.height)
    (x, y), (height, width) = roi.centre, image.shape[:2]
    left, right = max(round(x - half), 0), min(round(x + half), width)
    top, bottom = max(round(y - half), 0), min(round(y + half), height)
    return image[top:bottom, left:right], landmarks - np.array([left, top, 0], np.float32)


@cache
def demo_photo() -> ShapePhoto:
    """The demo reel's portrait: scikit-image's astronaut, in the public domain."""
    from skimage.data import astronaut

    portrait: NDArray[np.uint8] = astronaut()  # type: ignore[no-untyped-call]
    return ShapePhoto(np.ascontiguousarray(portrait[..., ::-1]))


def photo_of_file(data: bytes) -> ShapePhoto:
    """A photograph from a file's content (JPEG, PNG, WebP).

    Raises:
        UsageError: if it is no picture, or no face is found.
    """
    from mirror_gallery.photo import read_photograph

    return ShapePhoto(read_photograph(data).image)
