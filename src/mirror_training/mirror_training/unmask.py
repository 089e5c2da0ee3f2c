"""The recipe of the unmasking network: `mirror train unmask --data FOLDER --out FOLDER`.

AdamW on pairs that are drawn anew each time; the rate rises shortly and falls as a cosine; what is kept is a
moving average of the weights. A training that is killed goes on from its checkpoint.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical import MaskOptions, MedicalMasks
from mirror_tracking.unmask_input import composed, network_input, split_output
from mirror_training.inner_layers import inner_layers
from mirror_training.mood_network import require_keras
from mirror_training.picture_quality import mean_quality, quality
from mirror_training.training_loop import CHECKPOINT, EVENTS, TrainingLoop, numpy_of
from mirror_training.unmask_batches import PairBatches, donor_skins
from mirror_training.unmask_faces import UnmaskFace
from mirror_training.unmask_losses import pair_loss
from mirror_training.unmask_network import build, for_training, take_weights
from mirror_training.unmask_pairs import Pair, PairMaker
from mirror_training.unmask_pictures import alpha_picture, sheet, write_picture
from mirror_training.unmask_precision import arithmetic
from mirror_training.unmask_recipe import Recipe

__all__ = ["CHECKPOINT", "EVENTS", "SAMPLES", "Trained", "answers_of", "train", "validation_pairs"]

logger = logging.getLogger("mirror.training")

SAMPLES = "samples.png"
SAMPLE_ROWS = 6
PREDICT_BATCH = 32
VALIDATION_SEED = 2**30
VALIDATION_BARE = 0.2  # share of watched pairs without a mask
MASK_FROM = 128  # alpha from which a pixel counts as mask when the alpha is judged


def answers_of(network: Any, squares: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours float32 [n, side, side, 3] and alphas [n, side, side] of squares uint8 [n, side, side, 3]."""
    outputs = []
    for start in range(0, len(squares), PREDICT_BATCH):
        part = squares[start : start + PREDICT_BATCH]
        # Every batch has one size, since some backends compile the network anew for another.
        size = min(PREDICT_BATCH, len(squares))
        filled = np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
        output = np.asarray(numpy_of(network.predict_on_batch(network_input(filled))), np.float32)
        outputs.append(output[: len(part)])
    return split_output(np.concatenate(outputs))


def validation_pairs(recipe: Recipe, faces: Sequence[UnmaskFace], options: MaskOptions) -> list[Pair]:
    """The pairs that a training is watched on, the same every time; colour photographs first."""
    chosen = sorted(faces, key=lambda face: not face.is_colour)[: recipe.validation]
    maker = PairMaker(recipe.design.side, MedicalMasks(options), bare=VALIDATION_BARE)
    return [maker.make(face, (VALIDATION_SEED, number)) for number, face in enumerate(chosen)]


class _Training(TrainingLoop):
    """A network being trained, its moving average, and what is written down about it."""

    def __init__(
        self, recipe: Recipe, faces: dict[str, list[UnmaskFace]], folder: Path, options: MaskOptions
    ) -> None:
        self.recipe = recipe
        self.keras = require_keras()
        self.watched = validation_pairs(recipe, faces["validation"], options)
        self.keras.utils.set_random_seed(recipe.seed)
        self.precision = arithmetic(recipe.precision)
        self.keras.mixed_precision.set_dtype_policy(
            {"bfloat16": "mixed_bfloat16", "float32": "float32"}[self.precision]
        )
        features = None
        if recipe.features:
            features = inner_layers(Path(recipe.features), recipe.design.side)
            features.trainable = False
        self.network = build(recipe.design)
        if recipe.start:
            share = take_weights(self.network, Path(recipe.start))
            logger.info("%.0f %% of the weights are those of %s.", 100 * share, recipe.start)
        self.model = for_training(self.network, recipe.design.side)
        optimizer = self.keras.optimizers.AdamW(
            recipe.learning_rate, weight_decay=recipe.weight_decay, beta_2=0.99, clipnorm=1.0
        )
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        self.model.compile(
            optimizer, pair_loss(recipe, features), jit_compile=self.keras.backend.backend() == "jax"
        )
        optimizer.build(self.model.trainable_variables)
        self.pairs = PairBatches(recipe, faces["train"], options, donor_skins(faces["train"]))
        steps = max(1, min(len(self.pairs), recipe.epoch_pairs) // recipe.batch)
        super().__init__(recipe, folder, [self.network], [optimizer], steps)
        self.average_steps = recipe.average_steps
        self._stream: Iterator[NDArray[np.uint8]] | None = None

    def batches(self) -> Iterator[NDArray[np.uint8]]:
        # One stream for all epochs, so that processes go on making pairs from one to the next.
        if self._stream is None:
            self._stream = self.pairs.from_step(self.epoch * self.steps)
        return self._stream

    def learn(self, batch: NDArray[np.uint8], progress: float) -> float:
        self.model.optimizer.learning_rate = self.recipe.rate(progress)
        loss = float(self.model.train_on_batch(np.ascontiguousarray(batch[..., :3]), batch))
        self.model.reset_metrics()
        return loss

    def watch(self) -> dict[str, float]:
        """How good the averaged weights are on the watched pairs; shows some of them."""
        current = self.with_average()
        masked = np.stack([pair.masked for pair in self.watched])
        colours, alphas = answers_of(self.network, masked)
        self.network.set_weights(current)
        found = [
            composed(*each)
            for each in zip((pair.masked for pair in self.watched), colours, alphas, strict=True)
        ]
        qualities = [
            judged
            for pair, picture in zip(self.watched, found, strict=True)
            if (judged := quality(picture, pair.truth, pair.alpha >= MASK_FROM)) is not None
        ]
        mean = mean_quality(qualities)
        overlap = _overlap([pair.alpha >= MASK_FROM for pair in self.watched], list(alphas > 0.5))
        rows = [
            (pair.masked, pair.truth, picture, alpha_picture(alpha))
            for pair, picture, alpha in zip(self.watched, found, alphas, strict=True)
        ][:SAMPLE_ROWS]
        samples = sheet(rows, ("input", "truth", "output", "alpha"))
        self.events.show(self.epoch, {"samples": samples})
        write_picture(self.folder / SAMPLES, samples)
        return {"ssim": mean.ssim, "psnr_db": mean.psnr_db, "l1": mean.l1, "alpha_iou": overlap}

    def close(self) -> None:
        self.pairs.close()
        super().close()
        self.keras.mixed_precision.set_dtype_policy("float32")


def _overlap(true: list[NDArray[np.bool_]], found: list[NDArray[np.bool_]]) -> float:
    """Intersection over union of all pixels together; 1 where there are none."""
    both = sum(int((a & b).sum()) for a, b in zip(true, found, strict=True))
    either = sum(int((a | b).sum()) for a, b in zip(true, found, strict=True))
    return both / either if either else 1.0


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training ends with.

    Attributes:
        model: the Keras network with the averaged weights, computing in float32.
        history: numbers of each epoch.
        seconds: time spent.
        precision: that was computed in.
    """

    model: Any
    history: list[dict[str, float]]
    seconds: float
    precision: str


def train(
    faces: dict[str, list[UnmaskFace]],
    folder: Path,
    recipe: Recipe | None = None,
    options: MaskOptions | None = None,
) -> Trained:
    """Train the network, or go on with a training that was interrupted.

    Args:
        faces: of "train" and "validation" at least, as `parts_of` gives them.
        folder: where the checkpoint lies or shall lie.
        recipe: numbers of the recipe; of an interrupted training all but `workers` have to be the same.
        options: what masks are drawn.

    Raises:
        UsageError: where Keras is missing, or the checkpoint belongs to another recipe.
    """
    recipe = recipe or Recipe()
    training = _Training(recipe, faces, folder, options or MaskOptions())
    try:
        training.go_on(Recipe())
        count, people = len(faces["train"]), len({face.person for face in faces["train"]})
        logger.info(
            "%d photographs of %d people, %d parameters, %s on %s.",
            *(count, people, training.network.count_params()),
            *(training.precision, training.keras.backend.backend()),
        )
        training.run()
    finally:
        training.close()
    model = build(recipe.design, fused=False)
    model.set_weights(training.average)
    return Trained(model, training.history, training.seconds, training.precision)
