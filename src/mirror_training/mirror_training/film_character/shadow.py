"""The shadow that the character casts on itself and on the street: a shadow map with soft edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.mesh import Mesh
from mirror_training.film_character.raster import depth_map, facing
from mirror_training.film_character.rotations import Floats, unit
from mirror_training.opencv import cv2

__all__ = ["ShadowMap"]

Field = NDArray[np.float32]
RADIUS_M = 1.22  # of the ball about the character that the map sees
BIAS_M = 0.014  # how far behind what the lamp sees a point must lie to be in shadow
SOFT_M = 0.010  # half width of the soft edge on the character
NEAR_BLUR_M, FAR_BLUR_M = (
    0.012,
    0.055,
)  # softness on the street beside the feet, and where the head's shadow falls


class ShadowMap:
    """What a lamp sees of the character.

    Source: L. Williams, "Casting curved shadows on curved surfaces", 1978; percentage-closer filtering by
    W. Reeves et al., 1987.

    Args:
        lamp: position of the lamp [3] in metres.
        middle: middle of the character [3].
        vertices: float64 [v, 3] of the character.
        mesh: its triangles; those with two sides cast a shadow whichever side the lamp sees.
        size: side of the map in pixels.
    """

    def __init__(
        self,
        lamp: NDArray[Any],
        middle: NDArray[Any],
        vertices: Floats,
        mesh: Mesh,
        size: int,
    ) -> None:
        self.size = size
        self._lamp = np.asarray(lamp, np.float64)
        aim = unit(np.asarray(middle, np.float64) - self._lamp)
        right = unit(np.cross(aim, (0.0, 1.0, 0.0)))
        self._axes = np.stack([right, np.cross(right, aim), aim], axis=1)
        distance = float(np.linalg.norm(np.asarray(middle) - self._lamp))
        self._middle_m = distance
        self._focal = size / 2 * distance / RADIUS_M
        corners = np.stack(self._seen(*vertices.T), axis=1)[mesh.triangles]
        shown = np.flatnonzero((facing(corners) < 0) | mesh.two_sided)
        self.depth = depth_map(corners[shown], size)
        self._covered: tuple[Field, Field] | None = None

    def _seen(self, x: Any, y: Any, z: Any) -> tuple[Any, Any, Any]:
        """Places on the map (x, y in pixels) and their distance from the lamp, of the arguments' own type."""
        kind = x.dtype.type
        dx, dy, dz = x - kind(self._lamp[0]), y - kind(self._lamp[1]), z - kind(self._lamp[2])
        across, up, depth = (
            dx * kind(axis[0]) + dy * kind(axis[1]) + dz * kind(axis[2]) for axis in self._axes.T
        )
        depth = np.maximum(depth, kind(0.05))
        scale = kind(self._focal) / depth
        half = kind(self.size / 2)
        return half + across * scale, half - up * scale, depth

    def reaches(self, places: Field) -> Field:
        """How much of the lamp's light arrives at places [3, n] on the character: float32 [n], 0 … 1."""
        x, y, depth = self._seen(*places)
        depth -= np.float32(BIAS_M)
        step = SOFT_M * self._focal / self._middle_m
        limit = self.size - 1
        steps = [np.float32(each * step) for each in (-1.0, 0.0, 1.0)]
        columns = [np.clip(x + each, 0, limit).astype(np.int32) for each in steps]
        rows = [np.clip(y + each, 0, limit).astype(np.int32) * np.int32(self.size) for each in steps]
        flat = self.depth.ravel()
        free = np.zeros(len(x), np.float32)
        for row in rows:
            for column in columns:
                free += flat[row + column] >= depth
        return np.asarray(free / 9.0, np.float32)

    def on_street(self, places: Field) -> Field:
        """How much of the lamp's light the character takes from places [3, h, w] of the street, 0 … 1.

        The shadow's edge gets softer with the distance between the character and the place.
        """
        if self._covered is None:
            solid = np.isfinite(self.depth).astype(np.float32)
            per_m = self._focal / self._middle_m
            self._covered = (
                cv2.GaussianBlur(solid, (0, 0), NEAR_BLUR_M * per_m),
                cv2.GaussianBlur(solid, (0, 0), FAR_BLUR_M * per_m),
            )
        x, y, depth = self._seen(*places)
        near, far = (cv2.remap(each, x - 0.5, y - 0.5, cv2.INTER_LINEAR) for each in self._covered)
        apart = np.clip((depth - np.float32(self._middle_m + 0.1)) * np.float32(1 / 2.2), 0.0, 1.0)
        return np.asarray(near + (far - near) * apart, np.float32)
