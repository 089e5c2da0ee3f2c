"""Any saved unmasking network as a function of a square: a LiteRT file, or a Keras network where Keras is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, UsageError
from mirror_core.frame import Image
from mirror_tracking.unmask_model import UnmaskModel
from mirror_training.mood_network import require_keras
from mirror_training.unmask import answers_of
from mirror_training.unmask_evaluation import Answering, Look

__all__ = ["keras_look", "load_look"]


def keras_look(network: Any) -> Look:
    """A Keras network as a function of one square."""

    def look(square: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        colours, alphas = answers_of(network, square[None])
        return colours[0], alphas[0]

    return look


def load_look(file: Path, threads: int = 2) -> Answering:
    """Load a .tflite or .keras file.

    Raises:
        UsageError: where it is missing or no unmasking network, or what runs it is not installed.
    """
    if file.suffix != ".keras":
        try:
            model = UnmaskModel(file, threads)
        except ModelError as error:
            raise UsageError(str(error)) from error
        return Answering(model.look, model.side)
    if not file.is_file():
        raise UsageError(f"The unmasking model {file} is missing: name a file that exists.")
    try:
        network = require_keras().saving.load_model(file, compile=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]  # of what may be pages
        raise UsageError(f"{file} cannot be read as a saved Keras network: {reason}") from error
    shapes = (tuple(network.input_shape[1:]), tuple(network.output_shape[1:]))
    side = shapes[0][0] if shapes[0] else 0
    if shapes != ((side, side, 3), (side, side, 4)):
        raise UsageError(f"{file} is no unmasking model: its input and output are {shapes[0]}, {shapes[1]}.")
    return Answering(keras_look(network), int(side))
