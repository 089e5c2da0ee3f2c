"""The generator: a network in Keras 3 that draws the film's figure in a pose, as a colour and an alpha.

The arrangement is pix2pixHD's (Wang, Liu, Zhu, Tao, Kautz, Catanzaro, CVPR 2018): a global generator that
sees the input at half the side – convolutions that halve it, residual blocks, the way back up – and a local
enhancer at full side that takes the global one's features in, with residual blocks of its own. The global one
learns alone first. Besides the pose map it sees the frame that it made before (Chan et al., "Everybody Dance
Now", ICCV 2019). Features are enlarged smoothly, since transposed convolutions leave a chequered pattern.

Nothing here is bound to one Keras backend.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirror_training.film.design import Design
from mirror_training.film.pose_labels import pose_labels
from mirror_training.mood_network import fused_normalisation, require_keras

__all__ = ["POSE", "PREVIOUS", "Networks", "build", "seen_by"]

POSE, PREVIOUS = "pose", "previous"  # names of the inputs
ALPHA_BIAS = -1.0  # of the alpha before its sigmoid, at the start: mostly background


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks that share their weights.

    Attributes:
        generator: pose map and frame before, float32 [n, side, side, 3] each in 0 … 1, to colour and alpha
            [n, side, side, 4]; without the frame before where the design is not temporal.
        coarse: from the same to [n, side / 2, side / 2, 4] by the global generator alone, in training.
    """

    generator: Any
    coarse: Any


def seen_by(temporal: bool, pose: Any, previous: Any) -> list[Any]:
    """The inputs that a generator takes, of the two there are."""
    return [pose, previous] if temporal else [pose]


class _Layers:
    """The blocks that the network is made of."""

    def __init__(self, design: Design, fused: bool) -> None:
        self.keras = require_keras()
        self.layers = self.keras.layers
        self.design = design
        self.batch_normalisation = (
            fused_normalisation(self.keras) if fused else self.layers.BatchNormalization
        )

    def normalisation(self) -> Any:
        if self.design.normalisation == "instance":
            return self.layers.GroupNormalization(-1, epsilon=1e-5)
        return self.batch_normalisation(momentum=0.95, epsilon=1e-4)

    def convolution(self, x: Any, channels: int, size: int = 3, stride: int = 1, *, relu: bool = True) -> Any:
        x = self.layers.Conv2D(
            channels, size, stride, padding="same", use_bias=False, kernel_initializer="he_normal"
        )(x)
        x = self.normalisation()(x)
        return self.layers.ReLU()(x) if relu else x

    def block(self, x: Any, channels: int) -> Any:
        y = self.convolution(self.convolution(x, channels), channels, relu=False)
        return self.layers.ReLU()(self.layers.Add()([x, y]))

    def enlarged(self, x: Any) -> Any:
        return self.layers.UpSampling2D(2, interpolation="bilinear")(x)

    def answer(self, x: Any, size: int) -> Any:
        """Colour and alpha in 0 … 1."""
        layers = self.layers
        colour = layers.Conv2D(3, size, padding="same", activation="sigmoid", dtype="float32")(x)
        alpha = layers.Conv2D(
            1,
            size,
            padding="same",
            activation="sigmoid",
            bias_initializer=self.keras.initializers.Constant(ALPHA_BIAS),
            dtype="float32",
        )(x)
        return layers.Concatenate(dtype="float32")([colour, alpha])

    def at_half(self, seen: Any, pose: Any) -> Any:
        """What is seen, at half the side, with features of the pose's labels."""
        small = self.layers.AveragePooling2D(2)(seen)
        if not self.design.labels:
            return small
        known = self.convolution(pose_labels(pose), self.design.filters[0], 1)
        return self.layers.Concatenate()([small, known])

    def global_generator(self, x: Any) -> Any:
        """From what is seen at half the side to features there."""
        design = self.design
        x = self.convolution(x, design.filters[0], design.front)
        steps = [x]
        for channels in design.filters[1:]:
            x = self.convolution(x, channels, 3, 2)
            steps.append(x)
        for _ in range(design.blocks):
            x = self.block(x, design.filters[-1])
        for channels, before in zip(design.filters[-2::-1], steps[-2::-1], strict=True):
            x = self.enlarged(self.convolution(x, channels, 1))
            if design.skips:
                x = self.layers.Add()([x, before])
            x = self.convolution(x, channels)
        return x

    def local_enhancer(self, seen: Any, features: Any) -> Any:
        """From what is seen at full side and the global generator's features to features at full side."""
        design, layers = self.design, self.layers
        x = self.convolution(seen, design.filters[0], design.front, 2)
        x = layers.Add()([x, features])
        for _ in range(design.local_blocks):
            x = self.block(x, design.filters[0])
        x = self.enlarged(self.convolution(x, design.head_filters, 1))
        return self.convolution(layers.Concatenate()([x, seen]), design.head_filters)


def build(design: Design, fused: bool = True, width: int | None = None) -> Networks:
    """The networks.

    Args:
        design: what they are like.
        fused: use the backend's fused batch normalisation; the weights are the same. False for what is saved.
        width: of the pictures in pixels, a multiple of `Design.least_side`; the design's side if left out.
            The weights do not depend on it.

    Raises:
        UsageError: where Keras is missing.
    """
    parts = _Layers(design, fused)
    size = (design.side, width or design.side, 3)
    names = [POSE, PREVIOUS] if design.temporal else [POSE]
    inputs = [parts.keras.Input(size, name=name) for name in names]
    seen = parts.layers.Concatenate()(inputs) if design.temporal else inputs[0]
    features = parts.global_generator(parts.at_half(seen, inputs[0]))
    coarse = parts.keras.Model(inputs, parts.answer(features, 3), name="coarse")
    enhanced = parts.local_enhancer(seen, features)
    return Networks(parts.keras.Model(inputs, parts.answer(enhanced, design.end), name="film"), coarse)
