"""The recipe of the mood network: `mirror train mood --data FILE --out FOLDER`.

Stochastic gradient descent with Nesterov's momentum on augmented pictures and soft targets; the rate rises
shortly and falls as a cosine; most of the time on crops, the last part on whole pictures; what is kept is
a moving average of the weights. A training that is killed goes on from its checkpoint.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.classifier import softmax
from mirror_mood.face_input import SIDE, normalised
from mirror_training import mood_checkpoint
from mirror_training.mood_batches import Batches
from mirror_training.mood_data import MoodData, hold_out
from mirror_training.mood_events import EventLog
from mirror_training.mood_network import WIDTHS, build, require_keras
from mirror_training.mood_recipe import Recipe
from mirror_training.mood_targets import soft_targets

__all__ = ["CHECKPOINT", "EVENTS", "Trained", "logits_of", "train"]

logger = logging.getLogger("mirror.training")

CHECKPOINT = "checkpoint.npz"
EVENTS = "events"  # folder of TensorBoard's logs
AVERAGE_STEPS = 16  # steps from one contribution to the moving average to the next
PREDICT_BATCH = 256


def logits_of(model: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits float32 [n, 7] of whole pictures uint8 [n, SIDE, SIDE], without augmentation."""
    starts = range(0, len(images), PREDICT_BATCH)
    return np.concatenate([_numbers(model, normalised(images[at : at + PREDICT_BATCH])) for at in starts])


def _numbers(model: Any, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model.predict_on_batch(pictures), np.float32)


class _Training:
    """A network being trained, its moving average, and what is written down about it."""

    def __init__(
        self, recipe: Recipe, data: MoodData, folder: Path, start: Path | None, teachers: Sequence[Path]
    ) -> None:
        self.recipe, self.folder = recipe, folder
        self.events = EventLog(folder / EVENTS)
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
        self.average = [array.copy() for array in self.model.get_weights()]
        self.epoch = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []

    def restore(self, state: mood_checkpoint.State) -> None:
        self.model.set_weights(state.weights)
        self.average = state.average
        for variable, value in zip(self.model.optimizer.variables, state.optimizer, strict=True):
            variable.assign(value)
        self.epoch, self.seconds = state.notes["epoch"], state.notes["seconds"]
        self.history = state.notes["history"]

    def save(self) -> None:
        optimizer = [self.keras.ops.convert_to_numpy(each) for each in self.model.optimizer.variables]
        notes = {
            "epoch": self.epoch,
            "seconds": self.seconds,
            "history": self.history,
            "recipe": asdict(self.recipe),
            "backend": self.keras.backend.backend(),
        }
        state = mood_checkpoint.State(self.model.get_weights(), self.average, optimizer, notes)
        mood_checkpoint.write(self.folder / CHECKPOINT, state)

    def progress(self, part: float, seconds: float) -> float:
        """The point of the schedule, 0 … 1, after a part of the present epoch."""
        by_epochs = (self.epoch + part) / self.recipe.epochs
        if self.recipe.minutes is None:
            return by_epochs
        return max(by_epochs, seconds / (60 * self.recipe.minutes))

    def run_epoch(self, batches: Batches) -> bool:
        """Train for one epoch; False when the time was up before its end."""
        recipe = self.recipe
        began, before = time.monotonic(), self.seconds
        steps = len(self.data) // recipe.batch
        reach = max(1.0, recipe.average_epochs * steps / AVERAGE_STEPS)
        loss, in_time = 0.0, True
        side = recipe.side(self.progress(0, before))
        step = 0
        for step, (rows, pictures) in enumerate(batches.epoch(self.epoch, side), start=1):
            progress = self.progress((step - 1) / steps, self.seconds)
            if progress >= 1:
                in_time = False
                break
            self.model.optimizer.learning_rate = recipe.rate(progress)
            loss += float(self.model.train_on_batch(pictures, self.wanted(rows, pictures)))
            self.model.reset_metrics()
            self.seconds = before + time.monotonic() - began
            if step % AVERAGE_STEPS == 0:
                done = self.epoch * steps / AVERAGE_STEPS + step / AVERAGE_STEPS
                keep = min(1 - 1 / reach, done / (done + 10))
                weights = self.model.get_weights()
                self.average = [
                    mean + (1 - keep) * (weight - mean)
                    for mean, weight in zip(self.average, weights, strict=True)
                ]
        self.epoch += 1
        accuracy = self.accuracies()
        self.seconds = before + time.monotonic() - began
        progress = self.progress(0, self.seconds)
        line = {"epoch": self.epoch, "seconds": self.seconds, "progress": progress, "side": side}
        self.history.append({**line, "loss": loss / max(1, step), **accuracy})
        logger.info("%s", json.dumps(self.history[-1]))
        self.events.write(self.epoch, {**self.history[-1], "rate": recipe.rate(min(1.0, progress))})
        self.save()
        return in_time and self.progress(0, self.seconds) < 1

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
    if (folder / CHECKPOINT).exists():
        state = mood_checkpoint.read(folder / CHECKPOINT)
        # Numbers that a recipe did not have yet when the checkpoint was made had today's default.
        before = {**asdict(Recipe()), **state.notes["recipe"]}
        theirs, ours = ({**each, "workers": 0} for each in (before, asdict(recipe)))
        if theirs != ours:
            differ = sorted(name for name in ours if theirs.get(name) != ours[name])
            raise UsageError(
                f"The checkpoint in {folder} was made with another {', '.join(differ)}: "
                "give the same to go on, or another folder to begin anew."
            )
        training.restore(state)
        logger.info("Going on after %d epochs.", training.epoch)
    batches = Batches(recipe, training.data.images)
    try:
        while training.progress(0, training.seconds) < 1 and training.run_epoch(batches):
            pass
    finally:
        batches.close()
        training.events.close()
    training.keras.mixed_precision.set_dtype_policy("float32")
    model = build(SIDE, recipe.width, fused=False)
    model.set_weights(training.average)
    return Trained(model, training.held, training.history, training.seconds)
