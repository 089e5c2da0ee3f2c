"""The recipe of the mood network: `mirror train mood --data FILE --out FOLDER`.

Stochastic gradient descent with Nesterov's momentum on augmented pictures and soft targets; the rate rises
shortly and falls as a cosine; most of the time on crops, the last part on whole pictures; what is kept is
a moving average of the weights. A training that is killed goes on from its checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.classifier import softmax
from mirror_mood.face_input import SIDE, normalised
from mirror_training.mood_batches import Batches
from mirror_training.mood_data import MoodData, hold_out
from mirror_training.mood_network import WIDTHS, build, require_keras
from mirror_training.mood_recipe import Recipe
from mirror_training.mood_targets import soft_targets
from mirror_training.training_loop import CHECKPOINT, EVENTS, TrainingLoop

__all__ = ["CHECKPOINT", "EVENTS", "Trained", "logits_of", "train"]

PREDICT_BATCH = 256

Batch = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows and their augmented pictures."""


def logits_of(model: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits float32 [n, 7] of whole pictures uint8 [n, SIDE, SIDE], without augmentation."""
    starts = range(0, len(images), PREDICT_BATCH)
    return np.concatenate([_numbers(model, normalised(images[at : at + PREDICT_BATCH])) for at in starts])


def _numbers(model: Any, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.predict_on_batch(pictures), np.float32)


class _Training(TrainingLoop):
    """A network being trained, its moving average, and what is written down about it."""

    average_every = 16

    def __init__(
        self, recipe: Recipe, data: MoodData, folder: Path, start: Path | None, teachers: Sequence[Path]
    ) -> None:
        self.recipe = recipe
        self.keras = require_keras()
        self.data, self.held = hold_out(data, recipe.validation, recipe.seed)
        self.targets = soft_targets(self.data, recipe.vote_share, recipe.smoothing)
        self.keras.utils.set_random_seed(recipe.seed)
        policy = {"bfloat16": "mixed_bfloat16", "float32": "float32"}[recipe.precision]
        self.keras.mixed_precision.set_dtype_policy(policy)
        self.model = build(width=recipe.width)
        if start is not None:
            self.model.set_weights(_saved(start).get_weights())
        self.teachers = [_any_side(_saved(file)) for file in teachers]
        optimizer = self.keras.optimizers.SGD(
            recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=True,
            weight_decay=recipe.weight_decay,
        )
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        self.model.compile(
            optimizer,
            self.keras.losses.CategoricalCrossentropy(from_logits=True),
            jit_compile=self.keras.backend.backend() == "jax",
        )
        optimizer.build(self.model.trainable_variables)
        super().__init__(recipe, folder, [self.model], [optimizer], len(self.data) // recipe.batch)
        self.pictures = Batches(recipe, self.data.images)
        self.side = SIDE  # of the pictures of the present epoch

    def batches(self) -> Iterator[Batch]:
        self.side = self.recipe.side(self.progress(0, self.seconds))
        return self.pictures.epoch(self.epoch, self.side)

    def learn(self, batch: Batch, progress: float) -> float:
        rows, pictures = batch
        self.model.optimizer.learning_rate = self.recipe.rate(progress)
        loss = float(self.model.train_on_batch(pictures, self.wanted(rows, pictures)))
        self.model.reset_metrics()
        return loss

    def contributes(self, step: int) -> bool:
        return step % self.average_every == 0

    def kept_share(self, step: int) -> float:
        reach = max(1.0, self.recipe.average_epochs * self.steps / self.average_every)
        done = (self.epoch * self.steps + step) / self.average_every
        return min(1 - 1 / reach, done / (done + 10))

    def watch(self) -> dict[str, float]:
        return {"side": self.side, **self.accuracies()}

    def wanted(self, rows: NDArray[np.int64], pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Targets of some rows: with teachers, mixed with what they make of the very same changed pictures.

        Beyer et al., "Knowledge distillation: a good teacher is patient and consistent", CVPR 2022.
        """
        target = self.targets[rows]
        if not self.teachers:
            return target
        answers = np.mean([softmax(_numbers(teacher, pictures)) for teacher in self.teachers], axis=0)
        share = np.float32(self.recipe.teacher_share)
        return np.asarray((1 - share) * target + share * answers, np.float32)

    def accuracies(self) -> dict[str, float]:
        """Accuracy on the held-out part, of the present weights and of their average."""
        result = {}
        current = self.model.get_weights()
        for name, weights in (("accuracy_now", current), ("accuracy", self.average)):
            self.model.set_weights(weights)
            right = logits_of(self.model, self.held.images).argmax(1) == self.held.labels
            result[name] = float(right.mean())
        self.model.set_weights(current)
        return result

    def close(self) -> None:
        self.pictures.close()
        super().close()
        self.keras.mixed_precision.set_dtype_policy("float32")


def _saved(file: Path) -> Any:
    """A saved network of the same kind, whatever backend wrote it."""
    try:
        return require_keras().saving.load_model(file, compile=False)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"{file} cannot be read as a network saved by `mirror train mood`: {error}"
        ) from error


def _any_side(saved: Any) -> Any:
    """The same network for pictures of every side; what is saved takes whole pictures only."""
    model = build(width=saved.get_layer("stage_1_in_convolution").filters / WIDTHS[0])
    model.set_weights(saved.get_weights())
    return model


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training ends with.

    Attributes:
        model: the Keras network with the averaged weights, computing in float32.
        held: pictures that were not trained with.
        history: numbers of each epoch.
        seconds: time spent.
    """

    model: Any
    held: MoodData
    history: list[dict[str, float]]
    seconds: float


def train(
    data: MoodData,
    folder: Path,
    recipe: Recipe | None = None,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
) -> Trained:
    """Train the network, or go on with a training that was interrupted.

    Args:
        data: pictures of the training split; a part of them is held out.
        folder: where the checkpoint lies or shall lie.
        recipe: numbers of the recipe; of an interrupted training all but `workers` have to be the same.
        start: a .keras file whose weights to begin with (a warm restart); by chance if left out.
        teachers: .keras files of trained networks, whose answers are taught too (distillation).

    Raises:
        UsageError: where Keras is missing, or the checkpoint belongs to another recipe.
    """
    recipe = recipe or Recipe()
    training = _Training(recipe, data, folder, start, teachers)
    try:
        training.go_on(Recipe())
        training.run()
    finally:
        training.close()
    model = build(SIDE, recipe.width, fused=False)
    model.set_weights(training.average)
    return Trained(model, training.held, training.history, training.seconds)
