"""From Keras to LiteRT: the unmasking network with float16 weights and with int8 arithmetic.

TensorFlow's converter is needed, whatever backend trained the network. It runs in a process of its own,
since a process has one Keras backend: `python -m mirror_training.unmask_export unmask.keras squares.npy OUT`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.unmask_input import composed, network_input
from mirror_tracking.unmask_model import UnmaskModel
from mirror_training.litert_files import write_litert

__all__ = ["FLOAT16", "INT8", "Parity", "convert", "parity"]

FLOAT16, INT8 = "unmask.tflite", "unmask_int8.tflite"
# The last layers: a step of int8 before the sigmoid is up to eight grey levels after it.
IN_FLOAT = ("colour", "alpha_plane", "activation")
EXAMPLES = 200  # squares that show the int8 converter what numbers to expect


def convert(model: Path, squares: NDArray[np.uint8], folder: Path) -> tuple[Path, Path]:
    """Write a saved Keras network as LiteRT files.

    Args:
        model: a .keras file as `mirror train unmask` writes it.
        squares: uint8 [n, side, side, 3], masked faces; the first EXAMPLES calibrate the int8 file.
        folder: where the files go.

    Returns:
        the float16 and the int8 file.

    Raises:
        UsageError: where TensorFlow is not installed, or it cannot convert the network.
    """
    if not importlib.util.find_spec("tensorflow"):
        raise UsageError(
            f"{model} cannot be converted here because TensorFlow is not installed: copy {folder} to a "
            "machine with requirements/train.txt and repeat the command there, which then only converts and "
            "measures."
        )
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment["CUDA_VISIBLE_DEVICES"] = ""  # the converter needs no GPU, and the training may still hold it
    with tempfile.TemporaryDirectory() as scratch:
        examples = Path(scratch) / "squares.npy"
        np.save(examples, squares[:EXAMPLES])
        command = [sys.executable, "-m", "mirror_training.unmask_export", model, examples, folder]
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
        mean: mean absolute difference of the composed pictures, grey levels.
        worst: the largest mean of one picture.
        alpha: mean absolute difference of the alpha, 0 … 1.
    """

    mean: float
    worst: float
    alpha: float


def parity(
    file: Path, squares: NDArray[np.uint8], colours: NDArray[np.float32], alphas: NDArray[np.float32]
) -> Parity:
    """Compare a file with what the network answers.

    Args:
        file: the .tflite file.
        squares: uint8 [n, side, side, 3].
        colours: float32 [n, side, side, 3], the network's.
        alphas: float32 [n, side, side], the network's.

    Raises:
        ModelError: where the file does not load.
    """
    model = UnmaskModel(file)
    pictures, alpha = [], []
    for square, colour, known in zip(squares, colours, alphas, strict=True):
        found, said = model.look(square)
        ours = composed(square, colour, known).astype(np.float32)
        pictures.append(float(np.abs(composed(square, found, said) - ours).mean()))
        alpha.append(float(np.abs(said - known).mean()))
    return Parity(float(np.mean(pictures)), float(np.max(pictures)), float(np.mean(alpha)))


def _main(model: str, examples: str, folder: str) -> None:
    inputs = network_input(np.load(examples))[:, None]
    write_litert(Path(model), inputs, Path(folder) / FLOAT16, Path(folder) / INT8, IN_FLOAT)


if __name__ == "__main__":
    _main(*sys.argv[1:])
