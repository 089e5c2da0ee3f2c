"""A pose map's parts told apart within the network, as label maps are given to pix2pixHD: one channel a part.

A pose map's channel 0 says by its grey level which part a pixel shows; a convolution would have to learn two
dozen thresholds to read it. Fixed 1×1 convolutions read it instead: of each part whether a pixel shows it,
and how far along and across that part it is (0 elsewhere).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_effects.film.body_parts import PART_LEVEL, BodyPart
from mirror_training.mood_network import require_keras

__all__ = ["LABEL_CHANNELS", "pose_labels"]

_LEVELS: Final = PART_LEVEL[1:].astype(np.float32) / 255  # of all parts but BodyPart.NOTHING
_PARTS: Final = len(_LEVELS)
LABEL_CHANNELS: Final = 3 * _PARTS
"""Channels of `pose_labels`: of each part whether it is there, then U there, then V there."""
CEILING: Final = 6.0
"""What 1 is in the channels: LiteRT computes a ReLU that ends at 6 with its convolution, one at 1 apart."""
STEEPNESS: Final = float(len(BodyPart) - 1)  # so that a part is 0 at the levels of its neighbours

Weights = tuple[NDArray[np.float32], NDArray[np.float32]]


def pose_labels(pose: Any) -> Any:
    """The labels of every second pixel of pose maps float32 [n, h, w, 3] in 0 … 1: [n, h / 2, w / 2, 69].

    They are 0 … CEILING. What lies between is left out, not averaged: the mean of two labels is a third one.
    """
    keras = require_keras()
    x = pose
    for number, (kernel, bias) in enumerate((_apart(), _tents(), _placed())):
        layer = keras.layers.Conv2D(
            len(bias), 1, 2 if number == 0 else 1, trainable=False, dtype="float32", name=f"labels_{number}"
        )
        x = keras.layers.ReLU(max_value=CEILING, dtype="float32")(layer(x))
        below = 1 if number == 0 else CEILING
        layer.set_weights([kernel[None, None] * np.float32(CEILING / below), bias * np.float32(CEILING)])
    return x


def _apart() -> Weights:
    """How far a level is above and below that of each part, limited to 1; and U, V."""
    kernel = np.zeros((3, 2 * _PARTS + 2), np.float32)
    kernel[0, :_PARTS], kernel[0, _PARTS : 2 * _PARTS] = STEEPNESS, -STEEPNESS
    kernel[1, -2] = kernel[2, -1] = 1
    return kernel, np.concatenate([-STEEPNESS * _LEVELS, STEEPNESS * _LEVELS, [0, 0]]).astype(np.float32)


def _tents() -> Weights:
    """1 where a level is a part's; and U, V."""
    kernel = np.zeros((2 * _PARTS + 2, _PARTS + 2), np.float32)
    kernel[:_PARTS, :_PARTS] = kernel[_PARTS : 2 * _PARTS, :_PARTS] = -np.eye(_PARTS)
    kernel[-2, -2] = kernel[-1, -1] = 1
    return kernel, np.concatenate([np.ones(_PARTS), [0, 0]]).astype(np.float32)


def _placed() -> Weights:
    """The parts, and U and V where each of them is: the ReLU of U + (1 or 0) − 1."""
    one, zero = np.eye(_PARTS, dtype=np.float32), np.zeros(_PARTS, np.float32)
    kernel = np.zeros((_PARTS + 2, LABEL_CHANNELS), np.float32)
    kernel[:_PARTS] = np.concatenate([one, one, one], axis=1)
    kernel[-2, _PARTS : 2 * _PARTS] = kernel[-1, 2 * _PARTS :] = 1
    return kernel, np.concatenate([zero, zero - 1, zero - 1])
