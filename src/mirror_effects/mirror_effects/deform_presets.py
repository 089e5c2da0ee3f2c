"""Named faces for the effect `deform`: wishes about features, read into the shape model.

A wish says where the mean face's points should go ("the eyes grow", "the jaw narrows"). The components that
come nearest to it (least squares) are the preset, so that it stays within what faces can be, keeps its
meaning whatever model is trained, and is nothing but a setting of the same sliders.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.shape_model import ShapeModel
from mirror_tracking.topology import (
    LEFT_BROW,
    LEFT_EYE,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = ["PRESETS", "preset_parameters"]

Doubles = NDArray[np.float64]

LARGEST_SD = 15.0  # of one component in a preset
RIDGE = 4e-4  # of the least squares, relative: components that hardly help stay at 0
EYE, NOSE, MOUTH, BROW, CORNER = 0.35, 0.35, 0.5, 0.35, 0.22  # reach of a wish, in the model's units
NOSE_POINTS = np.array([1, 4, 5, 2, 98, 327])

PRESETS: dict[str, dict[str, float]] = {
    "owl": {"eyes": 2.2, "apart": 0.5, "nose": -0.5, "mouth": -1.2, "jaw": -0.3},
    "frog": {"smile": 2.0, "mouth": 1.2, "apart": 1.2, "width": 0.6, "chin": -0.6},
    "horse": {"chin": 1.8, "width": -1.0, "nose": 0.8, "apart": 0.3},
    "moon": {"width": 1.7, "chin": -0.7, "eyes": -0.3},
    "bulb": {"forehead": 2.2, "jaw": -1.8, "mouth": -0.5},
    "pear": {"jaw": 2.2, "forehead": -1.6, "chin": -0.3},
    "mouse": {"mouth": -1.8, "jaw": -1.6, "apart": -0.7, "chin": -0.8, "eyes": 0.6},
    "giant": {"chin": 1.6, "jaw": 1.6, "eyes": -1.2, "brows": -0.8},
    "elf": {"eyes": 1.4, "jaw": -2.0, "brows": 1.2, "chin": 0.4, "smile": 0.5},
    "crooked": {"twist": 2.6},
    "sunshine": {"smile": 2.6, "eyes": 0.5, "brows": 0.8},
    "thundercloud": {"smile": -3.2, "brows": -2.6, "jaw": 0.9, "eyes": -0.5},
    "surprise": {"gape": 2.2, "eyes": 1.6, "brows": 2.0},
}
"""Name → how much of each wish."""


def _bell(mean: Doubles, centre: Doubles, reach: float) -> Doubles:
    """1 at a place of the face, falling off around it: [468, 1]."""
    distance = np.linalg.norm(mean[:, :2] - centre[:2], axis=1)
    return np.asarray(np.exp(-((distance / reach) ** 2))[:, None], np.float64)


def _grown(mean: Doubles, points: NDArray[np.integer], reach: float) -> Doubles:  # type: ignore[type-arg]
    """A part of the face grows about its middle."""
    centre = mean[points].mean(axis=0)
    return np.asarray(_bell(mean, centre, reach) * (mean - centre) * (1, 1, 0), np.float64)


def _moved(mean: Doubles, place: Doubles, reach: float, x: float, y: float) -> Doubles:
    return _bell(mean, place, reach) * (x, y, 0)


def _eyes(mean: Doubles) -> Doubles:
    return 0.8 * (_grown(mean, RIGHT_EYE, EYE) + _grown(mean, LEFT_EYE, EYE))


def _apart(mean: Doubles) -> Doubles:
    right, left = mean[RIGHT_EYE].mean(axis=0), mean[LEFT_EYE].mean(axis=0)
    return _moved(mean, right, EYE, -0.25, 0) + _moved(mean, left, EYE, 0.25, 0)


def _brows(mean: Doubles) -> Doubles:
    """The brows rise."""
    right, left = mean[RIGHT_BROW].mean(axis=0), mean[LEFT_BROW].mean(axis=0)
    return _moved(mean, right, BROW, 0, -0.2) + _moved(mean, left, BROW, 0, -0.2)


def _smile(mean: Doubles) -> Doubles:
    """The corners of the mouth go outwards and up."""
    right, left = mean[MOUTH_RIGHT], mean[MOUTH_LEFT]
    return _moved(mean, right, CORNER, -0.15, -0.15) + _moved(mean, left, CORNER, 0.15, -0.15)


def _gape(mean: Doubles) -> Doubles:
    """The lower lip goes down."""
    lips = mean[OUTER_LIPS].mean(axis=0)
    below = np.clip((mean[:, 1] - lips[1]) / 0.1, 0, 1)[:, None]
    return np.asarray(below * _moved(mean, lips, MOUTH, 0, 0.35), np.float64)


def _lower(mean: Doubles) -> Doubles:
    return np.asarray(np.clip((mean[:, 1] - 0.2) / 1.2, 0, 1)[:, None], np.float64)


def _upper(mean: Doubles) -> Doubles:
    return np.asarray(np.clip((-mean[:, 1] - 0.1) / 1.2, 0, 1)[:, None], np.float64)


WISHES: dict[str, Callable[[Doubles], Doubles]] = {
    "eyes": _eyes,
    "apart": _apart,
    "brows": _brows,
    "smile": _smile,
    "gape": _gape,
    "nose": lambda mean: 0.6 * _grown(mean, NOSE_POINTS, NOSE),
    "mouth": lambda mean: 0.6 * _grown(mean, OUTER_LIPS, MOUTH),
    "jaw": lambda mean: _lower(mean) * mean * (0.35, 0, 0),
    "chin": lambda mean: np.clip((mean[:, 1] - 0.6) / 0.9, 0, 1)[:, None] * np.array([0, 0.5, 0]),
    "forehead": lambda mean: _upper(mean) * mean * (0.3, 0.15, 0),
    "width": lambda mean: mean * (0.25, 0, 0),
    "twist": lambda mean: np.stack(
        [0.3 * mean[:, 1] * np.abs(mean[:, 1]), *np.zeros((2, len(mean)))], axis=1
    ),
}
"""What can be wished: mean face [468, 3] → where its points go, in the model's units, x right and y down."""


@lru_cache(maxsize=64)
def preset_parameters(name: str, model: ShapeModel) -> NDArray[np.float32]:
    """A preset as parameters of the model: float32 [k], standard deviations.

    Raises:
        KeyError: if there is no such preset.
    """
    mean = model.mean.astype(np.float64)
    wanted = np.sum([amount * WISHES[wish](mean) for wish, amount in PRESETS[name].items()], axis=0).ravel()
    steps = (model.components * model.deviations[:, None, None]).reshape(model.count, -1).astype(np.float64)
    normal = steps @ steps.T
    normal += np.eye(model.count) * RIDGE * np.trace(normal) / model.count
    parameters = np.linalg.solve(normal, steps @ wanted)
    return np.asarray(parameters.clip(-LARGEST_SD, LARGEST_SD), np.float32)
