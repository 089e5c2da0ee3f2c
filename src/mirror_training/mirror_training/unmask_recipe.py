"""The numbers of an unmasking training and of its network."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from mirror_core.errors import UsageError
from mirror_tracking.unmask_input import SIDE

__all__ = ["ARCHITECTURES", "LOSSES", "PRECISIONS", "PREDICTIONS", "Design", "Recipe"]

ARCHITECTURES = ("residual", "plain", "pretrained")
PREDICTIONS = ("colour", "difference")
LOSSES = ("mse", "l1", "ssim", "ssim_l1")
PRECISIONS = ("auto", "bfloat16", "float32")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name} = {value} is refused: allowed is {' | '.join(allowed)}.")


@dataclass(frozen=True, slots=True)
class Design:
    """What the network is like.

    Attributes:
        architecture: a name of ARCHITECTURES: a U-Net with residual blocks, one without, or one whose encoder
            is that of another network.
        side: of its square in pixels; divisible by two for every stage.
        filters: channels of each stage, from a half of the side downwards.
        kernels: size of each stage's first convolution, as many.
        predicts: "colour", or "difference" from the input.
        refine: residual blocks of a second network that looks at the first one's result; 0: none.
        encoder: a .keras file, for "pretrained".
        frozen: whether the encoder keeps its weights.

    Raises:
        UsageError: on what is not allowed.
    """

    architecture: str = "residual"
    side: int = SIDE
    filters: tuple[int, ...] = (16, 32, 64, 96, 160, 224)
    kernels: tuple[int, ...] = (5, 3, 3, 3, 3, 3)
    predicts: str = "colour"
    refine: int = 0
    encoder: str = ""
    frozen: bool = True

    def __post_init__(self) -> None:
        _one_of("architecture", self.architecture, ARCHITECTURES)
        _one_of("predicts", self.predicts, PREDICTIONS)
        if len(self.filters) != len(self.kernels) or not self.filters or min(self.filters) < 1:
            raise UsageError(
                f"{len(self.filters)} filters and {len(self.kernels)} kernels are refused: as many of the "
                "one as of the other are needed, one or more."
            )
        if any(size not in range(1, 10, 2) for size in self.kernels):
            raise UsageError(f"kernels = {self.kernels} is refused: allowed are 1, 3, 5, 7 and 9.")
        least = 2 ** len(self.filters)
        if self.side < least or self.side % least:
            raise UsageError(
                f"side = {self.side} is refused: with {len(self.filters)} filters it must be a multiple of "
                f"{least}."
            )
        if (self.architecture == "pretrained") != bool(self.encoder):
            raise UsageError("The architecture pretrained and an encoder's .keras file belong together.")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result.

    Attributes:
        design: of the network.
        start: a .keras file whose weights the training begins with, where the layers are alike: a smaller
            side or a network without the first stage learns the coarse things in less time. Empty: none.
        epochs: with `minutes` only the largest number of them. An epoch is every photograph once, those in
            colour more often, or `epoch_pairs` pairs where that is less.
        minutes: time to spend, where given: the schedule then follows the clock and ends in time.
        epoch_pairs: largest number of pairs of an epoch, after which a checkpoint is written.
        batch: pairs per step.
        learning_rate: largest rate.
        warm_up: part of the schedule in which the rate rises.
        weight_decay: decoupled, of kernels only.
        loss: of the picture, a name of LOSSES.
        alpha_weight: of the alpha's binary cross-entropy beside it.
        perceptual_weight: of the difference of features, where a feature network is given.
        features: a .keras file whose inner layers give those features; empty: none.
        grey_chroma: how much errors of colour count in photographs that had no colour of their own.
        colour_repeats: how often a colour photograph is taken for one grey one.
        bare: share of pairs without a mask.
        grey: share of grey photographs that are left grey.
        average_steps: how many steps the moving average of the weights reaches back, at most.
        precision: "float32" or "bfloat16" for what is computed; weights are float32 either way. "auto":
            bfloat16 on a GPU and on a CPU that has arithmetic for it.
        seed: of weights, order, masks and changes.
        workers: processes that make pairs, 0 for this one; the pairs do not depend on it.
        validation: largest number of pairs that are watched.
    """

    design: Design = field(default_factory=Design)
    start: str = ""
    epochs: int = 200
    minutes: float | None = None
    epoch_pairs: int = 12_000
    batch: int = 32
    learning_rate: float = 2e-3
    warm_up: float = 0.03
    weight_decay: float = 1e-4
    loss: str = "ssim_l1"
    alpha_weight: float = 1.0
    perceptual_weight: float = 0.1
    features: str = ""
    grey_chroma: float = 0.2
    colour_repeats: int = 3
    bare: float = 0.06
    grey: float = 0.1
    average_steps: int = 1000
    precision: str = "auto"
    seed: int = 5
    workers: int = 0
    validation: int = 64

    def __post_init__(self) -> None:
        _one_of("loss", self.loss, LOSSES)
        _one_of("precision", self.precision, PRECISIONS)

    def rate(self, progress: float) -> float:
        """The learning rate at a point of the schedule, 0 … 1: it rises shortly and falls as a cosine."""
        if progress < self.warm_up:
            return self.learning_rate * (0.02 + 0.98 * progress / self.warm_up)
        falling = (progress - self.warm_up) / (1 - self.warm_up)
        return self.learning_rate * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * min(1.0, falling))))
