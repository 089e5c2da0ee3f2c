"""From photographs to a model that can be shipped: train, convert, compare, measure, write down."""

from __future__ import annotations

import json
import logging
import platform
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import MirrorError
from mirror_effects.medical import MaskOptions
from mirror_training.unmask import Trained, answers_of, train, validation_pairs
from mirror_training.unmask_answers import keras_look
from mirror_training.unmask_baselines import MeanFace
from mirror_training.unmask_card import write_card
from mirror_training.unmask_detection import Detection, on_pairs
from mirror_training.unmask_evaluation import Evaluation, evaluate, test_pairs
from mirror_training.unmask_export import EXAMPLES, convert, parity
from mirror_training.unmask_faces import UnmaskFace
from mirror_training.unmask_pictures import sheet, write_picture
from mirror_training.unmask_recipe import Recipe

__all__ = ["CARD", "KERAS_FILE", "REPORT", "Result", "run"]

logger = logging.getLogger("mirror.training")

KERAS_FILE = "unmask.keras"
CARD = "unmask.json"  # numbers that whoever runs the model needs
REPORT = "report.json"
TRIPTYCHS = "test.jpg"
MODEL_CARD = "model_card.md"
COMPARED = 32  # squares on which LiteRT files are compared with the network


@dataclass(frozen=True, slots=True)
class Result:
    """What a training came to.

    Attributes:
        files: that were written.
        evaluation: on people that were not trained on.
        detection: of masks, on the same people.
        problem: why there is no LiteRT file, in one sentence; empty where there is.
    """

    files: list[Path]
    evaluation: Evaluation
    detection: Detection
    problem: str


def run(
    faces: dict[str, list[UnmaskFace]],
    folder: Path,
    recipe: Recipe | None = None,
    options: MaskOptions | None = None,
    pictures: int = 120,
) -> Result:
    """Train; write unmask.keras, unmask.tflite, unmask_int8.tflite, unmask.json, a report and a model card.

    Args:
        faces: of "train", "validation" and "test".
        folder: where everything goes, and where the checkpoint lies.
        recipe: numbers of the recipe.
        options: what masks are drawn.
        pictures: how many faces the report measures on, at most.

    Raises:
        UsageError: where Keras is missing, or the checkpoint belongs to another recipe.
    """
    recipe, options = recipe or Recipe(), options or MaskOptions()
    trained = train(faces, folder, recipe, options)
    side = recipe.design.side
    files = [folder / KERAS_FILE]
    trained.model.save(files[0])
    look = keras_look(trained.model)
    watched = replace(recipe, validation=min(recipe.validation, 64))
    _, card = on_pairs(look, validation_pairs(watched, faces["validation"], options))
    files.append(folder / CARD)
    numbers = {"side": side, "mask_share": card.share, "mask_spread": card.spread}
    files[-1].write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    pairs = test_pairs(faces["test"], side, pictures, options)
    evaluation = evaluate(look, pairs, MeanFace(faces["train"], side))
    detection, _ = on_pairs(look, pairs, card)
    examples = np.stack([pair.masked for pair in test_pairs(faces["train"], side, EXAMPLES, options)])
    converted, problem = _converted(trained, examples, folder)
    report = _report(recipe, trained, faces)
    report |= {
        "mask_share": card.share,
        "mask_spread": card.spread,
        "litert": converted,
        "litert_problem": problem,
    }
    report |= {"test": evaluation.as_json(), "detection": detection.as_json()}
    files += [folder / name for name in converted]
    files.append(folder / REPORT)
    files[-1].write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if evaluation.rows:
        files.append(write_picture(folder / TRIPTYCHS, sheet(evaluation.rows, ("input", "truth", "output"))))
    files.append(write_card(folder / MODEL_CARD, report))
    return Result(files, evaluation, detection, problem)


def _converted(
    trained: Trained, examples: NDArray[np.uint8], folder: Path
) -> tuple[dict[str, dict[str, float]], str]:
    """The LiteRT files by name with how near they are to the network; or why there are none."""
    some = examples[:COMPARED]
    colours, alphas = answers_of(trained.model, some)
    found: dict[str, dict[str, float]] = {}
    try:
        for file in convert(folder / KERAS_FILE, examples, folder):
            found[file.name] = {"bytes": float(file.stat().st_size)}
            found[file.name] |= asdict(parity(file, some, colours, alphas))
    except MirrorError as error:
        logger.warning("%s", error)
        return found, str(error)
    return found, ""


def _report(recipe: Recipe, trained: Trained, faces: dict[str, list[UnmaskFace]]) -> dict[str, Any]:
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": platform.processor() or platform.machine(),
        "precision": trained.precision,
        "recipe": asdict(recipe),
        "parameters": int(trained.model.count_params()),
        "seconds_trained": trained.seconds,
        "epochs": len(trained.history),
        "steps": int(sum(line["steps"] for line in trained.history)),
        "photographs": {part: len(each) for part, each in faces.items()},
        "people": {part: len({face.person for face in each}) for part, each in faces.items()},
        "last_epoch": trained.history[-1] if trained.history else {},
    }
