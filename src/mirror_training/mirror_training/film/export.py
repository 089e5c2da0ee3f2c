"""From Keras to LiteRT: the film's generator with float16 weights and with int8 arithmetic.

TensorFlow's converter is needed, whatever backend trained the network. It runs in a process of its own,
since a process has one Keras backend: `python -m mirror_training.film.export film.keras examples.npz OUT`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_effects.film.model import FilmModel
from mirror_training.film.footage import Footage
from mirror_training.film.network import POSE, PREVIOUS
from mirror_training.film.recursion import Answer, composed_batch, litert_answer, play, pose_maps
from mirror_training.film.split import Split
from mirror_training.litert_files import write_litert

__all__ = ["EXAMPLES", "FLOAT16", "INT8", "Parity", "convert", "examples_of", "parity"]

FLOAT16, INT8 = "film.tflite", "film_int8.tflite"
EXAMPLES = 120  # frames that show the int8 converter what numbers to expect
EMPTY_EVERY = 10  # of which so many have the bare background before them

Examples = dict[str, NDArray[np.uint8]]


def examples_of(footage: Footage, split: Split) -> Examples:
    """Pose maps and frames before, uint8 [n, side, side, 3] each, spread over what is learned from."""
    found = footage.has_pose()
    frames = [frame for piece in split.train for frame in piece[1:] if found[frame]]
    chosen = [frames[int(i)] for i in np.linspace(0, len(frames) - 1, min(EXAMPLES, len(frames))).round()]
    before = [
        footage.background if number % EMPTY_EVERY == 0 else np.array(footage.frames[frame - 1])
        for number, frame in enumerate(chosen)
    ]
    maps = [pose_maps(footage, range(frame, frame + 1))[0] for frame in chosen]
    return {POSE: np.stack(maps), PREVIOUS: np.stack(before)}


def convert(model: Path, examples: Examples, folder: Path) -> tuple[Path, Path]:
    """Write a saved generator as LiteRT files.

    Args:
        model: a .keras file as the film's training writes it.
        examples: `examples_of` the scene, which calibrate the int8 file.
        folder: where the files go.

    Returns:
        the float16 and the int8 file.

    Raises:
        UsageError: where TensorFlow is not installed, or it cannot convert the network.
    """
    if not importlib.util.find_spec("tensorflow"):
        raise UsageError(
            f"{model} cannot be converted here because TensorFlow is not installed: copy {folder} and the "
            "scene to a machine with requirements/train.txt and repeat the command there, which then only "
            "converts and measures."
        )
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment["CUDA_VISIBLE_DEVICES"] = ""  # the converter needs no GPU, and the training may still hold it
    with tempfile.TemporaryDirectory() as scratch:
        shown = Path(scratch) / "examples.npz"
        np.savez(shown, **examples)
        command = [sys.executable, "-m", "mirror_training.film.export", model, shown, folder]
        run = subprocess.run(
            [str(part) for part in command], env=environment, capture_output=True, text=True, check=False
        )
    if run.returncode:
        last = run.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise UsageError(f"TensorFlow could not convert {model}: {last[0]}")
    return folder / FLOAT16, folder / INT8


@dataclass(frozen=True, slots=True)
class Parity:
    """How near a LiteRT file is to the network that it was made from.

    Attributes:
        mean: mean absolute difference of frames made from the same frames before, grey levels, in all of the
            picture.
        worst: the largest mean of one frame.
        alpha: mean absolute difference of the alpha, 0 … 1.
        played: mean absolute difference when both play a piece of the clip, each from its own frames.
        end: the same for the last frames of the pieces alone: more than `played` where errors add up.
    """

    mean: float
    worst: float
    alpha: float
    played: float
    end: float


def parity(file: Path, answer: Answer, background: Image, maps: Sequence[NDArray[np.uint8]]) -> Parity:
    """Compare a file with what the network answers.

    Args:
        file: the .tflite file.
        answer: the network.
        background: uint8 [side, side, 3].
        maps: the pose maps of some pieces of the clip, uint8 [length, side, side, 3].

    Raises:
        ModelError: where the file does not load.
    """
    theirs = litert_answer(FilmModel(file))
    ours = play(answer, background, maps)
    mean, alpha = [], []
    for piece, frames in zip(maps, ours, strict=True):
        before = np.concatenate([background[None], frames[:-1]])
        known, found = (
            np.concatenate([each(*pair) for pair in _singles(piece, before)]) for each in (answer, theirs)
        )
        alpha.append(np.abs(known[..., 3] - found[..., 3]).mean(axis=(1, 2)))
        still = [background] * len(piece)
        mean.append(_apart(composed_batch(still, known), composed_batch(still, found)))
    played = [_apart(one, other) for one, other in zip(ours, play(theirs, background, maps), strict=True)]
    every = np.concatenate(mean)
    return Parity(
        float(every.mean()),
        float(every.max()),
        float(np.concatenate(alpha).mean()),
        float(np.concatenate(played).mean()),
        float(np.mean([piece[-1] for piece in played])),
    )


def _singles(
    maps: NDArray[np.uint8], before: NDArray[np.uint8]
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    for number in range(len(maps)):
        yield maps[number : number + 1], before[number : number + 1]


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    apart = np.abs(one.astype(np.float32) - other.astype(np.float32))
    return np.asarray(apart.mean(axis=(1, 2, 3)), np.float64)


def _main(model: str, examples: str, folder: str) -> None:
    keras = importlib.import_module("keras")
    names = [each.name for each in keras.saving.load_model(model, compile=False).inputs]
    with np.load(examples) as archive:
        shown = {name: archive[name] for name in names}
    inputs = (
        {name: array[number : number + 1] / np.float32(255) for name, array in shown.items()}
        for number in range(len(shown[POSE]))
    )
    write_litert(Path(model), inputs, Path(folder) / FLOAT16, Path(folder) / INT8)


if __name__ == "__main__":
    _main(*sys.argv[1:])
