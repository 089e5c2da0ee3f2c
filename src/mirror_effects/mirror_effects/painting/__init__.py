"""Paints the preset masks; tools/paint_masks.py keeps the results as files, the mirror only reads them.

A painter is a module with `paint(size) -> uint8 [size, size, 4]`: BGR and opacity on the UV chart. Lengths
are in chart pixels (1/1024 of the texture), so that a small texture shows the same as a large one.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_effects.mask_names import PRESETS

__all__ = ["paint"]


def paint(name: str, size: int) -> NDArray[np.uint8]:
    """The texture of a preset, the same every time: uint8 [size, size, 4], BGR and opacity.

    Raises:
        UsageError: on an unknown name.
    """
    if name not in PRESETS:
        raise UsageError(f"{name} is not a preset mask: allowed are {', '.join(PRESETS)}.")
    painted: NDArray[np.uint8] = import_module(f"mirror_effects.painting.{name}").paint(size)
    return painted
