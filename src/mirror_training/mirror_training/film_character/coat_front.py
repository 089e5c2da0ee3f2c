"""What lies on the trunk of the coat: shirt and tie, lapels, collar, storm flap and shoulder straps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mirror_training.film_character.coat import TRUNK_PROFILE, trunk_surface, trunk_weights
from mirror_training.film_character.lofts import grid, interpolated, smoothstep
from mirror_training.film_character.mesh import Part, Weights
from mirror_training.film_character.rotations import Floats

__all__ = ["front"]

Line = Sequence[tuple[float, float]]
"""Corners (x, y) of a polygon on the trunk's front, downwards, in metres at rest."""

LAPEL, COLLAR, SHIRT, TIE = "lapel", "collar", "shirt", "tie"
ROWS, COLUMNS = 15, 8  # of a strip's grid
EDGE, TOP = 0.25, 0.4  # how far a strip's edges and its lower end turn in to the trunk
CROSSINGS = {-1.0: (0.012, 1.150), 1.0: (-0.030, 1.170)}  # where the right and the left front end
COLLAR_GAP = 0.42  # half the angle that the collar is open in front
COLLAR_PROFILE = (  # radius, height, and how much lower it is in front
    (0.060, 1.488, 0.000),
    (0.066, 1.530, 0.012),
    (0.073, 1.552, 0.022),
    (0.084, 1.548, 0.032),
    (0.098, 1.520, 0.044),
    (0.112, 1.487, 0.052),
)


def _along(corners: Line) -> Floats:
    """Places [ROWS, 2] along a polygon, by its length, from its lower end upwards."""
    points = np.array(corners)[::-1]
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    places = np.linspace(0.0, length[-1], ROWS)
    return np.column_stack([np.interp(places, length, points[:, i]) for i in range(2)])


def _strip(left: Line, right: Line, material: str, out_m: float, swell_m: float = 0.0) -> Part:
    """A piece of cloth on the trunk's front.

    Args:
        left, right: its edges; `left` is on the left of the picture.
        material: its material.
        out_m: how far it lies before the trunk.
        swell_m: how much farther its middle lies.
    """
    share = np.linspace(0.0, 1.0, COLUMNS)[None, :, None]
    flat = _along(left)[:, None, :] * (1.0 - share) + _along(right)[:, None, :] * share
    out = np.full((ROWS, COLUMNS), out_m) + swell_m * np.sin(np.pi * share[..., 0])
    out[:, [0, -1]] *= EDGE
    out[-1] *= TOP
    vertices, triangles, texture = grid(trunk_surface(flat[..., 0], flat[..., 1], out))
    return Part(vertices, triangles, texture, trunk_weights(vertices), material)


def _shirt_and_tie() -> list[Part]:
    return [
        _strip(
            ((-0.066, 1.512), (-0.060, 1.46), (-0.030, 1.225), (-0.012, 1.19)),
            ((0.066, 1.512), (0.060, 1.46), (0.012, 1.225), (0.000, 1.19)),
            SHIRT,
            0.004,
        ),
        _strip(((-0.021, 1.497), (-0.015, 1.462)), ((0.021, 1.497), (0.015, 1.462)), TIE, 0.016, 0.010),
        _strip(
            ((-0.013, 1.466), (-0.030, 1.25), (-0.022, 1.185)),
            ((0.013, 1.466), (0.018, 1.25), (0.000, 1.185)),
            TIE,
            0.010,
            0.008,
        ),
    ]


def _lapels() -> list[Part]:
    """Both lapels; the wearer's left front lies over the right one."""
    parts = []
    for sign, (x, y) in CROSSINGS.items():
        inner = [(sign * 0.058, 1.490), (sign * 0.046, 1.42), (x + sign * 0.010, y + 0.010)]
        outer = [
            (sign * across, height) for across, height in ((0.088, 1.487), (0.128, 1.442), (0.150, 1.415))
        ]
        outer += [(sign * 0.118, 1.340), (x + sign * 0.062, y + 0.070), (x + sign * 0.020, y + 0.004)]
        left, right = (inner, outer) if sign > 0 else (outer, inner)
        parts.append(_strip(left, right, LAPEL, 0.017 if sign > 0 else 0.014, 0.006))
    return parts


def _storm_flap() -> Part:
    """The flap on the wearer's right shoulder."""
    left = ((-0.178, 1.435), (-0.185, 1.37), (-0.165, 1.305))
    right = ((-0.105, 1.470), (-0.080, 1.37), (-0.075, 1.285))
    return _strip(left, right, LAPEL, 0.009, 0.002)


def _collar() -> Part:
    """The collar: up at the neck, then folded down outwards; open in front, where it ends in two points."""
    angle = np.linspace(COLLAR_GAP, 2 * np.pi - COLLAR_GAP, 41)  # from the left front over the back
    sine, cosine = np.sin(angle), np.cos(angle)
    front = np.clip(cosine, 0.0, 1.0) ** 1.5
    rows = []
    for radius, height, drop in COLLAR_PROFILE:
        outside = radius > 0.09
        x = (radius + 0.010 * front * outside) * sine
        z = -0.018 + 0.94 * radius * cosine + 0.028 * front * (radius - 0.055) / 0.055
        rows.append(np.stack([x, height - drop * front, z], axis=1))
    points = np.stack(rows)
    # The points of the collar lie on the lapels.
    low = points[-2:]
    ahead = trunk_surface(low[..., 0], np.clip(low[..., 1], 1.2, 1.5), 0.024)[..., 2]
    low[..., 2] = np.where(low[..., 2] > 0, np.maximum(low[..., 2], ahead), low[..., 2])
    vertices, triangles, texture = grid(points[:, ::-1])
    weights = dict(_as_at(vertices, 1.50, 0.3))
    weights["neck"] = 0.35 * smoothstep(1.49, 1.55, vertices[:, 1]) + 0.1
    return Part(vertices, triangles, texture, weights, COLLAR, two_sided=True)


def _as_at(vertices: Floats, height: float, across: float = 1.0) -> Weights:
    """What carries the trunk at one height, for something that must not bend."""
    x, z = across * vertices[:, 0], vertices[:, 2]
    return trunk_weights(np.stack([x, np.full(len(vertices), height), z], axis=1))


def _shoulder_straps() -> list[Part]:
    """Straps from the collar to the sleeve's head."""
    fine = interpolated(TRUNK_PROFILE, 80)[::-1][:28]  # the shoulder's slope, from the neck outwards
    across = np.linspace(0.088, 0.205, 9)
    ridge = np.interp(across, fine[:, 1], fine[:, 0])
    narrow = np.where(across < 0.10, 0.65, 1.0)
    parts = []
    for sign in (-1.0, 1.0):
        rows = [
            np.stack([sign * across, ridge + lift - 0.25 * abs(z), z * narrow - 0.012], axis=1)
            for z, lift in ((0.028, 0.0), (0.024, 0.008), (0.0, 0.012), (-0.024, 0.009), (-0.028, 0.0))
        ]
        points = np.stack(rows) if sign > 0 else np.stack(rows)[:, ::-1]
        vertices, triangles, texture = grid(points)
        parts.append(Part(vertices, triangles, texture, _as_at(vertices, 1.42), LAPEL))
    return parts


def front() -> list[Part]:
    """All of it."""
    return [*_shirt_and_tie(), *_lapels(), _storm_flap(), _collar(), *_shoulder_straps()]
