"""Which parts of a clip show the same place, and its background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.film_scene.background import (
    Background,
    Stillness,
    estimate,
    same_place,
    stillness,
    widened,
)
from mirror_training.film_scene.extraction import Extracted, read_alpha, read_frame
from mirror_training.film_scene.selection import LEAST_RUN

__all__ = ["Place", "main_place"]

A_PART = 24  # frames that a part's background is made from, to compare it
ALL = 100  # frames that the scene's background is made from


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the scene plays.

    Attributes:
        background: of it.
        stillness: of that.
        in_place: bool [n]: which frames of the clip are there.
    """

    background: Background
    stillness: Stillness
    in_place: NDArray[np.bool_]


def main_place(frames: Path, alphas: Path, extracted: Extracted, parts: NDArray[np.int64]) -> Place:
    """The place at which a body is seen for longest.

    Args:
        frames, alphas: folders of the written frames and their alphas.
        extracted: what was found.
        parts: int64 [n], the number of the part between cuts of each frame.
    """
    groups: list[tuple[Background, list[int]]] = []
    for part in range(int(parts.max()) + 1):
        numbers = np.flatnonzero(parts == part)
        if len(numbers) < LEAST_RUN:
            continue
        own = estimate(*_some(frames, alphas, numbers, A_PART))
        group = next((members for known, members in groups if same_place(known, own)), None)
        if group is None:
            groups.append((own, [part]))
        else:
            group.append(part)
    choices = [members for _, members in groups] or [list(range(int(parts.max()) + 1))]
    best = max(choices, key=lambda members: int(extracted.found[np.isin(parts, members)].sum()))
    in_place = np.isin(parts, best)
    pictures, covered = _some(frames, alphas, np.flatnonzero(in_place), ALL)
    background = estimate(pictures, covered)
    return Place(background, stillness(background, pictures, covered), in_place)


def _some(
    frames: Path, alphas: Path, numbers: NDArray[np.int64], count: int
) -> tuple[list[Image], list[NDArray[np.bool_]]]:
    """Frames at even distances and where the figure may be in them."""
    chosen = numbers[
        np.unique(np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(int))
    ]
    pictures = [read_frame(frames, int(number)) for number in chosen]
    return pictures, [widened(read_alpha(alphas, int(number))) for number in chosen]
