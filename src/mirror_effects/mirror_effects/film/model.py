"""The film's network, run by LiteRT: from a pose map and the frame made before to a colour and an alpha."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = ["POSE", "PREVIOUS", "SCALE", "FilmModel", "require_squares"]

POSE, PREVIOUS = "pose", "previous"  # of the inputs' names
SCALE = np.float32(1 / 255)  # from bytes to 0 … 1


class FilmModel:
    """Draws the film's figure. Safe to call from several threads; one frame at a time.

    It remembers nothing: who calls it keeps the frame made before, for each participant.

    Args:
        file: a .tflite file as the film's training writes it.
        threads: that LiteRT may use.

    Attributes:
        side: of the network's square in pixels.
        temporal: whether it looks at the frame made before.

    Raises:
        ModelError: where the file is missing, damaged or of another kind.
    """

    def __init__(self, file: Path, threads: int = 2) -> None:
        self._interpreter = _load(file, threads)
        details = {_kind(each): each for each in self._interpreter.get_input_details()}
        self.side = int(details[POSE]["shape"][1])
        self.temporal = PREVIOUS in details
        self._inputs = {name: each["index"] for name, each in details.items()}
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def next(self, pose_map: Image, previous: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The figure in a pose.

        Args:
            pose_map: uint8 [side, side, 3], as `mirror_effects.film.pose_map.draw` gives it.
            previous: uint8 [side, side, 3], BGR: the frame made before, the bare background at the start.

        Returns:
            colour float32 [side, side, 3], BGR, and alpha float32 [side, side], both in 0 … 1;
            `mirror_effects.film.composer.composed` lays them over the background.

        Raises:
            ShapeError: where a picture has another side.
        """
        require_squares(self.side, pose_map, previous)
        given = {POSE: pose_map, PREVIOUS: previous}
        with self._lock:
            for name, index in self._inputs.items():
                self._interpreter.set_tensor(index, given[name][None] * SCALE)
            self._interpreter.invoke()
            output = np.array(self._interpreter.get_tensor(self._output)[0], np.float32)
        return output[..., :3], output[..., 3]


def require_squares(side: int, pose_map: Image, previous: Image) -> None:
    """Refuse pictures that a network of a side cannot take.

    Raises:
        ShapeError: where one is not uint8 [side, side, 3].
    """
    for name, picture in ((POSE, pose_map), (PREVIOUS, previous)):
        require_bgr(picture, name)
        if picture.shape[:2] != (side, side):
            raise ShapeError(f"{name} must be uint8 [{side}, {side}, 3], not {list(picture.shape)}.")


def _kind(details: dict[str, Any]) -> str:
    """Which input it is: converters put words of their own around the names."""
    return PREVIOUS if PREVIOUS in details["name"] else POSE


def _load(file: Path, threads: int) -> Any:
    if not file.is_file():
        raise ModelError(f"The film's model {file} is missing: name a file that exists.")
    try:
        interpreter_class = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError as error:
        raise ModelError(f"The film's model needs ai-edge-litert, which does not load: {error}.") from error
    try:
        interpreter = interpreter_class(model_content=file.read_bytes(), num_threads=threads)
        interpreter.allocate_tensors()
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"The film's model {file} is damaged: copy it anew.") from error
    taken = [tuple(int(v) for v in each["shape"]) for each in inputs]
    given = tuple(int(v) for v in outputs[0]["shape"])
    side = taken[0][1] if len(taken[0]) == 4 else 0
    kinds = sorted(_kind(each) for each in inputs)
    fits = kinds in ([POSE], [POSE, PREVIOUS]) and set(taken) == {(1, side, side, 3)}
    fits = fits and given == (1, side, side, 4) and side > 0
    if not fits or any(each["dtype"] != np.float32 for each in (*inputs, *outputs)):
        raise ModelError(f"{file} is no film model: its inputs are {taken}, its output is {given}.")
    return interpreter
