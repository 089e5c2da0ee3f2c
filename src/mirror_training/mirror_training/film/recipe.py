"""The numbers of a film training, and what they make of its course."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from mirror_core.errors import UsageError
from mirror_training.film.design import FULL, SIZES, Design

__all__ = ["Augmentation", "Recipe", "Splitting", "recipe_of"]

PRECISIONS = ("auto", "bfloat16", "float32")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How what is learned from is changed, so that the network bears what the live mirror gives it.

    Attributes:
        shift: of the figure, standard deviation, in shares of the side; the background stays.
        scale: of the figure, standard deviation of the logarithm.
        noise: of each point's place, each frame anew, standard deviation, in shares of the side.
        drop: share of windows in which a limb is not seen.
        blurred, moved, other, empty: shares of the frames before that are blurred and noisy, moved by some
            pixels, of another moment, or the bare background; the rest is true.
        reach: how far a frame before is moved at most, in shares of the side.

    Raises:
        UsageError: where the shares are no shares.
    """

    shift: float = 0.02
    scale: float = 0.03
    noise: float = 0.002
    drop: float = 0.1
    blurred: float = 0.25
    moved: float = 0.1
    other: float = 0.1
    empty: float = 0.1
    reach: float = 0.02

    def __post_init__(self) -> None:
        shares = (self.blurred, self.moved, self.other, self.empty, self.drop)
        if min(*shares, self.shift, self.scale, self.noise, self.reach) < 0 or sum(shares[:4]) > 1:
            raise UsageError(
                "An augmentation's numbers must not be negative, and its shares sum up to 1 at most."
            )


@dataclass(frozen=True, slots=True)
class Splitting:
    """Which part of a clip is kept aside to measure on.

    Attributes:
        share: of the frames.
        pieces: in how many pieces, spread over the clip.
        gap: frames on each side of a piece that belong to neither part, so that no frame of the one has a
            neighbour in the other.

    Raises:
        UsageError: on what is not allowed.
    """

    share: float = 0.15
    pieces: int = 4
    gap: int = 12

    def __post_init__(self) -> None:
        if not 0 < self.share < 0.9 or self.pieces < 1 or self.gap < 0:
            raise UsageError(
                f"A split of share {self.share}, {self.pieces} pieces and a gap of {self.gap} frames is "
                "refused: allowed are 0 … 0.9, one piece or more, no negative gap."
            )


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result.

    Training has three stages: the global generator alone at half the side; the whole generator by pictures;
    the whole generator against the discriminators.

    Attributes:
        design: of the networks.
        epochs: with `minutes` only the largest number of them.
        minutes: time to spend, where given: the schedule then follows the clock and ends in time.
        epoch_windows: largest number of windows of an epoch, after which a checkpoint is written; no more
            than there are frames.
        batch: windows per step.
        crop: width in pixels of the upright strip around the figure that is learned from, since elsewhere
            there is nothing to learn; the network itself sees the whole square. 0: the whole square.
        learning_rate: largest rate of the first two stages.
        game_rate: largest rate of the third, in which it is held and then falls.
        warm_up: part of the schedule in which the rate rises.
        coarse_until: point of the schedule, 0 … 1, at which the first stage ends.
        game_from: point at which the third begins; 1: never.
        picture_weight: of 1 − SSIM + mean absolute error.
        alpha_weight: of the alpha's binary cross-entropy.
        guessed_alpha: share of that weight where the true alpha is not known but guessed.
        flicker_weight: of changes from frame to frame that are not the true ones.
        adversarial_weight: of the least-squares GAN's loss.
        matching_weight: of the discriminators' features (feature matching).
        perceptual_weight: of the difference of features, where a feature network is given.
        features: a .keras file whose inner layers give those features; empty: none.
        own: share of steps in which the frame before is the network's own.
        own_from: point of the schedule from which there are such steps, not before the second stage.
        rollout: how many frames it makes in a row for that.
        augmentation: how windows are changed.
        splitting: what is kept aside.
        average_steps: how many steps the moving average of the weights reaches back, at most.
        precision: "float32" or "bfloat16" for what is computed; weights are float32 either way. "auto":
            bfloat16 on a GPU and on a CPU that has arithmetic for it.
        seed: of weights, order and changes.
        workers: processes that make windows, 0 for this one; the windows do not depend on it.
        validation: frames a held-out piece that are watched.

    Raises:
        UsageError: on what is not allowed.
    """

    design: Design = field(default_factory=Design)
    epochs: int = 400
    minutes: float | None = None
    epoch_windows: int = 1200
    batch: int = 8
    crop: int = 160
    learning_rate: float = 2e-3
    game_rate: float = 4e-4
    warm_up: float = 0.02
    coarse_until: float = 0.2
    game_from: float = 0.5
    picture_weight: float = 10.0
    alpha_weight: float = 2.0
    guessed_alpha: float = 0.25
    flicker_weight: float = 10.0
    adversarial_weight: float = 0.5
    matching_weight: float = 5.0
    perceptual_weight: float = 5.0
    features: str = ""
    own: float = 0.5
    own_from: float = 0.28
    rollout: int = 2
    augmentation: Augmentation = field(default_factory=Augmentation)
    splitting: Splitting = field(default_factory=Splitting)
    average_steps: int = 400
    precision: str = "auto"
    seed: int = 5
    workers: int = 0
    validation: int = 24

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise UsageError(f"precision = {self.precision} is refused: allowed is {' | '.join(PRECISIONS)}.")
        if not 0 <= self.coarse_until <= self.game_from <= 1:
            raise UsageError(
                f"Stages that end at {self.coarse_until} and {self.game_from} of the schedule are refused: "
                "the numbers must rise from 0 to 1."
            )
        if self.crop and not (0 < self.crop < self.design.side and self.crop % self.design.least_side == 0):
            raise UsageError(
                f"crop = {self.crop} is refused: with side {self.design.side} it must be 0 or a multiple of "
                f"{self.design.least_side} below it."
            )
        if self.batch < 1 or self.rollout < 1 or self.validation < 2 or not 0 <= self.own <= 1:
            raise UsageError(
                "A film training needs batch and rollout from 1 on, validation from 2, own in 0 … 1."
            )

    @property
    def width(self) -> int:
        """Of what is learned from, in pixels; its height is the design's side."""
        return self.crop or self.design.side

    def stage(self, progress: float) -> str:
        """The stage at a point of the schedule: "coarse", "picture" or "game"."""
        if progress < self.coarse_until:
            return "coarse"
        return "picture" if progress < self.game_from else "game"

    def rate(self, progress: float) -> float:
        """The learning rate at a point of the schedule, 0 … 1.

        It rises shortly and falls as a cosine until the third stage; there it is held for half of the stage
        and then falls evenly (pix2pixHD's 100 + 100 epochs).
        """
        if progress >= self.game_from < 1:
            left = (1 - progress) / (1 - self.game_from)
            return self.game_rate * max(0.02, min(1.0, 2 * left))
        if progress < self.warm_up:
            return self.learning_rate * (0.02 + 0.98 * progress / self.warm_up)
        falling = min(1.0, (progress - self.warm_up) / max(1e-9, self.game_from - self.warm_up))
        least = self.game_rate if self.game_from < 1 else 0.01 * self.learning_rate
        return least + (self.learning_rate - least) * 0.5 * (1 + math.cos(math.pi * falling))


def recipe_of(size: str) -> Recipe:
    """The recipe of a size, "fast" or "full".

    Raises:
        UsageError: on another name.
    """
    if size not in SIZES:
        raise UsageError(f"The size {size} is unknown: there are {', '.join(SIZES)}.")
    if SIZES[size] is FULL:
        return Recipe(
            FULL, epochs=200, batch=2, crop=320, learning_rate=4e-4, game_rate=2e-4, coarse_until=0.3
        )
    return Recipe(SIZES[size])
