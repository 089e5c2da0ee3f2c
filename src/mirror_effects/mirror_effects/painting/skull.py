"""The skull: old bone with dark sockets, a nose cavity, sutures, cracks and teeth over the lips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, eyes, inside
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.marble import cracks
from mirror_effects.painting.noise import Field, cells, clouds, flow_lines, grain, positions
from mirror_effects.painting.relief import carved, diffuse, gloss, relief
from mirror_effects.painting.shapes import blurred, curve, depth_inside, mirrored, smooth_step, stroke

__all__ = ["ORBIT", "bone_holes", "paint"]

BONE = (
    (0.0, "#0d0805"),
    (0.2, "#3d2c1c"),
    (0.42, "#8e7556"),
    (0.62, "#c9b48d"),
    (0.82, "#ece0c2"),
    (1.0, "#fffbee"),
)
ORBIT = (
    (224, 300),
    (262, 246),
    (340, 226),
    (414, 250),
    (446, 306),
    (440, 362),
    (396, 410),
    (326, 424),
    (258, 398),
    (222, 350),
)
NASAL = ((512, 452), (486, 470), (462, 520), (444, 572), (452, 604), (486, 612), (506, 590), (512, 560))
HOLLOW = ((150, 590), (232, 586), (318, 634), (330, 720), (300, 810), (226, 850), (150, 800), (118, 690))
TEETH_LINE = 741.0  # height of the bite
TEETH_HALF_WIDTH = 168.0


def bone_holes(size: int) -> tuple[Field, Field]:
    """Depth inside the eye sockets and inside the nose cavity, in chart pixels."""
    orbit = curve(ORBIT, closed=True)
    orbits = np.maximum(depth_inside(size, orbit), depth_inside(size, mirrored(orbit)))
    half = curve(NASAL)
    nose = depth_inside(size, np.concatenate([half, mirrored(half)[::-1]]))
    return orbits, nose


def _teeth(size: int) -> tuple[Field, Field]:
    """Height 0 … 1 of the teeth, and the gap between them."""
    x, y = positions(size)
    across = (x - 512) / TEETH_HALF_WIDTH
    arc = y - TEETH_LINE + 26 * across**2
    around = np.arcsin(np.clip(across, -1, 1)) / (np.pi / 2)
    count = 6.0
    phase = np.abs((around * count) % 1 - 0.5) * 2  # 0 in a tooth's middle, 1 between two
    width = np.cos(np.arcsin(np.clip(across, -1, 1)))
    long = np.where(arc < 0, 74, 64) * (0.92 + 0.12 * np.cos(around * count * np.pi * 2 / 2) ** 2)
    root = np.abs(arc) / long
    tooth = (
        np.sqrt(np.clip(1 - phase**3.2, 0, 1))
        * smooth_step(1.25, 0.72, root)
        * smooth_step(0, 8, np.abs(arc))
    )
    within = smooth_step(1.0, 0.93, np.abs(across)) * (0.4 + 0.6 * width)
    gap = np.maximum(
        smooth_step(0.72, 1.0, phase) * smooth_step(1.3, 0.9, root), smooth_step(7, 3, np.abs(arc))
    )
    return (tooth * within).astype(np.float32), (gap * smooth_step(1.02, 0.96, np.abs(across))).astype(
        np.float32
    )


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    base = relief(size)
    rough = 5 * clouds(size, 3, 60, 4)
    orbits, nose = bone_holes(size)
    hollow_outline = curve(HOLLOW, closed=True)
    cheeks = np.maximum(depth_inside(size, hollow_outline), depth_inside(size, mirrored(hollow_outline)))
    socket = smooth_step(-6, 16, orbits + rough)
    cavity = smooth_step(-3, 8, nose + 0.6 * rough)
    sunk = smooth_step(-46, 60, cheeks + 3 * rough)
    teeth, gap = _teeth(size)
    broken = cracks(size, 23, 250, 2.3)
    suture = np.zeros((size, size), np.float32)
    wiggle = np.random.default_rng(4).normal(0, 7, 60)
    way = np.linspace(0, 1, 60)
    for line in (
        np.stack([40 + 190 * way, 150 + 120 * way**2 + wiggle], 1),
        np.stack([984 - 190 * way, 150 + 120 * way**2 + wiggle], 1),
    ):
        suture = np.maximum(suture, stroke(size, line, 2.6))
    brow_ridge = smooth_step(-46, -8, orbits) * smooth_step(6, -10, orbits)
    _, pores, _ = cells(size, 9, 11)
    pits = smooth_step(1.0, 0.2, pores) * smooth_step(0.1, 1.0, clouds(size, 12, 120, 3))
    height = (
        -5.0 * socket
        - 5.0 * blurred(cavity, 3)
        - 4.5 * blurred(sunk, 12)
        + 1.6 * blurred(brow_ridge, 8)
        + 2.4 * blurred(teeth, 2.2)
        - 1.1 * blurred(gap, 1.4)
        - 0.7 * blurred(broken, 1)
        - 0.5 * blurred(suture, 1)
        + 0.22 * clouds(size, 6, 44, 5)
        - 0.15 * pits
    )
    normal = carved(base, height.astype(np.float32))
    light = 0.10 + 0.80 * diffuse(normal, wrap=0.4) + 0.09 * clouds(size, 7, 160, 5)
    dark = np.clip(
        0.9 * base.hollow * (1 - teeth) + 0.75 * blurred(sunk, 10) + 0.3 * smooth_step(-60, 0, orbits), 0, 1
    )
    picture = ramp(light * (1 - 0.68 * dark), BONE)
    fibres = flow_lines(grain(size, 8), np.zeros_like(light), np.ones_like(light), 18) - 0.5
    picture = toned(picture, (1 + 0.5 * fibres).astype(np.float32))
    stains = smooth_step(0.0, 1.1, clouds(size, 15, 210, 6))
    picture = laid_over(picture, "#6a4420", 0.40 * stains + 0.3 * pits)
    ivory = ramp(
        0.12 + 0.86 * light, ((0.0, "#20150c"), (0.4, "#94795a"), (0.7, "#e2d2ac"), (1.0, "#fffdf0"))
    )
    picture = laid_over(picture, ivory, 0.8 * smooth_step(0.1, 0.6, teeth))
    picture = laid_over(picture, "#150b06", 0.88 * gap)
    picture = laid_over(picture, "#1a0f08", 0.85 * broken + 0.75 * suture)
    picture = laid_over(picture, "#fff8e2", 0.30 * gloss(normal, 22))
    picture = laid_over(picture, "#070403", 0.97 * smooth_step(0.1, 0.95, socket))
    picture = laid_over(picture, "#050302", 0.98 * smooth_step(0.2, 0.9, cavity))
    # A glimmer of bone deep in the socket keeps it from being a flat hole.
    deep = smooth_step(22, 60, orbits) * smooth_step(-6, -30, eyes(size))
    picture = laid_over(picture, "#4a2f1c", 0.28 * deep * diffuse(normal))
    septum = stroke(size, ((512, 470), (512, 600)), (3, 10, 8)) * smooth_step(4, 20, nose)
    picture = laid_over(picture, "#7d6446", 0.55 * septum)
    picture = toned(
        picture,
        1 - 0.85 * smooth_step(2, 9, inside(size, "mouth")) * (1 - 0.85 * smooth_step(0.3, 0.7, teeth)),
    )
    return texture(picture, edge(size, 26))
