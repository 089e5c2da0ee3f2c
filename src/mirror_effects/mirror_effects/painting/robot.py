"""The robot: enamelled steel plates with seams, screws, vents and lights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import EYE_CENTRES, edge, eyes, inside
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.noise import Field, clouds, flow_lines, grain, positions
from mirror_effects.painting.relief import carved, diffuse, gloss, reflection, relief
from mirror_effects.painting.shapes import blurred, depth_inside, fill, mirrored, smooth_step, stroke
from mirror_effects.painting.statue import features

__all__ = ["paint"]

STEEL = (
    (0.0, "#08090c"),
    (0.25, "#2f353d"),
    (0.5, "#7d868f"),
    (0.72, "#bcc4ca"),
    (0.9, "#eef2f4"),
    (1.0, "#ffffff"),
)
DARK = ((0.0, "#040506"), (0.4, "#1b1f24"), (0.7, "#4a525a"), (1.0, "#c9d3da"))
GLOW = "#35e6ff"
# Seams on the right half of the face; the left one mirrors them. Each is a polyline.
SEAMS: tuple[tuple[tuple[float, float], ...], ...] = (
    (
        (470, 20),
        (470, 150),
        (440, 186),
        (436, 250),
        (452, 300),
        (440, 420),
        (392, 500),
        (372, 560),
        (388, 620),
        (440, 660),
    ),
    ((440, 186), (300, 150), (170, 190), (120, 250), (30, 262)),
    ((372, 560), (280, 470), (180, 440), (28, 452)),
    ((388, 620), (330, 660), (300, 740), (330, 830), (430, 872), (512, 872)),
    ((300, 740), (150, 690), (60, 700)),
    ((330, 830), (290, 900), (290, 980)),
    ((240, 40), (262, 150)),
)
EYE_SOCKET = ((200, 318), (238, 262), (330, 240), (416, 268), (446, 330), (418, 378), (330, 402), (238, 378))
JAW_PISTON = ((86, 500), (150, 500), (164, 640), (104, 650))
SCREWS = (
    (448, 60),
    (268, 60),
    (150, 208),
    (64, 286),
    (60, 428),
    (330, 480),
    (64, 724),
    (280, 716),
    (318, 862),
    (316, 968),
    (404, 560),
    (470, 846),
)


def _both(size: int, points: Sequence[tuple[float, float]], width: float) -> Field:
    one = stroke(size, points, width, smooth=False)
    return np.maximum(one, one[:, ::-1])


def _discs(size: int, centres: Sequence[tuple[float, float]], radius: float) -> Field:
    """Signed depth inside the nearest of discs on both halves, in chart pixels."""
    x, y = positions(size)
    depth = np.full((size, size), -1e3, np.float32)
    for cx, cy in centres:
        for side in (cx, 1024 - cx):
            depth = np.maximum(depth, radius - np.hypot(x - side, y - cy))
    return depth.astype(np.float32)


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    base, made = relief(size), features(size)
    x, _ = positions(size)
    seams = np.zeros((size, size), np.float32)
    for seam in SEAMS:
        seams = np.maximum(seams, _both(size, seam, 5.5))
    face = inside(size, "face")
    socket = np.maximum(depth_inside(size, EYE_SOCKET), depth_inside(size, mirrored(EYE_SOCKET)))
    piston = np.maximum(depth_inside(size, JAW_PISTON), depth_inside(size, mirrored(JAW_PISTON)))
    lips = inside(size, "lips")
    recess = smooth_step(-3, 4, np.maximum(np.maximum(socket, piston), lips + 12))
    recess = recess * smooth_step(-4, -8, eyes(size) - 8)
    vents = np.zeros((size, size), np.float32)
    for row in range(5):
        vents = np.maximum(vents, _both(size, ((128, 742 + 25 * row), (238, 770 + 25 * row)), 11))
    for row in range(3):
        vents = np.maximum(vents, stroke(size, ((452, 905 + 24 * row), (572, 905 + 24 * row)), 9))
    screws = _discs(size, SCREWS, 12)
    screw_heads = smooth_step(-1.5, 1.5, screws)
    slots = np.zeros((size, size), np.float32)
    for cx, cy in SCREWS:
        slots = np.maximum(slots, _both(size, ((cx - 6, cy - 5), (cx + 6, cy + 5)), 4))
    rings = smooth_step(9, 5, np.abs(socket - 10))
    teeth = smooth_step(0, 3, lips) * (np.abs((x - 512 + 15) % 30 - 15) < 2.2)
    height = (
        -1.3 * blurred(seams, 1.4)
        - 2.2 * blurred(recess, 2.0)
        + 1.6 * blurred(rings, 2.2)
        - 1.6 * blurred(vents, 1.5)
        + 1.0 * blurred(screw_heads, 1.6)
        - 0.8 * slots
        + 1.2 * made.lids
        + 0.8 * made.lips
        - 1.2 * blurred(teeth.astype(np.float32), 1.2)
        + 0.02 * clouds(size, 3, 20, 2)
        + 1.3 * made.rim
    )
    normal = carved(base, height.astype(np.float32))
    brushed = flow_lines(grain(size, 13), np.zeros_like(x), np.ones_like(x), 26) - 0.5
    light = 0.46 * reflection(normal, 0.22) + 0.44 * diffuse(normal) + 0.40 * brushed - 0.02
    light = light * (1 - 0.45 * base.hollow)
    picture = ramp(light, STEEL)
    # Enamel on the forehead's middle and the cheeks, worn off to the steel along the seams.
    plates = np.maximum(
        fill(
            size,
            (
                (470, 20),
                (470, 150),
                (440, 186),
                (436, 250),
                (512, 300),
                (588, 250),
                (584, 186),
                (554, 150),
                (554, 20),
            ),
        ),
        _cheeks(size),
    )
    worn = blurred(seams, 7) * 1.8 + 0.9 * smooth_step(0.55, 1.2, clouds(size, 17, 70, 5))
    enamel = plates * smooth_step(0.62, 0.45, worn + 0.18 * clouds(size, 18, 14, 3))
    paint_light = ramp(
        0.15 + 0.85 * light, ((0.0, "#260403"), (0.4, "#8c1810"), (0.7, "#d8432c"), (1.0, "#ffb9a0"))
    )
    picture = laid_over(picture, paint_light, 0.93 * enamel)
    dark = ramp(light, DARK)
    picture = laid_over(picture, dark, 0.92 * recess)
    picture = toned(picture, 1 - 0.55 * blurred(np.maximum(recess * 0.6, seams), 5))
    picture = toned(picture, 1 - 0.85 * np.clip(seams * 0.8 + vents, 0, 1))
    grime = smooth_step(0.1, 1.1, flow_lines(clouds(size, 19, 60, 5), np.zeros_like(x), np.ones_like(x), 60))
    picture = laid_over(picture, "#1c140c", 0.45 * grime * (0.25 + blurred(seams, 14) * 2))
    picture = laid_over(picture, "#ffffff", 0.75 * gloss(normal, 70) * (1 - 0.5 * recess))
    picture = _lights(size, picture, socket)
    picture = toned(picture, 1 - 0.9 * smooth_step(-2, 5, inside(size, "mouth")))
    return texture(picture.astype(np.float32), edge(size, 3) * smooth_step(-2, 2, face))


def _cheeks(size: int) -> Field:
    one = fill(
        size,
        (
            (372, 560),
            (280, 470),
            (180, 440),
            (28, 452),
            (28, 700),
            (60, 700),
            (150, 690),
            (300, 740),
            (330, 660),
            (388, 620),
        ),
    )
    return np.maximum(one, one[:, ::-1])


def _lights(size: int, picture: Field, socket: Field) -> Field:
    """A ring around each eye, a strip on the brow, lamps at the temples, and glowing eyes."""
    x, y = positions(size)
    line = smooth_step(5.5, 3.0, np.abs(socket - 24)) * smooth_step(-8, -14, eyes(size))
    strip = stroke(size, ((486, 196), (512, 204), (538, 196)), 9)
    lamps = smooth_step(-1, 1.5, _discs(size, ((106, 336), (106, 372), (106, 408)), 9))
    lit = np.clip(line + strip + lamps, 0, 1)
    halo = np.clip(blurred(lit, 7) * 1.1 + blurred(lit, 26) * 0.9, 0, 1)
    glow = halo[..., None] * np.array((0.10, 0.75, 0.95), np.float32)
    picture = np.asarray(1 - (1 - picture) * (1 - glow), np.float32)
    picture = laid_over(picture, GLOW, lit)
    picture = laid_over(picture, "#e9feff", smooth_step(0.55, 1.0, blurred(lit, 2.0)) * lit)
    pupils = np.minimum(
        np.hypot(x - EYE_CENTRES[0][0], y - EYE_CENTRES[0][1]),
        np.hypot(x - EYE_CENTRES[1][0], y - EYE_CENTRES[1][1]),
    )
    within = smooth_step(-1, 2, eyes(size))
    picture = laid_over(picture, "#050a0d", within)
    return laid_over(
        picture,
        GLOW,
        within * (smooth_step(24, 4, pupils) * 0.9 + 0.5 * smooth_step(3, 1, np.abs(pupils - 29))),
    )
