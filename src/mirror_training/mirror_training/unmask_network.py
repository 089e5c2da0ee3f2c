"""The unmasking network: a U-Net in Keras 3 that gives a colour and an alpha for each pixel of the square.

Nothing here is bound to one Keras backend. Stages halve the picture and go back up; what each stage saw on
the way down is handed to its fellow on the way up (Ronneberger et al., "U-Net", 2015), with residual blocks
in between (He et al., 2016). The last layer is at full size and sees the picture itself once more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mirror_core.errors import UsageError
from mirror_tracking.unmask_input import ALPHA_HIGH, ALPHA_LOW
from mirror_training.inner_layers import inner_layers
from mirror_training.mood_network import fused_normalisation, require_keras
from mirror_training.unmask_recipe import Design

__all__ = ["build", "for_training", "take_weights"]

REFINE_CHANNELS = 24
REFINE_REACH = 0.5  # largest change of a colour by the refinement, of 0 … 1
LEAST_TAKEN = 0.5  # of the weights, for a network to be a beginning
HEAD_CHANNELS = 12  # at full size, where every channel is dear


class _Layers:
    """The blocks that the network is made of."""

    def __init__(self, fused: bool) -> None:
        self.keras = require_keras()
        self.layers = self.keras.layers
        self.normalisation = fused_normalisation(self.keras) if fused else self.layers.BatchNormalization

    def convolution(
        self, x: Any, name: str, channels: int, size: int = 3, stride: int = 1, *, relu: bool = True
    ) -> Any:
        x = self.layers.Conv2D(
            channels, size, stride, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
        )(x)
        x = self.normalisation(momentum=0.95, epsilon=1e-4, name=f"{name}_normalised")(x)
        return self.layers.ReLU()(x) if relu else x

    def block(self, x: Any, name: str, channels: int, *, residual: bool) -> Any:
        """Two convolutions around which a residual block's input goes; one without."""
        y = self.convolution(x, f"{name}_first", channels)
        if not residual:
            return y
        again = self.convolution(y, f"{name}_second", channels, relu=False)
        return self.layers.ReLU()(self.layers.Add()([x, again]))

    def doubled(self, x: Any) -> Any:
        return self.layers.UpSampling2D(2, interpolation="nearest")(x)

    def enlarged(self, x: Any) -> Any:
        return self.layers.UpSampling2D(2, interpolation="bilinear")(x)

    def head(self, x: Any, picture: Any, predicts: str) -> tuple[Any, Any]:
        """Colour and alpha at full size, of features at half of it.

        Features are enlarged smoothly: a transposed convolution leaves a chequered pattern where it has
        learned little.
        """
        layers = self.layers
        x = self.enlarged(self.convolution(x, "head_in", HEAD_CHANNELS, 1))
        x = self.convolution(layers.Concatenate()([x, picture]), "head", HEAD_CHANNELS)
        colour = layers.Conv2D(3, 3, padding="same", dtype="float32", name="colour")(x)
        alpha = layers.Conv2D(
            1, 3, padding="same", activation="sigmoid", dtype="float32", name="alpha_plane"
        )(x)
        if predicts == "colour":
            return layers.Activation("sigmoid", dtype="float32")(colour), alpha
        change = layers.Activation("tanh", dtype="float32")(colour)
        return layers.ReLU(max_value=1.0, dtype="float32")(
            layers.Add(dtype="float32")([picture, change])
        ), alpha

    def refined(self, picture: Any, colour: Any, alpha: Any, blocks: int) -> Any:
        """The colour after a second, smaller network has seen it in its place."""
        layers = self.layers
        stretch = 1 / (ALPHA_HIGH - ALPHA_LOW)
        seen = layers.ReLU(max_value=1.0, dtype="float32")(
            layers.Rescaling(stretch, -ALPHA_LOW * stretch, dtype="float32")(alpha)
        )
        change = layers.Multiply(dtype="float32")([layers.Subtract(dtype="float32")([colour, picture]), seen])
        laid_in = layers.Add(dtype="float32")([picture, change])
        x = self.convolution(layers.Concatenate()([laid_in, alpha]), "refine_in", REFINE_CHANNELS, 5, 2)
        for number in range(blocks):
            x = self.block(x, f"refine{number}", REFINE_CHANNELS, residual=True)
        x = layers.Conv2D(
            3,
            3,
            padding="same",
            activation="tanh",
            kernel_initializer="zeros",
            dtype="float32",
            name="refine_out",
        )(self.enlarged(x))
        better = layers.Add(dtype="float32")([colour, layers.Rescaling(REFINE_REACH, dtype="float32")(x)])
        return layers.ReLU(max_value=1.0, dtype="float32")(better)


def build(design: Design, fused: bool = True) -> Any:
    """The network: BGR float32 [n, side, side, 3] to BGR and alpha [n, side, side, 4], all in 0 … 1.

    Args:
        design: what it is like.
        fused: use the backend's fused batch normalisation; the weights are the same. False for what is saved.

    Raises:
        UsageError: where Keras is missing, or the encoder is no network that can be used.
    """
    parts = _Layers(fused)
    keras, layers = parts.keras, parts.layers
    residual = design.architecture != "plain"
    picture = keras.Input((design.side, design.side, 3), name="picture")
    skips: list[Any] = []
    if design.architecture == "pretrained":
        encoder = inner_layers(Path(design.encoder), design.side)
        encoder.trainable = not design.frozen
        found = encoder(picture, training=False if design.frozen else None)
        skips = list(found if isinstance(found, list) else [found])[: len(design.filters)]
        x = skips[-1]
    else:
        x = picture
    stages = list(zip(design.filters, design.kernels, strict=True))
    # Stages are named by how far they are from the deepest, so that a network that begins one stage higher
    # finds its fellows (`take_weights`).
    names = [f"stage{depth}" for depth in range(len(stages) - 1, -1, -1)]
    for (channels, size), name in list(zip(stages, names, strict=True))[len(skips) :]:
        x = parts.convolution(x, f"{name}_down", channels, size, 2)
        x = parts.block(x, name, channels, residual=residual)
        skips.append(x)
    x = parts.convolution(skips[-1], "middle", design.filters[-1])
    rising = zip(design.filters[-2::-1], skips[-2::-1], names[-2::-1], strict=True)
    for channels, skip, name in rising:
        x = parts.doubled(parts.convolution(x, f"{name}_up", channels, 1))
        x = parts.convolution(layers.Concatenate()([x, skip]), f"{name}_out", channels)
    colour, alpha = parts.head(x, picture, design.predicts)
    if design.refine:
        colour = parts.refined(picture, colour, alpha, design.refine)
    output = layers.Concatenate(dtype="float32", name="colour_and_alpha")([colour, alpha])
    return keras.Model(picture, output, name="unmask")


def for_training(network: Any, side: int) -> Any:
    """The same network for pictures as they are kept: uint8 [n, side, side, 3]; the weights are shared."""
    keras = require_keras()
    pictures = keras.Input((side, side, 3), dtype="uint8", name="bytes")
    return keras.Model(pictures, network(keras.layers.Rescaling(1 / 255, dtype="float32")(pictures)))


def take_weights(network: Any, file: Path) -> float:
    """Give a network the weights of a saved one, layer by layer, where both have the layer alike.

    A U-Net of another side has weights of the same shapes, and one that begins a stage higher has all of the
    other's stages but the first (Karras et al., "Progressive growing of GANs", 2018).

    Args:
        network: as `build` makes it; changed.
        file: a .keras file that a training wrote.

    Returns:
        the share of the network's weights that were taken.

    Raises:
        UsageError: where the file cannot be read, or less than half of the weights fit.
    """
    try:
        saved = require_keras().saving.load_model(file, compile=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]  # of what may be pages
        raise UsageError(f"{file} cannot be read as a saved Keras network: {reason}") from error
    theirs = {layer.name: layer for layer in saved.layers}
    taken = []
    for layer in network.layers:
        weights = theirs[layer.name].get_weights() if layer.name in theirs else []
        if weights and [each.shape for each in weights] == [each.shape for each in layer.get_weights()]:
            taken.append((layer, weights))
    size = sum(each.size for _, weights in taken for each in weights)
    share = float(size / max(1, network.count_params()))
    if share < LEAST_TAKEN:
        raise UsageError(
            f"{file} holds a network of another design: only {share:.0%} of the weights fit. Start from one "
            "of the same architecture, filters and kernels, or of the same but for the first stages."
        )
    for layer, weights in taken:
        layer.set_weights(weights)
    return share
