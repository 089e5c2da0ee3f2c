"""What masks are made of: the relief, shades and trimmings of each material, laid flat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical.kinds import Kind
from mirror_effects.medical.look import MaskLook
from mirror_effects.medical.patterns import axes, clouds

__all__ = ["MATERIALS", "Sheet"]

Plane = NDArray[np.float32]
Generator = np.random.Generator
Size = tuple[int, int]

WIRE_AT, WIRE_HALF, WIRE_WIDTH = 0.040, 0.30, 0.018  # t, half length in s, half width in t
PLEATS = (0.27, 0.46, 0.65)  # t of the folds of a surgical mask


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A material laid flat.

    Attributes:
        height: float32 [h, w], metres above the smooth surface.
        shade: float32 [h, w], factor of the colour: hollows, seams, weave.
        cloth: float32 [h, w], 0 … 1, where a pattern is printed.
        trim: float32 [h, w], 0 … 1, where the trimming's own colour lies; None where there is none.
        trim_colour: of it, "#rrggbb".
    """

    height: Plane
    shade: Plane
    cloth: Plane
    trim: Plane | None = None
    trim_colour: str = "#f4f4f2"


def _bump(distance: Any, width: float) -> Any:
    """1 at distance 0, smoothly 0 about two widths away."""
    return np.exp(-((distance / np.float32(width)) ** 2))


def _step(value: Any, soft: float) -> Any:
    """0 below, 1 above 0, over a width of `soft`."""
    return np.clip(value * np.float32(1 / soft) + np.float32(0.5), 0, 1)


def _dashes(along: Any, across: Any, count: float, width: float) -> Any:
    """A row of short stitches."""
    return _bump(across, width) * _step(np.cos(along * np.float32(np.pi * count)) - 0.1, 0.6)


def _creases(size: Size, rng: Generator, count: int) -> Plane:
    """Folds of about unit height where bands pull: from the sides inwards, each a bent line that fades."""
    half = (max(size[0] // 2, 1), max(size[1] // 2, 1))
    s, t = axes(half[1], half[0])
    total = np.zeros(half, np.float32)
    for number in range(count):
        side = 1.0 if number % 2 else -1.0
        from_s, from_t = side * rng.uniform(0.55, 1.0), rng.uniform(0.08, 0.92)
        # Towards the middle of the mask, more or less; up and down count double, for t spans one, s two.
        angle = np.arctan2(2 * (0.5 - from_t), -side) + rng.normal(0, 0.5)
        across_s, across_t = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        ds, dt = s - np.float32(from_s), (t - np.float32(from_t)) * 2
        along = ds * across_s + dt * across_t
        beside = dt * across_s - ds * across_t + np.float32(rng.normal(0, 0.35)) * along * along
        reach = along * np.float32(1 / rng.uniform(0.45, 1.1))
        fading = np.clip(1.1 - np.abs(reach - 0.5) * 2.2, 0, 1)
        width = 0.05 + 0.10 * np.clip(reach, 0, 1)
        total += np.float32(rng.uniform(0.4, 1.0)) * fading * np.exp(-((beside / width) ** 2))
    return np.asarray(cv2.resize(total, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _edge(size: Size, look: MaskLook) -> tuple[Any, Any]:
    """Height (m) and shade of the outer rim: it rounds off, and its underside is dark."""
    s, t = axes(size[1], size[0])
    inwards = np.minimum(np.minimum(t, 1 - t), (1 - np.abs(s)) * np.float32(0.66))
    rim = np.exp(-inwards * np.float32(1 / 0.014))
    return -0.0016 * look.edge * rim, 1 - np.float32(min(0.30 * look.edge, 0.9)) * np.exp(
        -inwards * np.float32(1 / 0.007)
    )


def _wire(size: Size, look: MaskLook) -> tuple[Any, Any]:
    """Height (m) and shade of the wire under the cloth over the nose."""
    s, t = axes(size[1], size[0])
    ends = _step(WIRE_HALF - np.abs(s), 0.05)
    ridge = _bump(t - WIRE_AT, WIRE_WIDTH) * ends
    hollow = (_bump(t - WIRE_AT - 0.038, 0.012) + 0.6 * _bump(t - WIRE_AT + 0.030, 0.010)) * ends
    return 0.0011 * look.wire * ridge, 1 - 0.16 * look.wire * hollow + 0.04 * look.wire * ridge


def _weave(size: Size, rng: Generator, amount: float) -> Plane:
    noise = rng.standard_normal(size, np.float32)
    return np.asarray(1 + np.float32(amount) * noise, np.float32)


def _pleated(size: Size, look: MaskLook, kind: Kind, rng: Generator) -> Sheet:
    """Non-woven cloth in three pleats that open in the middle, welded at the sides."""
    s, t = axes(size[1], size[0])
    folds = np.float32(look.folds)
    wander = clouds(rng, size, (2, 5))
    sag = 0.030 * (1 - s * s) * np.float32(rng.uniform(0.3, 1.4))
    height = np.zeros(size, np.float32)
    shade = _weave(size, rng, 0.012)
    for number, place in enumerate(PLEATS):
        middle = place + float(rng.normal(0, 0.012)) + sag + 0.006 * wander
        below = t - middle
        # Each pleat rises towards its lip and falls off beneath it; the sides hold it flat.
        open_here = 1 - 0.55 * np.abs(s) ** 3
        lip = np.exp(np.minimum(below, 0) * np.float32(1 / 0.055)) * _step(-below, 0.016)
        height += (0.0021 - 0.0002 * number) * open_here * lip
        shade *= 1 - folds * np.minimum(0.30 * _bump(below - 0.010, 0.013) * open_here, 0.8)
    fan = np.abs(s) ** 2  # the loops pull wrinkles into the sides
    height += 0.0022 * (0.5 + 0.5 * fan) * _creases(size, rng, 7)
    height += 0.0012 * clouds(rng, size, (7, 3))
    bands = _step(0.075 - t, 0.012) + _step(t - 0.945, 0.012) + _step(np.abs(s) - 0.925, 0.02)
    welds = _dashes(s, t - 0.073, 62, 0.006) + _dashes(s, t - 0.945, 62, 0.006)
    welds = welds + _dashes(t, np.abs(s) - 0.93, 90, 0.010) + _dashes(t, np.abs(s) - 0.965, 90, 0.010)
    rim_height, rim_shade = _edge(size, look)
    wire_height, wire_shade = _wire(size, look)
    height = folds * height + 0.0004 * np.minimum(bands, 1) + rim_height + wire_height
    shade = shade * (1 - 0.10 * np.minimum(welds, 1)) * rim_shade * wire_shade
    return Sheet(*_planes(height, shade, 1.0))


def _folded(size: Size, look: MaskLook, kind: Kind, rng: Generator) -> Sheet:
    """Stiff non-woven cloth folded along the middle, welded around its rim."""
    s, t = axes(size[1], size[0])
    side = np.abs(s)
    folds = np.float32(look.folds)
    height = 0.0011 * _bump(s, 0.022)
    height = height + folds * (0.0016 * _creases(size, rng, 5) + 0.0014 * clouds(rng, size, (2, 3)))
    shade = _weave(size, rng, 0.008) * (1 - folds * 0.10 * _bump(side - 0.035, 0.03))
    # Welded lines: one along the upper edge, one along the lower, one up each side.
    lines = _dashes(s, t - 0.080, 74, 0.006) + _dashes(s, t - 0.105, 74, 0.005)
    lines = lines + _dashes(s, t - 0.935, 74, 0.007) + _dashes(t, side - 0.90, 60, 0.008)
    arc = _bump(side - (0.62 + 0.16 * np.cos((t - 0.5) * 3)), 0.012) * _step(0.28 - np.abs(t - 0.55), 0.05)
    rim_height, rim_shade = _edge(size, look)
    wire_height, wire_shade = _wire(size, look)
    height = height - 0.0003 * np.minimum(lines, 1) - 0.0005 * arc + rim_height + 1.5 * wire_height
    shade = shade * (1 - 0.11 * np.minimum(lines, 1)) * (1 - 0.06 * arc) * rim_shade * wire_shade
    return Sheet(*_planes(height, shade, 1.0))


def _cup(size: Size, look: MaskLook, kind: Kind, rng: Generator) -> Sheet:
    """A moulded cup of felt with a pressed rim, a metal clip over the nose and staples at the bands."""
    s, t = axes(size[1], size[0])
    inwards = np.minimum(np.minimum(t, 1 - t), (1 - np.abs(s)) * 0.66)
    folds = np.float32(look.folds)
    groove = _bump(inwards - 0.070, 0.012)
    ribs = _bump(t - 0.40 - 0.04 * s * s, 0.020) + _bump(t - 0.72 + 0.04 * s * s, 0.020)
    height = 0.0018 * _step(inwards - 0.070, 0.05)
    height = height + folds * (
        0.0016 * ribs * _step(0.62 - np.abs(s), 0.2) + 0.0005 * clouds(rng, size, (3, 3))
    )
    shade = _weave(size, rng, 0.016) * (1 - 0.16 * groove)
    shade = shade * (1 + 0.02 * clouds(rng, size, (9, 12)))
    ends = _step(0.26 - np.abs(s), 0.02)
    clip = ends * _step(0.020 - np.abs(t - 0.058), 0.010) * np.float32(min(look.wire, 1.0))
    height = height + 0.0008 * look.wire * clip
    shade = shade * (1 - 0.35 * look.wire * ends * _bump(t - 0.086, 0.008))
    rim_height, rim_shade = _edge(size, look)
    print_rows = _printed(s, t, rng) if rng.random() < 0.6 else 0.0
    shade = shade * (1 - 0.45 * print_rows) * rim_shade
    return Sheet(
        *_planes(height + rim_height, shade, 1 - clip), trim=_plane(clip, size), trim_colour="#b9bcbe"
    )


def _printed(s: Plane, t: Plane, rng: Generator) -> Any:
    """Two lines of small print, too small to be read."""
    marks: Any = 0.0
    letters = rng.random(40) < 0.75
    at = np.clip(((s - 0.16) * (40 / 0.5)).astype(int), 0, 39)
    within = (s > 0.16) & (s < 0.66)
    for place in (0.30, 0.345):
        marks = marks + _bump(t - place, 0.011) * letters[(at * 7 + int(place * 100)) % 40] * within
    return marks


def _sewn(size: Size, look: MaskLook, kind: Kind, rng: Generator) -> Sheet:
    """Two curved pieces of cloth with a seam down the middle, hemmed all around."""
    s, t = axes(size[1], size[0])
    side = np.abs(s)
    folds = np.float32(look.folds)
    drape = _creases(size, rng, 9) + 0.5 * clouds(rng, size, (3, 4))
    height = folds * 0.0028 * drape - 0.0010 * _bump(s, 0.012)
    shade = _weave(size, rng, 0.035) * (1 - 0.30 * _bump(s, 0.010))
    stitches = _dashes(t, side - 0.024, 70, 0.007) + _dashes(s, t - 0.048, 90, 0.007)
    stitches = stitches + _dashes(s, t - 0.952, 90, 0.007) + _dashes(t, side - 0.93, 60, 0.009)
    hem = _step(0.045 - np.minimum(t, 1 - t), 0.012)
    rim_height, rim_shade = _edge(size, look)
    wire_height, wire_shade = _wire(size, look)
    height = height + 0.0005 * hem - 0.0003 * np.minimum(stitches, 1) + rim_height + wire_height
    shade = shade * (1 - 0.16 * np.minimum(stitches, 1)) * rim_shade * wire_shade
    return Sheet(*_planes(height, shade, 1.0))


def _rubber(size: Size, look: MaskLook, kind: Kind, rng: Generator) -> Sheet:
    """Moulded rubber: a thick lip around, a raised frame in the middle, ribs at the sides."""
    s, t = axes(size[1], size[0])
    inwards = np.minimum(np.minimum(t, 1 - t), (1 - np.abs(s)) * 0.66)
    folds = np.float32(look.folds)
    lip = _bump(inwards - 0.035, 0.028)
    frame = _step(0.30 - np.sqrt((s * 0.9) ** 2 * 0.45 + (t - 0.55) ** 2), 0.05)
    ribs = np.cos((np.abs(s) - 0.45) * 44) * _step(np.abs(s) - 0.52, 0.1) * _step(inwards - 0.10, 0.05)
    bridge = _bump(s, 0.12) * _step(0.34 - t, 0.15)
    height = 0.0030 * lip + 0.0040 * frame + 0.0020 * bridge + folds * 0.0006 * ribs
    height = height + 0.0003 * clouds(rng, size, (4, 5))
    shade = _weave(size, rng, 0.008) * (1 - 0.25 * _bump(inwards - 0.085, 0.022))
    shade = shade * (1 - 0.22 * folds * np.maximum(-ribs, 0))
    clip = _step(0.34 - np.abs(s), 0.05) * _bump(t - 0.05, 0.02) * look.wire
    rim_height, rim_shade = _edge(size, look)
    height = height + 0.0012 * clip + rim_height
    return Sheet(*_planes(height, shade * rim_shade * (1 - 0.10 * clip), 1.0))


def _planes(height: Any, shade: Any, cloth: Any) -> tuple[Plane, Plane, Plane]:
    size = shade.shape
    return _plane(height, size), _plane(shade, size), _plane(cloth, size)


def _plane(value: Any, size: Size) -> Plane:
    return np.ascontiguousarray(np.broadcast_to(value, size), np.float32)


MATERIALS: dict[str, Callable[[Size, MaskLook, Kind, Generator], Sheet]] = {
    "pleated": _pleated,
    "folded": _folded,
    "cup": _cup,
    "sewn": _sewn,
    "rubber": _rubber,
}
"""Name → what lays it out for (height, width) of the surface's part of the texture."""
