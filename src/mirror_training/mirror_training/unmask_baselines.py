"""What unmasking has to beat: the mask left on, OpenCV's inpainting, and the mean face laid in.

The last two are told where the mask is, and the mean face also where the true landmarks are: more than a
network knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.mesh_warp import MeshWarper
from mirror_tracking.topology import FILLED_TRIANGLES
from mirror_tracking.unmask_input import aligned_face, face_similarity, in_square
from mirror_training.opencv import cv2
from mirror_training.unmask_faces import UnmaskFace, has_colour
from mirror_training.unmask_pairs import Pair

__all__ = ["MeanFace", "inpainted"]

INPAINT_RADIUS_PX = 5
MOST_FACES = 300
POINTS = 468
SEEN_SHARE = 0.02  # of the square that has to be bare skin for its colours to be known
GAIN_LIMITS = (0.5, 1.8)

Mask = NDArray[np.bool_]


def inpainted(pair: Pair) -> Image:
    """The masked picture filled from the mask's border: Telea, "An image inpainting technique", 2004."""
    hole = (pair.alpha > 0).astype(np.uint8)
    return np.asarray(cv2.inpaint(pair.masked, hole, INPAINT_RADIUS_PX, cv2.INPAINT_TELEA), np.uint8)


class MeanFace:
    """The mean of many faces, brought into any face's shape and colours.

    Args:
        faces: whose; at most MOST_FACES of them, those in colour first.
        side: of the squares in pixels.
    """

    def __init__(self, faces: Sequence[UnmaskFace], side: int) -> None:
        chosen = sorted(faces, key=lambda face: not face.is_colour)
        chosen = chosen[:: max(1, min(len(chosen), 2 * MOST_FACES) // MOST_FACES)][:MOST_FACES]
        squares, shapes = [], []
        for face in chosen:
            landmarks = face.landmarks
            similarity = face_similarity(landmarks, side)
            squares.append(aligned_face(face.picture(), similarity, side))
            shapes.append(in_square(landmarks, similarity)[:POINTS])
        self._shape = np.mean(shapes, axis=0).astype(np.float32)
        self._side = side
        self._warper = MeshWarper(self._shape, FILLED_TRIANGLES)
        total = np.zeros((side, side, 3), np.float64)
        count = np.zeros((side, side, 1), np.float64)
        for square, shape in zip(squares, shapes, strict=True):
            laid, covered = self._laid_out(square, shape)
            total += np.where(covered[..., None], _even(laid, covered), 0)
            count += covered[..., None]
        mean = np.clip(np.rint(total / np.maximum(count, 1)), 0, 255).astype(np.uint8)
        # Beyond its outline the texture goes on, so that no edge is drawn dark.
        self._texture: Image = np.asarray(
            cv2.inpaint(mean, (count[..., 0] == 0).astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8
        )

    def _laid_out(self, square: Image, shape: NDArray[np.float32]) -> tuple[Image, Mask]:
        return _warped(self._warper.with_texture(shape[FILLED_TRIANGLES]), square, self._shape, self._side)

    def fill(self, pair: Pair) -> Image:
        """The masked picture with the mean face where the mask is, in the colours of the skin that is bare.

        Where the mask reaches beyond the face, the picture is inpainted.
        """
        face, covered = _warped(self._warper, self._texture, pair.landmarks[:POINTS], self._side)
        bare = covered & (pair.alpha == 0)
        drawn = face.astype(np.float32)
        if bare.mean() >= SEEN_SHARE:
            if not has_colour(pair.masked):
                drawn = np.repeat(drawn.mean(axis=2, keepdims=True), 3, axis=2)
            # Quartiles: brows, eyes and hair are no skin, but less than half of what is seen.
            ours = np.percentile(drawn[bare], (25, 50, 75), axis=0)
            theirs = np.percentile(pair.masked[bare].astype(np.float32), (25, 50, 75), axis=0)
            gain = np.clip((theirs[2] - theirs[0]) / np.maximum(ours[2] - ours[0], 1.0), *GAIN_LIMITS)
            drawn = ((drawn - ours[1]) * gain + theirs[1]).astype(np.float32)
        share = (pair.alpha.astype(np.float32) / 255 * covered)[..., None]
        result = inpainted(pair).astype(np.float32)
        result += share * (drawn - result)
        return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def _warped(warper: MeshWarper, texture: Image, points: NDArray[np.float32], side: int) -> tuple[Image, Mask]:
    """A texture on a face's points: uint8 [side, side, 3], and bool [side, side]: where it is."""
    found = warper.map(points, (side, side))
    whole = np.zeros((side, side, 3), np.uint8)
    covered = np.zeros((side, side), np.bool_)
    height, width = found.coverage.shape
    part = (slice(found.y0, found.y0 + height), slice(found.x0, found.x0 + width))
    whole[part] = warper.warp(texture, found)
    covered[part] = found.coverage > 127
    return whole, covered


def _even(picture: Image, where: Mask) -> NDArray[np.float32]:
    """The picture with the same mean and spread of brightness as all others."""
    values = picture.astype(np.float32)
    if not where.any():
        return values
    mean, spread = values[where].mean(), max(float(values[where].std()), 1.0)
    return np.asarray((values - mean) * (45.0 / spread) + 128.0, np.float32)
