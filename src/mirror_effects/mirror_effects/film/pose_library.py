"""The film's own poses, by which what is not seen of a participant is completed.

A mirror sees most people from the waist up. The legs are then taken from those moments of the film whose
visible part is most alike (`similarity`), so that they are always legs that the character really had.

Several near moments are averaged, not the nearest taken: their weights are (1 − d/D)², d being a moment's
distance and D that of the first one left out (Shepard's weights, modified by Franke & Little, 1980). A
moment that drops out has weight 0 by then: legs glide from one to the other, they never jump.

Where little is seen, many moments are alike. Then those count as nearer whose unseen bones are as the film
mostly has them, so that the arms of somebody of whom only the head is seen hang at rest.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_effects.film.similarity import BONE_WEIGHT, DEPTH_WEIGHT, directions
from mirror_effects.film.skeleton import (
    BONE_COUNT,
    STANDARD_PROPORTIONS,
    bone_vectors,
    bone_visibility,
    height_of,
    kind_lengths,
)
from mirror_effects.film.standing import STANDING

__all__ = ["NEIGHBOURS", "PoseLibrary"]

Floats = NDArray[np.float64]

LARGEST = 1500  # poses that are kept; of more, as many at even distances
NEIGHBOURS = 12  # moments that a completion is made of
UNKNOWN = 0.5  # squared chord that counts for a bone which a moment of the film does not show
REST_PULL = 0.1  # of the squared distance to the film's usual posture, over the bones that are not seen
RARELY_SEEN = 0.05  # visibility below which a bone is rather taken from the standing person
_STANDING_VECTORS: Final = bone_vectors(STANDING)


class PoseLibrary:
    """Poses to complete others from; never changes."""

    def __init__(
        self, points: NDArray[Any], visibility: NDArray[Any], proportions: NDArray[Any] = STANDARD_PROPORTIONS
    ) -> None:
        """Take up the poses of a film.

        Args:
            points: [n ≥ 1, 33, 3] in pixels.
            visibility: [n, 33], 0 … 1.
            proportions: [kinds] of the film's character.

        Raises:
            ShapeError: if the arrays are not as stated.
            UsageError: if there is no pose.
        """
        points, visibility = np.asarray(points, np.float64), np.asarray(visibility, np.float64)
        if points.ndim != 3 or points.shape[1:] != (33, 3) or visibility.shape != points.shape[:2]:
            raise ShapeError(
                "A pose library needs points [n, 33, 3] and visibility [n, 33], "
                f"not {list(points.shape)} and {list(visibility.shape)}."
            )
        if not len(points):
            raise UsageError("A pose library needs at least one pose, and the film has none.")
        chosen = np.unique(np.linspace(0, len(points) - 1, min(len(points), LARGEST)).round().astype(int))
        points, visibility = points[chosen], visibility[chosen]
        heights, _ = height_of(*kind_lengths(points, visibility + 1e-3), proportions)
        self._vectors = bone_vectors(points) / np.maximum(heights, 1e-6)[:, None, None]
        self._seen = bone_visibility(visibility)
        self._rest = self._usual()
        known = BONE_WEIGHT * self._seen
        where = directions(points)
        self._squares = known * (where * where).sum(axis=-1) + UNKNOWN * (BONE_WEIGHT - known)
        self._known = known
        usual = self._rest[0] * (1.0, 1.0, DEPTH_WEIGHT)
        usual /= np.maximum(np.linalg.norm(usual, axis=-1, keepdims=True), 1e-9)
        self._unusual = known * ((where - usual) ** 2).sum(axis=-1)
        self._products = (known[..., None] * where).reshape(len(points), -1)

    def __len__(self) -> int:
        """Poses that are kept."""
        return len(self._vectors)

    def distances(self, where: NDArray[Any], seen: NDArray[Any]) -> Floats:
        """[n], 0 … 2: the distance of every pose, over the bones that are seen.

        As `pose_distance`, with a chord of √0.5 for bones that a pose of the film does not show.

        Args:
            where: [bones, 3], of `directions`.
            seen: [bones], 0 … 1.
        """
        seen = np.asarray(seen, np.float64)
        total = max(float((BONE_WEIGHT * seen).sum()), 1e-9)
        square = self._known @ (seen * (where * where).sum(axis=-1))
        square += self._squares @ seen
        square -= 2.0 * (self._products @ (seen[:, None] * where).ravel())
        result: Floats = np.sqrt(np.maximum(square, 0.0) / total)
        return result

    def completed(self, where: NDArray[Any], seen: NDArray[Any]) -> tuple[Floats, Floats]:
        """Bones as the film has them where it looks most alike.

        Args:
            where: [bones, 3], of `directions`.
            seen: [bones], 0 … 1; where all are 0, the result is what the film shows mostly.

        Returns:
            [bones, 3] vectors of all bones as shares of the height, and [bones] how well they are known.
        """
        if not np.any(seen):
            return self._rest
        unseen = 1.0 - np.asarray(seen, np.float64)
        unusual = self._unusual @ unseen / max(float((BONE_WEIGHT * unseen).sum()), 1e-9)
        distance = np.sqrt(self.distances(where, seen) ** 2 + REST_PULL * unusual)
        if len(distance) > NEIGHBOURS:
            nearest = np.argpartition(distance, NEIGHBOURS)[: NEIGHBOURS + 1]
            limit = float(distance[nearest].max())
            weight = np.maximum(1.0 - distance[nearest] / max(limit, 1e-9), 0.0) ** 2 + 1e-9
        else:
            nearest = np.arange(len(distance))
            weight = 1.0 / (distance**2 + 1e-4)
        return self._mean(nearest, weight / weight.sum())

    def _mean(self, chosen: NDArray[np.intp], weight: Floats) -> tuple[Floats, Floats]:
        """The mean of some poses, of each bone over those that show it; weights [k] with the sum 1."""
        known = weight[:, None] * self._seen[chosen]
        total = known.sum(axis=0)
        sums = (known[..., None] * self._vectors[chosen]).sum(axis=0)
        rest = self._rest[0]
        share = np.minimum(total / RARELY_SEEN, 1.0)[:, None]
        return share * sums / np.maximum(total, 1e-9)[:, None] + (1.0 - share) * rest, total

    def _usual(self) -> tuple[Floats, Floats]:
        """The film's median bones, and the standing person's where it hardly shows any."""
        total = self._seen.sum(axis=0)
        median = np.zeros((BONE_COUNT, 3))
        for bone in range(BONE_COUNT):
            shown = self._seen[:, bone] >= min(0.5, float(self._seen[:, bone].max()))
            median[bone] = np.median(self._vectors[shown, bone], axis=0)
        share = np.minimum(total / (RARELY_SEEN * len(self._seen)), 1.0)[:, None]
        return share * median + (1.0 - share) * _STANDING_VECTORS, total / len(self._seen)
