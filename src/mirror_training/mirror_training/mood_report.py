"""The evaluation of mood probabilities as people and programs read it: tables, JSON and two pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_mood.classifier import softmax
from mirror_training.mood_data import EMOTIONS, MoodData
from mirror_training.mood_pictures import calibration_picture, confusion_picture
from mirror_training.mood_scores import Calibration, Scores, calibration, scores
from mirror_training.opencv import cv2

__all__ = ["Evaluation", "evaluate", "seen_in_training", "write"]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How good a network's logits are on a set of pictures.

    Attributes:
        scores: of all pictures.
        unseen: of those that are not identical to a training picture; None where all are, or nobody knows.
        unseen_count: how many those are.
        before: calibration of the logits as they are.
        after: calibration of the logits divided by the temperature.
        temperature: that was used.
    """

    scores: Scores
    unseen: Scores | None
    unseen_count: int
    before: Calibration
    after: Calibration
    temperature: float

    def as_json(self) -> dict[str, Any]:
        """What a program may want to know."""
        return {
            "pictures": int(self.scores.confusion.sum()),
            "accuracy": self.scores.accuracy,
            "macro_f1": self.scores.macro_f1,
            "pictures_not_in_training": self.unseen_count,
            "accuracy_not_in_training": self.unseen.accuracy if self.unseen else None,
            "macro_f1_not_in_training": self.unseen.macro_f1 if self.unseen else None,
            "ece_before": self.before.error,
            "ece_after": self.after.error,
            "temperature": self.temperature,
            "classes": {
                name: {
                    "pictures": int(self.scores.confusion[number].sum()),
                    "precision": float(self.scores.precision[number]),
                    "recall": float(self.scores.recall[number]),
                    "f1": float(self.scores.f1[number]),
                }
                for number, name in enumerate(EMOTIONS)
            },
            "confusion": self.scores.confusion.tolist(),
        }


def seen_in_training(images: NDArray[np.uint8], training: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pictures are identical to a training picture, pixel for pixel: bool [n]."""
    known = {image.tobytes() for image in training}
    return np.array([image.tobytes() in known for image in images], np.bool_)


def evaluate(
    logits: NDArray[np.float32],
    data: MoodData,
    temperature: float,
    training: NDArray[np.uint8] | None = None,
) -> Evaluation:
    """Judge logits.

    Args:
        logits: [n, 7] of the pictures of `data`.
        data: the pictures and their true classes.
        temperature: of the network.
        training: uint8 [m, SIDE, SIDE], pictures it was trained with, where they are at hand.
    """
    unseen = ~seen_in_training(data.images, training) if training is not None else np.zeros(len(data), bool)
    return Evaluation(
        scores(logits, data.labels),
        scores(logits[unseen], data.labels[unseen]) if unseen.any() else None,
        int(unseen.sum()),
        calibration(softmax(logits), data.labels),
        calibration(softmax(logits / np.float32(temperature)), data.labels),
        temperature,
    )


def write(evaluation: Evaluation, folder: Path, name: str, names: Sequence[str] = EMOTIONS) -> list[Path]:
    """Write NAME.json, NAME_confusion.png and NAME_calibration.png.

    Args:
        evaluation: to write down.
        folder: where; made if it does not exist.
        name: how the files begin.
        names: of the classes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / f"{name}.json"
    text.write_text(json.dumps(evaluation.as_json(), indent=2) + "\n", encoding="utf-8")
    files = [text]
    for kind, picture in (
        ("confusion", confusion_picture(evaluation.scores, names)),
        ("calibration", calibration_picture(evaluation.before, evaluation.after)),
    ):
        files.append(folder / f"{name}_{kind}.png")
        _, encoded = cv2.imencode(".png", picture)
        files[-1].write_bytes(encoded.tobytes())
    return files
