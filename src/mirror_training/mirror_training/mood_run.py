"""From pictures to a model that can be shipped: train, calibrate, convert, compare, evaluate, write down."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.moods import MoodLabel
from mirror_mood.classifier import Card, MoodClassifier
from mirror_training.mood import logits_of, train
from mirror_training.mood_data import MoodData
from mirror_training.mood_export import convert
from mirror_training.mood_recipe import Recipe
from mirror_training.mood_report import Evaluation, evaluate, write
from mirror_training.mood_scores import fit_temperature

__all__ = ["MOST_LOSS", "Parity", "compare", "run"]

logger = logging.getLogger("mirror.training")

MOST_LOSS = 0.01  # of accuracy, that a LiteRT file may be behind Keras
KERAS_FILE = "mood.keras"


@dataclass(frozen=True, slots=True)
class Parity:
    """How near a LiteRT file is to the network that it was made from.

    Attributes:
        keras: accuracy of the network in Keras.
        litert: accuracy of the file.
        agreement: share of pictures for which both give the same answer.
        farthest: largest difference of a logit.
    """

    keras: float
    litert: float
    agreement: float
    farthest: float

    @property
    def holds(self) -> bool:
        """Whether the file may be shipped."""
        return self.keras - self.litert <= MOST_LOSS


def compare(keras: NDArray[np.float32], litert: NDArray[np.float32], labels: NDArray[np.uint8]) -> Parity:
    """Compare logits [n, 7] of the network and of a file for the same pictures."""
    ours, theirs = keras.argmax(1), litert.argmax(1)
    return Parity(
        float((ours == labels).mean()),
        float((theirs == labels).mean()),
        float((ours == theirs).mean()),
        float(np.abs(keras - litert).max()),
    )


def run(
    data: MoodData,
    tests: Mapping[str, MoodData],
    folder: Path,
    recipe: Recipe | None = None,
    *,
    start: Path | None = None,
    teachers: Sequence[Path] = (),
) -> dict[str, Evaluation]:
    """Train and write mood.keras, mood.tflite, mood_int8.tflite, their cards, reports and pictures.

    Args:
        data: pictures of the training split.
        tests: names and pictures to report on; they decide nothing.
        folder: where everything goes, and where the checkpoint lies.
        recipe: numbers of the recipe.
        start: a .keras file to begin with.
        teachers: .keras files to learn from.

    Returns:
        the evaluation of the float16 file for "held out" and each of `tests`.

    Raises:
        UsageError: where Keras or TensorFlow is missing, or a file lost too much accuracy.
    """
    recipe = recipe or Recipe()
    began = time.time()
    trained = train(data, folder, recipe, start, teachers)
    trained.model.save(folder / KERAS_FILE)
    logits = logits_of(trained.model, trained.held.images)
    temperature = fit_temperature(logits, trained.held.labels)
    card = Card(temperature, tuple(label.word for label in MoodLabel))
    half, whole = convert(folder / KERAS_FILE, data.images, folder)
    evaluations: dict[str, Evaluation] = {}
    lost: list[str] = []
    summary: dict[str, object] = {
        "began": time.strftime("%Y-%m-%d", time.gmtime(began)),
        "seconds_trained": trained.seconds,
        "epochs": len(trained.history),
        "machine": platform.processor() or platform.machine(),
        "temperature": temperature,
    }
    everything = {"held out": trained.held, **tests}
    in_keras = {name: logits_of(trained.model, each.images) for name, each in everything.items()}
    for file in (half, whole):
        card.write(file)
        classifier = MoodClassifier(file)
        for name, each in everything.items():
            answers = classifier.logits(each.images)
            parity = compare(in_keras[name], answers, each.labels)
            summary[f"{file.name} on {name}"] = {
                "accuracy": parity.litert,
                "accuracy_keras": parity.keras,
                "agreement": parity.agreement,
                "farthest_logit": parity.farthest,
            }
            if not parity.holds:
                lost.append(f"{file.name} ({parity.litert:.1%} instead of {parity.keras:.1%} on {name})")
            if file == half:
                seen = None if each is trained.held else data.images
                evaluations[name] = evaluate(answers, each, temperature, seen)
                write(evaluations[name], folder, name.replace(" ", "_"))
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    if lost:
        raise UsageError(f"More than {MOST_LOSS:.0%} accuracy was lost in conversion: {', '.join(lost)}.")
    return evaluations
