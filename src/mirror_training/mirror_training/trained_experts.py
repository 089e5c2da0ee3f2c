"""Linear patch experts, learned from many faces by ridge regression, for `patch_experts`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.patch_experts import (
    CHANNELS,
    EXPERT_POINTS,
    PATCH,
    REACH,
    Alignment,
    Grey,
    channel_images,
    patch_around,
)

__all__ = ["train_experts"]


def train_experts(
    faces: Iterable[tuple[NDArray[np.uint8], NDArray[Any]]], *, ridge: float = 30.0
) -> dict[str, Grey]:
    """Linear patch experts from faces with landmarks, by ridge regression.

    For normalised patches around a landmark and beside it, each filter gives as nearly as it can a Gaussian
    of the distance (as in Saragih et al., who use a logistic response).

    Args:
        faces: picture (BGR) and its landmarks [468 or more, 2 or more] in pixels.
        ridge: weight of the filter's own size against the fit.

    Returns:
        By channel: float32 [n, PATCH, PATCH], n the number of `EXPERT_POINTS`.
    """
    offsets = np.arange(-REACH, REACH + 1, 2)
    squares_px = offsets[:, None] ** 2 + offsets[None] ** 2
    wanted = np.exp(-squares_px.ravel() / 4.0)
    wanted -= wanted.mean()
    size, count = PATCH * PATCH, len(EXPERT_POINTS)
    squares = {name: np.zeros((count, size, size), np.float32) for name in CHANNELS}
    products = {name: np.zeros((count, size), np.float32) for name in CHANNELS}
    for image, landmarks in faces:
        align = Alignment.of(landmarks)
        images = channel_images(align.canvas(image), "blend")
        for index, point in enumerate(align.points(landmarks[EXPERT_POINTS])):
            for name, channel in images.items():
                window = patch_around(channel, point, PATCH + 2 * REACH)
                views = np.lib.stride_tricks.sliding_window_view(window, (PATCH, PATCH))[::2, ::2]
                patches = views.reshape(-1, size) - views.mean(axis=(2, 3)).reshape(-1, 1)
                patches /= np.maximum(np.linalg.norm(patches, axis=1, keepdims=True), 1e-3)
                squares[name][index] += patches.T @ patches
                products[name][index] += patches.T @ wanted.astype(np.float32)
    weight = ridge * np.eye(size, dtype=np.float32)
    return {
        name: np.stack(
            [np.linalg.solve(a + weight, b) for a, b in zip(squares[name], products[name], strict=True)]
        ).reshape(count, PATCH, PATCH)
        for name in CHANNELS
    }
