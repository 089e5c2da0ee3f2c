"""From Keras to LiteRT: the mood network with float16 weights and with int8 arithmetic.

TensorFlow's converter is needed, whatever backend trained the network. It runs in a process of its own,
since a process has one Keras backend: `python -m mirror_training.mood_export mood.keras pictures.npy OUT`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.face_input import SIDE, normalised
from mirror_training.litert_files import write_litert

__all__ = ["FLOAT16", "INT8", "convert"]

FLOAT16, INT8 = "mood.tflite", "mood_int8.tflite"
EXAMPLES = 300  # pictures that show the int8 converter what numbers to expect


def convert(model: Path, pictures: NDArray[np.uint8], folder: Path) -> tuple[Path, Path]:
    """Write a saved Keras network as LiteRT files.

    Args:
        model: a .keras file as `mirror train mood` writes it.
        pictures: uint8 [n, SIDE, SIDE] of the training split; the first EXAMPLES calibrate the int8 file.
        folder: where the files go.

    Returns:
        the float16 and the int8 file.

    Raises:
        UsageError: where TensorFlow is not installed, or it cannot convert the network.
    """
    if not importlib.util.find_spec("tensorflow"):
        raise UsageError(
            f"{model} cannot be converted here because TensorFlow is not installed: copy it to a machine "
            "with requirements/train.txt and run `mirror train mood` there with the same folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryDirectory() as scratch:
        examples = Path(scratch) / "pictures.npy"
        np.save(examples, pictures[:EXAMPLES])
        command = [sys.executable, "-m", "mirror_training.mood_export", model, examples, folder]
        run = subprocess.run(
            [str(part) for part in command], env=environment, capture_output=True, text=True, check=False
        )
    if run.returncode:
        last = run.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise UsageError(f"TensorFlow could not convert {model}: {last[0]}")
    return folder / FLOAT16, folder / INT8


def _main(model: str, examples: str, folder: str) -> None:
    inputs = normalised(np.load(examples)).reshape(-1, 1, SIDE, SIDE, 1)
    write_litert(Path(model), inputs, Path(folder) / FLOAT16, Path(folder) / INT8)


if __name__ == "__main__":
    _main(*sys.argv[1:])
