"""The match: a flame that lights the face while both hands are held together before the mouth.

It depends on the pose alone, so that whoever moves the character can light it.
"""

from __future__ import annotations

import numpy as np

from mirror_training.film_character.light import Light
from mirror_training.film_character.lofts import smoothstep
from mirror_training.film_character.skeleton import Bones

__all__ = ["match_flame"]

HELD = (
    0.012,
    -0.075,
    0.0,
)  # where a hand holds the match, in the hand's frame (left; the right one mirrored)
AT = (0.0, -0.060, 0.185)  # where it burns, in the head's frame
NEAR_M, FAR_M = 0.055, 0.105  # distance of the hands from there at which it burns fully, and not
FLAME = (0.0016, 0.0054, 0.0120)  # colour, blue, green, red
TINY = 0.02


def match_flame(bones: Bones) -> Light | None:
    """The flame, None while it does not burn."""
    at = bones.place("head", AT)
    far = 0.0
    for side, sign in (("left", -1.0), ("right", 1.0)):
        hand = bones.place(f"{side}_hand", np.array(HELD) * (sign, 1.0, 1.0))
        far = max(far, float(np.linalg.norm(hand - at)))
    burns = 1.0 - float(smoothstep(NEAR_M, FAR_M, far))
    if burns < TINY:
        return None
    blue, green, red = FLAME
    return Light((float(at[0]), float(at[1]), float(at[2])), (blue * burns, green * burns, red * burns))
