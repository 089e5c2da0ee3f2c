"""A Keras network as two LiteRT files: with float16 weights, and with int8 arithmetic. Needs TensorFlow."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
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
) -> None:
    """Convert a saved network.

    Args:
        model: a .keras file.
        inputs: examples of its input, or of its inputs by name, each with the batch's axis of length 1, by
            which int8's ranges are chosen.
        half: the file to write with float16 weights.
        whole: the file to write with int8 arithmetic.
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
    in_int8 = tf.lite.TFLiteConverter.from_keras_model(network)
    in_int8.optimizations = [tf.lite.Optimize.DEFAULT]
    in_int8.representative_dataset = representative
    in_int8.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    whole.write_bytes(in_int8.convert())
