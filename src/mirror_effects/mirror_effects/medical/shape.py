"""The shape of one mask in the head frame: its surface and its parts, ready to be laid on faces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical.atlas import BODY, DISC_CELLS
from mirror_effects.medical.fitted_head import FittedHead, held_by
from mirror_effects.medical.head import grid_normals, places, surface
from mirror_effects.medical.kinds import KINDS, Cut, Disc, Knots
from mirror_effects.medical.look import MaskLook
from mirror_effects.medical.parts import (
    Part,
    SurfaceGrid,
    band_parts,
    disc_part,
    grid_part,
    nose_part,
    valve_of,
)

__all__ = ["COLUMNS", "ROWS", "MaskShape", "shape_of"]

Array = NDArray[np.float64]

COLUMNS, ROWS = 33, 21  # of the surface's grid
DISC_NEARER_M = 0.010  # by which round parts count as nearer: they stick in the mask
DROP = {"regular": 0.0, "low": -14.0, "under_nose": -29.5}  # degrees by which the upper edge's middle sinks
SIDE_DROP = 0.30  # share of it at the sides, which the bands hold
EDGE_ROUNDS = 2  # of smoothing
SHIFT_DEG = 60.0  # of elevation, for a shift of a whole mask's height


@dataclass(frozen=True, slots=True, eq=False)
class MaskShape:
    """One mask as a mesh.

    Attributes:
        points: float64 [n, 3], metres in the head frame.
        holds: float64 [n, k], see `fitted_head.held_by`.
        triangles: int64 [t, 3].
        texture: float64 [n, 2], shares of the texture's side.
        hidden: bool [t], triangles that are not drawn: the part of the nose that the mask covers.
        nearer: float64 [n], metres by which round parts count as nearer than they are: they stick in the
            mask, and shall not be cut off where they do.
        grid: float64 [ROWS, COLUMNS, 3], the surface alone.
        normals: float64 [ROWS, COLUMNS, 3] of it.
        discs: the round parts, in the order of `atlas.DISC_CELLS`.
        disc_axes: float64 [d, 3, 3]: across, down and out of each.
        band_normals: float64 [b, 3], the mean direction of each band's outer side.
    """

    points: Array
    holds: Array
    triangles: NDArray[np.int64]
    texture: Array
    hidden: NDArray[np.bool_]
    nearer: Array
    grid: Array
    normals: Array
    discs: tuple[Disc, ...]
    disc_axes: Array
    band_normals: Array

    def lay_on(self, head: FittedHead) -> NDArray[np.float32]:
        """The mesh's points on a face: float32 [n, 3], x, y and depth in pixels."""
        laid = head.lay(self.points, self.holds)
        laid[:, 2] -= self.nearer * head.scale
        return laid


def shape_of(look: MaskLook) -> MaskShape:
    """The shape that a look asks for; looks that differ in colour alone share one."""
    return _shape(look.kind, look.fit, look.size, look.turn, look.shift, look.valve, look.bands, look.edge)


@lru_cache(maxsize=32)
def _shape(  # noqa: PLR0917 – what a shape hangs on
    name: str, fit: str, size: float, turn: float, shift: float, valve: bool, bands: bool, edge: float
) -> MaskShape:
    kind = KINDS[name]
    azimuth, elevation = _angles(kind.cut, fit, size, turn, shift)
    laid = SurfaceGrid(azimuth, elevation, _surface(kind.cut, azimuth, elevation, fit, edge))
    parts: list[Part] = [grid_part(laid.points, BODY)]
    own_valve = valve_of(kind, laid) if valve else None
    discs = kind.discs if own_valve is None else (*kind.discs, own_valve)
    axes = np.zeros((len(discs), 3, 3))
    for number, disc in enumerate(discs):
        part, axes[number] = disc_part(disc, DISC_CELLS[number], laid)
        parts.append(part)
    nearer = [np.full(len(part.points), DISC_NEARER_M * (number > 0)) for number, part in enumerate(parts)]
    band_normals = np.zeros((0, 3))
    if bands:
        strips, band_normals = band_parts(kind, laid)
        parts += strips
    nose, covered = nose_part(laid)
    hidden = np.concatenate([np.zeros(sum(len(part.triangles) for part in parts), bool), covered])
    parts.append(nose)
    nearer += [np.zeros(len(part.points)) for part in parts[len(nearer) :]]
    starts = np.cumsum([0, *(len(part.points) for part in parts[:-1])])
    points = np.concatenate([part.points for part in parts])
    return MaskShape(
        points=points,
        holds=held_by(points),
        triangles=np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=True)]),
        texture=np.concatenate([part.texture for part in parts]),
        hidden=hidden,
        nearer=np.concatenate(nearer),
        grid=laid.points,
        normals=grid_normals(laid.points),
        discs=discs,
        disc_axes=axes,
        band_normals=band_normals,
    )


def _angles(cut: Cut, fit: str, size: float, turn: float, shift: float) -> tuple[Array, Array]:
    """Azimuths and elevations of the grid, degrees, float64 [ROWS, COLUMNS]."""
    s, t = _chart()
    side = np.abs(s[:1])
    top, bottom = (_smooth_edge(knots, side) for knots in (cut.top, cut.bottom))
    top = top + DROP[fit] * (1 - (1 - SIDE_DROP) * side**1.3)
    middle = (top + bottom) / 2
    top, bottom = (middle + (edge - middle) * size**0.7 for edge in (top, bottom))
    top, bottom = (edge - shift * SHIFT_DEG + turn * s[:1] for edge in (top, bottom))
    upper, centre, lower = cut.half_width
    half = (upper * (1 - t) * (1 - 2 * t) + centre * 4 * t * (1 - t) + lower * t * (2 * t - 1)) * size
    return s * half, top + (bottom - top) * t


@cache
def _chart() -> tuple[Array, Array]:
    """s (−1 at the person's right … 1) and t (0 at the top … 1) of the grid's points."""
    s, t = np.meshgrid(np.linspace(-1, 1, COLUMNS), np.linspace(0, 1, ROWS))
    return s, t


def _smooth_edge(knots: Knots, side: Array) -> Array:
    """Elevations float64 [1, COLUMNS] of an edge at shares of the half width; knots are no corners."""
    edge: Array = np.interp(side, [at for at, _ in knots], [elevation for _, elevation in knots])
    for _ in range(EDGE_ROUNDS):
        inner = (edge[:, :-2] + 2 * edge[:, 1:-1] + edge[:, 2:]) / 4
        edge = np.concatenate([edge[:, :1], inner, edge[:, -1:]], axis=1)
    return edge


def _surface(cut: Cut, azimuth: Array, elevation: Array, fit: str, edge: float) -> Array:
    s, t = _chart()
    inside = np.sin(np.pi * np.clip(t, 0, 1)) ** 0.6 * (1 - s**4)
    taut = cut.taut * (1 - cut.pinch * np.exp(-((t / 0.16) ** 2)) * (1 - 0.5 * np.abs(s)))
    taut = taut * (1 - 0.75 * np.exp(-(((1 - np.abs(s)) / 0.20) ** 2)))
    distance = surface(azimuth, elevation, taut, over_nose=fit != "under_nose")
    distance = distance + cut.stand_off_m * (0.6 + 0.4 * edge)
    bulge = cut.dome_m * inside * (1 - s**2) + cut.ridge_m * inside * np.exp(-np.abs(s) / 0.28)
    return places(azimuth, elevation, distance + bulge)
