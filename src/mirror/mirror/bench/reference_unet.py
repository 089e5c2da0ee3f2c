"""A network of the size and the work of Mask2Face's, to be measured beside the mirror's own.

The layout is the one that Mask2Face publishes for its best results ("ResNet U-Net",
https://github.com/strvcom/strv-ml-mask2face): six stages that halve the picture, each with a residual block;
on the way up each stage sees its fellow's result twice, before its block and before it doubles the picture.
Its weights are random: how long it takes does not hang on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.bench.lite_writer import LiteWriter
from mirror_core.errors import UsageError

__all__ = ["MASK2FACE", "Layout", "laid_out", "random_weights", "reference_unet"]

CHANNELS = 3
SEED = 7

Weights = Callable[[tuple[int, ...]], NDArray[np.float32]]
"""Shape → numbers: weights [m, rows, columns, n], biases [m]."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Size of such a network.

    Attributes:
        side: of the square picture in pixels, a multiple of 2 to the number of stages.
        filters: channels of each stage.
        kernels: size of the convolutions in each, odd.
    """

    side: int = 256
    filters: tuple[int, ...] = (64, 128, 128, 256, 256, 512)
    kernels: tuple[int, ...] = (7, 7, 7, 3, 3, 3)

    def __post_init__(self) -> None:
        if not self.filters or len(self.filters) != len(self.kernels):
            raise UsageError(f"{len(self.filters)} filters and {len(self.kernels)} kernels must be as many.")
        if self.side < 1 or self.side % 2 ** len(self.filters):
            raise UsageError(f"side {self.side} must be a multiple of {2 ** len(self.filters)}.")
        if any(kernel < 1 or kernel % 2 == 0 for kernel in self.kernels) or min(self.filters) < 1:
            raise UsageError("Kernels must be odd, and filters at least 1.")


MASK2FACE = Layout()


def random_weights(seed: int = SEED) -> Weights:
    """Weights of a size that keeps what flows through the network near 1 (He et al., 2015); biases are 0."""
    rng = np.random.default_rng(seed)

    def weights(shape: tuple[int, ...]) -> NDArray[np.float32]:
        if len(shape) == 1:
            return np.zeros(shape, np.float32)
        spread = np.float32((2 / np.prod(shape[1:])) ** 0.5)
        return rng.standard_normal(shape, np.float32) * spread

    return weights


def laid_out(layout: Layout, weights: Weights) -> tuple[LiteWriter, int]:
    """The network, ready to be written, and the number of its result."""
    writer = LiteWriter()

    def convolution(x: int, channels: int, size: int, *, stride: int = 1, relu: bool = False) -> int:
        shape = (channels, size, size, writer.shape(x)[3])
        return writer.convolution(x, weights(shape), weights(shape[:1]), stride=stride, relu=relu)

    def block(x: int, around: int, channels: int, size: int) -> int:
        """Two convolutions; `around` goes around them."""
        inner = convolution(convolution(x, channels, size, relu=True), channels, size)
        return writer.added(inner, around, relu=True)

    def doubled(x: int, channels: int, size: int) -> int:
        shape = (channels, size, size, writer.shape(x)[3])
        larger = writer.transposed(x, weights(shape), weights(shape[:1]))
        return convolution(larger, channels, size, relu=True)

    filters, kernels = layout.filters, layout.kernels
    first = convolution(writer.input(layout.side, layout.side, CHANNELS), filters[0], kernels[0])
    x, seen = first, []
    for channels, size in zip(filters, kernels, strict=True):
        half = convolution(x, channels, size, stride=2)
        seen.append(half)
        x = block(half, half, channels, size)
    x = convolution(x, filters[-1], kernels[-1], relu=True)
    for stage in reversed(range(len(filters))):
        after = max(stage - 1, 0)
        x = block(writer.joined(x, seen[stage]), x, filters[stage], kernels[after])
        x = doubled(writer.joined(x, seen[stage]), filters[after], kernels[after])
    x = convolution(writer.joined(first, x), filters[0], kernels[0], relu=True)
    return writer, writer.sigmoid(convolution(x, CHANNELS, 1))


def reference_unet(layout: Layout = MASK2FACE, weights: Weights | None = None) -> bytes:
    """The network as a .tflite file with float32 weights: a picture [1, side, side, 3] to another."""
    writer, result = laid_out(layout, weights or random_weights())
    return writer.file([result])
