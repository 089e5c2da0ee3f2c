"""The head of a pose as an ellipsoid that ears, nose, eyes and mouth turn and tilt."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.body_parts import BodyPart
from mirror_effects.film.skeleton import CHEST, SKULL
from mirror_effects.film.tube import STEPS, Tube, inverse_of
from mirror_effects.film.turn import Turn

__all__ = ["head_tube"]

Floats = NDArray[np.float64]

# Half axes as shares of the body's height (ears to ankles), hair included.
HALF_WIDTH, HALF_HEIGHT, HALF_DEPTH = 0.060, 0.087, 0.068
CENTRE_ABOVE_EARS = 0.14  # of the half height
NOSE_TRUST = 0.6  # how much the nose says about the turn beside the ears

_PLACE: Final = np.linspace(-1.0, 1.0, STEPS)
_PROFILE: Final = np.sqrt(1.0 - _PLACE * _PLACE)
_LATITUDE: Final = np.arcsin(_PLACE)
_UP: Final = np.zeros(SKULL + 1)
"""[36]: from the middle of the mouth to the middle of the eyes."""
_UP[[BodyPoint.LEFT_EYE, BodyPoint.RIGHT_EYE]] = 0.5
_UP[[BodyPoint.MOUTH_LEFT, BodyPoint.MOUTH_RIGHT]] = -0.5


def head_tube(nodes: Floats, height: float, size: float) -> Tube:
    """The head from the chin (U = 0) to the crown (U = 1): U is the latitude, also where the head nods.

    Args:
        nodes: float64 [36, 3], of `joints`.
        height: of the body that this head would be usual for, in pixels.
        size: factor of its width, height and thickness, 0 … 1.
    """
    up = _UP @ nodes
    length = float(np.linalg.norm(up))
    if length < 1e-6:
        up = nodes[SKULL] - nodes[CHEST]
        length = max(float(np.linalg.norm(up)), 1e-6)
    upright = math.hypot(up[0], up[1]) / length  # cosine of the nod
    ears = nodes[int(BodyPoint.LEFT_EAR)] - nodes[int(BodyPoint.RIGHT_EAR)]
    turn = Turn.about(up, ears, _sideways_of_nose(nodes, up) * NOSE_TRUST)
    breadth, tall, deep = (share * height * size for share in (HALF_WIDTH, HALF_HEIGHT, HALF_DEPTH))
    half_width, thickness = turn.half_width(breadth, deep), turn.thickness(breadth, deep)
    half_height = math.hypot(tall * upright, thickness * math.sqrt(max(1.0 - upright * upright, 0.0)))
    latitude = _LATITUDE - math.asin(min(max(float(up[2]) / length, -1.0), 1.0))
    around, back = turn.around(breadth, deep)
    below = half_height * (1.0 - CENTRE_ABOVE_EARS)
    return Tube(
        (float(nodes[SKULL, 0]) - turn.axis[0] * below, float(nodes[SKULL, 1]) - turn.axis[1] * below),
        turn.axis,
        2.0 * half_height,
        (0.0, 0.0),
        half_width,
        inverse_of(half_width * _PROFILE),
        np.full(STEPS, nodes[SKULL, 2], np.float32),
        (thickness * _PROFILE).astype(np.float32),
        np.rint(np.minimum(np.maximum(127.5 + latitude * (255 / math.pi), 0.0), 255.0)).astype(np.uint8),
        around,
        turn.levels(back, BodyPart.HEAD, BodyPart.HEAD_BACK),
    )


def _sideways_of_nose(nodes: Floats, up: Floats) -> Floats:
    """The direction from right to left that the nose, which points forward, implies, as long as the nose."""
    forward = nodes[int(BodyPoint.NOSE)] - nodes[SKULL]
    length = math.hypot(up[0], up[1])
    axis = (up[0] / length, up[1] / length) if length > 1e-6 else (0.0, -1.0)
    across = (-axis[1], axis[0])
    rightward = float(forward[0] * across[0] + forward[1] * across[1])
    # A quarter turn in the plane of "across" and depth leads from forward to the person's left.
    towards = -float(forward[2])
    return np.array([towards * across[0], towards * across[1], rightward])
