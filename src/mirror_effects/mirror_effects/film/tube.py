"""A generalised cylinder: what every part of a pose map is drawn as, and how limbs become one.

A straight axis, a half width that changes along it, and tables of 256 steps for what a pixel gets from its
place along (U, depth) and across (V, front or back). Tables instead of formulas make drawing a look-up.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACROSS", "ACROSS_ANGLE", "STEPS", "Tube", "capsules", "inverse_of"]

Floats = NDArray[np.float64]
Float32s = NDArray[np.float32]
Bytes = NDArray[np.uint8]

STEPS: Final = 256
ACROSS: Final = (np.arange(STEPS) - (STEPS - 1) / 2) / (STEPS / 2)
"""float64 [256]: places across a tube, from nearly −1 at one edge to nearly 1 at the other."""
ACROSS_ANGLE: Final = np.arccos(ACROSS)
"""float64 [256]: the same as angles on the half of the tube that is seen, from nearly π down to nearly 0."""
SHORTEST_PX = 1e-3  # an axis shorter than this is seen end on, and gets a direction by choice
NARROWEST_PX: Final = np.float32(1e-7)  # half width that counts as none
YIELDING = 0.5  # depth that a round end recedes per pixel beyond its joint: there the next limb is in front


class Tube(NamedTuple):
    """One generalised cylinder as it is seen; a plain tuple, because each frame makes fifteen of them.

    A pixel's place along is `(p − origin)·axis`, in pixels, plus a slope times its place across; that lets
    the shoulders be level where the trunk leans. Its place across is measured along `axis` turned by +90°
    (from upwards to the right) and divided by the half width there: within −1 … 1 lies the tube.

    Attributes:
        origin: (x, y) in pixels, where the table of places along begins.
        axis: unit vector (x, y).
        length: pixels from the first to the last entry of the table, above 0.
        slopes: pixels along per pixel across at the first and the last entry.
        widest: largest half width in pixels.
        inverse: float32 [256], 128 / half width; huge where the tube has none, as at both ends.
        depth: float32 [256], z of the axis.
        thickness: float32 [256], how much nearer the surface is than the axis in the middle.
        along: uint8 [256], U.
        around: uint8 [256], V by place across.
        levels: uint8 [256], the part's grey level by place across.
    """

    origin: tuple[float, float]
    axis: tuple[float, float]
    length: float
    slopes: tuple[float, float]
    widest: float
    inverse: Float32s
    depth: Float32s
    thickness: Float32s
    along: Bytes
    around: Bytes
    levels: Bytes


_SHARE: Final = np.linspace(0.0, 1.0, STEPS, dtype=np.float32)
_LIMB_AROUND: Final = np.rint(255 * (0.5 + np.arcsin(ACROSS) / np.pi)).astype(np.uint8)
_LIMB_AROUND_REVERSED: Final = np.ascontiguousarray(_LIMB_AROUND[::-1])


def capsules(
    starts: Floats, ends: Floats, radii: Floats, *, levels: Bytes, reversed_across: NDArray[np.bool_]
) -> list[Tube]:
    """Limbs: between two joints a cone's part, round at both ends.

    U is 0 up to the first joint and 1 from the second on. V is 0 at one edge and 1 at the other, linear in
    the angle around the axis.

    Args:
        starts, ends: float64 [n, 3], the joints.
        radii: float64 [n, 2], at start and end, above 0, in pixels.
        levels: uint8 [n, 256], grey levels of the parts, by place across.
        reversed_across: bool [n], whether V runs from right to left (seen with the axis upwards).
    """
    way = (ends - starts).astype(np.float32)
    length = np.hypot(way[:, 0], way[:, 1])
    shown = np.maximum(length, SHORTEST_PX)
    axis = np.where((length > SHORTEST_PX)[:, None], way[:, :2] / shown[:, None], (0.0, 1.0))
    first, last = radii[:, :1].astype(np.float32), radii[:, 1:].astype(np.float32)
    extent = length[:, None] + first + last
    place = _SHARE * extent - first  # [n, 256], 0 at the start's joint
    share = np.maximum(place, 0.0)
    np.minimum(share, length[:, None], out=share)
    beyond = np.abs(place - share)
    share /= shown[:, None]
    radius = first + share * (last - first)
    half_width = np.sqrt(np.maximum(radius * radius - beyond * beyond, 0.0))
    depth = starts[:, 2:].astype(np.float32) + share * way[:, 2:]
    depth += np.float32(YIELDING) * beyond
    inverse = inverse_of(half_width)
    along = np.rint(255 * share).astype(np.uint8)
    extents, widest = extent[:, 0].tolist(), np.maximum(first, last)[:, 0].tolist()
    axes = axis.tolist()
    origins = (starts[:, :2] - axis * first).tolist()
    return [
        Tube(
            (origins[i][0], origins[i][1]),
            (axes[i][0], axes[i][1]),
            extents[i],
            (0.0, 0.0),
            widest[i],
            inverse[i],
            depth[i],
            half_width[i],
            along[i],
            _LIMB_AROUND_REVERSED if reversed_across[i] else _LIMB_AROUND,
            levels[i],
        )
        for i in range(len(starts))
    ]


def inverse_of(half_width: NDArray[np.floating[Any]]) -> Float32s:
    """float32, 128 / half width, and more than a picture's size can make up for where there is no width."""
    width: Float32s = np.maximum(half_width, NARROWEST_PX).astype(np.float32, copy=False)
    return np.float32(STEPS / 2) / width
