"""Shows a pose map as a picture that people can read, for documentation and to see what went wrong."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_effects.film.body_parts import BodyPart, part_at

__all__ = ["colour_of", "pose_picture"]

Bytes = NDArray[np.uint8]

BACKGROUND = (28, 24, 22)  # blue, green, red
LINE = (255, 255, 255)
CONTOURS = 8  # of U along a part: light rings, as on a map
RING_LIGHT = 1.18
FIRST_LINE = BodyPart.LEFT_EYE_LINE

# Hue in degrees of the colour wheel: left warm, right cold, the trunk green; from the trunk to the end of a
# limb it goes on in steps. Saturation tells front from back.
_HUES: Final = {
    BodyPart.TORSO: (120, 0.55),
    BodyPart.TORSO_BACK: (120, 0.25),
    BodyPart.NECK: (90, 0.55),
    BodyPart.HEAD: (60, 0.60),
    BodyPart.HEAD_BACK: (60, 0.25),
    BodyPart.LEFT_UPPER_ARM: (345, 0.75),
    BodyPart.LEFT_LOWER_ARM: (15, 0.75),
    BodyPart.LEFT_HAND: (38, 0.80),
    BodyPart.LEFT_THIGH: (330, 0.60),
    BodyPart.LEFT_SHIN: (0, 0.60),
    BodyPart.LEFT_FOOT: (28, 0.60),
    BodyPart.RIGHT_UPPER_ARM: (255, 0.75),
    BodyPart.RIGHT_LOWER_ARM: (220, 0.75),
    BodyPart.RIGHT_HAND: (190, 0.80),
    BodyPart.RIGHT_THIGH: (275, 0.60),
    BodyPart.RIGHT_SHIN: (235, 0.60),
    BodyPart.RIGHT_FOOT: (200, 0.60),
}


def colour_of(part: BodyPart) -> tuple[int, int, int]:
    """A part's colour (blue, green, red); lines are white, no part is nearly black."""
    if part == BodyPart.NOTHING:
        return BACKGROUND
    if part >= FIRST_LINE:
        return LINE
    hue, saturation = _HUES[part]
    hsv = np.array([[[hue / 2, 255 * saturation, 225]]], np.uint8)
    blue, green, red = (int(value) for value in cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0])
    return blue, green, red


def pose_picture(pose_map: Bytes, photo: Bytes | None = None, strength: float = 0.65) -> Bytes:
    """The map in colours: a hue for each part, shaded round by V, with rings of equal U.

    Args:
        pose_map: uint8 [height, width, 3], of `pose_map.draw`.
        photo: uint8 [height, width, 3], blue, green, red: drawn below; None for a dark ground.
        strength: 0 … 1, opacity of the map over a photo.

    Returns:
        uint8 [height, width, 3], blue, green, red.

    Raises:
        ShapeError: if map and photo are not of the same size.
    """
    if photo is not None and photo.shape != pose_map.shape:
        raise ShapeError(f"The photo must be {list(pose_map.shape)} as the map, not {list(photo.shape)}.")
    parts = part_at(pose_map[..., 0])
    table = np.array([colour_of(part) for part in BodyPart], np.float32)
    u = pose_map[..., 1].astype(np.float32) / 255
    v = pose_map[..., 2].astype(np.float32) / 255
    light = 0.55 + 0.45 * np.sin(np.pi * v)
    light *= np.where(np.floor(u * CONTOURS) % 2 == 1, RING_LIGHT, 1.0)
    light[(parts >= FIRST_LINE) | (parts == BodyPart.NOTHING)] = 1.0
    picture = np.clip(table[parts] * light[..., None], 0, 255)
    if photo is not None:
        opacity = np.where(parts == BodyPart.NOTHING, 0.0, strength)[..., None]
        picture = photo + opacity * (picture - photo)
    rounded: Bytes = np.rint(picture).astype(np.uint8)
    return rounded
