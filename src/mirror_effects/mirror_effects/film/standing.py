"""A person of usual proportions who stands upright and faces the camera, with hanging arms."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.pose import Pose

__all__ = ["STANDING", "standing"]

# One side, as shares of the height (ears to ankles): (x to the side, y down from the ears, z away).
_SIDE: Final = {
    "EYE_INNER": (0.012, -0.022, -0.052),
    "EYE": (0.021, -0.022, -0.049),
    "EYE_OUTER": (0.029, -0.021, -0.044),
    "EAR": (0.050, 0.000, 0.000),
    "SHOULDER": (0.110, 0.130, 0.012),
    "ELBOW": (0.137, 0.328, 0.020),
    "WRIST": (0.147, 0.482, -0.005),
    "PINKY": (0.149, 0.535, 0.003),
    "INDEX": (0.141, 0.538, -0.018),
    "THUMB": (0.133, 0.515, -0.026),
    "HIP": (0.065, 0.460, 0.010),
    "KNEE": (0.070, 0.730, 0.005),
    "ANKLE": (0.073, 1.000, 0.022),
    "HEEL": (0.073, 1.028, 0.045),
    "FOOT_INDEX": (0.088, 1.045, -0.090),
}
_MOUTH_X, _MOUTH_Y, _MOUTH_Z = 0.018, 0.026, -0.050
_NOSE: Final = (0.0, 0.002, -0.066)


def _standing() -> NDArray[np.float64]:
    points = np.zeros((len(BodyPoint), 3))
    points[BodyPoint.NOSE] = _NOSE
    points[BodyPoint.MOUTH_LEFT] = (_MOUTH_X, _MOUTH_Y, _MOUTH_Z)
    points[BodyPoint.MOUTH_RIGHT] = (-_MOUTH_X, _MOUTH_Y, _MOUTH_Z)
    for name, (x, y, z) in _SIDE.items():
        points[BodyPoint[f"LEFT_{name}"]] = (
            x,
            y,
            z,
        )  # who faces the camera has the left side on the picture's right
        points[BodyPoint[f"RIGHT_{name}"]] = (-x, y, z)
    points.flags.writeable = False
    return points


STANDING: Final = _standing()
"""float64 [33, 3], in heights (ears to ankles), with the origin between the ears."""


def standing(height: float, ears: tuple[float, float] = (0.0, 0.0)) -> Pose:
    """The standing person.

    Args:
        height: from the ears to the ankles in pixels.
        ears: (x, y) of the middle between the ears in pixels.
    """
    return Pose.of(STANDING * height + np.array([*ears, 0.0]), np.ones(len(BodyPoint)))
