"""The numbers of a mood training, and what they make of its course."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mirror_mood.face_input import SIDE

__all__ = ["Recipe"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result.

    Attributes:
        epochs: passes over the training pictures; with `minutes` only the largest number of them.
        minutes: time to spend, where given: the schedule then follows the clock and ends in time.
        batch: pictures per step.
        learning_rate: largest rate.
        warm_up: part of the schedule in which the rate rises.
        weight_decay: decoupled, of kernels only.
        momentum: of the descent.
        crop: side of the crops of the first part.
        whole_from: point of the schedule, 0 … 1, from which whole pictures are taken.
        vote_share: weight of the translated FER+ votes beside the label.
        smoothing: of labels without votes.
        average_epochs: how far back the moving average of the weights reaches.
        validation: part of the training pictures kept aside to watch and to calibrate.
        teacher_share: weight of the teachers' answers beside those targets, where teachers are given.
        width: of the network, as `mood_network.build` takes it.
        precision: "float32" or "bfloat16" for what is computed; weights are float32 either way.
        seed: of weights, order and augmentation.
        workers: processes that augment, 0 for this one; the pictures do not depend on it.
    """

    epochs: int = 300
    minutes: float | None = None
    batch: int = 64
    learning_rate: float = 0.06
    warm_up: float = 0.05
    weight_decay: float = 5e-3
    momentum: float = 0.9
    crop: int = 40
    whole_from: float = 0.7
    vote_share: float = 0.5
    smoothing: float = 0.1
    average_epochs: float = 1.0
    validation: float = 0.05
    teacher_share: float = 0.5
    width: float = 1.0
    precision: str = "bfloat16"
    seed: int = 5
    workers: int = 0

    def rate(self, progress: float) -> float:
        """The learning rate at a point of the schedule, 0 … 1."""
        if progress < self.warm_up:
            return self.learning_rate * (0.02 + 0.98 * progress / self.warm_up)
        falling = (progress - self.warm_up) / (1 - self.warm_up)
        return self.learning_rate * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * min(1.0, falling))))

    def side(self, progress: float) -> int:
        """Height and width of the pictures at a point of the schedule; a multiple of eight."""
        return self.crop if progress < self.whole_from else SIDE
