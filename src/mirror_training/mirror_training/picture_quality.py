"""How near a picture is to the true one in some of its pixels: SSIM, PSNR and mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["Quality", "mean_quality", "quality", "ssim_map"]

SIGMA, WINDOW = 1.5, 11  # of SSIM's Gaussian window, pixels
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
MOST_PSNR_DB = 60.0  # of equal pictures, whose ratio would be infinite


@dataclass(frozen=True, slots=True)
class Quality:
    """How near one picture is to another.

    Attributes:
        ssim: structural similarity, 1 where equal.
        psnr_db: peak signal-to-noise ratio, at most MOST_PSNR_DB.
        l1: mean absolute error, in grey levels.
    """

    ssim: float
    psnr_db: float
    l1: float


def ssim_map(one: Image, other: Image) -> NDArray[np.float32]:
    """SSIM around each pixel, mean of the channels: float32 [h, w] of uint8 [h, w, 3] each.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", 2004: Gaussian window, population covariance.

    Raises:
        ShapeError: where the pictures differ in size.
    """
    if one.shape != other.shape or one.ndim != 3:
        raise ShapeError(f"Two pictures of one size are needed, not {list(one.shape)}, {list(other.shape)}.")
    a, b = one.astype(np.float32), other.astype(np.float32)

    def mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(plane, (WINDOW, WINDOW), SIGMA), np.float32)

    mean_a, mean_b = mean(a), mean(b)
    variance_a, variance_b = mean(a * a) - mean_a * mean_a, mean(b * b) - mean_b * mean_b
    covariance = mean(a * b) - mean_a * mean_b
    like = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    most = (mean_a * mean_a + mean_b * mean_b + C1) * (variance_a + variance_b + C2)
    return np.asarray((like / most).mean(axis=2), np.float32)


def quality(found: Image, truth: Image, where: NDArray[np.bool_]) -> Quality | None:
    """How near a picture is to the truth in some pixels; None where there are none.

    Args:
        found: uint8 [h, w, 3].
        truth: uint8 [h, w, 3].
        where: bool [h, w].
    """
    if not where.any():
        return None
    apart = np.abs(found[where].astype(np.float32) - truth[where].astype(np.float32))
    square = float((apart**2).mean())
    psnr = 10 * np.log10(255**2 / square) if square > 0 else MOST_PSNR_DB
    similarity = float(ssim_map(found, truth)[where].mean())
    return Quality(similarity, float(min(psnr, MOST_PSNR_DB)), float(apart.mean()))


def mean_quality(qualities: list[Quality]) -> Quality:
    """The mean of each number; NaN where there is nothing to take a mean of."""
    if not qualities:
        return Quality(float("nan"), float("nan"), float("nan"))
    rows = np.array([(each.ssim, each.psnr_db, each.l1) for each in qualities])
    ssim, psnr, l1 = (float(v) for v in rows.mean(axis=0))
    return Quality(ssim, psnr, l1)
