"""What playing a film scene costs: one picture of the figure, and the frame path beside the player."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from mirror.bench.people import FRAME_NS
from mirror.bench.timing import median_ms, paced
from mirror_core.errors import ModelError
from mirror_core.frame import Image, read_only
from mirror_core.tracing import Quantiles
from mirror_effects import Scene
from mirror_effects.film.composer import composed
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.stage import Stage, load_stage
from mirror_effects.film.testing_stage import body_of
from mirror_effects.film_effect import FilmEffect, FilmParameters

__all__ = ["measure_filming"]

SIZE = (1280, 720)
THREADS = (1, 2)
SHARES = len(THREADS) + 2  # measurements of one length
FEWEST = 20  # calls in each
LOADING_S = 60.0  # for the scene and its first picture, on a machine that does much else
FRAME_S = FRAME_NS * 1e-9


def measure_filming(seconds: float) -> dict[str, float]:
    """Measure the scene that comes with Mirror for about `seconds`.

    Returns:
        - `film_<n>_threads_ms`: one picture of the figure: drawing the pose map, the network, and laying the
          figure over the background, at the network's size. It happens beside the frame path.
        - `film_hz`: pictures of the scene a second that are played at 1280 × 720 for one person while frames
          come at 60 Hz; `film_apply_ms`, `film_apply_p99_ms`: what the effect takes in the frame path then.
        - `film_side_px`.

    Raises:
        ModelError: where no scene is there, or it does not play.
    """
    share = seconds / SHARES
    figures: dict[str, float] = {}
    for threads in THREADS:
        stage = load_stage("", threads)
        key = f"film_{threads}_thread{'s' if threads > 1 else ''}_ms"
        figures[key] = median_ms(_picture_after_picture(stage), share, FEWEST)
    return {**figures, **_played(stage, 2 * share), "film_side_px": stage.network.side}


def _picture_after_picture(stage: Stage) -> Callable[[], None]:
    """Makes the film's next picture from the one before."""
    side, picture, times = stage.network.side, stage.background_small, itertools.count()

    def go_on() -> None:
        nonlocal picture
        pose = stage.on_network(stage.film_pose(next(times) * FRAME_S))
        picture = composed(stage.background_small, *stage.network.next(draw(pose, side, side), picture))

    return go_on


def _played(stage: Stage, seconds: float) -> dict[str, float]:
    effect = FilmEffect()
    effect.parameters = FilmParameters(rate=60.0)
    camera = read_only(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8))
    frames = _frames(stage, seconds)
    try:
        _begin(effect, camera, next(frames))
        playing = effect.playing
        assert playing is not None
        before, begin = playing.played, time.monotonic()
        taken = Quantiles(100_000)
        for scene in frames:
            with taken.measure():
                effect.apply(camera, scene)
        playing.wait(LOADING_S)
        hz = (playing.played - before) / (time.monotonic() - begin)
    finally:
        effect.close()
    return {"film_hz": hz, "film_apply_ms": taken.p50 * 1e3, "film_apply_p99_ms": taken.p99 * 1e3}


def _begin(effect: FilmEffect, camera: Image, scene: Scene) -> None:
    """Until the scene is loaded and shows its first picture."""
    effect.apply(camera, scene)
    playing = effect.playing
    if playing is None or not playing.wait(LOADING_S):
        raise ModelError(f"The film scene did not play within {LOADING_S:.0f} s.")
    effect.apply(
        camera, replace(scene, stamp_ns=scene.stamp_ns + 1)
    )  # says why, where it could not be loaded


def _frames(stage: Stage, seconds: float) -> Iterator[Scene]:
    """Frames at 60 Hz in which somebody moves as in the film; waits for each."""
    scale = SIZE[1] / stage.statistics.height
    aside = np.array([(SIZE[0] - SIZE[1]) / 2, 0.0, 0.0])
    for number in paced(FRAME_S, seconds, FEWEST):
        pose = stage.film_pose(number * FRAME_S)
        there = Pose.of(pose.points * scale + aside, pose.visibility)
        yield Scene(number * FRAME_NS, bodies=(body_of(there),))
