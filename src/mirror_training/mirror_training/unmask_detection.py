"""Whether somebody wears a mask, by how much of the square is taken for one; on drawn and real masks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mirror_core.frame import Image
from mirror_effects.unmask_light import lit_like_the_skin_around
from mirror_tracking.mask_reading import USUAL_SHARE, MaskCard, mask_share
from mirror_tracking.unmask_input import aligned_face, composed, face_similarity
from mirror_training.face_photos import load_photos
from mirror_training.opencv import cv2
from mirror_training.photo_landmarks import PARTS_OF_A_PIXEL, Finder, find_by_mesh, landmarks_of
from mirror_training.unmask_evaluation import Answering, Look
from mirror_training.unmask_faces import UnmaskFace
from mirror_training.unmask_pairs import Pair
from mirror_training.unmask_pictures import alpha_picture

__all__ = [
    "MASKED_PHOTOS",
    "Detection",
    "fit_card",
    "on_pairs",
    "on_photographs",
    "real_masks",
]

MASKED_PHOTOS = "masked_photos_dev"
LEAST_SPREAD = 0.002  # of the square: faces that are told apart without a mistake fit any steepness
MOST_SPREAD = 0.1
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class Detection:
    """How often masks were told from bare faces.

    Attributes:
        masked: faces with a mask.
        found: share of them that were taken to wear one.
        bare: faces without.
        false: share of them that were taken to wear one.
    """

    masked: int
    found: float
    bare: int
    false: float

    @property
    def accuracy(self) -> float:
        """Mean of both kinds' shares that are right, so that their numbers do not count."""
        return (self.found + 1 - self.false) / 2

    def as_json(self) -> dict[str, float]:
        """What a program may want to know."""
        return {**asdict(self), "accuracy": self.accuracy}


def _fit_share(masked: Sequence[float], bare: Sequence[float]) -> float:
    """The share that parts masked from bare faces best; the middle between the two nearest faces."""
    if not masked or not bare:
        return USUAL_SHARE
    edges = np.unique(np.concatenate([masked, bare]))
    if len(edges) < 2:
        return USUAL_SHARE
    middles = (edges[1:] + edges[:-1]) / 2
    right = [
        float((np.asarray(masked) > edge).mean() + (np.asarray(bare) <= edge).mean()) for edge in middles
    ]
    best = np.flatnonzero(np.isclose(right, max(right)))
    return float(middles[best[len(best) // 2]])


def fit_card(masked: Sequence[float], bare: Sequence[float]) -> MaskCard:
    """How shares are read that masked and bare faces have.

    The share at which both are equally likely is the one that parts them best; how steep the probability
    rises about it is what explains these faces best (logistic regression), both kinds counted alike.
    """
    share = _fit_share(masked, bare)
    if not masked or not bare:
        return MaskCard(share)
    away = np.concatenate([np.asarray(masked) - share, share - np.asarray(bare)])
    weights = np.concatenate([np.full(len(masked), 0.5 / len(masked)), np.full(len(bare), 0.5 / len(bare))])
    spreads = np.geomspace(LEAST_SPREAD, MOST_SPREAD, 200)
    costs = [float(weights @ np.logaddexp(0, -away / spread)) for spread in spreads]
    return MaskCard(share, float(spreads[int(np.argmin(costs))]))


def _detection(masked: Sequence[float], bare: Sequence[float], share: float) -> Detection:
    found = float(np.mean([one > share for one in masked])) if masked else float("nan")
    false = float(np.mean([one > share for one in bare])) if bare else float("nan")
    return Detection(len(masked), found, len(bare), false)


def on_pairs(look: Look, pairs: Sequence[Pair], card: MaskCard | None = None) -> tuple[Detection, MaskCard]:
    """How often drawn masks are told from the same faces without them.

    Args:
        look: the model.
        pairs: masked and true faces.
        card: how shares are read; None: fitted to these very pairs.

    Returns:
        the figures, and the card that was used.
    """
    worn = [pair for pair in pairs if pair.kind != "none"]
    masked = [mask_share(look(pair.masked)[1]) for pair in worn]
    bare = [mask_share(look(pair.truth)[1]) for pair in pairs]
    used = fit_card(masked, bare) if card is None else card
    return _detection(masked, bare, used.share), used


@dataclass(frozen=True, slots=True, eq=False)
class RealMask:
    """A photograph of somebody who really wears a mask, laid into the square.

    Attributes:
        square: uint8 [side, side, 3], BGR.
        name: of the photograph.
    """

    square: Image
    name: str


def real_masks(
    data: Path,
    cache: Path,
    side: int,
    *,
    workers: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    make_finder: Callable[[], Finder] = find_by_mesh,
) -> list[RealMask]:
    """The masked faces of a data folder's `masked_photos_dev.tar` that the mesh finds.

    Args:
        data: the folder.
        cache: folder in which landmarks are kept.
        side: of the squares in pixels.
        workers: processes that look for landmarks.
        progress: told how many photographs are done, and how many there are.
        make_finder: of landmarks.

    Raises:
        UsageError: where the archive is missing.
        ModelError: where the mesh does not load.
    """
    photos = load_photos(data, MASKED_PHOTOS)
    images = {f"{name}:{zlib.crc32(image.tobytes()):08x}": image for name, image in photos}
    contents: dict[str, bytes | Path] = {
        key: cv2.imencode(".png", image)[1].tobytes() for key, image in images.items()
    }
    found = landmarks_of(contents, cache / MASKED_PHOTOS, workers, progress, make_finder)
    masks = []
    for key, points in found.items():
        similarity = face_similarity(points.astype(np.float32) / PARTS_OF_A_PIXEL, side)
        masks.append(RealMask(aligned_face(images[key], similarity, side), key.rpartition(":")[0]))
    return masks


def on_photographs(
    model: Answering, masks: Sequence[RealMask], bare: Sequence[UnmaskFace], share: float
) -> tuple[Detection, list[tuple[Image, Image, Image]]]:
    """How often real masks are told from other people's bare faces.

    Args:
        model: which answers.
        masks: from `real_masks`.
        bare: photographs of people without masks.
        share: from which on somebody is taken to wear a mask.

    Returns:
        the figures, and rows of pictures to look at: input, output, alpha.
    """
    look, side = model.look, model.side
    with_mask: list[float] = []
    without: list[float] = []
    rows: list[tuple[Image, Image, Image]] = []
    step = max(1, len(masks) // MOST_ROWS)
    for number, mask in enumerate(masks):
        colour, alpha = look(mask.square)
        with_mask.append(mask_share(alpha))
        if number % step == 0 and len(rows) < MOST_ROWS:
            lit = lit_like_the_skin_around(mask.square, colour, alpha)
            rows.append((mask.square, composed(mask.square, lit, alpha), alpha_picture(alpha)))
    for face in bare:
        square = aligned_face(face.picture(), face_similarity(face.landmarks, side), side)
        without.append(mask_share(look(square)[1]))
    return _detection(with_mask, without, share), rows
