"""From what was found in a clip to the folder that `mirror_training.film` learns from, and the report."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mirror_core.errors import UsageError
from mirror_training.film.footage import POSES
from mirror_training.film.frames import ALPHAS, FOLDER
from mirror_training.film_scene.clip import Clip
from mirror_training.film_scene.crop import Crop
from mirror_training.film_scene.cuts import parts
from mirror_training.film_scene.extraction import Extracted, read_alpha, read_extracted, read_frame
from mirror_training.film_scene.figure_alpha import figure_alpha, sharp
from mirror_training.film_scene.places import Place, main_place
from mirror_training.film_scene.quality import Quality, advice, missing_limbs, refuse_if_too_little
from mirror_training.film_scene.scan import FRAME_NAME, Progress, picture_side
from mirror_training.film_scene.selection import Selection, select, smoothed
from mirror_training.opencv import cv2

__all__ = ["BACKGROUND", "QUALITY", "Gathered", "write_footage"]

BACKGROUND, QUALITY = "background.png", "quality.json"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What lies ready to be made into footage.

    Attributes:
        clip: the clip.
        crop: the square of it.
        count: of its frames.
        cuts: numbers of the frames that begin something new.
        frames: folder of the written frames.
        poses: folder of poses and alphas.
    """

    clip: Clip
    crop: Crop
    count: int
    cuts: tuple[int, ...]
    frames: Path
    poses: Path


def write_footage(gathered: Gathered, folder: Path, told: Progress) -> Quality:
    """Write frames, alphas, poses and background of the frames that are used, and quality.json.

    Raises:
        UsageError: where too little is usable (quality.json is there all the same), or the disk is full.
    """
    extracted = read_extracted(gathered.poses, gathered.count)
    numbers = parts(gathered.count, gathered.cuts)
    place = main_place(gathered.frames, gathered.poses, extracted, numbers)
    chosen = select(extracted.points, extracted.visibility, numbers, place.in_place)
    quality = _quality(gathered, extracted, place, chosen)
    folder.mkdir(parents=True, exist_ok=True)
    quality.write(folder / QUALITY)
    refuse_if_too_little(quality)
    visibility = extracted.visibility[chosen.frames]
    _write_pictures(gathered, place, chosen, folder, told)
    if not cv2.imwrite(str(folder / BACKGROUND), place.background.picture):
        raise UsageError(f"{folder} cannot be written to: is the disk full?")
    np.savez_compressed(
        folder / POSES,
        points=smoothed(extracted.points[chosen.frames], visibility, chosen.shots),
        visibility=visibility,
        times=chosen.frames / gathered.clip.used_fps,
        shot=chosen.shots,
    )
    return quality


def _quality(gathered: Gathered, extracted: Extracted, place: Place, chosen: Selection) -> Quality:
    clip, crop, still = gathered.clip, gathered.crop, place.stillness
    quality = Quality(
        clip=clip.file.name,
        frames=gathered.count,
        seconds=gathered.count / clip.used_fps,
        fps=clip.used_fps,
        crop=(crop.x, crop.y, crop.side),
        side=picture_side(crop),
        cuts=gathered.cuts,
        coverage=float(extracted.found.mean()),
        used=len(chosen.frames),
        runs=int(chosen.shots.max()) + 1 if len(chosen.shots) else 0,
        left_out={
            "no body": chosen.without_body,
            "another place": chosen.other_place,
            "too little of the body": chosen.little_seen,
            "in short runs": chosen.in_short_runs,
        },
        missing=missing_limbs(extracted.visibility[chosen.frames]),
        others=float((extracted.others[chosen.frames] > 0).mean()) if len(chosen.frames) else 0.0,
        background={
            "still": still.is_still,
            "moving": still.moving,
            "light": still.light,
            "shaking": still.shaking,
            "unseen": float(1 - place.background.seen.mean()),
        },
    )
    return replace(quality, advice=advice(quality))


def _write_pictures(
    gathered: Gathered, place: Place, chosen: Selection, folder: Path, told: Progress
) -> None:
    """Frames and alphas; those that are there are kept."""
    for name in (FOLDER, ALPHAS):
        (folder / name).mkdir(exist_ok=True)
    count = len(chosen.frames)
    for done, number in enumerate(chosen.frames, 1):
        name = FRAME_NAME.format(number)
        _link(gathered.frames / name, folder / FOLDER / name)
        file = folder / ALPHAS / f"{number:06d}.png"
        if not file.is_file():
            rough = read_alpha(gathered.poses, int(number))
            alpha = sharp(rough)
            if place.stillness.is_still:
                alpha = figure_alpha(
                    read_frame(gathered.frames, int(number)),
                    place.background.picture,
                    rough,
                    place.background.seen,
                )
            partial = file.with_suffix(".partial")
            partial.write_bytes(cv2.imencode(".png", alpha)[1].tobytes())
            partial.replace(file)
        if done % 10 == 0 or done == count:
            told("figure", done, count)


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the disk has no such names."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
