"""A clip played by a network as the mirror plays it: each frame from its pose and the frame made before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.film.composer import composed
from mirror_effects.film.model import FilmModel
from mirror_effects.film.pose_map import draw
from mirror_training.film.footage import Footage
from mirror_training.film.network import seen_by
from mirror_training.film.windows import pose_with_noise
from mirror_training.training_loop import numpy_of

__all__ = ["Answer", "Played", "composed_batch", "keras_answer", "litert_answer", "play", "pose_maps"]

Played = list[NDArray[np.uint8]]
"""The frames of each piece: uint8 [length, side, side, 3]."""

Answer = Callable[[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.float32]]
"""From pose maps and frames before, uint8 [n, side, side, 3], to colour and alpha [n, side, side, 4]."""


def keras_answer(network: Any, temporal: bool) -> Answer:
    """A generator in Keras, with the frame before as its second input or without."""

    def answer(poses: NDArray[np.uint8], previous: NDArray[np.uint8]) -> NDArray[np.float32]:
        seen = (np.asarray(each, np.float32) / np.float32(255) for each in (poses, previous))
        return np.asarray(numpy_of(network.predict_on_batch(seen_by(temporal, *seen))), np.float32)

    return answer


def litert_answer(model: FilmModel) -> Answer:
    """A LiteRT file, one frame after the other."""

    def answer(poses: NDArray[np.uint8], previous: NDArray[np.uint8]) -> NDArray[np.float32]:
        found = [model.next(*each) for each in zip(poses, previous, strict=True)]
        return np.stack([np.dstack([colour, alpha]) for colour, alpha in found])

    return answer


def composed_batch(backgrounds: Sequence[Image], output: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The frames that are seen, uint8 [n, h, w, 3], of colour and alpha [n, h, w, 4] over n backgrounds."""
    return np.stack(
        [
            composed(still, each[..., :3], each[..., 3])
            for still, each in zip(backgrounds, output, strict=True)
        ]
    )


def pose_maps(footage: Footage, piece: range, noise: float = 0.0, seed: int = 0) -> NDArray[np.uint8]:
    """The pose maps of a piece of a clip: uint8 [length, side, side, 3].

    Args:
        footage: the clip.
        piece: its frames.
        noise: by which each point is off in each frame, standard deviation in pixels.
        seed: of the noise.
    """
    side = footage.side
    rng = np.random.default_rng([seed, piece.start])
    poses = (footage.pose(frame) for frame in piece)
    if noise:
        poses = (pose_with_noise(pose, noise, rng) for pose in poses)
    return np.stack([draw(pose, side, side) for pose in poses])


def play(answer: Answer, background: Image, maps: Sequence[NDArray[np.uint8]]) -> Played:
    """Play pieces side by side, each from the bare background on.

    Args:
        answer: the network.
        background: uint8 [side, side, 3].
        maps: the pose maps of each piece, uint8 [length, side, side, 3].
    """
    longest = max(len(piece) for piece in maps)
    previous = np.stack([background] * len(maps))
    frames = []
    for number in range(longest):
        # A piece that has ended stands still, so that every batch has one size.
        poses = np.stack([piece[min(number, len(piece) - 1)] for piece in maps])
        previous = composed_batch([background] * len(maps), answer(poses, previous))
        frames.append(previous)
    every = np.stack(frames)
    return [every[: len(piece), number] for number, piece in enumerate(maps)]
