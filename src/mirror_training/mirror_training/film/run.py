"""From a scene folder to a model that can be shipped: train, convert, compare, measure, write down."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mirror_core.errors import MirrorError, UsageError
from mirror_training.film.card import write_card
from mirror_training.film.evaluation import Evaluation, evaluate
from mirror_training.film.export import convert, examples_of, parity
from mirror_training.film.footage import Footage, open_footage
from mirror_training.film.recipe import Recipe
from mirror_training.film.recursion import Answer, keras_answer, pose_maps
from mirror_training.film.training import Trained, train
from mirror_training.mood_network import require_keras
from mirror_training.unmask_pictures import sheet, write_picture

__all__ = ["KERAS_FILE", "MODEL_CARD", "PREPARED", "REPORT", "Result", "load_generator", "run"]

logger = logging.getLogger("mirror.training")

KERAS_FILE = "film.keras"
REPORT = "report.json"
PICTURES = "test.jpg"
MODEL_CARD = "model_card.md"
PREPARED = "prepared"  # folder of the scene at the network's size; may be erased
COMPARED = 24  # frames of each piece on which LiteRT files are compared with the network


@dataclass(frozen=True, slots=True)
class Result:
    """What a training came to.

    Attributes:
        files: that were written.
        evaluation: on the pieces that were kept aside.
        problem: why there is no LiteRT file, in one sentence; empty where there is.
    """

    files: list[Path]
    evaluation: Evaluation
    problem: str


def run(
    scene: Path, folder: Path, recipe: Recipe | None = None, rivals: Mapping[str, Path] | None = None
) -> Result:
    """Train; write film.keras, film.tflite, film_int8.tflite, a report, a sheet of pictures and a model card.

    Killed at any point, it goes on where it was when it is called again.

    Args:
        scene: the scene folder (`mirror_training.film.footage`).
        folder: where everything goes, and where the checkpoint lies.
        recipe: numbers of the recipe.
        rivals: .keras files of networks that were trained on the same scene, by name, to be measured beside.

    Raises:
        UsageError: where Keras is missing, the scene cannot be read or is too short, a rival cannot be read,
            or the checkpoint belongs to another recipe.
    """
    recipe = recipe or Recipe()
    footage = open_footage(scene, recipe.design.side, folder / PREPARED)
    others = {name: load_generator(file, footage.side) for name, file in (rivals or {}).items()}
    trained = train(footage, folder, recipe)
    files = [folder / KERAS_FILE]
    trained.model.save(files[0])
    answer = keras_answer(trained.model, recipe.design.temporal)
    evaluation = evaluate(footage, trained.split, answer, others)
    converted, problem = _converted(trained, footage, answer, folder)
    report = _report(recipe, trained, footage, scene.name)
    report |= {"litert": converted, "litert_problem": problem, "test": evaluation.as_json()}
    files += [folder / name for name in converted]
    files.append(folder / REPORT)
    files[-1].write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    files.append(write_picture(folder / PICTURES, sheet(evaluation.rows, evaluation.headings)))
    files.append(write_card(folder / MODEL_CARD, report))
    return Result(files, evaluation, problem)


def load_generator(file: Path, side: int) -> Answer:
    """A saved generator.

    Raises:
        UsageError: where it cannot be read, or is for another size.
    """
    if not file.is_file():
        raise UsageError(f"The film's network {file} is missing: name a .keras file that exists.")
    try:
        network = require_keras().saving.load_model(file, compile=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]  # of what may be pages
        raise UsageError(f"{file} cannot be read as a saved Keras network: {reason}") from error
    shapes = [tuple(each.shape[1:]) for each in network.inputs]
    if shapes not in ([(side, side, 3)], [(side, side, 3)] * 2):
        raise UsageError(f"{file} is no film network of side {side}: its inputs are {shapes}.")
    return keras_answer(network, len(shapes) == 2)


def _converted(
    trained: Trained, footage: Footage, answer: Answer, folder: Path
) -> tuple[dict[str, dict[str, float]], str]:
    """The LiteRT files by name with how near they are to the network; or why there are none."""
    found: dict[str, dict[str, float]] = {}
    try:
        files = convert(folder / KERAS_FILE, examples_of(footage, trained.split), folder)
        maps = [pose_maps(footage, piece[:COMPARED]) for piece in trained.split.held]
        for file in files:
            found[file.name] = {"bytes": float(file.stat().st_size)}
            found[file.name] |= asdict(parity(file, answer, footage.background, maps))
    except MirrorError as error:
        logger.warning("%s", error)
        return found, str(error)
    return found, ""


def _report(recipe: Recipe, trained: Trained, footage: Footage, scene: str) -> dict[str, Any]:
    return {
        "scene": scene,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": platform.processor() or platform.machine(),
        "precision": trained.precision,
        "recipe": asdict(recipe),
        "parameters": int(trained.model.count_params()),
        "seconds_trained": trained.seconds,
        "epochs": len(trained.history),
        "steps": int(sum(line["steps"] for line in trained.history)),
        "frames": {
            "all": len(footage),
            "train": sum(map(len, trained.split.train)),
            "held": sum(map(len, trained.split.held)),
            "with_pose": int(footage.has_pose().sum()),
        },
        "alpha_is_true": footage.alpha_is_true,
        "last_epoch": trained.history[-1] if trained.history else {},
    }
