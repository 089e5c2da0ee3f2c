"""The gold mask of a statue: hammered metal with engraved brows, dark in its hollows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, inside, painted_eyes
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.noise import cells, clouds, flow_lines, grain, positions
from mirror_effects.painting.relief import carved, diffuse, gloss, reflection, relief
from mirror_effects.painting.shapes import blurred, smooth_step
from mirror_effects.painting.statue import features

__all__ = ["paint"]

GOLD = (
    (0.0, "#1d0d03"),
    (0.2, "#5a3208"),
    (0.42, "#a9700f"),
    (0.62, "#dca82c"),
    (0.84, "#f6d675"),
    (1.0, "#fff2bd"),
)
PATINA = "#2a2a17"


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    base, made = relief(size), features(size)
    x, _ = positions(size)
    iris, pupil = painted_eyes(size, 27)
    _, border, owner = cells(size, 11, 31)
    dents = blurred(np.sqrt(np.clip(border, 0, 9) / 9).astype(np.float32), 3.5)
    height = (
        1.5 * made.brows
        + 0.35 * made.hairs
        - 0.9 * made.fold
        + 1.4 * made.lids
        + 1.1 * made.lips
        + 1.2 * made.rim
        + 0.16 * dents
        + 0.12 * clouds(size, 5, 60, 3)
        + 0.5 * blurred(iris - 1.6 * pupil, 2)
        - 0.7 * made.mouth
    )
    normal = carved(base, height.astype(np.float32))
    soft = np.stack([blurred(normal[..., i], 4) for i in range(3)], axis=2)
    brushed = flow_lines(grain(size, 3), np.ones_like(x), np.zeros_like(x), 22) - 0.5
    light = 0.42 * reflection(normal, 0.3) + 0.30 * reflection(soft, 0.4) + 0.34 * diffuse(normal) - 0.06
    light = light + 0.5 * brushed * (0.3 + light) + 0.02 * ((owner * 7919 % 13) / 6 - 1)
    hollow = np.clip(base.hollow + 0.6 * made.fold + 0.5 * made.mouth, 0, 1)
    picture = ramp(light * (1 - 0.6 * hollow), GOLD)
    tarnish = smooth_step(0.15, 1.0, clouds(size, 9, 150, 6)) * smooth_step(
        0.75, 0.3, light.astype(np.float32)
    )
    picture = laid_over(picture, PATINA, 0.42 * np.clip(hollow * 1.1 + 0.6 * tarnish, 0, 1))
    picture = laid_over(picture, "#fffbe4", 0.65 * gloss(normal, 60))
    picture = toned(picture, 1 - 0.75 * smooth_step(-2, 6, inside(size, "mouth")))
    return texture(picture, edge(size, 5))
