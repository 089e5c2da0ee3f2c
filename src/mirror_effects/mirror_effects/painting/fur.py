"""Fur: hairs that lie along a flow from the nose outwards, and markings with hairy edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mirror_effects.painting.anatomy import EYE_CENTRES, NOSE, edge
from mirror_effects.painting.noise import Field, clouds, flow_lines, grain, moved, positions
from mirror_effects.painting.relief import carved, diffuse, relief
from mirror_effects.painting.shapes import blurred, smooth_step

__all__ = ["Fur", "fur", "hairy", "ragged_edge"]


@dataclass(frozen=True, slots=True, eq=False)
class Fur:
    """A coat of hair over the face.

    Attributes:
        flow_x, flow_y: direction in which the hairs lie, unit length.
        hairs: single hairs, about −1 … 1.
        tufts: strands of hairs, about −1 … 1.
        light: light on the coat, 0 … 1.
    """

    flow_x: Field
    flow_y: Field
    hairs: Field
    tufts: Field
    light: Field


def _flow(size: int) -> tuple[Field, Field]:
    x, y = positions(size)
    away_x, away_y = x - NOSE[0], y - (NOSE[1] - 40)
    reach = np.hypot(away_x, away_y) + 1
    flow_x, flow_y = away_x / reach, away_y / reach - 0.25 * smooth_step(60, -260, y - NOSE[1])
    for centre in EYE_CENTRES:  # hairs part around the eyes
        dx, dy = x - centre[0], y - centre[1]
        distance = np.hypot(dx, 1.5 * dy) + 1
        share = 1.3 * np.exp(-((distance / 120) ** 2))
        flow_x, flow_y = flow_x + share * dx / distance, flow_y + share * 1.5 * dy / distance
    bend = 0.35
    flow_x = blurred((flow_x + bend * clouds(size, 71, 110, 2)).astype(np.float32), 8)
    flow_y = blurred((flow_y + bend * clouds(size, 72, 110, 2)).astype(np.float32), 8)
    length = np.hypot(flow_x, flow_y) + 1e-6
    return (flow_x / length).astype(np.float32), (flow_y / length).astype(np.float32)


def _standardised(field: Field) -> Field:
    return np.asarray((field - blurred(field, 40)) / (2.2 * field.std()), np.float32)


@cache
def fur(size: int) -> Fur:
    """The coat at this size."""
    flow_x, flow_y = _flow(size)
    hairs = _standardised(flow_lines(grain(size, 73), flow_x, flow_y, 20))
    tufts = _standardised(flow_lines(clouds(size, 74, 13, 2), flow_x, flow_y, 46))
    base = relief(size)
    normal = carved(base, (0.28 * blurred(tufts, 1.5) + 0.07 * hairs).astype(np.float32))
    light = 0.5 * diffuse(normal, wrap=0.6) + 0.5 * diffuse(base.normal, wrap=0.6)
    return Fur(flow_x, flow_y, hairs, tufts, (light * (1 - 0.45 * base.hollow)).astype(np.float32))


def hairy(coat: Fur, marking: Field, reach: float = 16.0) -> Field:
    """A marking 0 … 1 whose edges follow single hairs."""
    pull = reach * (0.7 * coat.hairs + 0.6 * coat.tufts)
    pulled = moved(marking, -pull * coat.flow_x, -pull * coat.flow_y)
    return np.clip(0.85 * pulled + 0.15 * flow_lines(pulled, coat.flow_x, coat.flow_y, reach), 0, 1)


def ragged_edge(size: int, coat: Fur, feather: float = 30.0) -> Field:
    """Opacity of a coat that ends in single hairs at the face's outline."""
    return hairy(coat, edge(size, feather, 10), 26) * edge(size, 6)
