"""A texture at several sizes, so that a small face shows it without flicker."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["TexturePyramid"]

SMALLEST_LEVEL_PX = 16
BLUR_OCTAVES = 0.25  # a level is left for the next smaller one this much before 2 : 1 is reached
Picture = NDArray[np.uint8]


class TexturePyramid:
    """A texture and its halves, quarters, …

    Bilinear sampling of a texture that is much finer than the picture skips pixels, which sparkle
    when the face moves. Each level here is averaged from the one before, weighted by opacity; colour
    is spread into transparent places, so that edges do not take over the (often black) colour there.

    Args:
        texture: uint8 [H, W, 3 or 4], BGR or BGR with opacity; not changed.
        levels: how many sizes at most; all down to about 16 px by default.

    Raises:
        ShapeError: if the texture has another shape or dtype.
    """

    def __init__(self, texture: Picture, levels: int | None = None) -> None:
        if not isinstance(texture, np.ndarray) or texture.dtype != np.uint8 or texture.ndim != 3:
            raise ShapeError(f"A texture must be uint8 [H, W, 3 or 4], not {_described(texture)}.")
        if texture.shape[2] not in (3, 4) or 0 in texture.shape:
            raise ShapeError(f"A texture must be uint8 [H ≥ 1, W ≥ 1, 3 or 4], not {_described(texture)}.")
        height, width = texture.shape[:2]
        possible = max(1, math.ceil(math.log2(max(1.0, min(height, width) / SMALLEST_LEVEL_PX))) + 1)
        count = possible if levels is None else max(1, min(levels, possible))
        self.size = (width, height)
        self._levels = [texture] if count == 1 else _halved(texture, count)

    @property
    def levels(self) -> tuple[Picture, ...]:
        """All sizes, the largest first."""
        return tuple(self._levels)

    def level_for(self, scale: float) -> tuple[Picture, int]:
        """The level to sample where `scale` texture pixels fall on one picture pixel, and its shrinkage."""
        wanted = int(max(0.0, math.log2(max(scale, 1e-6)) + BLUR_OCTAVES))
        number = min(wanted, len(self._levels) - 1)
        return self._levels[number], 1 << number


def _described(texture: Any) -> str:
    if isinstance(texture, np.ndarray):
        return f"{texture.dtype} {list(texture.shape)}"
    return type(texture).__name__


def _halved(texture: Picture, count: int) -> list[Picture]:
    """`count` levels; sides are padded to a multiple so that every level halves exactly."""
    step = 1 << (count - 1)
    height, width = texture.shape[:2]
    padded = cv2.copyMakeBorder(texture, 0, -height % step, 0, -width % step, cv2.BORDER_REPLICATE).astype(
        np.float32
    )
    weighted = [padded]
    if texture.shape[2] == 4:
        padded[..., :3] *= padded[..., 3:] / 255
    for _ in range(count - 1):
        last = weighted[-1]
        size = (last.shape[1] // 2, last.shape[0] // 2)
        weighted.append(np.asarray(cv2.resize(last, size, interpolation=cv2.INTER_AREA), np.float32))
    if texture.shape[2] == 4:
        weighted = _spread(weighted)
    return [np.ascontiguousarray(np.rint(level).clip(0, 255).astype(np.uint8)) for level in weighted]


def _spread(weighted: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """From colours times opacity to plain colours; where opacity is 0, those of the next coarser level."""
    coarser: NDArray[np.float32] | None = None
    spread: list[NDArray[np.float32]] = []
    for level in reversed(weighted):
        opacity = level[..., 3:] / 255
        if coarser is None:
            mean = level[..., :3].sum(axis=(0, 1)) / max(float(opacity.sum()), 1e-6)
            below = np.broadcast_to(mean, level[..., :3].shape)
        else:
            below = cv2.resize(coarser, level.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        share = np.minimum(opacity * 255, 1)  # below 1/255 the colour is mostly rounding
        colour = level[..., :3] / np.maximum(opacity, 1 / 255) * share + below * (1 - share)
        coarser = colour.astype(np.float32)
        spread.append(np.concatenate([coarser, level[..., 3:]], axis=2))
    return spread[::-1]
