"""How near unmasked faces are to the true ones, beside simpler ways to fill a mask; by kind of mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.medical import KINDS, MaskOptions, MedicalMasks
from mirror_effects.unmask_light import lit_like_the_skin_around
from mirror_tracking.both_sides import from_both_sides
from mirror_tracking.unmask_input import composed
from mirror_training.opencv import cv2
from mirror_training.picture_quality import Quality, mean_quality, quality
from mirror_training.unmask_baselines import MeanFace, inpainted
from mirror_training.unmask_faces import UnmaskFace
from mirror_training.unmask_pairs import GREY_NOTE, OUTSIDE_NOTE, Pair, PairMaker

__all__ = [
    "ALL",
    "ALONE",
    "METHODS",
    "MODEL",
    "Answering",
    "Evaluation",
    "Look",
    "Score",
    "evaluate",
    "test_pairs",
]

Look = Callable[[Image], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""From a square uint8 [side, side, 3] to colour float32 [side, side, 3] and alpha [side, side]."""


@dataclass(frozen=True, slots=True)
class Answering:
    """A model that was loaded.

    Attributes:
        look: what it answers.
        side: of its square in pixels.
    """

    look: Look
    side: int


MODEL = "model"  # as it is shown
ALONE = "network alone"  # one look, before it is given the light of the skin around
METHODS = ("mask left on", "inpainted (Telea)", "mean face", ALONE, MODEL)
ALL = "all"
TEST_SEED = 2**30 + 1
MASK_FROM = 128  # of the wanted alpha, from which a pixel counts as covered
MOST_ROWS = 12  # of the sheet of pictures


@dataclass(frozen=True, slots=True)
class Score:
    """How near one method comes, on some pictures.

    Attributes:
        pictures: how many.
        masked: of the pixels beneath the mask.
        face: of all pixels of the face.
    """

    pictures: int
    masked: Quality
    face: Quality


@dataclass(slots=True)
class Evaluation:
    """What was measured.

    Attributes:
        scores: by method, then by kind of mask, by "colour" and "grey" photographs, and for ALL.
        rows: pictures to look at: input, truth, output.
    """

    scores: dict[str, dict[str, Score]]
    rows: list[tuple[Image, Image, Image]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What a program may want to know."""
        return {
            method: {
                group: {
                    "pictures": score.pictures,
                    "masked": {
                        "ssim": score.masked.ssim,
                        "psnr_db": score.masked.psnr_db,
                        "l1": score.masked.l1,
                    },
                    "face": {"ssim": score.face.ssim, "psnr_db": score.face.psnr_db, "l1": score.face.l1},
                }
                for group, score in groups.items()
            }
            for method, groups in self.scores.items()
        }


def test_pairs(
    faces: Sequence[UnmaskFace], side: int, pictures: int, options: MaskOptions | None = None
) -> list[Pair]:
    """Pairs to measure on: every kind of mask as often, the same every time, nothing changed but the mask.

    Args:
        faces: of people that were not trained on.
        side: of the squares in pixels.
        pictures: how many at most, spread evenly over the faces.
        options: what masks are drawn.
    """
    chosen = [faces[int(i)] for i in np.linspace(0, len(faces) - 1, min(pictures, len(faces))).round()]
    maker = PairMaker(side, MedicalMasks(options or MaskOptions()))
    kinds = tuple(KINDS)
    return [
        maker.make(face, (TEST_SEED, number), kinds[number % len(kinds)])
        for number, face in enumerate(chosen)
    ]


def evaluate(look: Look, pairs: Sequence[Pair], mean_face: MeanFace) -> Evaluation:
    """Measure a model and the simpler ways on the same pairs.

    Args:
        look: the model.
        pairs: from `test_pairs`.
        mean_face: of the people trained on.
    """
    taken: dict[str, dict[str, list[tuple[Quality, Quality]]]] = {method: {} for method in METHODS}
    rows: list[tuple[Image, Image, Image]] = []
    step = max(1, len(pairs) // MOST_ROWS)
    for number, pair in enumerate(pairs):
        alone = composed(pair.masked, *look(pair.masked))
        colour, alpha = from_both_sides(look, pair.masked)
        output = composed(pair.masked, lit_like_the_skin_around(pair.masked, colour, alpha), alpha)
        pictures = (pair.masked, inpainted(pair), mean_face.fill(pair), alone, output)
        found = dict(zip(METHODS, pictures, strict=True))
        for method, picture in found.items():
            judged = _judged(pair, picture)
            if judged is None:
                continue
            for group in (ALL, pair.kind, "grey" if (pair.note == GREY_NOTE).any() else "colour"):
                taken[method].setdefault(group, []).append(judged)
        if number % step == 0 and len(rows) < MOST_ROWS:
            rows.append((pair.masked, pair.truth, output))
    scores = {
        method: {
            group: Score(
                len(judged),
                mean_quality([one for one, _ in judged]),
                mean_quality([one for _, one in judged]),
            )
            for group, judged in groups.items()
        }
        for method, groups in taken.items()
    }
    return Evaluation(scores, rows)


def _judged(pair: Pair, picture: Image) -> tuple[Quality, Quality] | None:
    valid = pair.note != OUTSIDE_NOTE
    face = np.zeros(pair.alpha.shape, np.uint8)
    outline = cv2.convexHull(pair.landmarks)[:, 0]
    cv2.fillConvexPoly(face, np.rint(outline - 0.5).astype(np.int32), 1)
    masked = quality(picture, pair.truth, (pair.alpha >= MASK_FROM) & valid)
    whole = quality(picture, pair.truth, (face > 0) & valid)
    return None if masked is None or whole is None else (masked, whole)
