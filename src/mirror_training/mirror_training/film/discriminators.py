"""The discriminators: several small networks that tell at several sizes which patches of a picture are true.

Patches (Isola, Zhu, Zhou, Efros, "Image-to-image translation with conditional adversarial networks", CVPR
2017) at several sizes (pix2pixHD, CVPR 2018), judged by least squares (Mao et al., "Least squares generative
adversarial networks", ICCV 2017). Each sees the pose map, the frame before and the frame in question.

Either player must learn from what only the other's weights decide. A pass may therefore be frozen: gradients
go through to the picture, but not into the weights. So one model with one loss trains both players in one
step, with the generator computed once, in any of Keras's backends.
"""

from __future__ import annotations

from typing import Any

from mirror_training.film.design import Design
from mirror_training.mood_network import require_keras

__all__ = ["build_discriminators", "feature_matching", "least_squares"]

KERNEL = 4  # size of each convolution, pixels
SLOPE = 0.2  # of the leaky ReLU
MOST_WIDENING = 8  # times that the first layer's channels are multiplied at most
EPSILON = 1e-5  # beside a variance
FIRST_DEVIATION = 0.02  # of the weights at the start

Tensor = Any


def build_discriminators(design: Design) -> Any:
    """A Keras layer from pictures [n, side, side, c] to the features of each discriminator.

    Called with `frozen=True`, its weights are constants of the pass. The result is a list of lists of
    tensors, the largest size first; the last of each is the judgement [n, s, s, 1], about 1 where a patch
    looks true and 0 where it does not.
    """
    keras = require_keras()
    layer = _discriminators_class(keras)(design)
    layer.build((None, design.side, design.side, 9 if design.temporal else 6))
    return layer


def _discriminators_class(keras: Any) -> Any:
    """The class of all of them."""
    patches = _patches_class(keras)

    class Discriminators(keras.layers.Layer):
        def __init__(self, design: Design) -> None:
            super().__init__(name="discriminators")
            self.each = [patches(design, name=f"patches_{number}") for number in range(design.discriminators)]

        def build(self, shape: tuple[int | None, ...]) -> None:
            for one in self.each:
                one.build(shape)

        def call(self, picture: Tensor, frozen: bool = False) -> list[list[Tensor]]:
            found = []
            for number, one in enumerate(self.each):
                if number:
                    picture = keras.ops.average_pool(picture, 2, 2, data_format="channels_last")
                found.append(one(picture, frozen=frozen))
            return found

    return Discriminators


def _patches_class(keras: Any) -> Any:
    """The class of one discriminator."""
    ops = keras.ops

    class Patches(keras.layers.Layer):
        def __init__(self, design: Design, name: str) -> None:
            super().__init__(name=name)
            layers = design.discriminator_layers
            widths = [min(2**number, MOST_WIDENING) for number in range(layers + 1)]
            self.channels = [design.discriminator_filters * width for width in widths] + [1]
            self.strides = [2] * layers + [1, 1]
            self.kernels: list[Any] = []
            self.biases: list[Any] = []

        def build(self, shape: tuple[int | None, ...]) -> None:
            before = shape[-1]
            for number, channels in enumerate(self.channels):
                form = (KERNEL, KERNEL, before, channels)
                first = keras.initializers.RandomNormal(stddev=FIRST_DEVIATION)
                self.kernels.append(self.add_weight(form, first, name=f"kernel_{number}"))
                self.biases.append(self.add_weight((channels,), "zeros", name=f"bias_{number}"))
                before = channels

        def call(self, x: Tensor, frozen: bool = False) -> list[Tensor]:
            features = []
            last = len(self.strides) - 1
            for number, stride in enumerate(self.strides):
                kernel, bias = (
                    ops.convert_to_tensor(each[number], x.dtype) for each in (self.kernels, self.biases)
                )
                if frozen:
                    kernel, bias = ops.stop_gradient(kernel), ops.stop_gradient(bias)
                x = ops.conv(x, kernel, stride, "same", data_format="channels_last") + bias
                if 0 < number < last:
                    x = _normalised(ops, x)
                if number < last:
                    x = ops.leaky_relu(x, SLOPE)
                features.append(x)
            return features

    return Patches


def _normalised(ops: Any, x: Tensor) -> Tensor:
    """Instance normalisation without weights, as pix2pixHD has it."""
    wide = ops.cast(x, "float32")
    mean, variance = ops.moments(wide, (1, 2), keepdims=True)
    return ops.cast((wide - mean) * ops.rsqrt(variance + EPSILON), x.dtype)


def least_squares(judged: list[list[Tensor]], wanted: float) -> Tensor:
    """Mean squared distance of all judgements from what is wanted of them, a scalar: the mean over sizes."""
    ops = require_keras().ops
    each = [ops.mean(ops.square(ops.cast(features[-1], "float32") - wanted)) for features in judged]
    return sum(each) / len(each)


def feature_matching(judged: list[list[Tensor]], true: list[list[Tensor]]) -> Tensor:
    """Mean absolute difference of the features of two pictures, a scalar: the mean over layers and sizes.

    pix2pixHD, equation 4; the true ones are constants.
    """
    ops = require_keras().ops
    apart = [
        ops.mean(ops.abs(ops.cast(ours, "float32") - ops.stop_gradient(ops.cast(theirs, "float32"))))
        for one, other in zip(judged, true, strict=True)
        for ours, theirs in zip(one[:-1], other[:-1], strict=True)
    ]
    return sum(apart) / len(apart)
