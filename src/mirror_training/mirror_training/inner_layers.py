"""The inner layers of a saved network, for any picture's size: as an encoder, or to compare pictures by.

Of each resolution (a half of the side, a quarter, …) the last layer is taken. What the network wants to see
follows from its channels: one is the mood network's grey picture without its mean and over its spread, four
is the occlusion network's (BGR and a hint, −1 … 1), three is BGR in 0 … 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mirror_core.errors import UsageError
from mirror_training.mood_network import require_keras

__all__ = ["inner_layers"]

MOST_LEVELS = 6
HINT = -1.0  # the occlusion network's hint where no face is marked
LEAST_SPREAD = 2.0 / 255  # pictures that are flatter than this are not stretched further
BGR_TO_GREY = (0.114, 0.587, 0.299)  # ITU-R BT.601


def inner_layers(file: Path, side: int, width: int | None = None) -> Any:
    """A network from BGR pictures float32 [n, side, width, 3] in 0 … 1 to a list of features.

    Args:
        file: a .keras file of a convolutional network.
        side: of the pictures in pixels.
        width: of the pictures, where they are no squares.

    Returns:
        a Keras model with outputs [n, side / 2, width / 2, c], [n, side / 4, …], … as far as it halves.

    Raises:
        UsageError: where the file is no such network.
    """
    keras = require_keras()
    try:
        saved = keras.saving.load_model(file, compile=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]  # of what may be pages
        raise UsageError(f"{file} cannot be read as a saved Keras network: {reason}") from error
    inputs = getattr(saved, "inputs", None)
    if not inputs or len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[-1] not in (1, 3, 4):
        raise UsageError(f"{file} is no network that looks at pictures of 1, 3 or 4 channels.")
    channels = inputs[0].shape[-1]
    last = _last_of_each_halving(saved, inputs[0].shape[1])
    if not last:
        raise UsageError(f"{file} has no layer at half of its picture's size, so that it is no encoder.")
    part = keras.Model(inputs[0], [layer.output for layer in last])
    wanted = keras.Input((side, width or side, channels))
    sized = keras.models.clone_model(part, input_tensors=wanted)
    sized.set_weights(part.get_weights())
    picture = keras.Input((side, width or side, 3), name="picture")
    features = sized(_as_wanted(keras, picture, channels))
    found = features if isinstance(features, list) else [features]
    return keras.Model(picture, found, name="inner_layers")


def _last_of_each_halving(saved: Any, side: int | None) -> list[Any]:
    """The last layer of each resolution before the network grows again or loses its place."""
    known = side or 2**MOST_LEVELS * 8
    if side is None:  # sizes are only known once the input has one
        keras = require_keras()
        saved = keras.models.clone_model(
            saved, input_tensors=keras.Input((known, known, saved.inputs[0].shape[-1]))
        )
    last: dict[int, Any] = {}
    smallest = known
    for layer in saved.layers:
        output = getattr(layer, "output", None)
        shape: tuple[Any, ...] = tuple(getattr(output, "shape", ()))
        if len(shape) != 4 or shape[1] is None or shape[1] != shape[2]:
            continue
        if shape[1] > smallest:
            break  # the decoder begins
        smallest = shape[1]
        halved = known / shape[1]
        if halved >= 2 and halved == int(halved) and int(halved) & (int(halved) - 1) == 0:
            last[int(halved)] = layer
    levels = [last[2**level] for level in range(1, MOST_LEVELS + 1) if 2**level in last]
    return levels if sorted(last) == [2 ** (i + 1) for i in range(len(last))] else []


def _as_wanted(keras: Any, picture: Any, channels: int) -> Any:
    """What the network wants to see, of a BGR picture in 0 … 1."""
    layers = keras.layers
    if channels == 3:
        return picture
    if channels == 4:
        bgr = layers.Rescaling(2.0, -1.0)(picture)
        hint = layers.Conv2D(
            1,
            1,
            use_bias=True,
            kernel_initializer="zeros",
            bias_initializer=keras.initializers.Constant(HINT),
        )
        hint.trainable = False
        return layers.Concatenate()([bgr, hint(bgr)])
    grey = layers.Conv2D(1, 1, use_bias=False)
    grey.trainable = False
    value = grey(picture)
    grey.set_weights([_grey_kernel()])
    # One group over the whole picture takes off its mean and divides by its spread.
    return layers.GroupNormalization(1, epsilon=LEAST_SPREAD**2, center=False, scale=False)(value)


def _grey_kernel() -> Any:
    import numpy as np

    return np.array(BGR_TO_GREY, np.float32).reshape(1, 1, 3, 1)
