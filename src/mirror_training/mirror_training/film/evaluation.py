"""A figure measured on the pieces of its clip that were kept aside, beside simpler ways to draw it.

Everything is played as in the mirror, each frame from the one made before; once with the poses as they are
and once with points that are off by chance in each frame, as a tracker's are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.film.pose import Pose
from mirror_training.film.footage import Footage
from mirror_training.film.nearest import NearestFrame
from mirror_training.film.recursion import Answer, Played, play, pose_maps
from mirror_training.film.scores import Score, moving_area, score_pieces
from mirror_training.film.split import Split
from mirror_training.film.windows import pose_with_noise

__all__ = ["MODEL", "NEAREST", "NOISE", "Evaluation", "evaluate"]

MODEL, NEAREST = "film", "nearest frame"
NOISE = 0.004  # standard deviation of a point's place with noise, in shares of the side: 1 px of 256
NOISE_SEED = 11
ROWS_A_PIECE = 2  # of the sheet of pictures


@dataclass(slots=True)
class Evaluation:
    """What was measured.

    Attributes:
        scores: by way of making frames.
        noisy: the same with noise on the poses.
        pieces: first and last frame of each piece.
        headings: of the columns of `rows`.
        rows: pictures to look at.
    """

    scores: dict[str, Score]
    noisy: dict[str, Score]
    pieces: list[tuple[int, int]]
    headings: tuple[str, ...]
    rows: list[tuple[Image, ...]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What a program may want to know."""
        return {
            "pieces": [list(piece) for piece in self.pieces],
            "as they are": {name: score.as_json() for name, score in self.scores.items()},
            "with noise": {name: score.as_json() for name, score in self.noisy.items()},
        }


def evaluate(
    footage: Footage, split: Split, answer: Answer, rivals: Mapping[str, Answer] | None = None
) -> Evaluation:
    """Measure a network, the nearest frame and other networks on the same frames.

    Args:
        footage: the clip.
        split: what was kept aside.
        answer: the network.
        rivals: others by name.
    """
    answers = {MODEL: answer, **(rivals or {})}
    truths = [np.asarray(footage.frames[piece.start : piece.stop]) for piece in split.held]
    areas = [moving_area(footage, piece) for piece in split.held]
    nearest = NearestFrame(footage, split.train)
    results: list[dict[str, Score]] = []
    calm: dict[str, Played] = {}
    maps: list[NDArray[np.uint8]] = []
    for noise in (0.0, NOISE * footage.side):
        drawn = [pose_maps(footage, piece, noise, NOISE_SEED) for piece in split.held]
        played: dict[str, Played] = {
            NEAREST: [nearest.play(_poses(footage, piece, noise)) for piece in split.held]
        }
        played |= {name: play(each, footage.background, drawn) for name, each in answers.items()}
        results.append({name: score_pieces(each, truths, areas) for name, each in played.items()})
        if not calm:
            calm, maps = played, drawn
    names = (NEAREST, *answers)
    rows = [
        (maps[piece][at], truth[at], *(calm[name][piece][at] for name in names))
        for piece, truth in enumerate(truths)
        for at in _spread(len(truth), ROWS_A_PIECE)
    ]
    pieces = [(piece.start, piece.stop - 1) for piece in split.held]
    return Evaluation(results[0], results[1], pieces, ("pose map", "truth", *names), rows)


def _poses(footage: Footage, piece: range, noise: float) -> Sequence[Pose]:
    rng = np.random.default_rng([NOISE_SEED, piece.start])
    poses = (footage.pose(frame) for frame in piece)
    return [pose_with_noise(pose, noise, rng) if noise else pose for pose in poses]


def _spread(length: int, count: int) -> list[int]:
    """Places spread over a length, not at its very ends."""
    return [int((number + 0.5) * length / count) for number in range(min(count, length))]
