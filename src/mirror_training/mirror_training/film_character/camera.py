"""The scene's camera: in perspective, level, with its picture shifted like a bellows camera's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_training.film_character.rotations import Floats

__all__ = ["Camera"]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the camera stands and what it sees; the picture is square.

    Attributes:
        distance_m: from the plane z = 0, in which the character stands at the start.
        height_m: above the ground.
        bottom_m, top_m: heights at the picture's lower and upper edge, in the plane z = 0.
    """

    distance_m: float = 5.8
    height_m: float = 1.15
    bottom_m: float = -0.14
    top_m: float = 2.10

    def __post_init__(self) -> None:
        if self.distance_m < 2.0 or self.top_m - self.bottom_m < 0.5:
            raise UsageError(
                f"A camera stands 2 m away or more and sees 0.5 m or more, "
                f"not {self.distance_m:g} m and {self.top_m - self.bottom_m:g} m."
            )

    def focal(self, size: int) -> float:
        """Pixels per metre in a distance of one metre, for a picture of `size` pixels."""
        return size * self.distance_m / (self.top_m - self.bottom_m)

    def project(self, points: NDArray[Any], size: int) -> Floats:
        """Points [..., 3] of the world as x, y in continuous pixels and distance from the camera's plane."""
        values = np.asarray(points, np.float64)
        depth = self.distance_m - values[..., 2]
        scale = self.focal(size) / depth
        x = size / 2 + values[..., 0] * scale
        y = self._horizon(size) - (values[..., 1] - self.height_m) * scale
        return np.stack([x, y, depth], axis=-1)

    def rays(self, size: int) -> Floats:
        """Directions [size, size, 3] through the pixels' middles, whose z is −1."""
        centre = np.arange(size) + 0.5
        x = (centre - size / 2) / self.focal(size)
        y = (self._horizon(size) - centre) / self.focal(size)
        return np.stack(np.broadcast_arrays(x[None, :], y[:, None], -1.0), axis=-1)

    @property
    def position(self) -> Floats:
        """Where the camera is, [3]."""
        return np.array([0.0, self.height_m, self.distance_m])

    def _horizon(self, size: int) -> float:
        return size * (self.top_m - self.height_m) / (self.top_m - self.bottom_m)
