"""Puts a scene folder together from footage and a trained network."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mirror_core.errors import UsageError
from mirror_effects.film.model import FilmModel
from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import CARD, KERAS_MODEL, MODEL, REPORT, Movement, Scene, save_scene
from mirror_training.film.footage import POSES
from mirror_training.film_scene.footage_folder import BACKGROUND
from mirror_training.film_scene.quality import Quality
from mirror_training.film_scene.training import KERAS_FILE, training_report
from mirror_training.opencv import cv2

__all__ = ["Naming", "assemble", "install"]

TO_BE_WRITTEN = "To be written: whose clip, its licence or the consent of who is seen."


@dataclass(frozen=True, slots=True)
class Naming:
    """What a person says of a scene: `mirror_effects.film.scene.Scene`."""

    name: str
    title: str
    licence: str
    consent: str


def assemble(
    folder: Path,
    naming: Naming,
    *,
    footage: Path,
    model: Path,
    fps: float,
    quality: Quality | None,
    for_gpu: bool = True,
) -> Scene:
    """Write a scene folder, without the preview.

    Args:
        folder: where; of the scene's name.
        naming: its name, title and rights.
        footage: folder that the network has learned from.
        model: the .tflite file; `report.json` and `model_card.md` of the training lie beside it.
        fps: of the film.
        quality: report on the clip, where there is one.
        for_gpu: whether the network for hosts with a GPU goes along, where it lies beside the model.

    Raises:
        UsageError: where the footage is damaged.
        ModelError: where the model does not load.
    """
    side = FilmModel(model, 1).side
    background = cv2.imread(str(footage / BACKGROUND), cv2.IMREAD_COLOR)
    try:
        with np.load(footage / POSES, allow_pickle=False) as stored:
            points, visibility, times = stored["points"], stored["visibility"], stored["times"]
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"{footage / POSES} is damaged: remove {footage} and repeat.") from error
    if background is None or background.shape[0] != background.shape[1]:
        raise UsageError(f"{footage / BACKGROUND} is no square picture: remove {footage} and repeat.")
    points = np.asarray(points * (side / background.shape[0]), np.float32)
    shrinks = background.shape[0] > side  # as `film.footage` does it, so that it is the trained one
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    still = np.asarray(cv2.resize(background, (side, side), interpolation=method), np.uint8)
    scene = Scene(
        name=naming.name,
        title=naming.title,
        side=side,
        fps=fps,
        statistics=PoseStatistics.of(points, visibility, side, side),
        licence=naming.licence,
        consent=naming.consent,
    )
    save_scene(folder, scene, still, Movement(points, visibility, np.asarray(times, np.float64)))
    shutil.copyfile(model, folder / MODEL)
    if for_gpu and (model.parent / KERAS_FILE).is_file():
        shutil.copyfile(model.parent / KERAS_FILE, folder / KERAS_MODEL)
    report = {
        "clip_quality": None if quality is None else quality.as_json(),
        "training": training_report(model.parent),
    }
    (folder / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (folder / CARD).write_text(_card(model.parent / CARD, naming), encoding="utf-8")
    return scene


def _card(draft: Path, naming: Naming) -> str:
    """The training's draft of the model card with what is known of the rights."""
    rights = f"Licence of the clip: {naming.licence} Who is seen: {naming.consent}"
    text = draft.read_text(encoding="utf-8") if draft.is_file() else f"# Model card: {naming.title}\n"
    if TO_BE_WRITTEN in text:
        return text.replace(TO_BE_WRITTEN, rights)
    return f"{text}\n## Rights\n\n{rights}\n"


def install(folder: Path, scenes: Path) -> Path:
    """Copy a scene folder among the scenes; one of the same name is replaced.

    Raises:
        UsageError: where it cannot be written.
    """
    target = scenes / folder.name
    partial = scenes / f".{folder.name}.partial"
    try:
        scenes.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(folder, partial)
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from error
    return target
