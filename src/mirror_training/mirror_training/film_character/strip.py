"""A strip of stills from the character's film, for the documentation."""

from __future__ import annotations

import numpy as np

from mirror_core.frame import Image
from mirror_training.film_character.choreography import Choreography
from mirror_training.film_character.film_look import GRAIN, grain
from mirror_training.film_character.renderer import Renderer

__all__ = ["STILLS", "strip"]

STILLS = ((4, 5.43), (5, 61.09), (4, 8.72), (3, 60.44), (7, 14.83), (1, 53.88))
"""Seed and time in seconds: tips the hat, lights a match, checks the watch, points, opens the arms, sits."""
LONGEST_S = 90.0


def strip(size: int = 256, stills: tuple[tuple[int, float], ...] = STILLS) -> Image:
    """Stills with grain side by side: uint8 [size, size · stills, 3]."""
    renderer = Renderer(size)
    pictures = []
    for number, (seed, moment) in enumerate(stills):
        frame = renderer.render(Choreography(seed, LONGEST_S).state(moment), moment)
        pictures.append(grain(frame.image, np.random.default_rng(number), GRAIN))
    return np.hstack(pictures)
