"""What the effect `film` does, for the documentation: somebody's poses above, the character in them below."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.film.player import Participation, Player
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.pose_picture import pose_picture
from mirror_effects.film.stage import load_stage

__all__ = ["film_sheet"]

SCENE = "detective"
SIDE = 256  # of a tile in pixels
SEED, SECONDS = 7, 60.0  # of movements that the network was not trained on
MOMENTS = (3.6, 12.0, 20.5, 29.0, 41.5, 53.0)  # seconds
LEAD_S, FPS = 1.2, 25.0  # played before a moment: each frame is made from the one before
SIZE, AWAY, WIDER = 1.08, (-14.0, -10.0), 1.12  # how the person differs from the character


def film_sheet() -> Image:
    """Tiles side by side, uint8 [2 · SIDE, len(MOMENTS) · SIDE, 3], BGR.

    The person is larger, broader and stands elsewhere; the character keeps its own size and place.
    """
    from mirror_training.film_character import Choreography, Renderer

    stage, renderer, part = load_stage(SCENE, 2), Renderer(SIDE), Choreography(SEED, SECONDS)
    columns = []
    for number, moment in enumerate(MOMENTS):
        player = Player(stage, mirrored=False)
        for time_s in np.arange(moment - LEAD_S, moment + 1e-6, 1 / FPS):
            rendered = renderer.render(part.state(float(time_s)), float(time_s))
            pose = Pose.of(_larger(rendered.points), rendered.visibility)
            shown = player.next(Participation(number, pose, SIDE), float(time_s))
        columns.append(np.vstack([pose_picture(draw(pose, SIDE, SIDE)), shown.picture]))
    return np.hstack(columns)


def _larger(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same pose of somebody of another build, elsewhere in the picture."""
    middle = points.mean(axis=0)
    away = np.array([*AWAY, 0.0])
    return np.asarray((points - middle) * SIZE * [WIDER, 1.0, 1.0] + middle + away, np.float32)
