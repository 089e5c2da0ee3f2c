"""`mirror film make`: all steps from a clip to a scene, each of which goes on where it was ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mirror_core.errors import UsageError
from mirror_effects.film.scene import PREVIEW, checked_name, default_scenes_folder, load_scene
from mirror_training.film_scene.assembly import Naming, assemble, install
from mirror_training.film_scene.clip import USUAL_FPS, Clip, open_clip
from mirror_training.film_scene.crop import Crop, parse_crop
from mirror_training.film_scene.extraction import extract
from mirror_training.film_scene.footage_folder import QUALITY, Gathered, write_footage
from mirror_training.film_scene.pose_finder import FinderMaker, TrackedFinder
from mirror_training.film_scene.preview import pieces_to_show, write_preview
from mirror_training.film_scene.quality import Quality
from mirror_training.film_scene.scan import Progress, scan, write_frames
from mirror_training.film_scene.steps import Steps
from mirror_training.film_scene.training import (
    KERAS_FILE,
    STILL_RIVAL,
    Trainer,
    WaitingError,
    recipe_for,
    train_here,
    trained_model,
    training_report,
)

__all__ = ["Made", "Order", "footage_of", "make_scene", "quality_file", "work_folder"]

DATA = "footage"


@dataclass(frozen=True, slots=True)
class Order:
    """What a person orders.

    Attributes:
        clip: the film.
        naming: name, title and rights of the scene.
        crop: "auto", "centre" or "x,y,side".
        fps: wanted frames per second.
        size: of the network, "fast" or "full".
        minutes: to train; None: the recipe's epochs.
        compare: whether a network without the frame before is trained too, to measure beside.
        processes: that look for poses.
        scenes: folder that the scene is put into; None: a person's own.
        work: folder to work in; None: beside the scenes.

    Raises:
        UsageError: on a name that is not allowed.
    """

    clip: Path
    naming: Naming
    crop: str = "auto"
    fps: float = USUAL_FPS
    size: str = "fast"
    minutes: float | None = None
    compare: bool = False
    processes: int = 1
    scenes: Path | None = None
    work: Path | None = None

    def __post_init__(self) -> None:
        checked_name(self.naming.name)
        recipe_for(self.size, 0, self.minutes)

    @property
    def scenes_folder(self) -> Path:
        """Where the scene goes."""
        return self.scenes or default_scenes_folder()

    @property
    def work_folder(self) -> Path:
        """Where the work is done."""
        return self.work or work_folder(self.naming.name, self.scenes)


def work_folder(name: str, scenes: Path | None = None) -> Path:
    """Where a scene is worked on: `film_work` beside the folder of the scenes."""
    return (scenes or default_scenes_folder()).parent / "film_work" / name


def quality_file(work: Path) -> Path:
    """The report on a clip in a work folder."""
    return work / DATA / QUALITY


@dataclass(frozen=True, slots=True)
class Made:
    """A finished scene.

    Attributes:
        folder: of the scene.
        quality: of its clip.
        training: the training's report.
    """

    folder: Path
    quality: Quality
    training: dict[str, Any]


def footage_of(
    order: Order, steps: Steps, told: Progress, finder: FinderMaker | None = None
) -> tuple[Path, Quality]:
    """The steps up to the folder that is learned from.

    Raises:
        UsageError: where the clip cannot be read, or too little of it is usable.
    """
    maker = finder or TrackedFinder
    clip = open_clip(order.clip, order.fps)
    wanted = parse_crop(order.crop, clip.width, clip.height)
    settings = {"clip": clip.mark, "step": clip.step, "crop": order.crop}
    seen = steps.run("scan", settings, lambda _: scan(clip, wanted, maker, told))
    crop = Crop(**seen["crop"])
    count, cuts = int(seen["frames"]), tuple(seen["cuts"])
    steps.run("frames", {}, lambda folder: _frames(clip, crop, count, folder, told))

    def poses(folder: Path) -> Mapping[str, Any]:
        frames = steps.folder / "frames"
        extract(
            frames,
            folder,
            count=count,
            beginnings=list(cuts),
            fps=clip.used_fps,
            maker=maker,
            told=told,
            processes=order.processes,
        )
        return {}

    steps.run("poses", {}, poses)
    gathered = Gathered(clip, crop, count, cuts, steps.folder / "frames", steps.folder / "poses")
    steps.run(DATA, {}, lambda folder: write_footage(gathered, folder, told).as_json())
    # The file's name is no part of the keys: a clip that was moved is still the same.
    quality = Quality.read(quality_file(steps.folder))
    return steps.folder / DATA, replace(quality, clip=order.clip.name)


def _frames(clip: Clip, crop: Crop, count: int, folder: Path, told: Progress) -> Mapping[str, Any]:
    write_frames(clip, crop, count, folder, told)
    return {}


def _train(order: Order, steps: Steps, footage: Path, quality: Quality, trainer: Trainer) -> Path:
    """The trained .tflite file. Each recipe has a folder of its own, and none is ever removed.

    Raises:
        WaitingError: where the training has to be done elsewhere, or the conversion.
    """
    recipe = recipe_for(order.size, quality.used, order.minutes)
    rivals: dict[str, Path] = {}
    if order.compare:
        still = replace(recipe, design=replace(recipe.design, temporal=False))
        place = steps.folder / f"training_{steps.keyed('training', asdict(still))}"
        if trained_model(place, order.size) is None:
            _trained_in(place, trainer(footage, place, still, {}), order.size)
        rivals = {STILL_RIVAL: place / KERAS_FILE}
    place = steps.folder / f"training_{steps.keyed('training', asdict(recipe))}"
    found = trained_model(place, order.size)
    return found or _trained_in(place, trainer(footage, place, recipe, rivals), order.size)


def _trained_in(folder: Path, problem: str, size: str) -> Path:
    model = trained_model(folder, size)
    if model is None:
        raise WaitingError(problem or f"The training in {folder} has not ended yet: repeat this command.")
    return model


def make_scene(
    order: Order, told: Progress, finder: FinderMaker | None = None, trainer: Trainer | None = None
) -> Made:
    """All steps.

    Raises:
        UsageError: where the clip cannot become a scene, or a folder cannot be written to.
        WaitingError: where the training has to be done elsewhere.
    """
    steps = Steps(order.work_folder)
    footage, quality = footage_of(order, steps, told, finder)
    told("training", 0, None)
    model = _train(order, steps, footage, quality, trainer or train_here)
    naming, name = order.naming, order.naming.name
    settings: dict[str, Any] = {"model": model.parent.name, "size": order.size, "naming": asdict(naming)}
    settings["file"] = model.stat().st_mtime_ns

    def assembled(folder: Path) -> Mapping[str, Any]:
        assemble(folder / name, naming, footage=footage, model=model, fps=quality.fps, quality=quality)
        return {}

    steps.run("scene", settings, assembled)
    folder = steps.folder / "scene" / name
    report = training_report(model.parent)

    def previewed(preview: Path) -> Mapping[str, Any]:
        pieces = pieces_to_show(report, quality.used, quality.fps)
        return {"frames": write_preview(preview / PREVIEW, load_scene(folder), footage, pieces, told)}

    steps.run("preview", {}, previewed)
    (folder / PREVIEW).write_bytes((steps.folder / "preview" / PREVIEW).read_bytes())
    installed = install(folder, order.scenes_folder)
    load_scene(installed)
    return Made(installed, quality, report)


def read_report(file: Path) -> dict[str, Any]:
    """A scene's report.json.

    Raises:
        UsageError: where it is missing or damaged.
    """
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is missing or damaged: make the scene anew.") from error
    if not isinstance(report, dict):
        raise UsageError(f"{file} is no report: make the scene anew.")
    return report
