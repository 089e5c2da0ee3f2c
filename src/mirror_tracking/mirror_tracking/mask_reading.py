"""Whether a face wears a medical mask, and where, of the unmasking network's alpha."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.faces import Roi
from mirror_core.frame import Image
from mirror_tracking.unmask_input import SIDE, aligned_face, face_similarity

__all__ = [
    "USUAL_SHARE",
    "MaskCard",
    "MaskReader",
    "MaskReading",
    "SquareModel",
    "load_card",
    "mask_share",
    "places_in_image",
]

MASK_FROM = 0.5  # alpha from which a pixel counts as mask
USUAL_SHARE = 0.06  # of the square, from which on somebody is taken to wear a mask
USUAL_SPREAD = 0.01  # share by which that is exceeded where the odds are e : 1
SMALLEST_PATCH = 0.002  # share of the square; smaller spots of alpha do not widen the mask's box
MOST_LOG_ODDS = 30.0  # beyond, the exponential overflows and the probability is 0 or 1 anyway


class SquareModel(Protocol):
    """What the reader needs of a network; `UnmaskModel` is one."""

    @property
    def side(self) -> int:
        """Side of its square in pixels."""

    def look(self, square: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Colour [side, side, 3] and alpha [side, side]."""


@dataclass(frozen=True, slots=True)
class MaskCard:
    """How an alpha is read, fitted on people that the network was not trained on.

    Attributes:
        share: of the square taken for a mask at which mask and no mask are equally likely.
        spread: share more at which the odds are e : 1 (logistic regression).
        side: of the network's square in pixels.
    """

    share: float = USUAL_SHARE
    spread: float = USUAL_SPREAD
    side: int = SIDE

    def probability(self, share: float) -> float:
        """0 … 1 that somebody of whose square so much is taken for a mask wears one."""
        odds = (share - self.share) / self.spread
        return 1 / (1 + math.exp(-max(-MOST_LOG_ODDS, min(MOST_LOG_ODDS, odds))))


def load_card(file: Path) -> MaskCard:
    """The card beside a model.

    Raises:
        ModelError: where it is missing or does not hold both numbers.
    """
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        card = MaskCard(float(found["mask_share"]), float(found["mask_spread"]), int(found["side"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(
            f"{file} must hold side, mask_share and mask_spread, three numbers: copy it from the training."
        ) from error
    if not (0 < card.share < 1 and 0 < card.spread < 1 and card.side >= 1):
        raise ModelError(
            f"{file} is refused: mask_share and mask_spread must be between 0 and 1, side 1 or more."
        )
    return card


def mask_share(alpha: NDArray[np.float32]) -> float:
    """The share of the square that is taken for a mask, of an alpha [side, side] in 0 … 1."""
    return float((alpha > MASK_FROM).mean())


@dataclass(frozen=True, slots=True)
class MaskReading:
    """What was read from one face.

    Attributes:
        probability: 0 … 1 that it wears a mask.
        box: (left, upper, right, lower) of the mask in shares of the square; None where there is none.
    """

    probability: float
    box: tuple[float, float, float, float] | None = None


class MaskReader:
    """Reads faces, one at a time.

    Args:
        model: the unmasking network.
        card: how its alpha is read.
    """

    def __init__(self, model: SquareModel, card: MaskCard) -> None:
        self._model, self._card = model, card

    def read(self, image: Image, landmarks: NDArray[np.float32]) -> MaskReading:
        """Whether a face wears a mask.

        Args:
            image: uint8 [height, width, 3], BGR.
            landmarks: float32 [468 or more, 2 or more], pixels.
        """
        side = self._model.side
        square = aligned_face(image, face_similarity(landmarks, side), side)
        _, alpha = self._model.look(square)
        probability = self._card.probability(mask_share(alpha))
        return MaskReading(probability, _box(alpha) if probability > 0.5 else None)


def _box(alpha: NDArray[np.float32]) -> tuple[float, float, float, float] | None:
    side = alpha.shape[0]
    count, _, boxes, _ = cv2.connectedComponentsWithStats((alpha > MASK_FROM).astype(np.uint8))
    large = [box for box in boxes[1:count] if box[cv2.CC_STAT_AREA] >= SMALLEST_PATCH * side * side]
    if not large:
        return None
    left, upper, width, height = np.array(large)[:, :4].T
    edges = (left.min(), upper.min(), (left + width).max(), (upper + height).max())
    return tuple(float(edge) / side for edge in edges)  # type: ignore[return-value]  # four of them


def places_in_image(box: tuple[float, float, float, float], landmarks: NDArray[np.float32]) -> Roi:
    """Where a box of the square lies in the picture now: the rectangle around its four corners.

    Args:
        box: (left, upper, right, lower) in shares of the square.
        landmarks: of the face in that picture.
    """
    left, upper, right, lower = box
    corners = np.array([[left, upper], [right, upper], [left, lower], [right, lower]])
    back = cv2.invertAffineTransform(face_similarity(landmarks, 1))
    return Roi.around(corners @ back[:, :2].T + back[:, 2])
