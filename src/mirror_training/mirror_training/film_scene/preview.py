"""A film to look at: the clip, its pose map and what the network makes of it, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_effects.film.composer import composed
from mirror_effects.film.model import FilmModel
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.pose_picture import pose_picture
from mirror_effects.film.scene import SceneFolder
from mirror_training.film.frames import FOLDER
from mirror_training.film_scene.scan import Progress
from mirror_training.opencv import cv2

__all__ = ["pieces_to_show", "write_preview"]

LONGEST_S = 12.0
THREADS = 2


def pieces_to_show(report: dict[str, Any], count: int, fps: float) -> list[range]:
    """Frames of the preview: what was kept aside from the training, or the beginning.

    Args:
        report: of the training.
        count: frames of the footage.
        fps: of the film.
    """
    left = round(LONGEST_S * fps)
    found = []
    for first, last in report.get("test", {}).get("pieces", []):
        piece = range(first, min(last + 1, first + left, count))
        left -= len(piece)
        if piece:
            found.append(piece)
    return found or [range(min(count, left))]


def write_preview(
    file: Path, place: SceneFolder, footage: Path, pieces: Sequence[range], told: Progress
) -> int:
    """Write it as MPEG-4.

    Args:
        file: .mp4.
        place: the scene.
        footage: folder that it was learned from.
        pieces: numbers of frames; each piece begins with the bare background before it.
        told: of the progress.

    Returns:
        how many frames it has.

    Raises:
        UsageError: where OpenCV cannot write films here, or the footage is damaged.
    """
    side, background, movement = place.scene.side, place.background(), place.movement()
    model = FilmModel(place.model, THREADS)
    pictures = sorted((footage / FOLDER).iterdir())
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), place.scene.fps, (3 * side, side))
    if not writer.isOpened():
        raise UsageError(f"{file} cannot be written: OpenCV has no MPEG-4 encoder here.")
    done, count = 0, sum(map(len, pieces))
    try:
        for piece in pieces:
            made = background
            for number in piece:
                pose = Pose.of(movement.points[number], movement.visibility[number])
                labels = draw(pose, side, side)
                made = composed(background, *model.next(labels, made))
                writer.write(np.hstack([_film(pictures[number], side), pose_picture(labels), made]))
                done += 1
                told("preview", done, count)
    finally:
        writer.release()
    return done


def _film(file: Path, side: int) -> Image:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise UsageError(f"{file} cannot be read as a picture: remove its folder and repeat.")
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
