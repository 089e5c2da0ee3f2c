"""Measures of an upright face that people would name too: how high the brows, how wide the eyes, where the
corners of the mouth.

Points are those of the face mesh in the shape model's units, so that a measure depends neither on how near a
face is nor on how it is turned. Where a measure exists on both sides, it is the mean of the two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MEASURE_NAMES", "measures"]

Pairs = tuple[tuple[int, int], ...]

DISTANCES: dict[str, Pairs] = {  # length of the line between two points, in space
    "mouth width": ((61, 291),),
    "mouth opening": ((13, 14),),
    "lips' height": ((0, 17),),
    "corner of the mouth to corner of the eye": ((33, 61), (263, 291)),
    "nose to upper lip": ((2, 0),),
    "lower lip to chin": ((17, 152),),
    "nose to chin": ((2, 152),),
    "upper lip's thickness": ((0, 13),),
    "lower lip's thickness": ((14, 17),),
    "eye opening": ((159, 145), (386, 374)),
    "eye width": ((33, 133), (263, 362)),
    "gap between the brows": ((55, 285),),
    "nose width": ((48, 278),),
    "nose length": ((168, 2),),
    "cheek to corner of the mouth": ((205, 61), (425, 291)),
}
HEIGHTS: dict[str, Pairs] = {  # how far the second point lies below the first, along the face's middle line
    "corner of the mouth below its middle": ((13, 61), (13, 291), (14, 61), (14, 291)),
    "corner of the mouth below the nose": ((2, 61), (2, 291)),
    "corner of the mouth below the lower lip's edge": ((84, 61), (314, 291)),
    "inner corner of the eye below the lower lid": ((145, 133), (374, 362)),
    "outer corner of the eye below the lower lid": ((145, 33), (374, 263)),
    "inner corner of the eye below the upper lid": ((159, 133), (386, 362)),
    "eye below the brow's inner end": ((55, 133), (285, 362)),
    "eye below the brow's upper inner end": ((107, 133), (336, 362)),
    "eye below the brow's middle": ((105, 159), (334, 386)),
    "eye below the brow's outer end": ((70, 33), (300, 263)),
    "tip of the nose below its wings": ((98, 1), (327, 1)),
    "corner of the mouth below the cheek": ((50, 61), (280, 291)),
    "cheek below the lower lid": ((145, 50), (374, 280)),
}
DEPTHS: dict[str, Pairs] = {  # how far the second point lies behind the first
    "tip of the nose behind its ridge": ((168, 1),),
    "cheek behind the tip of the nose": ((1, 50), (1, 280)),
    "corner of the mouth behind its middle": ((13, 61), (13, 291), (14, 61), (14, 291)),
}
RATIOS: dict[str, tuple[str, str]] = {
    "eye opening to width": ("eye opening", "eye width"),
    "mouth opening to width": ("mouth opening", "mouth width"),
    "lips' height to width": ("lips' height", "mouth width"),
}
SLOPE, ARCH = "brow's slope", "brow's arch"
MEASURE_NAMES = (*DISTANCES, *HEIGHTS, *DEPTHS, *RATIOS, SLOPE, ARCH)
SMALLEST_LENGTH = 1e-6  # below this a ratio's divisor is taken as this, so that it stays finite


def _mean_table(table: dict[str, Pairs]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The ends [2, lines] of a table's lines, and a matrix [lines, names] that takes the means over pairs."""
    ends = np.array([pair for pairs in table.values() for pair in pairs], np.intp).T
    share = np.zeros((ends.shape[1], len(table)))
    line = 0
    for column, pairs in enumerate(table.values()):
        share[line : line + len(pairs), column] = 1 / len(pairs)
        line += len(pairs)
    return ends, share


TABLES = tuple(_mean_table(table) for table in (DISTANCES, HEIGHTS, DEPTHS))  # each is taken in one go
PART, WHOLE = np.array([[MEASURE_NAMES.index(name) for name in pair] for pair in RATIOS.values()], np.intp).T
INNER, MIDDLE, OUTER = (
    MEASURE_NAMES.index(f"eye below the brow's {end}") for end in ("inner end", "middle", "outer end")
)


def measures(points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The measures of one face or many.

    Args:
        points: [..., 468 or more, 3], upright, in the shape model's units; y down, z away from the camera.

    Returns:
        float64 [..., len(MEASURE_NAMES)] in the model's units; the ratios have none.
    """
    surface = np.asarray(points, np.float64)
    results = np.empty((*surface.shape[:-2], len(MEASURE_NAMES)))
    start = 0
    for number, ((first, second), share) in enumerate(TABLES):
        lines = surface[..., second, :] - surface[..., first, :]
        sizes = np.sqrt(np.einsum("...c,...c->...", lines, lines)) if number == 0 else lines[..., number]
        results[..., start : start + share.shape[1]] = np.einsum("...l,ln->...n", sizes, share)
        start += share.shape[1]
    slope = start + len(RATIOS)
    results[..., start:slope] = results[..., PART] / np.maximum(results[..., WHOLE], SMALLEST_LENGTH)
    inner, outer = results[..., INNER], results[..., OUTER]
    results[..., slope] = inner - outer
    results[..., slope + 1] = results[..., MIDDLE] - (inner + outer) / 2
    return results
