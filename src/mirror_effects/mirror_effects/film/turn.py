"""How trunk and head are turned about their own axis, and what an elliptical cylinder then shows.

The cross section is an ellipse, wider than deep. Seen from the side it is narrower, and the middle of what
is seen is the flank: each place across is an angle around the body, on the front or on the back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_effects.film.body_parts import PART_LEVEL, BodyPart
from mirror_effects.film.tube import ACROSS_ANGLE

__all__ = ["Turn"]

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SHORTEST = 1e-6  # pixels; a direction from less is no direction


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn about an axis in the picture.

    Attributes:
        axis: unit vector (x, y) of the axis in the picture, upwards along the body.
        cosine, sine: of the turn; cosine 1 faces the camera, −1 turns its back on it; sine 1 has the
            person's left side at the back, away from the camera.
    """

    axis: tuple[float, float]
    cosine: float
    sine: float

    @property
    def across(self) -> tuple[float, float]:
        """Unit vector (x, y) at right angles to the axis: to the right where the axis points up."""
        return -self.axis[1], self.axis[0]

    @classmethod
    def about(cls, axis: Floats, *sideways: Floats) -> Turn:
        """The turn about an axis that directions from the person's right to left tell together.

        Args:
            axis: float64 [2 or more], x and y first, in the picture; straight up where it is too short.
            sideways: float64 [3] each; their lengths are their weights.
        """
        length = math.hypot(axis[0], axis[1])
        up = (float(axis[0]) / length, float(axis[1]) / length) if length > SHORTEST else (0.0, -1.0)
        cosine = sum(float(-up[1] * side[0] + up[0] * side[1]) for side in sideways)
        sine = sum(float(side[2]) for side in sideways)
        size = math.hypot(cosine, sine)
        if size < SHORTEST:
            return cls(up, 1.0, 0.0)
        return cls(up, cosine / size, sine / size)

    def half_width(self, breadth: float, depth: float) -> float:
        """Half of what is seen, at right angles to the axis, of a body of half axes `breadth` and `depth`."""
        return math.hypot(breadth * self.cosine, depth * self.sine)

    def thickness(self, breadth: float, depth: float) -> float:
        """How far the nearest surface is in front of the axis."""
        return math.hypot(breadth * self.sine, depth * self.cosine)

    def around(self, breadth: float, depth: float) -> tuple[Bytes, NDArray[np.bool_]]:
        """V and "is this the back" by place across.

        A point of the ellipse at angle t (0 the person's left edge, π/2 the front) is seen at
        cos(t − d), d = atan2(depth · sine, breadth · cosine). V is 1 − |t| / π: 0 at the person's right
        edge, 1 at the left one, on the front (t > 0) and on the back (t < 0) alike.

        Returns:
            uint8 [256] and bool [256].
        """
        angle = ACROSS_ANGLE + math.atan2(depth * self.sine, breadth * self.cosine)
        angle = np.where(angle > math.pi, angle - 2 * math.pi, angle)
        return np.rint(255 * (1.0 - np.abs(angle) / math.pi)).astype(np.uint8), angle < 0

    def levels(self, back: NDArray[np.bool_], front_part: BodyPart, back_part: BodyPart) -> Bytes:
        """uint8 [256], grey levels of the front and back parts by place across."""
        return np.where(back, PART_LEVEL[back_part], PART_LEVEL[front_part])
