"""The training of a film's figure: first coarsely, then wholly, then against discriminators.

A training that is killed goes on from its checkpoint; what is kept is a moving average of the weights.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film.batches import Batch, WindowBatches, frames_to_learn
from mirror_training.film.discriminators import build_discriminators
from mirror_training.film.footage import Footage
from mirror_training.film.lessons import make_lesson
from mirror_training.film.losses import Objectives
from mirror_training.film.network import build
from mirror_training.film.recipe import Recipe
from mirror_training.film.recursion import composed_batch, keras_answer, play, pose_maps
from mirror_training.film.scores import moving_area, score_pieces
from mirror_training.film.split import Split, split_clip
from mirror_training.inner_layers import inner_layers
from mirror_training.mood_network import require_keras
from mirror_training.training_loop import TrainingLoop
from mirror_training.unmask_pictures import sheet, write_picture
from mirror_training.unmask_precision import arithmetic

__all__ = ["SAMPLES", "Trained", "train"]

logger = logging.getLogger("mirror.training")

SAMPLES = "samples.png"
STAGES = ("coarse", "picture", "game")
SECOND_MOMENT = 0.99  # how much of it Adam keeps: short trainings forget quickly


class _Training(TrainingLoop):
    """Networks being trained, and what is written down about it."""

    lesson: Any  # of the present stage

    def __init__(self, recipe: Recipe, footage: Footage, split: Split, folder: Path) -> None:
        self.recipe, self.footage = recipe, footage
        self.keras = require_keras()
        self.keras.utils.set_random_seed(recipe.seed)
        self.precision = arithmetic(recipe.precision)
        self.keras.mixed_precision.set_dtype_policy(
            {"bfloat16": "mixed_bfloat16", "float32": "float32"}[self.precision]
        )
        features = None
        if recipe.features:
            features = inner_layers(Path(recipe.features), recipe.design.side, recipe.width)
            features.trainable = False
        self.networks = build(recipe.design, width=recipe.width)
        self.discriminators = build_discriminators(recipe.design)
        self.objectives = Objectives(
            recipe, self.networks, self.discriminators, footage.alpha_is_true, features
        )
        self.answer = keras_answer(self.networks.generator, recipe.design.temporal)
        self.whole = build(recipe.design).generator  # sees whole squares; takes the averaged weights
        self._enter(recipe.stage(0))
        frames = frames_to_learn(footage, split.train, recipe.rollout)
        self.windows = WindowBatches(recipe, footage, frames)
        kept = [self.networks.generator, self.networks.coarse, self.discriminators]
        steps = max(1, min(len(frames), recipe.epoch_windows) // recipe.batch)
        super().__init__(recipe, folder, kept, [self.lesson.optimizer], steps)
        self.average_steps = recipe.average_steps
        self.watched = [piece[: recipe.validation] for piece in split.held]
        self.maps = [pose_maps(footage, piece) for piece in self.watched]
        self._stream: Iterator[Batch] | None = None
        self._sums: dict[str, float] = {}

    def _enter(self, stage: str) -> None:
        """Begin a stage with an optimizer of its own."""
        recipe, networks = self.recipe, self.networks
        taught, terms = [networks.generator], ["picture", "alpha"]
        if stage == "coarse":
            taught = [networks.coarse]
        else:
            terms += ["flicker"] if recipe.design.temporal and recipe.flicker_weight else []
            terms += ["perceptual"] if recipe.features else []
        if stage == "game":
            taught.append(self.discriminators)
            terms += ["discriminator", "adversarial", "matching"]
        objective = getattr(self.objectives, stage)
        optimizer = self.keras.optimizers.Adam(
            recipe.learning_rate, 0.5 if stage == "game" else 0.9, SECOND_MOMENT, clipnorm=1.0
        )
        self.lesson = make_lesson(objective, terms, taught, optimizer)
        self.stage = stage

    def batches(self) -> Iterator[Batch]:
        # One stream for all epochs, so that processes go on making windows from one to the next.
        if self._stream is None:
            self._stream = self.windows.from_step(self.epoch * self.steps)
        return self._stream

    def learn(self, batch: Batch, progress: float) -> float:
        stage = self.recipe.stage(progress)
        if stage != self.stage:
            if self.stage == "coarse":
                self.contributions = 0  # nothing was known of the local enhancer
            self._enter(stage)
            self.optimizers = [self.lesson.optimizer]
        own = batch.own and stage != "coarse" and progress >= self.recipe.own_from
        arrays = {
            "pose": batch.poses[:, -1],
            "previous": self._own_frames(batch) if own else batch.previous,
            "before": batch.before,
            "frame": batch.frame,
            "alpha": batch.alpha,
            "background": batch.background,
            "own": np.full((len(batch.frame), 1, 1, 1), float(own), np.float32),
        }
        self.lesson.optimizer.learning_rate = self.recipe.rate(progress)
        numbers = self.lesson.train_on_batch(arrays, return_dict=True)
        self.lesson.reset_metrics()
        for name, value in numbers.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value)
            self._sums[f"{name} steps"] = self._sums.get(f"{name} steps", 0.0) + 1
        return float(numbers["loss"])

    def _own_frames(self, batch: Batch) -> NDArray[np.uint8]:
        """What the network makes of the poses before the last."""
        previous = batch.start
        for number in range(batch.poses.shape[1] - 1):
            output = self.answer(batch.poses[:, number], previous)
            previous = composed_batch(list(batch.background), output)
        return previous

    def watch(self) -> dict[str, float]:
        """How good the averaged weights are on the frames that are watched; shows some of them."""
        found = {
            name: value / self._sums[f"{name} steps"]
            for name, value in self._sums.items()
            if f"{name} steps" in self._sums and name != "loss"
        }
        self._sums = {}
        found["stage"] = float(STAGES.index(self.stage))
        if self.stage == "coarse":
            return found  # of the whole generator only a part has learned
        self.whole.set_weights(self.average)
        answer = keras_answer(self.whole, self.recipe.design.temporal)
        played = play(answer, self.footage.background, self.maps)
        truths = [np.asarray(self.footage.frames[piece.start : piece.stop]) for piece in self.watched]
        areas = [moving_area(self.footage, piece) for piece in self.watched]
        score = score_pieces(played, truths, areas)
        rows = [
            (maps[-1], truth[-1], frames[-1])
            for maps, truth, frames in zip(self.maps, truths, played, strict=True)
        ]
        samples = sheet(rows, ("pose map", "truth", "output"))
        self.events.show(self.epoch, {"samples": samples})
        write_picture(self.folder / SAMPLES, samples)
        moving = {"ssim": score.moving.ssim, "psnr_db": score.moving.psnr_db, "l1": score.moving.l1}
        return {**found, **moving, "flicker_levels": score.flicker}

    def more_notes(self) -> dict[str, Any]:
        return {"stage": self.stage}

    def take_notes(self, notes: Mapping[str, Any]) -> None:
        if notes["stage"] != self.stage:
            self._enter(notes["stage"])
            self.optimizers = [self.lesson.optimizer]

    def close(self) -> None:
        self.windows.close()
        super().close()
        self.keras.mixed_precision.set_dtype_policy("float32")


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training ends with.

    Attributes:
        model: the generator with the averaged weights, computing in float32.
        split: what was kept aside.
        history: numbers of each epoch.
        seconds: time spent.
        precision: that was computed in.
    """

    model: Any
    split: Split
    history: list[dict[str, float]]
    seconds: float
    precision: str


def train(footage: Footage, folder: Path, recipe: Recipe | None = None) -> Trained:
    """Train the generator on a scene, or go on with a training that was interrupted.

    Args:
        footage: the scene, as large as the recipe's design wants it.
        folder: where the checkpoint lies or shall lie.
        recipe: numbers of the recipe; of an interrupted training all but `workers` have to be the same.

    Raises:
        UsageError: where Keras is missing, the clip is too short, or the checkpoint belongs to another
            recipe.
    """
    recipe = recipe or Recipe()
    split = split_clip([int(shot) for shot in footage.shots], recipe.splitting)
    training = _Training(recipe, footage, split, folder)
    try:
        training.go_on(Recipe())
        logger.info(
            "%d frames to learn from, %d parameters, %s on %s.",
            *(len(training.windows), training.networks.generator.count_params()),
            *(training.precision, training.keras.backend.backend()),
        )
        training.run()
    finally:
        training.close()
    model = build(recipe.design, fused=False).generator
    model.set_weights(training.average)
    return Trained(model, split, training.history, training.seconds, training.precision)
