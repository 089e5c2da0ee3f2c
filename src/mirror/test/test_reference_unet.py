"""The network to compare with: what is written computes what its layers say, and is as large as said."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror.bench.lite_writer import LiteWriter, parameter_count
from mirror.bench.reference_unet import MASK2FACE, Layout, laid_out, random_weights, reference_unet
from mirror_core.errors import ShapeError, UsageError

SMALL = Layout(side=8, filters=(4, 6), kernels=(5, 3))


def run(model: bytes, picture: np.ndarray) -> np.ndarray:
    """What LiteRT makes of a picture [height, width, n]."""
    interpreter = Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]


def padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and behind, so that the result has 1/stride of the size, rounded up."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def convolved(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, stride: int = 1) -> np.ndarray:
    """The definition, pixel by pixel, in float64."""
    _, rows, columns, _ = weights.shape
    pads = (padding(x.shape[0], rows, stride), padding(x.shape[1], columns, stride), (0, 0))
    padded = np.pad(x, pads)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns), axis=(0, 1))
    return np.einsum("yxnij,mijn->yxm", windows[::stride, ::stride], weights) + bias


def transposed(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, stride: int = 2) -> np.ndarray:
    """Each pixel spreads the weights over the result, where a convolution would gather with them."""
    height, width, _ = x.shape
    count, rows, columns, _ = weights.shape
    above, left = padding(height * stride, rows, stride)[0], padding(width * stride, columns, stride)[0]
    wide = np.zeros((height * stride + rows, width * stride + columns, count))
    for y in range(height):
        for column in range(width):
            spread = np.einsum("n,mijn->ijm", x[y, column], weights)
            wide[y * stride : y * stride + rows, column * stride : column * stride + columns] += spread
    return wide[above : above + height * stride, left : left + width * stride] + bias


def random(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


@pytest.mark.parametrize(
    ("size", "kernel", "stride"), [(9, 3, 1), (8, 3, 2), (9, 5, 2), (8, 7, 2), (6, 1, 1)]
)
@pytest.mark.parametrize("relu", [False, True])
def test_a_convolution_is_that_of_numpy(size, kernel, stride, relu):
    weights, bias, picture = (
        random(5, kernel, kernel, 3),
        random(5, seed=2),
        random(size, size + 2, 3, seed=3),
    )
    writer = LiteWriter()
    x = writer.input(*picture.shape)
    result = writer.convolution(x, weights, bias, stride=stride, relu=relu)
    expected = convolved(picture, weights, bias, stride)
    assert writer.shape(result) == (1, *expected.shape)
    found = run(writer.file([result]), picture)
    np.testing.assert_allclose(found, np.maximum(expected, 0) if relu else expected, atol=1e-4)


@pytest.mark.parametrize("kernel", [2, 3, 5, 7])
def test_a_transposed_convolution_is_that_of_numpy(kernel):
    weights, bias, picture = random(4, kernel, kernel, 3), random(4, seed=2), random(5, 6, 3, seed=3)
    writer = LiteWriter()
    result = writer.transposed(writer.input(*picture.shape), weights, bias)
    assert writer.shape(result) == (1, 10, 12, 4)
    expected = transposed(picture, weights, bias)
    np.testing.assert_allclose(run(writer.file([result]), picture), expected, atol=1e-4)


def test_results_are_added_and_joined():
    picture = random(4, 4, 2)
    writer = LiteWriter()
    x = writer.input(4, 4, 2)
    result = writer.sigmoid(writer.joined(writer.added(x, x, relu=True), x))
    expected = np.concatenate([np.maximum(2 * picture, 0), picture], axis=2)
    np.testing.assert_allclose(run(writer.file([result]), picture), 1 / (1 + np.exp(-expected)), atol=1e-5)


def test_what_does_not_fit_is_refused():
    writer = LiteWriter()
    x = writer.input(8, 8, 3)
    smaller = writer.convolution(x, random(3, 3, 3, 3), random(3), stride=2)
    with pytest.raises(ShapeError, match=r"\[1, 8, 8, 3\] and \[1, 4, 4, 3\] cannot be added"):
        writer.added(x, smaller)
    with pytest.raises(ShapeError, match="sizes differ"):
        writer.joined(x, smaller)
    with pytest.raises(ShapeError, match=r"\[m, rows, columns, 3\]"):
        writer.convolution(x, random(3, 3, 3, 4), random(3))
    for layout in ({"side": 100}, {"filters": (1, 2)}, {"kernels": (2,) * 6}, {"filters": (), "kernels": ()}):
        with pytest.raises(UsageError):
            Layout(**layout)


class Remembered:
    """Random weights and biases that are all known afterwards, in the order of the layers."""

    def __init__(self) -> None:
        self.given: list[np.ndarray] = []

    def __call__(self, shape: tuple[int, ...]) -> np.ndarray:
        values = random(*shape, seed=len(self.given))
        self.given.append(values / np.float32(np.prod(shape[1:]) ** 0.5) if len(shape) > 1 else values)
        return self.given[-1]


def test_the_whole_network_is_the_published_layout():
    weights = Remembered()
    picture = random(8, 8, 3, seed=99)
    found = run(reference_unet(SMALL, weights), picture)
    layers = iter(zip(weights.given[::2], weights.given[1::2], strict=True))

    def convolution(x: np.ndarray, stride: int = 1) -> np.ndarray:
        return convolved(x, *next(layers), stride)

    def relu(x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0)

    def block(x: np.ndarray, around: np.ndarray) -> np.ndarray:
        return relu(convolution(relu(convolution(x))) + around)

    def joined(*parts: np.ndarray) -> np.ndarray:
        return np.concatenate(parts, axis=2)

    first = convolution(picture)
    half = convolution(first, 2)
    x = block(half, half)
    quarter = convolution(x, 2)
    x = relu(convolution(block(quarter, quarter)))
    x = block(joined(x, quarter), x)
    x = relu(convolution(transposed(joined(x, quarter), *next(layers))))
    x = block(joined(x, half), x)
    x = relu(convolution(transposed(joined(x, half), *next(layers))))
    x = convolution(relu(convolution(joined(first, x))))
    assert next(layers, None) is None
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-x)), atol=1e-4)


def test_it_is_as_large_as_mask2face():
    writer, result = laid_out(MASK2FACE, lambda shape: np.broadcast_to(np.float32(0), shape))
    assert abs(writer.parameters - 53e6) < 1e6
    assert writer.shape(result) == (1, 256, 256, 3)


def test_parameters_are_counted_in_the_file():
    writer, result = laid_out(SMALL, random_weights())
    assert parameter_count(writer.file([result])) == writer.parameters
    single = LiteWriter()
    single.transposed(single.input(2, 2, 3), random(4, 5, 5, 3), random(4))
    assert parameter_count(single.file([0])) == 4 * 5 * 5 * 3 + 4  # and not the size of the result


def test_random_weights_neither_vanish_nor_grow_on_their_way():
    result = run(reference_unet(Layout(32, (16, 16, 16), (3, 3, 3))), random(32, 32, 3))
    assert np.isfinite(result).all()
    assert 0.02 < result.std() < 0.49
