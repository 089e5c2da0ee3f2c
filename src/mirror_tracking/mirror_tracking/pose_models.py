"""Loads the body models that mediapipe's wheel carries, to be run by LiteRT on one core.

mediapipe itself is not imported for that: its ready-made pose follows one person, smooths with one fixed
setting and keeps a memory of its own. What its graph does around the models is done here in numpy.
"""

from __future__ import annotations

import importlib
import importlib.util
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError

__all__ = ["POSE_DETECTION", "POSE_LANDMARKS", "LiteModel", "model_bytes", "without_output"]

POSE_DETECTION = "pose_detection/pose_detection.tflite"
POSE_LANDMARKS = "pose_landmark/pose_landmark_full.tflite"

# Where the tables of a TFLite file hold what `without_output` changes (fields of its schema, in bytes).
_SUBGRAPH_OUTPUTS = 8
_SUBGRAPH_OPERATORS = 10


def model_bytes(name: str) -> bytes:
    """The content of a model below mediapipe's folder `modules`.

    Raises:
        ModelError: if mediapipe is missing or carries no such model.
    """
    specification = importlib.util.find_spec("mediapipe")
    if specification is None or not specification.submodule_search_locations:
        raise ModelError("Body tracking needs the models of mediapipe, which is not installed.")
    file = Path(next(iter(specification.submodule_search_locations))) / "modules" / name
    try:
        return file.read_bytes()
    except OSError as error:
        raise ModelError(
            f"This mediapipe carries no {file.name}; install a version below 0.10.30, for example 0.10.21."
        ) from error


def without_output(model: bytes, index: int) -> bytes:
    """A TFLite model without one of its outputs and without the operators that only serve it.

    LiteRT computes every output, also one that nobody reads. The two lists in the file, of outputs and of
    operators, are shortened in place; all else stays as it is.

    Args:
        model: content of the file, with one subgraph.
        index: place of the output among the outputs.

    Raises:
        ModelError: if the file is no such model.
    """
    schema = importlib.import_module("ai_edge_litert.schema_py_generated")
    data = bytearray(model)
    try:
        graph = schema.Model.GetRootAs(data).Subgraphs(0)
        outputs = [graph.Outputs(number) for number in range(graph.OutputsLength())]
        del outputs[index]
        needed, kept = set(outputs), []
        for place in reversed(range(graph.OperatorsLength())):  # they stand in the order of execution
            operator = graph.Operators(place)
            if any(operator.Outputs(number) in needed for number in range(operator.OutputsLength())):
                needed.update(operator.Inputs(number) for number in range(operator.InputsLength()))
                kept.append(place)
        table = graph._tab
        start = table.Vector(table.Offset(_SUBGRAPH_OPERATORS))
        entries = np.frombuffer(data, "<u4", graph.OperatorsLength(), start)
        # An entry is the distance from itself to its operator, and grows as it moves towards the front.
        moved = entries[kept[::-1]] + 4 * (np.array(kept[::-1]) - np.arange(len(kept)))
        _write(data, start, moved.astype("<u4"))
        _write(data, table.Vector(table.Offset(_SUBGRAPH_OUTPUTS)), np.array(outputs, "<i4"))
    except (IndexError, AttributeError, ValueError, struct.error) as error:
        raise ModelError(f"This is no TFLite model whose output {index} can be left out: {error}.") from error
    return bytes(data)


def _write(data: bytearray, start: int, values: NDArray[Any]) -> None:
    """Overwrite a vector of four-byte numbers, whose length stands before it."""
    data[start - 4 : start] = np.array([len(values)], "<u4").tobytes()
    data[start : start + 4 * len(values)] = values.tobytes()


class LiteModel:
    """A model with one picture as its input, run by LiteRT on one core."""

    def __init__(self, content: bytes, name: str) -> None:
        """Load the model.

        Args:
            content: of the .tflite file.
            name: of the model, for messages.

        Raises:
            ModelError: if LiteRT is missing or does not take the model.
        """
        self._name = name
        try:
            interpreter_class = importlib.import_module("ai_edge_litert.interpreter").Interpreter
        except ImportError as error:
            raise ModelError(f"Body tracking needs ai-edge-litert, which does not load: {error}.") from error
        try:
            self._interpreter = interpreter_class(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"The model {name} does not load: {error}.") from error
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = [
            (detail["index"], tuple(detail["shape"])) for detail in self._interpreter.get_output_details()
        ]

    @property
    def side(self) -> int:
        """Width and height of the model's input in pixels."""
        return int(self._input["shape"][1])

    def run(self, pixels: NDArray[np.float32]) -> dict[tuple[int, ...], NDArray[np.float32]]:
        """What the model makes of a picture.

        Args:
            pixels: float32 [side, side, 3], RGB in the range that the model was trained on.

        Returns:
            shape → values of each output without its first axis, which is 1.

        Raises:
            ModelError: if the model fails.
        """
        try:
            self._interpreter.set_tensor(self._input["index"], pixels[None])
            self._interpreter.invoke()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"The model {self._name} failed on a picture: {error}.") from error
        return {shape[1:]: self._interpreter.get_tensor(index)[0] for index, shape in self._outputs}
