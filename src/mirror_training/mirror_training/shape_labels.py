"""Names for shape components, from where and how they move the face."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import (
    FACE_OVAL,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = ["component_labels"]

NOSE = np.array(
    [1, 2, 4, 5, 6, 19, 45, 48, 64, 94, 98, 115, 168, 195, 197, 220, 275, 278, 294, 327, 344, 440]
)
CHEEKS = np.array([36, 50, 101, 118, 123, 147, 187, 205, 207, 266, 280, 330, 347, 352, 376, 411, 425, 427])
JAW = np.array([136, 148, 149, 150, 152, 172, 176, 365, 377, 378, 379, 397, 400])
UPPER_OVAL = np.array([index for index in FACE_OVAL.tolist() if index not in JAW.tolist()])
REGIONS = {
    "brows": np.concatenate([RIGHT_BROW, LEFT_BROW]),
    "eyes": np.concatenate([RIGHT_EYE, LEFT_EYE]),
    "nose": NOSE,
    "cheeks": CHEEKS,
    "mouth": np.concatenate([OUTER_LIPS, INNER_LIPS]),
    "jaw": JAW,
    "outline": UPPER_OVAL,
}
DIRECTIONS = ("sideways", "up and down", "in depth")
ALSO = 0.75  # a second region is named when it moves this much of the first
UNEVEN = 0.5  # share of a component's motion that differs from its mirror image, to be called one-sided


def component_labels(components: NDArray[Any]) -> tuple[str, ...]:
    """A few words on each of the components [k, 468, 3]: what moves most, in which direction."""
    return tuple(_label(component) for component in np.asarray(components, np.float64))


def _label(component: NDArray[np.float64]) -> str:
    opposite = opposite_points()[:468]
    even = (component + component[opposite] * (-1, 1, 1)) / 2
    uneven_share = 1 - (even**2).sum() / (component**2).sum()
    motion = {
        name: float(np.sqrt((component[indices] ** 2).sum(axis=1).mean()))
        for name, indices in REGIONS.items()
    }
    first, second = sorted(motion, key=lambda name: -motion[name])[:2]
    regions = f"{first} and {second}" if motion[second] >= ALSO * motion[first] else first
    moving = np.concatenate([REGIONS[first], REGIONS[second]]) if " and " in regions else REGIONS[first]
    direction = DIRECTIONS[int((component[moving] ** 2).sum(axis=0).argmax())]
    return f"{regions}, {direction}" + (", one-sided" if uneven_share > UNEVEN else "")
