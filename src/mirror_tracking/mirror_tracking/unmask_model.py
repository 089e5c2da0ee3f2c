"""The unmasking network, run by LiteRT: a face in its square to the colours beneath the mask and alpha."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.frame import Image, require_bgr
from mirror_tracking.unmask_input import network_input, split_output

__all__ = ["UnmaskModel"]


class UnmaskModel:
    """Says what lies beneath a mask. Safe to call from several threads; one face at a time.

    Args:
        file: a .tflite file as `mirror train unmask` writes it.
        threads: that LiteRT may use.

    Attributes:
        side: of the network's square in pixels.

    Raises:
        ModelError: where the file is missing, damaged or of another kind.
    """

    def __init__(self, file: Path, threads: int = 2) -> None:
        self._interpreter = _load(file, threads)
        details = self._interpreter.get_input_details()[0]
        self.side = int(details["shape"][1])
        self._input = details["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def look(self, square: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What is beneath the mask in one square.

        Args:
            square: uint8 [side, side, 3], BGR, as `aligned_face` gives it.

        Returns:
            colour float32 [side, side, 3] and alpha float32 [side, side], both in 0 … 1.

        Raises:
            ShapeError: where the square has another side.
        """
        require_bgr(square, "square")
        if square.shape[:2] != (self.side, self.side):
            raise ShapeError(f"square must be uint8 [{self.side}, {self.side}, 3], not {list(square.shape)}.")
        with self._lock:
            self._interpreter.set_tensor(self._input, network_input(square))
            self._interpreter.invoke()
            output = np.array(self._interpreter.get_tensor(self._output)[0], np.float32)
        return split_output(output)


def _load(file: Path, threads: int) -> Any:
    if not file.is_file():
        raise ModelError(f"The unmasking model {file} is missing: name a file that exists.")
    try:
        interpreter_class = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    except ImportError as error:
        raise ModelError(
            f"The unmasking model needs ai-edge-litert, which does not load: {error}."
        ) from error
    try:
        interpreter = interpreter_class(model_content=file.read_bytes(), num_threads=threads)
        interpreter.allocate_tensors()
        details = (interpreter.get_input_details()[0], interpreter.get_output_details()[0])
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"The unmasking model {file} is damaged: copy it anew.") from error
    taken, given = (tuple(int(v) for v in each["shape"]) for each in details)
    side = taken[1] if len(taken) == 4 else 0
    fits = taken == (1, side, side, 3) and given == (1, side, side, 4) and side > 0
    if not fits or any(each["dtype"] != np.float32 for each in details):
        raise ModelError(f"{file} is no unmasking model: its input and output are {taken} and {given}.")
    return interpreter
