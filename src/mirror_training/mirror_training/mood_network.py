"""The mood network: a small residual convolutional network in Keras 3, and the loss it is trained with.

Nothing here is bound to one Keras backend; where the backend is PyTorch, batch normalisation uses its fused
kernel instead of several passes over the numbers, in which a CPU spends most of a training step's time.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from mirror_core.errors import UsageError

__all__ = ["CLASSES", "WIDTHS", "build", "fused_normalisation", "require_keras"]

CLASSES = 7
WIDTHS = (64, 160, 320)  # channels at a half, a quarter and an eighth of the picture's side
DROPOUT = 0.3  # of the pooled features, in training only
BACKENDS = ("tensorflow", "torch", "jax")


def require_keras() -> Any:
    """Return the module keras, on the backend that KERAS_BACKEND names or else the first that is installed.

    Raises:
        UsageError: where Keras or every backend is missing.
    """
    backend = os.environ.get("KERAS_BACKEND")
    wanted = (backend,) if backend else BACKENDS
    found = next((name for name in wanted if importlib.util.find_spec(name)), None)
    if found is None or not importlib.util.find_spec("keras"):
        missing = backend or "a backend (TensorFlow, PyTorch or JAX)"
        raise UsageError(
            f"Training needs Keras and {missing}, which are not both installed here: "
            "run `pip install -r requirements/train.txt` in an environment of its own."
        )
    os.environ["KERAS_BACKEND"] = found
    return importlib.import_module("keras")


def fused_normalisation(keras: Any) -> Any:
    """The batch normalisation to train with: Keras's own, or PyTorch's fused kernel behind Keras's layer."""
    if keras.backend.backend() != "torch":
        return keras.layers.BatchNormalization
    torch = importlib.import_module("torch")

    class FusedBatchNormalization(keras.layers.BatchNormalization):
        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            # A picture of one channel makes PyTorch choose planes; from here on channels stay innermost.
            planes = inputs.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
            return torch.nn.functional.batch_norm(
                planes,
                self.moving_mean.value,
                self.moving_variance.value,
                self.gamma.value,
                self.beta.value,
                training=bool(training) and self.trainable,
                momentum=1.0 - self.momentum,
                eps=self.epsilon,
            ).permute(0, 2, 3, 1)

    return FusedBatchNormalization


def build(side: int | None = None, width: float = 1.0, fused: bool = True) -> Any:
    """The network: normalised grey pictures float32 [n, side, side, 1] to logits float32 [n, CLASSES].

    Args:
        side: height and width of the pictures; any when None. It ends in a mean over the picture, so
            weights fit every side.
        width: by which WIDTHS are multiplied, above 0.
        fused: use the backend's fused batch normalisation; the weights are the same. False for what is saved.
    """
    keras = require_keras()
    layers = keras.layers
    normalisation = fused_normalisation(keras) if fused else layers.BatchNormalization

    def convolution(x: Any, channels: int, name: str, size: int = 3, stride: int = 1) -> Any:
        x = layers.Conv2D(
            channels,
            size,
            stride,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"{name}_convolution",
        )(x)
        return normalisation(momentum=0.9, epsilon=1e-5, name=f"{name}_normalisation")(x)

    def relu(x: Any, name: str) -> Any:
        return layers.ReLU(name=f"{name}_relu")(x)

    inputs = keras.Input((side, side, 1), name="face")
    x = inputs
    for number, channels in enumerate((round(width * each / 8) * 8 for each in WIDTHS), start=1):
        name = f"stage_{number}"
        if number == 1:
            x = relu(convolution(x, channels, f"{name}_in", size=5, stride=2), f"{name}_in")
        else:
            x = layers.MaxPooling2D(2, name=f"{name}_pool")(x)
            x = relu(convolution(x, channels, f"{name}_in"), f"{name}_in")
        y = relu(convolution(x, channels, f"{name}_1"), f"{name}_1")
        y = convolution(y, channels, f"{name}_2")
        x = relu(layers.Add(name=f"{name}_sum")([x, y]), f"{name}_out")
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dropout(DROPOUT, name="dropout")(x)
    logits = layers.Dense(CLASSES, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name="mood")
