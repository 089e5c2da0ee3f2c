"""What was found beneath somebody's mask, laid into pictures as the face moves on.

The network's answer belongs to the face, not to the frame it was made from: it is kept in the face's own
upright square and laid in where the face is now. So it may come a few frames late without trailing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image
from mirror_tracking.unmask_input import face_similarity, for_opencv, opacity

__all__ = ["Uncovered"]

BORDER = 1  # pixels of the square about what is seen, which bilinear sampling reaches


@dataclass(frozen=True, slots=False, eq=False)
class Uncovered:
    """The lower half of a face in its square.

    Attributes:
        colour: uint8 [side, side, 3], BGR.
        seen: uint8 [side, side], how much of it is seen, 0 … 255.
    """

    colour: Image
    seen: NDArray[np.uint8]

    def __post_init__(self) -> None:
        side = self.seen.shape[0]
        if self.seen.shape != (side, side) or self.colour.shape != (side, side, 3):
            raise ShapeError(
                f"Uncovered needs [side, side, 3] and [side, side], not {list(self.colour.shape)} and "
                f"{list(self.seen.shape)}."
            )

    @classmethod
    def of(cls, colour: NDArray[np.float32], alpha: NDArray[np.float32]) -> Uncovered:
        """Of the network's answer: colour float32 [side, side, 3] and alpha [side, side], both in 0 … 1."""
        bytes_of = cv2.convertScaleAbs  # rounds and saturates; nothing here is negative
        return cls(
            np.asarray(bytes_of(np.maximum(colour, 0), alpha=255), np.uint8),
            np.asarray(bytes_of(opacity(alpha), alpha=255), np.uint8),
        )

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(left, upper, right, lower) of what is seen, pixels of the square; all 0 where nothing is."""
        left, upper, width, height = cv2.boundingRect(self.seen)
        return left, upper, left + width, upper + height

    def lay_into(self, image: Image, landmarks: NDArray[np.float32], strength: float = 1.0) -> None:
        """Draw it where the face is, in place; where nothing of it is seen, bytes stay as they are.

        Args:
            image: uint8 [height, width, 3], BGR, writable.
            landmarks: float32 [468 or more, 2 or more], of the face in this picture.
            strength: 0 … 1.
        """
        left, upper, right, lower = self.box
        if right <= left or strength <= 0:
            return
        similarity = face_similarity(landmarks, self.seen.shape[0])
        back = cv2.invertAffineTransform(similarity)
        corners = np.array([[left, upper], [right, upper], [left, lower], [right, lower]], np.float64)
        corners += np.array([[-BORDER, -BORDER], [BORDER, -BORDER], [-BORDER, BORDER], [BORDER, BORDER]])
        corners = corners @ back[:, :2].T + back[:, 2]
        height, width = image.shape[:2]
        x0, y0 = (int(v) for v in np.clip(np.floor(corners.min(axis=0)), 0, (width, height)))
        x1, y1 = (int(v) for v in np.clip(np.ceil(corners.max(axis=0)), 0, (width, height)))
        if x1 <= x0 or y1 <= y0:
            return
        similarity[:, 2] += similarity[:, :2] @ (x0, y0)
        how: dict[str, Any] = {"dsize": (x1 - x0, y1 - y0), "flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP}
        matrix = for_opencv(similarity)
        drawn = cv2.warpAffine(self.colour, matrix, **how, borderMode=cv2.BORDER_REPLICATE)
        share = cv2.warpAffine(self.seen, matrix, **how, borderMode=cv2.BORDER_CONSTANT, borderValue=(0,))
        part = image[y0:y1, x0:x1]
        weight: Any = np.asarray(share, np.float32) * np.float32(strength / 255)
        part[:] = cv2.blendLinear(drawn, part, weight, 1 - weight)
