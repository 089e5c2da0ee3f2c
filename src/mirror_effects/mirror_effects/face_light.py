"""The light on a wearer's face, so that what is drawn over it is lit from the same side."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image

__all__ = ["UNITY", "light_on_face", "scene_exposure"]

UNITY = 128
"""The gain, as uint8, that leaves a colour as it is."""

COARSE_PX = 56  # the light is looked at on a grid of about this size: it changes slowly over a face
BLUR_PX = 3.4  # standard deviation on that grid: hides brows and lips, keeps which side is lit
LEAST_GAIN, MOST_GAIN = 0.3, 1.9
WHITE_LEVEL = 190.0  # grey of the brighter tenth of a well-lit picture
EXPOSURE_STEP = 24  # each so many pixels are looked at
EXPOSURE_STRENGTH = 0.5  # share (as an exponent) of the picture's darkness that a mask takes on
LEAST_EXPOSURE, MOST_EXPOSURE = 0.3, 1.1
DETAIL_RANGE = (0.55, 1.6)


def scene_exposure(image: Image) -> float:
    """How bright the picture is, 0.3 … 1.1; it does not hang on anybody's skin.

    Args:
        image: uint8 [height, width, 3], BGR.
    """
    some = image[EXPOSURE_STEP // 2 :: EXPOSURE_STEP, EXPOSURE_STEP // 2 :: EXPOSURE_STEP]
    if some.size == 0:
        return 1.0
    grey = cv2.cvtColor(np.ascontiguousarray(some), cv2.COLOR_BGR2GRAY)
    level = float(np.partition(grey.ravel(), (grey.size * 9) // 10)[(grey.size * 9) // 10])
    return min(max(level / WHITE_LEVEL, LEAST_EXPOSURE), MOST_EXPOSURE)


def light_on_face(
    part: Image, coverage: NDArray[np.uint8], strength: float, detail: float = 0.0, exposure: float = 1.0
) -> NDArray[np.uint8]:
    """The gain that a mask's colours get at each pixel.

    The wearer's own brightness, blurred within the face and divided by its mean over the face: the
    colour of the skin falls out, the direction of the light stays.

    Args:
        part: uint8 [h, w, 3], BGR: the picture around the face.
        coverage: uint8 [h, w], where the face is.
        strength: 0 none … 1 all of the light.
        detail: 0 none … 1 all of the skin's wrinkles and shadows, too.
        exposure: from `scene_exposure`.

    Returns:
        uint8 [h, w]; `UNITY` stands for 1.
    """
    height, width = coverage.shape
    scale = COARSE_PX / max(height, width, COARSE_PX)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    coarse = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(coarse, cv2.COLOR_BGR2GRAY).astype(np.float32) + 1.0
    weight = cv2.resize(coverage, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
    weight = np.clip(4 * weight - 3, 0, 1)  # a coarse pixel that is partly background tells nothing
    total = float(weight.sum())
    if total < 1e-3:
        return np.full((height, width), UNITY, np.uint8)
    mean = float((grey * weight).sum()) / total
    near = cv2.GaussianBlur(weight, (0, 0), BLUR_PX)
    smooth = (cv2.GaussianBlur(grey * weight, (0, 0), BLUR_PX) + 1e-3 * mean) / (near + 1e-3)
    gain = np.clip(smooth / mean, LEAST_GAIN, MOST_GAIN) ** strength
    gain *= UNITY * exposure ** (EXPOSURE_STRENGTH * strength)
    if detail <= 0:
        coded = np.clip(gain + 0.5, 0, 255).astype(np.uint8)
        return np.asarray(cv2.resize(coded, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    fine = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY).astype(np.float32) + 1.0
    ratio = np.clip(fine / cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), *DETAIL_RANGE)
    full = cv2.resize(gain.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(full * (1 + detail * (ratio - 1)) + 0.5, 0, 255).astype(np.uint8)
