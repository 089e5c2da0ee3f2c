"""The recipe of the occlusion network: `mirror train occlusion --data DIR --out FILE`.

Three rounds. Faces in photographs already wear glasses, fringes and hands, which nobody labelled. After
each round the network marks what it takes for such things in the bare photographs; in the next round
those pixels count nothing, so that it is no longer taught that real glasses are face. The last round is
more suspicious and starts with a smaller learning rate.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_effects.occlusion_input import (
    GRID,
    aligned,
    face_hint,
    face_outline,
    network_input,
    upright_similarity,
)
from mirror_training.face_photos import FacePhoto, is_held_out, load_faces, load_photos
from mirror_training.occluded_faces import draw_sample
from mirror_training.occlusion_network import build, export, require_keras, weighted_loss
from mirror_training.opencv import cv2
from mirror_training.textures import Textures

__all__ = ["Recipe", "doubts", "train"]

logger = logging.getLogger("mirror.training")

DOUBTFUL = 0.6  # visibility below which a pixel of a bare photograph is left out of the second round
DOUBTFUL_LAST = 0.85  # the same for the last round
DOUBT_MARGIN_PX = 5  # how far around it, in pixels of the photograph
COLOUR_REPEATS = 3  # how often a colour photograph is drawn for one grey one


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result.

    Attributes:
        samples: examples seen in the first two rounds together.
        first_round: share of them in the first round.
        last_samples: examples seen in the last round.
        batch: examples per step.
        learning_rate: largest rate of the first two rounds; it rises for 2 % of their steps
            and falls as a cosine.
        last_rate: the same of the last round.
        seed: of weights and examples.
        workers: processes that draw examples; the examples do not depend on it.
    """

    samples: int = 220_000
    first_round: float = 0.4
    last_samples: int = 96_000
    batch: int = 48
    learning_rate: float = 2e-3
    last_rate: float = 1e-3
    seed: int = 7
    workers: int = 2


def _draw_batches(
    queue: Any, recipe: Recipe, photos: Sequence[FacePhoto], textures: Textures, steps: range
) -> None:
    cv2.setNumThreads(1)
    for step in steps:
        rng = np.random.default_rng([recipe.seed, step])
        samples = [draw_sample(rng, photos, textures) for _ in range(recipe.batch)]
        pictures = np.stack([sample.picture for sample in samples])
        targets = np.stack([np.dstack([sample.visible, sample.weight]) for sample in samples])
        queue.put((pictures, targets))


def _batches(
    recipe: Recipe, photos: Sequence[FacePhoto], textures: Textures, steps: range
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    context = multiprocessing.get_context("fork")
    queues = [context.Queue(8) for _ in range(recipe.workers)]
    workers = [
        context.Process(
            target=_draw_batches,
            args=(queue, recipe, photos, textures, steps[number :: recipe.workers]),
            daemon=True,
        )
        for number, queue in enumerate(queues)
    ]
    for worker in workers:
        worker.start()
    try:
        for number in range(len(steps)):
            pictures, targets = queues[number % recipe.workers].get()
            yield pictures.astype(np.float32) / 127.5 - 1.0, targets.astype(np.float32) / 255.0
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def doubts(model: Any, photos: Sequence[FacePhoto], visibility: float) -> list[FacePhoto]:
    """The photographs with what the network takes for less visible than `visibility` marked as doubtful."""
    marked = []
    threshold = math.log(visibility / (1 - visibility))
    grown = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * DOUBT_MARGIN_PX + 1,) * 2)
    for start in range(0, len(photos), 128):
        part = photos[start : start + 128]
        similarities = [upright_similarity(photo.landmarks) for photo in part]
        inputs = [
            network_input(
                cv2.warpAffine(photo.image, similarity, (GRID, GRID), borderMode=cv2.BORDER_REPLICATE),
                face_hint(aligned(photo.landmarks, similarity)),
            )
            for photo, similarity in zip(part, similarities, strict=True)
        ]
        logits = np.asarray(model.predict_on_batch(np.concatenate(inputs)))[..., 0]
        for photo, similarity, logit in zip(part, similarities, logits, strict=True):
            size = photo.image.shape[1::-1]
            square = np.where(logit < threshold, 255, 0).astype(np.uint8)
            doubt = cv2.warpAffine(square, similarity, size, flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR)
            inside = np.zeros_like(doubt)
            cv2.fillConvexPoly(inside, np.rint(face_outline(photo.landmarks)).astype(np.int32), 255)
            marked.append(replace(photo, doubt=cv2.dilate(doubt, grown) if (doubt & inside).any() else None))
    return marked


def _rate(highest: float, step: int, steps: int) -> float:
    warm = max(1, steps // 50)
    if step < warm:
        return highest * (step + 1) / warm
    return highest * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


def _fit(
    model: Any,
    batches: Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]],
    rates: Sequence[float],
    checkpoint: Path | None,
) -> None:
    """Train one step for every rate."""
    losses: list[float] = []
    for number, rate in enumerate(rates, start=1):
        inputs, targets = next(batches)
        model.optimizer.learning_rate = rate
        losses.append(float(model.train_on_batch(inputs, targets)))
        if number % 100 == 0 or number == len(rates):
            model.reset_metrics()
            logger.info("Step %d of %d, loss %.4f.", number, len(rates), losses[-1])
            if checkpoint is not None:
                model.save_weights(checkpoint)


def train(
    data: Path,
    out: Path,
    recipe: Recipe | None = None,
    checkpoint: Path | None = None,
    resume: Path | None = None,
) -> None:
    """Train the network and write it as LiteRT.

    Args:
        data: folder of face crops and pictures (`mirror_training.face_photos`).
        out: the .tflite file to write.
        recipe: numbers of the recipe.
        checkpoint: .weights.h5 file that is rewritten every hundred steps, where given.
        resume: .weights.h5 file after the second round, from which only the last round is run, where given.

    Raises:
        UsageError: where TensorFlow or a file of `data` is missing.
    """
    keras = require_keras()
    recipe = recipe or Recipe()
    colour = [photo for photo in load_faces(data, "colour_faces_dev") if not is_held_out(photo.name)]
    photos = colour * COLOUR_REPEATS + load_faces(data, "faces_dev")
    pictures = [image for name, image in load_photos(data, "masked_photos_dev") if not is_held_out(name)]
    textures = Textures(pictures, colour)
    keras.utils.set_random_seed(recipe.seed)
    model = build()
    model.compile(
        optimizer=keras.optimizers.AdamW(recipe.learning_rate, weight_decay=1e-3), loss=weighted_loss
    )
    logger.info("%d photographs, %d parameters.", len(photos), model.count_params())
    main, last = recipe.samples // recipe.batch, recipe.last_samples // recipe.batch
    rates = [_rate(recipe.learning_rate, step, main) for step in range(main)]
    rates += [_rate(recipe.last_rate, step, last) for step in range(last)]
    turn = int(main * recipe.first_round)
    rounds = [(range(turn), None), (range(turn, main), DOUBTFUL), (range(main, main + last), DOUBTFUL_LAST)]
    if resume is not None:
        model.load_weights(resume)
        rounds = rounds[-1:]
    for steps, doubtful in rounds:
        if doubtful is not None:
            photos = doubts(model, photos, doubtful)
            share = np.mean([photo.doubt is not None for photo in photos])
            logger.info("%.1f %% of the photographs hold something doubtful.", 100 * share)
        part = [rates[step] for step in steps]
        _fit(model, _batches(recipe, photos, textures, steps), part, checkpoint)
    size = export(model, out)
    logger.info("Wrote %s (%d bytes).", out, size)
