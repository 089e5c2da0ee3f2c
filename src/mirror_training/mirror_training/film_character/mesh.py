"""Parts of the character's surface in the rest pose, and all of them joined to one mesh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_diag, csr_matrix

from mirror_core.errors import ShapeError
from mirror_training.film_character.rotations import Floats
from mirror_training.film_character.skeleton import BONE_INDEX

__all__ = ["BONES_PER_VERTEX", "Mesh", "Part", "Weights", "join"]

Weights = Mapping[str, NDArray[Any] | float]
"""Bone → share [v] (or one share for all vertices) in where a vertex goes; shares need not sum to 1."""

BONES_PER_VERTEX = 4
SAME_M = 1e-6  # vertices nearer than this are one point of the surface (a texture's seam)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One piece of the surface.

    Attributes:
        vertices: float64 [v, 3], metres, in the world at rest.
        triangles: int64 [t, 3], counter-clockwise from outside.
        texture: float64 [v, 2], place in the material's picture: 0 … 1 to the right and down.
        weights: which bones carry it.
        material: name of its material.
        two_sided: its inner side can be seen too.
    """

    vertices: Floats
    triangles: NDArray[np.int64]
    texture: Floats
    weights: Weights
    material: str
    two_sided: bool = False

    def __post_init__(self) -> None:
        count = len(self.vertices)
        if self.vertices.shape != (count, 3) or self.texture.shape != (count, 2):
            raise ShapeError(
                f"A part has vertices [v, 3] and texture [v, 2], not {list(self.vertices.shape)} "
                f"and {list(self.texture.shape)}."
            )
        if self.triangles.ndim != 2 or self.triangles.shape[1] != 3 or self.triangles.max() >= count:
            raise ShapeError(f"A part's triangles are [t, 3] and name vertices below {count}.")


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """The whole surface at rest.

    Attributes:
        vertices: float64 [v, 3] at rest.
        triangles: int64 [t, 3].
        texture: float64 [v, 2], in the material's picture.
        bones: int64 [v, BONES_PER_VERTEX], the bones that carry a vertex, the strongest first.
        shares: float64 [v, BONES_PER_VERTEX], summing to 1.
        material: int64 [t], index in `materials`.
        materials: names.
        two_sided: bool [t].
        corners: sparse float64 [v, t]: sums the normals of the triangles about a vertex, across seams.
        parts: material name → slice of vertices, for the first part with that material.
    """

    vertices: Floats
    triangles: NDArray[np.int64]
    texture: Floats
    bones: NDArray[np.int64]
    shares: Floats
    material: NDArray[np.int64]
    materials: tuple[str, ...]
    two_sided: NDArray[np.bool_]
    corners: Any
    parts: dict[str, slice]


def _carried(weights: Weights, count: int) -> tuple[NDArray[np.int64], Floats]:
    """The strongest bones and their shares of each vertex."""
    names = list(weights)
    shares = np.stack([np.broadcast_to(np.asarray(weights[n], np.float64), count) for n in names], axis=1)
    short = BONES_PER_VERTEX - len(names)
    if short > 0:
        shares = np.hstack([shares, np.zeros((count, short))])
        names += [names[0]] * short
    order = np.argsort(-shares, axis=1)[:, :BONES_PER_VERTEX]
    kept = np.take_along_axis(shares, order, axis=1)
    indices = np.array([BONE_INDEX[name] for name in names])[order]
    return indices, kept / kept.sum(axis=1, keepdims=True)


def _welded(vertices: Floats, triangles: NDArray[np.int64]) -> Any:
    """Matrix [v, t] that sums triangles about each vertex, vertices at one place counting as one."""
    _, same = np.unique(np.rint(vertices / SAME_M).astype(np.int64), axis=0, return_inverse=True)
    same = same.ravel()
    corner = same[triangles.ravel()]
    triangle = np.repeat(np.arange(len(triangles)), 3)
    sums = csr_matrix((np.ones(len(corner)), (corner, triangle)), shape=(same.max() + 1, len(triangles)))
    return sums[same]


def join(parts: Sequence[Part]) -> Mesh:
    """One mesh of all parts."""
    materials = tuple(dict.fromkeys(part.material for part in parts))
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    carried = [_carried(part.weights, len(part.vertices)) for part in parts]
    corners = [_welded(part.vertices, part.triangles) for part in parts]
    places: dict[str, slice] = {}
    for part, start, end in zip(parts, starts[:-1], starts[1:], strict=True):
        places.setdefault(part.material, slice(int(start), int(end)))
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts[:-1], strict=True)]),
        np.concatenate([part.texture for part in parts]),
        np.concatenate([bones for bones, _ in carried]),
        np.concatenate([shares for _, shares in carried]),
        np.concatenate([np.full(len(p.triangles), materials.index(p.material)) for p in parts]),
        materials,
        np.concatenate([np.full(len(part.triangles), part.two_sided) for part in parts]),
        block_diag(corners, format="csr"),
        places,
    )
