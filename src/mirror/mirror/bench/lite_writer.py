"""Writes networks of convolutions as LiteRT files without TensorFlow, and counts what is in such a file.

The bench measures a network for which nobody has a file. Its speed does not hang on what it has learned, so
it is written with any weights, in the format of the runtime (https://ai.google.dev/edge/litert: one
flatbuffer with tensors, the data behind them, and operators in the order of execution).
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["LiteWriter", "parameter_count"]

ALIGNMENT = 16  # bytes: where data must begin, by the format
SCHEMA_VERSION = 3
LARGEST_OLD_CODE = 127  # operators beyond have their number in a second field
WITH_BIAS = 3  # version of the transposed convolution that takes one
ROOM = 1 << 20  # bytes of a file beside its data


def _schema() -> Any:
    return importlib.import_module("ai_edge_litert.schema_py_generated")


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """Bytes behind a tensor; what the schema's own class lacks is that they begin at ALIGNMENT."""

    values: NDArray[Any]

    def Pack(self, builder: Any) -> Any:  # noqa: N802 – the schema calls it
        values = np.ascontiguousarray(self.values).reshape(-1).view(np.uint8)
        builder.Prep(ALIGNMENT, values.nbytes)
        return _schema().BufferT(data=values).Pack(builder)


class LiteWriter:
    """A network to be written: each method adds one operator and returns the number of its result.

    All tensors are float32 [1, height, width, channels].

    Attributes:
        parameters: how many weights and biases were given.
    """

    def __init__(self) -> None:
        self._schema = _schema()
        self._tensors: list[Any] = []
        self._shapes: list[tuple[int, ...]] = []
        self._buffers: list[Any] = [self._schema.BufferT()]  # the first is "none", by the format
        self._operators: list[Any] = []
        self._codes: dict[tuple[int, int], int] = {}
        self._inputs: list[int] = []
        self.parameters = 0

    def input(self, height: int, width: int, channels: int) -> int:
        """An input of the network."""
        number = self._tensor((1, height, width, channels))
        self._inputs.append(number)
        return number

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Of a result: [1, height, width, channels]."""
        return self._shapes[tensor]

    def convolution(
        self,
        x: int,
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        *,
        stride: int = 1,
        relu: bool = False,
    ) -> int:
        """A convolution whose result has 1/stride of the size, rounded up (padding "same").

        Args:
            x: float32 [1, height, width, n].
            weights: float32 [m, rows, columns, n].
            bias: float32 [m].
            stride: in both directions.
            relu: cut what is below 0.
        """
        _, height, width, channels = self._shapes[x]
        self._require_weights(weights, bias, channels)
        options = self._schema.Conv2DOptionsT(
            padding=self._schema.Padding.SAME,
            strideW=stride,
            strideH=stride,
            fusedActivationFunction=self._activation(relu),
        )
        shape = (1, -(-height // stride), -(-width // stride), len(weights))
        return self._operator("CONV_2D", [x, self._learned(weights), self._learned(bias)], shape, options)

    def transposed(
        self, x: int, weights: NDArray[np.float32], bias: NDArray[np.float32], *, stride: int = 2
    ) -> int:
        """The transpose of a convolution with padding "same": its result has `stride` times the size.

        Args:
            x: float32 [1, height, width, n].
            weights: float32 [m, rows, columns, n].
            bias: float32 [m].
            stride: in both directions.
        """
        _, height, width, channels = self._shapes[x]
        self._require_weights(weights, bias, channels)
        options = self._schema.TransposeConvOptionsT(
            padding=self._schema.Padding.SAME, strideW=stride, strideH=stride
        )
        shape = (1, height * stride, width * stride, len(weights))
        size = self._tensor((4,), np.array(shape, np.int32))
        inputs = [size, self._learned(weights), x, self._learned(bias)]
        return self._operator("TRANSPOSE_CONV", inputs, shape, options, WITH_BIAS)

    def added(self, a: int, b: int, *, relu: bool = False) -> int:
        """The sum of two results of one shape."""
        if self._shapes[a] != self._shapes[b]:
            raise ShapeError(f"{list(self._shapes[a])} and {list(self._shapes[b])} cannot be added.")
        options = self._schema.AddOptionsT(fusedActivationFunction=self._activation(relu))
        return self._operator("ADD", [a, b], self._shapes[a], options)

    def joined(self, a: int, b: int) -> int:
        """The channels of two results of one size, behind each other."""
        one, two = self._shapes[a], self._shapes[b]
        if one[:3] != two[:3]:
            raise ShapeError(f"{list(one)} and {list(two)} cannot be joined: their sizes differ.")
        options = self._schema.ConcatenationOptionsT(axis=3)
        return self._operator("CONCATENATION", [a, b], (*one[:3], one[3] + two[3]), options)

    def sigmoid(self, x: int) -> int:
        """1 / (1 + exp(-x))."""
        return self._operator("LOGISTIC", [x], self._shapes[x], None)

    def file(self, outputs: Sequence[int]) -> bytes:
        """The network as a .tflite file.

        Args:
            outputs: the results that it gives.
        """
        schema = self._schema
        codes = [
            schema.OperatorCodeT(
                builtinCode=code, deprecatedBuiltinCode=min(code, LARGEST_OLD_CODE), version=version
            )
            for code, version in self._codes
        ]
        graph = schema.SubGraphT(
            tensors=self._tensors, inputs=self._inputs, outputs=list(outputs), operators=self._operators
        )
        model = schema.ModelT(
            version=SCHEMA_VERSION, operatorCodes=codes, subgraphs=[graph], buffers=self._buffers
        )
        # With room from the start: otherwise the builder doubles and copies hundreds of megabytes.
        builder = importlib.import_module("flatbuffers").Builder(4 * self.parameters + ROOM)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _activation(self, relu: bool) -> int:
        kinds = self._schema.ActivationFunctionType
        return int(kinds.RELU if relu else kinds.NONE)

    def _require_weights(
        self, weights: NDArray[np.float32], bias: NDArray[np.float32], channels: int
    ) -> None:
        if weights.ndim != 4 or weights.shape[3] != channels or bias.shape != weights.shape[:1]:
            raise ShapeError(
                f"Weights must be [m, rows, columns, {channels}] with a bias [m], not "
                f"{list(weights.shape)} and {list(bias.shape)}."
            )

    def _learned(self, values: NDArray[np.float32]) -> int:
        self.parameters += values.size
        return self._tensor(values.shape, np.asarray(values, np.float32))

    def _tensor(self, shape: tuple[int, ...], values: NDArray[Any] | None = None) -> int:
        kinds = self._schema.TensorType
        place = 0
        if values is not None:
            place = len(self._buffers)
            self._buffers.append(_Data(values))
        is_whole = values is not None and values.dtype == np.int32
        self._tensors.append(
            self._schema.TensorT(
                shape=list(shape),
                type=kinds.INT32 if is_whole else kinds.FLOAT32,
                buffer=place,
                name=f"t{len(self._tensors)}",
            )
        )
        self._shapes.append(shape)
        return len(self._tensors) - 1

    def _operator(
        self, name: str, inputs: list[int], shape: tuple[int, ...], options: Any, version: int = 1
    ) -> int:
        schema = self._schema
        code = int(getattr(schema.BuiltinOperator, name))
        place = self._codes.setdefault((code, version), len(self._codes))
        kind = type(options).__name__.removesuffix("T") if options is not None else "NONE"
        result = self._tensor(shape)
        self._operators.append(
            schema.OperatorT(
                opcodeIndex=place,
                inputs=inputs,
                outputs=[result],
                builtinOptionsType=int(getattr(schema.BuiltinOptions, kind)),
                builtinOptions=options,
            )
        )
        return result


def parameter_count(model: bytes) -> int:
    """How many floating-point numbers a .tflite file holds: its weights and biases.

    Files with int8 arithmetic hold whole numbers instead, which are not counted.
    """
    schema = _schema()
    opened = schema.Model.GetRootAs(model)
    graph, kinds = opened.Subgraphs(0), schema.TensorType
    tensors = [graph.Tensors(number) for number in range(graph.TensorsLength())]
    return sum(
        int(np.prod(tensor.ShapeAsNumpy()))
        for tensor in tensors
        if tensor.Type() in {kinds.FLOAT16, kinds.FLOAT32}
        and opened.Buffers(tensor.Buffer()).DataLength() > 0
    )
