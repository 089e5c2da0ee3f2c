"""The whole character in its rest pose."""

from __future__ import annotations

from functools import lru_cache

from mirror_training.film_character.angles import SIDES, BodyState
from mirror_training.film_character.coat import skirt, sleeve, trunk
from mirror_training.film_character.coat_details import details
from mirror_training.film_character.coat_front import front
from mirror_training.film_character.extremities import hand, leg, shoe, watch
from mirror_training.film_character.head import head
from mirror_training.film_character.mesh import Mesh, join
from mirror_training.film_character.skeleton import ANKLE_HEIGHT_M, SHIN_M, THIGH_M, Bones, forward

__all__ = ["REST", "detective", "rest_bones"]

REST = BodyState.of(
    {f"{side}_arm_out": 22.0 for side in SIDES}, (0.0, THIGH_M + SHIN_M + ANKLE_HEIGHT_M, 0.0)
)
"""The pose in which the surface is modelled: upright, the arms a little off the body."""


def rest_bones() -> Bones:
    """Where the bones are at rest."""
    return forward(REST)


@lru_cache(maxsize=1)
def detective() -> Mesh:
    """The detective: hat, head, trench coat, trousers, shoes, hands."""
    rest = rest_bones()
    parts = [*head(rest), trunk(), skirt(), *front(), *details(), *watch(rest)]
    for side in SIDES:
        parts += [sleeve(side, rest), leg(side, rest), shoe(side, rest), *hand(side, rest)]
    return join(parts)
