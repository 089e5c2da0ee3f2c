"""The film's figure over the still background: where the network sees none, the background's very bytes."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = ["ALPHA_HIGH", "ALPHA_LOW", "composed"]

ALPHA_LOW: Final = 0.1  # alpha up to which only the background is seen
ALPHA_HIGH: Final = 0.9  # alpha from which only the network's colour is seen


def composed(background: Image, colour: NDArray[np.floating[Any]], alpha: NDArray[np.floating[Any]]) -> Image:
    """The background with the figure before it.

    Args:
        background: uint8 [h, w, 3], BGR; not changed.
        colour: float [h, w, 3] in 0 … 1, BGR.
        alpha: float [h, w] in 0 … 1.

    Returns:
        uint8 [h, w, 3]; where alpha is at most ALPHA_LOW, the very bytes of the background.

    Raises:
        ShapeError: where the three do not fit together.
    """
    require_bgr(background, "background")
    if colour.shape != background.shape or alpha.shape != background.shape[:2]:
        raise ShapeError(
            f"colour and alpha must be {list(background.shape)} and {list(background.shape[:2])} as the "
            f"background, not {list(colour.shape)} and {list(alpha.shape)}."
        )
    result = background.copy()
    x, y, width, height = cv2.boundingRect((alpha > ALPHA_LOW).astype(np.uint8))
    if not width:
        return result
    part = (slice(y, y + height), slice(x, x + width))
    seen = np.clip((alpha[part] - np.float32(ALPHA_LOW)) / np.float32(ALPHA_HIGH - ALPHA_LOW), 0, 1)[
        ..., None
    ]
    before = background[part].astype(np.float32)
    mixed = before + seen * (colour[part] * np.float32(255) - before)
    result[part] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result
