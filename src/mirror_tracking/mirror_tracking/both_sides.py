"""A face looked at twice, once as in a mirror: the mean of both answers is nearer to the truth than either.

The unmasking network learned from faces of both hands alike (mirrored pictures are half of its pairs), so it
answers a mirrored face with a mirrored guess. What both guesses share is the face; what is only in one is the
network's own, and the mean halves it (test-time augmentation, as in Krizhevsky et al., "ImageNet
classification with deep convolutional neural networks", 2012).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.mask_reading import SquareModel

__all__ = ["BothSides", "from_both_sides"]

Answer = tuple[NDArray[np.float32], NDArray[np.float32]]


def from_both_sides(look: Callable[[Image], Answer], square: Image) -> Answer:
    """The mean of what a network says of a square and of the same square mirrored.

    Args:
        look: from a square to colour float32 [side, side, 3] and alpha float32 [side, side].
        square: uint8 [side, side, 3], BGR.
    """
    colour, alpha = look(square)
    mirrored, mirrored_alpha = look(np.ascontiguousarray(square[:, ::-1]))
    half = np.float32(0.5)
    return half * (colour + mirrored[:, ::-1]), half * (alpha + mirrored_alpha[:, ::-1])


class BothSides:
    """A network that looks at each square from both sides, in twice the time.

    Args:
        model: the network.
    """

    def __init__(self, model: SquareModel) -> None:
        self._model = model

    @property
    def side(self) -> int:
        """Of the network's square in pixels."""
        return self._model.side

    def look(self, square: Image) -> Answer:
        """As the network's own `look`."""
        return from_both_sides(self._model.look, square)
