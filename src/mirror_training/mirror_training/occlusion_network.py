"""The occlusion network: a small residual U-Net in Keras 3, and its export to LiteRT.

Nothing here is bound to one Keras backend but `export`, which uses TensorFlow's converter.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from mirror_core.errors import UsageError
from mirror_effects.occlusion_input import CHANNELS, GRID

__all__ = ["build", "export", "require_keras", "weighted_loss"]

WIDTHS = (16, 24, 40, 64)  # channels at ½, ¼, ⅛ and ¹⁄₁₆ of the square's side


def require_keras() -> Any:
    """Return the module keras.

    Raises:
        UsageError: where Keras or TensorFlow is not installed.
    """
    if not all(importlib.util.find_spec(name) for name in ("keras", "tensorflow")):
        raise UsageError(
            "Training needs TensorFlow and Keras, which are not installed here: "
            "run `pip install -r requirements/train.txt` in an environment of its own."
        )
    return importlib.import_module("keras")


def build() -> Any:
    """The network: float32 [n, GRID, GRID, CHANNELS] in −1 … 1 to logits of visibility [n, GRID, GRID, 1]."""
    keras = require_keras()
    layers = keras.layers

    def convolution(x: Any, width: int, stride: int = 1, size: int = 3) -> Any:
        x = layers.Conv2D(width, size, stride, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))

    def residual(x: Any, width: int) -> Any:
        y = convolution(x, width)
        y = layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
        return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=0.95)(y)]))

    inputs = keras.Input((GRID, GRID, CHANNELS))
    x = convolution(inputs, WIDTHS[0], stride=2, size=5)
    x = convolution(x, WIDTHS[0])
    skips = []
    for width in WIDTHS[1:]:
        skips.append(x)
        x = residual(convolution(x, width, stride=2), width)
    x = residual(x, WIDTHS[-1])
    for width, skip in zip(WIDTHS[-2::-1], reversed(skips), strict=True):
        x = layers.UpSampling2D(2, interpolation="bilinear")(convolution(x, width, size=1))
        x = convolution(layers.Concatenate()([x, skip]), width)
    x = layers.Conv2DTranspose(1, 4, 2, padding="same")(x)
    return keras.Model(inputs, x, name="occlusion")


def weighted_loss(target: Any, logits: Any) -> Any:
    """Binary cross-entropy plus one minus the soft Jaccard index of the covered region, both by pixel weight.

    Args:
        target: [n, GRID, GRID, 2], visibility 0 … 1 and weight 0 … 1.
        logits: [n, GRID, GRID, 1].
    """
    ops = require_keras().ops
    visible, weight = target[..., 0], target[..., 1]
    logit = logits[..., 0]
    entropy = ops.maximum(logit, 0.0) - logit * visible + ops.log1p(ops.exp(-ops.abs(logit)))
    entropy = ops.sum(entropy * weight) / (ops.sum(weight) + 1.0)
    covered, predicted = (1.0 - visible) * weight, (1.0 - ops.sigmoid(logit)) * weight
    both = ops.sum(covered * predicted / (weight + 1e-6), axis=(1, 2))
    either = ops.sum(covered + predicted, axis=(1, 2)) - both
    jaccard = 1.0 - ops.mean((both + 60.0) / (either + 60.0))
    return entropy + 0.3 * jaccard


def export(model: Any, file: Path) -> int:
    """Write the network with a sigmoid as LiteRT with float16 weights; returns the file's size in bytes."""
    keras = require_keras()
    tf = importlib.import_module("tensorflow")
    whole = keras.Model(model.input, keras.layers.Activation("sigmoid")(model.output))
    converter = tf.lite.TFLiteConverter.from_keras_model(whole)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    content: bytes = converter.convert()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return len(content)
