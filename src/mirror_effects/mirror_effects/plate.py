"""Small finished pictures with an opacity, made once and laid over many frames: captions and marks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image
from mirror_core.lettering import letters

__all__ = ["Plate", "caption", "marked_text"]

Alpha = NDArray[np.uint8]

PLATE_BGR, PLATE_OPACITY = (22, 17, 14), 0.72  # of a caption's ground
TEXT_BGR = (247, 243, 240)
HALO, HALO_OPACITY = 0.14, 0.55  # dark rim of a text without a plate: its width in letter heights, how dark
ACROSS, DOWN, CORNER = 0.7, 0.36, 0.5  # of a caption's rim and corners, in letter heights
SMOOTHING = 4


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A picture with an opacity, ready to be laid over a frame.

    Attributes:
        colour: uint8 [h, w, 3], BGR times opacity.
        keep: uint8 [h, w, 3], how much of what is below stays, 255 all.
    """

    colour: Image
    keep: Image

    def __post_init__(self) -> None:
        if self.colour.shape != self.keep.shape or self.colour.ndim != 3:
            raise ShapeError(
                f"Plate.keep must be uint8 {list(self.colour.shape)} like its colour, not "
                f"{list(self.keep.shape)}."
            )

    @classmethod
    def of(cls, colour: Image, alpha: Alpha, opacity: float = 1.0) -> Plate:
        """From uint8 [h, w, 3] BGR and its opacity, uint8 [h, w], times a factor 0 … 1."""
        share = (alpha.astype(np.float32) * np.float32(opacity / 255))[..., None]
        mixed = np.rint(colour.astype(np.float32) * share).astype(np.uint8)
        keep = np.rint(255 * (1 - share)).astype(np.uint8)
        return cls(mixed, np.ascontiguousarray(np.broadcast_to(keep, mixed.shape)))

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.colour.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.colour.shape[0])

    def mirrored(self) -> Plate:
        """The same the wrong way round, for a picture that is shown mirrored."""
        return Plate(np.ascontiguousarray(self.colour[:, ::-1]), np.ascontiguousarray(self.keep[:, ::-1]))

    def lay(self, image: Image, x: int, y: int) -> None:
        """Lay it over a picture, in place; what would stick out is cut off.

        Args:
            image: writable, uint8 [height, width, 3].
            x, y: of its upper left corner in pixels.
        """
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + self.width, image.shape[1]), min(y + self.height, image.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = image[y0:y1, x0:x1]
        own = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
        kept = cv2.multiply(part, self.keep[own], scale=1 / 255)
        cv2.add(kept, self.colour[own], dst=part)


def marked_text(text: str, size_px: float, opacity: float) -> Plate:
    """A text with a soft dark rim and no ground: legible on light and dark, and hardly in the way.

    Args:
        text: one line.
        size_px: height of the letters in pixels.
        opacity: 0 … 1.
    """
    rim = max(1, round(HALO * size_px))
    ink = np.pad(letters(text, size_px), 3 * rim)
    wide = cv2.dilate(ink, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    halo = cv2.GaussianBlur(wide, (0, 0), rim * 0.8).astype(np.float32) * HALO_OPACITY
    alpha = np.maximum(ink.astype(np.float32), halo)
    share = (ink / np.maximum(alpha, 1.0))[..., None]
    colour = np.rint(np.array(TEXT_BGR, np.float32) * share).astype(np.uint8)
    return Plate.of(colour, np.rint(alpha).astype(np.uint8), opacity)


def caption(lines: tuple[str, ...], size_px: float, most_px: int) -> Plate:
    """Lines of text, the first one larger, centred on a dark plate with round corners.

    Args:
        lines: at least one.
        size_px: height of the first line's letters in pixels; the others have 0.8 of it.
        most_px: width that the plate must not exceed; the letters become smaller for it.
    """
    while True:
        drawn = [letters(line, size_px * (1.0 if row == 0 else 0.8)) for row, line in enumerate(lines)]
        across, down = round(ACROSS * size_px), round(DOWN * size_px)
        width = max(line.shape[1] for line in drawn) + 2 * across
        if width <= most_px or size_px <= 8:
            break
        size_px = max(8.0, size_px * 0.98 * most_px / width)
    height = sum(line.shape[0] for line in drawn) + 2 * down
    ink = np.zeros((height, width), np.uint8)
    top = down
    for line in drawn:
        left = (width - line.shape[1]) // 2
        ink[top : top + line.shape[0], left : left + line.shape[1]] = line
        top += line.shape[0]
    ground = _round_corners(width, height, CORNER * size_px).astype(np.float32) * PLATE_OPACITY
    share = (ink.astype(np.float32) / 255)[..., None]
    colour = np.array(PLATE_BGR, np.float32) * (1 - share) + np.array(TEXT_BGR, np.float32) * share
    alpha = np.maximum(ground, ink.astype(np.float32))
    return Plate.of(np.rint(colour).astype(np.uint8), np.rint(alpha).astype(np.uint8))


def _round_corners(width: int, height: int, radius: float) -> Alpha:
    """A rectangle with round corners, uint8 [h, w]."""
    large = np.zeros((height * SMOOTHING, width * SMOOTHING), np.uint8)
    corner = min(round(radius * SMOOTHING), *(side // 2 for side in large.shape))
    down, right = large.shape[0] - 1, large.shape[1] - 1
    cv2.rectangle(large, (corner, 0), (right - corner, down), (255,), -1)
    cv2.rectangle(large, (0, corner), (right, down - corner), (255,), -1)
    for x in (corner, right - corner):
        for y in (corner, down - corner):
            cv2.circle(large, (x, y), corner, (255,), -1)
    return np.asarray(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
