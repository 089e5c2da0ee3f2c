"""A Keras network as two LiteRT files: with float16 weights, and with int8 arithmetic. Needs TensorFlow."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["write_litert"]


def write_litert(
    model: Path,
    inputs: Iterable[NDArray[np.float32] | Mapping[str, NDArray[np.float32]]],
    half: Path,
    whole: Path,
    in_float: Sequence[str] = (),
) -> None:
    """Convert a saved network.

    A layer whose numbers are steep functions of what goes in, such as the last one before a sigmoid, makes
    large errors of int8's steps; it may be left in float32 (selective quantisation, as TensorFlow Lite's
    quantisation debugger has it).

    Args:
        model: a .keras file.
        inputs: examples of its input, or of its inputs by name, each with the batch's axis of length 1, by
            which int8's ranges are chosen.
        half: the file to write with float16 weights.
        whole: the file to write with int8 arithmetic.
        in_float: layers by the beginnings of their names that the int8 file computes in float32, together
            with what puts the network's output together.
    """
    keras = importlib.import_module("keras")
    tf: Any = importlib.import_module("tensorflow")
    network = keras.saving.load_model(model, compile=False)

    def representative() -> Iterator[list[NDArray[np.float32]] | dict[str, NDArray[np.float32]]]:
        for each in inputs:
            yield dict(each) if isinstance(each, Mapping) else [each]

    in_float16 = tf.lite.TFLiteConverter.from_keras_model(network)
    in_float16.optimizations = [tf.lite.Optimize.DEFAULT]
    in_float16.target_spec.supported_types = [tf.float16]
    half.write_bytes(in_float16.convert())

    def in_int8() -> Any:
        converter = tf.lite.TFLiteConverter.from_keras_model(network)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        return converter

    content = in_int8().convert()
    if in_float:
        content = _partly_in_float(tf, in_int8(), _tensors(tf, content, in_float), representative)
    whole.write_bytes(content)


def _tensors(tf: Any, content: bytes, layers: Sequence[str]) -> list[str]:
    """The tensors of a converted network that come from layers so called, and its output."""
    interpreter = tf.lite.Interpreter(model_content=content)
    names = [str(each["name"]) for each in interpreter.get_tensor_details()]
    output = str(interpreter.get_output_details()[0]["name"])
    return [name for name in names if name == output or any(f"/{layer}" in name for layer in layers)]


def _partly_in_float(
    tf: Any, converter: Any, tensors: list[str], examples: Callable[[], Iterator[Any]]
) -> bytes:
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=tensors)
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=examples, debug_options=options
    )
    return bytes(debugger.get_nondebug_quantized_model())
