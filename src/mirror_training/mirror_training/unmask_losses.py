"""What the unmasking network is told of its mistakes: in the picture, the alpha and, if wanted, features.

The picture that counts is the one that is seen: the network's colours laid into the masked picture, as
`mirror_tracking.unmask_input` does it, where there is a mask or the network takes something for one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.unmask_input import ALPHA_HIGH, ALPHA_LOW
from mirror_training.mood_network import require_keras
from mirror_training.unmask_pairs import GREY_NOTE, TRUE_NOTE
from mirror_training.unmask_recipe import Recipe

__all__ = [
    "PICTURE_LOSSES",
    "SSIM_SIGMA",
    "SSIM_WINDOW",
    "features_apart",
    "gaussian_window",
    "pair_loss",
    "ssim",
]

SSIM_WINDOW = 11  # pixels, side of the window that means are taken over
SSIM_SIGMA = 1.5  # pixels, its standard deviation
C1, C2 = 0.01**2, 0.03**2  # for values of 0 … 1
LUMA = (0.114, 0.587, 0.299)  # of blue, green, red: ITU-R BT.601
LEAST = 1e-5  # of a probability, and its distance from 1

Tensor = Any


@cache
def gaussian_window() -> NDArray[np.float32]:
    """The weights of one row of the window, float32 [SSIM_WINDOW], with sum 1."""
    away = np.arange(SSIM_WINDOW) - SSIM_WINDOW // 2
    weights = np.exp(-(away**2) / (2 * SSIM_SIGMA**2))
    return np.asarray(weights / weights.sum(), np.float32)


def ssim(one: Tensor, other: Tensor) -> Tensor:
    """The structural similarity of pictures [n, h, w, c] in 0 … 1: float32 [n], 1 where equal.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", 2004: Gaussian window, population covariance, windows that lie in the picture.
    """
    ops = require_keras().ops
    channels = one.shape[-1]
    one, other = ops.cast(one, "float32"), ops.cast(other, "float32")
    moments = ops.concatenate([one, other, one * one, other * other, one * other], axis=-1)
    row = np.tile(gaussian_window().reshape(1, -1, 1, 1), (1, 1, 5 * channels, 1))
    means = ops.depthwise_conv(moments, ops.convert_to_tensor(row), padding="valid")
    column = ops.convert_to_tensor(row.transpose(1, 0, 2, 3))
    means = ops.depthwise_conv(means, column, padding="valid")
    a, b, aa, bb, ab = ops.split(means, 5, axis=-1)
    like = (2 * a * b + C1) * (2 * (ab - a * b) + C2)
    most = (a * a + b * b + C1) * (aa - a * a + bb - b * b + C2)
    return ops.mean(like / most, axis=(1, 2, 3))


def _l1(one: Tensor, other: Tensor) -> Tensor:
    ops = require_keras().ops
    return ops.mean(ops.abs(one - other), axis=(1, 2, 3))


def _mse(one: Tensor, other: Tensor) -> Tensor:
    ops = require_keras().ops
    return ops.mean(ops.square(one - other), axis=(1, 2, 3))


PICTURE_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": _mse,
    "l1": _l1,
    "ssim": lambda one, other: 1 - ssim(one, other),
    "ssim_l1": lambda one, other: 1 - ssim(one, other) + _l1(one, other),
}
"""Losses of pictures [n, h, w, c] in 0 … 1 by name: float32 [n]."""


def _seen(alpha: Tensor) -> Tensor:
    """`mirror_tracking.unmask_input.opacity` for tensors."""
    return require_keras().ops.clip((alpha - ALPHA_LOW) / (ALPHA_HIGH - ALPHA_LOW), 0.0, 1.0)


def _counted(difference: Tensor, note: Tensor, grey_chroma: float) -> Tensor:
    """Errors [n, h, w, 3] as far as they count: not in padding, less where the true colour is a guess."""
    ops = require_keras().ops
    light = ops.sum(difference * ops.convert_to_tensor(np.array(LUMA, np.float32)), axis=-1, keepdims=True)
    valid = ops.cast(note > GREY_NOTE / 2, "float32")
    colour = ops.cast(note > (GREY_NOTE + TRUE_NOTE) / 2, "float32")
    share = grey_chroma + (1 - grey_chroma) * colour
    return valid * (light + share * (difference - light))


def pair_loss(recipe: Recipe, features: Any = None) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of a training.

    Args:
        recipe: names and weights.
        features: a network from pictures to a list of features (`inner_layers`); None: no perceptual term.

    Returns:
        a function of packed pairs [n, side, side, 8] in 0 … 255 and the network's output [n, side, side, 4]
        that gives float32 [n].
    """
    keras = require_keras()
    ops = keras.ops
    of_picture = PICTURE_LOSSES[recipe.loss]

    def loss(pair: Tensor, output: Tensor) -> Tensor:
        pair, output = ops.cast(pair, "float32"), ops.cast(output, "float32")
        masked, truth = pair[..., :3] / 255, pair[..., 3:6] / 255
        alpha, note = pair[..., 6:7] / 255, pair[..., 7:8]
        colour, said = output[..., :3], output[..., 3:4]
        # Where a mask is, colours are learned whether or not the alpha knows it yet.
        result = masked + ops.maximum(alpha, _seen(said)) * (colour - masked)
        result = truth + _counted(result - truth, note, recipe.grey_chroma)
        total = of_picture(result, truth)
        said = ops.clip(said, LEAST, 1 - LEAST)
        entropy = -(alpha * ops.log(said) + (1 - alpha) * ops.log(1 - said))
        total = total + recipe.alpha_weight * ops.mean(entropy, axis=(1, 2, 3))
        if features is not None:
            total = total + recipe.perceptual_weight * features_apart(features, result, truth)
        return total

    return loss


def features_apart(features: Any, one: Tensor, other: Tensor) -> Tensor:
    """How far the features of two pictures are apart, mean over the levels, each over its own size: [n]."""
    ops = require_keras().ops
    ours = features(one, training=False)
    theirs = features(other, training=False)
    total: Tensor = 0.0
    pairs = list(zip(ours, theirs, strict=True)) if isinstance(ours, (list, tuple)) else [(ours, theirs)]
    for our, true in pairs:
        known = ops.stop_gradient(ops.cast(true, "float32"))
        size = ops.mean(ops.abs(known), axis=(1, 2, 3)) + 1e-3
        apart = ops.mean(ops.abs(ops.cast(our, "float32") - known), axis=(1, 2, 3))
        total = total + apart / size
    return total / len(pairs)
