"""Things in front of a face: which kinds there are, and how often each is drawn."""

from __future__ import annotations

import numpy as np

from mirror_training.held_occluders import HELD
from mirror_training.occluder import Occluder, Place
from mirror_training.textures import Textures
from mirror_training.worn_occluders import WORN

__all__ = ["KINDS", "draw_occluder"]

KINDS = {  # kind → how often
    "hand": 0.30,
    "arm": 0.04,
    "stick": 0.14,
    "object": 0.09,
    "blob": 0.06,
    "glasses": 0.12,
    "sunglasses": 0.05,
    "hair": 0.14,
    "cloth": 0.06,
}


def draw_occluder(
    rng: np.random.Generator, place: Place, textures: Textures, kind: str | None = None
) -> Occluder:
    """Draw an occluder of a kind of `KINDS`, or of a random one."""
    chosen = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
    return {**HELD, **WORN}[chosen](rng, place, textures)
