"""The film's network, run by Keras: for a host with a GPU, where the network may be larger than LiteRT bears.

Keras and its backend are no part of the mirror; they are imported only where a .keras file is asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.frame import Image
from mirror_effects.film.model import PREVIOUS, SCALE, FilmModel, require_squares

__all__ = ["KerasFilmModel", "open_film_model"]

BACKENDS = ("torch", "jax", "tensorflow")  # in the order in which they are taken


class KerasFilmModel:
    """Draws the film's figure as `FilmModel` does, from the .keras file beside the .tflite.

    Args:
        file: a .keras file as the film's training writes it.

    Attributes:
        side: of the network's square in pixels.
        temporal: whether it looks at the frame made before.

    Raises:
        ModelError: where Keras is not installed, or the file is missing, damaged or of another kind.
    """

    def __init__(self, file: Path) -> None:
        self._keras = _keras(file)
        try:
            self._network = self._keras.saving.load_model(file, compile=False)
            names = [each.name for each in self._network.inputs]
            shapes = {tuple(each.shape[1:]) for each in self._network.inputs}
            given = tuple(self._network.output_shape[1:])
        except (OSError, ValueError, TypeError, AttributeError) as error:
            reason = str(error).splitlines()[0]  # of what may be pages
            raise ModelError(f"The film's model {file} cannot be read: {reason}") from error
        self.side = int(given[0] or 0) if len(given) == 3 else 0
        self.temporal = PREVIOUS in names
        if shapes != {(self.side, self.side, 3)} or given != (self.side, self.side, 4):
            raise ModelError(
                f"{file} is no film model: its inputs are {sorted(shapes)}, its output is {given}."
            )
        self._lock = threading.Lock()

    def next(self, pose_map: Image, previous: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The figure in a pose; see `FilmModel.next`."""
        require_squares(self.side, pose_map, previous)
        given = [each[None] * SCALE for each in ((pose_map, previous) if self.temporal else (pose_map,))]
        with self._lock:
            found = self._network.predict_on_batch(given)
        output = np.asarray(found, np.float32)[0]
        return output[..., :3], output[..., 3]


def open_film_model(file: Path, threads: int = 2) -> FilmModel | KerasFilmModel:
    """Load a film's network by its file's ending: .keras by Keras, everything else by LiteRT.

    Args:
        file: of the network.
        threads: that LiteRT may use.

    Raises:
        ModelError: where the file cannot be run.
    """
    return KerasFilmModel(file) if file.suffix == ".keras" else FilmModel(file, threads)


def _keras(file: Path) -> Any:
    if not file.is_file():
        raise ModelError(f"The film's model {file} is missing: name a file that exists.")
    wanted = os.environ.get("KERAS_BACKEND")
    found = [name for name in ((wanted,) if wanted else BACKENDS) if importlib.util.find_spec(name)]
    if not found or not importlib.util.find_spec("keras"):
        raise ModelError(
            f"The film's model {file} needs Keras and one of {', '.join(BACKENDS)}, which are not both "
            "installed here: install them, or use the .tflite file."
        )
    os.environ["KERAS_BACKEND"] = found[0]
    return importlib.import_module("keras")
