"""One example for unmasking: a face with a drawn mask, the same face without it, and where the mask is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.medical import MedicalMasks
from mirror_tracking.unmask_input import aligned_face, face_similarity, in_square
from mirror_training.opencv import cv2
from mirror_training.skin_colours import SkinColour, tinted
from mirror_training.unmask_augment import Jitter, photographed
from mirror_training.unmask_faces import UnmaskFace, has_colour

__all__ = ["CHANNELS", "GREY_NOTE", "OUTSIDE_NOTE", "TRUE_NOTE", "Pair", "PairMaker", "grown"]

CHANNELS = 8  # of a packed pair: masked picture, true picture, alpha, note
OUTSIDE_NOTE, GREY_NOTE, TRUE_NOTE = 0, 128, 255  # padding; a photograph without true colours; any other
GROWN_FROM = 0.3  # opacity of the drawn mask from which nothing of the pixel is to be kept
LARGEST_SEED = 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One example.

    Attributes:
        masked: uint8 [side, side, 3], BGR: what the network sees.
        truth: uint8 [side, side, 3]: what is beneath the mask; the same bytes where alpha is 0.
        alpha: uint8 [side, side], how much of the network's colour is wanted, 0 … 255.
        note: uint8 [side, side], OUTSIDE_NOTE, GREY_NOTE or TRUE_NOTE.
        landmarks: float32 [468, 2], pixels of the square.
        kind: of the mask; "none" for a bare face.
        name: of the photograph.
    """

    masked: Image
    truth: Image
    alpha: NDArray[np.uint8]
    note: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    kind: str
    name: str

    def packed(self) -> NDArray[np.uint8]:
        """All pictures as one, uint8 [side, side, CHANNELS]."""
        return np.dstack([self.masked, self.truth, self.alpha, self.note])


def grown(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much of the network's colour is wanted where a mask was laid on with an opacity.

    Along a mask's edge a pixel is part skin, part mask. Where a fair share of it is mask, nothing of it may
    stay, or the mask's edge stays as a line.
    """
    return np.clip(alpha * np.float32(1 / GROWN_FROM), 0, 255).astype(np.uint8)


class PairMaker:
    """Makes pairs of one size. Not to be shared between threads.

    Args:
        side: of the pictures in pixels.
        masks: the generator of masks.
        skins: skins for grey photographs, where they are to be coloured.
        bare: share of faces that wear no mask.
        grey: share of grey photographs that stay grey.
        jitter: how the pictures are changed; None: not at all.
    """

    def __init__(
        self,
        side: int,
        masks: MedicalMasks,
        skins: Sequence[SkinColour] = (),
        *,
        bare: float = 0.0,
        grey: float = 1.0,
        jitter: Jitter | None = None,
    ) -> None:
        self._side, self._masks, self._skins = side, masks, skins
        self._bare, self._grey, self._jitter = bare, grey, jitter

    def make(self, face: UnmaskFace, seed: Sequence[int], kind: str = "") -> Pair:
        """One pair, the same for the same seed.

        Args:
            face: the photograph.
            seed: numbers of 0 or more.
            kind: of the mask; empty: drawn.

        Raises:
            UsageError: where the photograph cannot be read any more, or the kind is not known.
        """
        rng = np.random.default_rng(list(seed))
        image, landmarks = face.picture(), face.landmarks
        is_grey = not face.is_colour or not has_colour(image)
        if is_grey and self._skins and rng.random() >= self._grey:
            image = tinted(image, landmarks, self._skins[int(rng.integers(len(self._skins)))], rng)
        similarity = face_similarity(landmarks, self._side)
        if self._jitter is not None:
            similarity = self._jitter.moved(similarity, self._side, rng)
        truth = aligned_face(image, similarity, self._side)
        points = in_square(landmarks, similarity)
        note = self._note(face, image, similarity, TRUE_NOTE if not is_grey else GREY_NOTE)
        mask_seed = int(rng.integers(LARGEST_SEED))
        if not kind and rng.random() < self._bare:
            masked, alpha, kind = truth, np.zeros(truth.shape[:2], np.uint8), "none"
        else:
            worn = self._masks.put_on(truth, points, mask_seed, kind)
            masked, alpha, kind = worn.image, worn.alpha, worn.kind
        pair = Pair(masked, truth, grown(alpha), note, points, kind, face.name)
        return pair if self._jitter is None else self._changed(pair, self._jitter, rng)

    def _note(
        self, face: UnmaskFace, image: Image, similarity: NDArray[np.float64], inside: int
    ) -> NDArray[np.uint8]:
        height, width = image.shape[:2]
        valid = np.full((height, width), 255, np.uint8)
        if face.valid_box is not None:
            x0, y0, x1, y1 = (round(v) for v in face.valid_box)
            valid[:] = 0
            valid[max(0, y0) : y1, max(0, x0) : x1] = 255
        laid = aligned_face(valid, similarity, self._side, beyond=0)
        return np.where(laid > 127, inside, OUTSIDE_NOTE).astype(np.uint8)

    def _changed(self, pair: Pair, jitter: Jitter, rng: np.random.Generator) -> Pair:
        masked, truth = photographed(pair.masked, pair.truth, jitter, rng)
        alpha, note, points = pair.alpha, pair.note, pair.landmarks
        if jitter.flip and rng.random() < 0.5:
            masked, truth, alpha, note = (
                np.ascontiguousarray(a[:, ::-1]) for a in (masked, truth, alpha, note)
            )
            # Mirrored points carry the other side's numbers; outlines do not mind.
            points = np.column_stack([self._side - points[:, 0], points[:, 1]]).astype(np.float32)
        untouched = cv2.dilate(alpha, np.ones((3, 3), np.uint8)) == 0
        masked[untouched] = truth[untouched]  # compression carries a mask's colour a few pixels away
        return Pair(masked, truth, alpha, note, points, pair.kind, pair.name)
