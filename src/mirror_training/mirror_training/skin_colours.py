"""Colours for grey photographs, taken from photographs that have some: skin by its lightness, lips, the rest.

A network that learns from grey pictures alone gives grey skin. A grey picture is given the skin of somebody
who was photographed in colour: how red and yellow their skin is in light and in shadow, and how much redder
their lips are. It is a guess; so a training may count less what colours such pictures have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.topology import FACE_OVAL, LEFT_BROW, LEFT_EYE, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE
from mirror_training.opencv import cv2

__all__ = ["SkinColour", "skin_colour", "skin_colours", "tinted"]

LEAST_SKIN_PX = 300
USUAL_PART = (10, 90)  # percentiles of a and b between which a skin is no photographer's whim
MOST_CHROMA = 45.0  # of CIELAB's a and b
SLOPE_LIMIT = 0.3  # of a and b over lightness
DARK_L, BRIGHT_L = 12.0, 92.0  # where colour fades towards black and white
REST_CHROMA = (0.25, 0.8)  # range of the share of the skin's colour that the surroundings get
EYE_CHROMA = 0.3
SOFT = 0.012  # standard deviation of the borders between those, as a share of the picture's width

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SkinColour:
    """The skin of one person in one photograph, in CIELAB.

    Attributes:
        lightness: mean L of the skin, 0 … 100.
        colour: mean a and b.
        slope: how a and b grow with L.
        lips: how far a and b of the lips are from those of skin as light as they are.
    """

    lightness: float
    colour: tuple[float, float]
    slope: tuple[float, float]
    lips: tuple[float, float]


def _filled(shape: tuple[int, ...], *outlines: NDArray[np.float32]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.rint(outline - 0.5).astype(np.int32)], (1,))
    return mask > 0


def skin_colour(image: Image, landmarks: Floats) -> SkinColour | None:
    """The skin in a colour photograph; None where too little of it is seen.

    Args:
        image: uint8 [h, w, 3], BGR.
        landmarks: float32 [468, 2], pixels.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    shape = image.shape
    features = [
        cv2.convexHull(landmarks[each])[:, 0] for each in (LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE)
    ]
    lips = _filled(shape, landmarks[OUTER_LIPS])
    skin = _filled(shape, landmarks[FACE_OVAL]) & ~_filled(shape, *features) & ~lips
    if int(skin.sum()) < LEAST_SKIN_PX or int(lips.sum()) < LEAST_SKIN_PX / 30:
        return None
    values = lab[skin]
    low, high = np.percentile(values[:, 0], (20, 95))  # hair and shadows are the darker rest
    values = values[(values[:, 0] >= low) & (values[:, 0] <= high)]
    mean = np.median(values, axis=0)
    apart = values - mean
    spread = float((apart[:, 0] ** 2).mean())
    slope = np.clip((apart[:, :1] * apart[:, 1:]).mean(axis=0) / max(spread, 1.0), -SLOPE_LIMIT, SLOPE_LIMIT)
    lip = np.median(lab[lips], axis=0)
    difference = lip[1:] - (mean[1:] + slope * (lip[0] - mean[0]))
    return SkinColour(
        float(mean[0]),
        (float(mean[1]), float(mean[2])),
        (float(slope[0]), float(slope[1])),
        (float(difference[0]), float(difference[1])),
    )


def skin_colours(faces: Iterable[tuple[Image, Floats]]) -> tuple[SkinColour, ...]:
    """The skins in colour photographs, given with landmarks, without those of an odd colour."""
    found = [each for face in faces if (each := skin_colour(*face)) is not None]
    if not found:
        return ()
    low, high = np.percentile([each.colour for each in found], USUAL_PART, axis=0)
    return tuple(each for each in found if (low <= each.colour).all() and (each.colour <= high).all())


def tinted(image: Image, landmarks: Floats, skin: SkinColour, rng: np.random.Generator) -> Image:
    """A grey picture in the colours of somebody's skin.

    Args:
        image: uint8 [h, w, 3], grey.
        landmarks: float32 [468, 2], pixels.
        skin: whose.
        rng: decides how colourful the surroundings are.

    Returns:
        uint8 [h, w, 3], as light as before.
    """
    shape = image.shape
    lightness = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[..., 0]
    # The same skin may be exposed otherwise here: its mean lightness is the one that is meant.
    inside = _filled(shape, landmarks[FACE_OVAL])
    usual = float(np.median(lightness[inside])) if inside.any() else skin.lightness
    chroma = np.array(skin.colour, np.float32) + (lightness - usual)[..., None] * np.array(
        skin.slope, np.float32
    )
    sigma = max(0.6, SOFT * shape[1])
    lips = cv2.GaussianBlur(_filled(shape, landmarks[OUTER_LIPS]).astype(np.float32), (0, 0), sigma)
    eyes = _filled(shape, *(cv2.convexHull(landmarks[each])[:, 0] for each in (LEFT_EYE, RIGHT_EYE)))
    share = np.where(inside, 1.0, rng.uniform(*REST_CHROMA)).astype(np.float32)
    share = cv2.GaussianBlur(np.where(eyes, np.float32(EYE_CHROMA), share), (0, 0), sigma)
    chroma = (chroma + lips[..., None] * np.array(skin.lips, np.float32)) * share[..., None]
    fade = np.clip(np.minimum(lightness / DARK_L, (100 - lightness) / (100 - BRIGHT_L)), 0, 1)
    chroma = np.clip(chroma * fade[..., None], -MOST_CHROMA, MOST_CHROMA)
    lab = np.dstack([lightness, chroma]).astype(np.float32)
    return np.asarray(np.clip(np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR) * 255), 0, 255), np.uint8)
