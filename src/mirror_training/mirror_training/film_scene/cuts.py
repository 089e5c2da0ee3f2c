"""Where a film cuts: frames whose colours suddenly are others, by histograms.

After Zhang, Kankanhalli, Smoliar, "Automatic partitioning of full-motion video", Multimedia Systems 1993:
the difference of colour histograms of neighbours, here with a threshold that rises where much changes
anyway. Fades and cross-fades are not found.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["cuts", "histogram", "parts"]

BINS = (12, 4, 8)  # hue, saturation, value
SMALL = 96  # pixels of the longer side, that a histogram is made of
LEAST_CHANGE = 0.35  # share of the pixels that must change their colour
TIMES = 4.0  # as much as the neighbours mostly change
REACH = 6  # neighbours on either side


def histogram(picture: Image) -> NDArray[np.float32]:
    """Shares of colours of a picture: float32 [384], sum 1."""
    scale = SMALL / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    colours = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    counts = cv2.calcHist([colours], [0, 1, 2], None, BINS, [0, 180, 0, 256, 0, 256]).ravel()
    return np.asarray(counts / counts.sum(), np.float32)


def cuts(histograms: NDArray[np.float32]) -> list[int]:
    """Numbers of the frames that begin something new.

    Args:
        histograms: [n, bins], one a frame.
    """
    change = np.abs(np.diff(histograms, axis=0)).sum(axis=1) / 2
    found = []
    for number, value in enumerate(change):
        near = np.concatenate([change[max(0, number - REACH) : number], change[number + 1 :][:REACH]])
        usual = float(np.median(near)) if len(near) else 0.0
        if value > max(LEAST_CHANGE, TIMES * usual):
            found.append(number + 1)
    return found


def parts(count: int, beginnings: Iterable[int]) -> NDArray[np.int64]:
    """int64 [count]: the number of the part between cuts that each frame belongs to."""
    marks = np.zeros(count, np.int64)
    marks[[each for each in beginnings if 0 < each < count]] = 1
    return np.cumsum(marks)
