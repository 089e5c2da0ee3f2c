"""Clips of the character, frame by frame or written to a folder that a scene can be trained on.

The folder holds

    clip.json        what it is: size, frames per second, seed, seconds, grain, swing, version, licence
    background.png   the street without the character
    frames/000000.png …  the pictures, uint8 BGR
    alpha/000000.png …   how much of each pixel is not the background, uint8
    poses.npz        points float32 [n, 33, 3] (pixels), visibility float32 [n, 33], times float64 [n] (s)
    clip.mp4         the same pictures as a film, if it was asked for

A clip that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BODY_POINT_COUNT
from mirror_core.errors import SourceError, UsageError
from mirror_core.frame import Image
from mirror_training.film_character.choreography import Choreography
from mirror_training.film_character.film_look import grain
from mirror_training.film_character.renderer import RenderedFrame, Renderer
from mirror_training.opencv import cv2

__all__ = [
    "CLIP_FILE",
    "POSES_FILE",
    "ClipSettings",
    "Poses",
    "clip",
    "frame_times",
    "read_poses",
    "write_clip",
]

logger = logging.getLogger("mirror.training")

CLIP_FILE, POSES_FILE, BACKGROUND_FILE, FILM_FILE = "clip.json", "poses.npz", "background.png", "clip.mp4"
FRAMES, ALPHA = "frames", "alpha"
VERSION = 1  # of the character's looks: another one is another film
LICENCE = "Apache-2.0. Drawn by mirror_training.film_character; shows no person and no film."
KEPT = 250  # frames after which the poses are written
REPORT_S = 10.0


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """What a clip is.

    Attributes:
        seed: of the choreography.
        seconds: length.
        fps: frames per second.
        size: side of the pictures in pixels.
        grain: standard deviation of the film grain in grey levels; 0, because a network cannot learn it.
        swing: how far the lamp swings, 0 for not at all.

    Raises:
        UsageError: for a length, rate, grain or swing that is not allowed.
    """

    seed: int
    seconds: float
    fps: float = 25.0
    size: int = 256
    grain: float = 0.0
    swing: float = 1.0

    def __post_init__(self) -> None:
        if not (0.0 < self.seconds <= 3600.0 and 1.0 <= self.fps <= 120.0):
            raise UsageError(
                f"A clip lasts up to 3600 s at 1 to 120 frames per second, "
                f"not {self.seconds:g} s at {self.fps:g}."
            )
        if not (0.0 <= self.grain <= 60.0 and 0.0 <= self.swing <= 2.0):
            raise UsageError(
                f"Grain is 0 to 60 grey levels and swing 0 to 2, not {self.grain:g} and {self.swing:g}."
            )
        if self.seed < 0:
            raise UsageError(f"A seed is 0 or more, not {self.seed}.")


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """The skeleton over a clip.

    Attributes:
        points: float32 [n, 33, 3], pixels.
        visibility: float32 [n, 33], 0 … 1.
        times: float64 [n], seconds.
    """

    points: NDArray[np.float32]
    visibility: NDArray[np.float32]
    times: NDArray[np.float64]


def frame_times(settings: ClipSettings) -> NDArray[np.float64]:
    """When the frames are, in seconds."""
    return np.arange(max(1, round(settings.seconds * settings.fps))) / settings.fps


def clip(
    seed: int, seconds: float, fps: float = 25.0, size: int = 256, swing: float = 1.0
) -> Iterator[tuple[float, RenderedFrame]]:
    """The frames of a clip with their times in seconds; the same arguments give the same frames."""
    yield from _frames(ClipSettings(seed, seconds, fps, size, 0.0, swing), 0)


def _frames(settings: ClipSettings, first: int) -> Iterator[tuple[float, RenderedFrame]]:
    choreography = Choreography(settings.seed, settings.seconds)
    renderer = Renderer(settings.size, settings.swing)
    for moment in frame_times(settings)[first:]:
        yield float(moment), renderer.render(choreography.state(float(moment)), float(moment))


def read_poses(folder: Path) -> Poses:
    """The poses of a clip's folder.

    Raises:
        SourceError: if they are not there or damaged.
    """
    try:
        with np.load(folder / POSES_FILE) as stored:
            poses = Poses(stored["points"], stored["visibility"], stored["times"])
    except (OSError, KeyError, ValueError) as error:
        raise SourceError(f"{folder / POSES_FILE} cannot be read ({error}); write the clip anew.") from error
    count = len(poses.times)
    if poses.points.shape != (count, BODY_POINT_COUNT, 3) or poses.visibility.shape != (
        count,
        BODY_POINT_COUNT,
    ):
        raise SourceError(
            f"{folder / POSES_FILE} holds no poses of {BODY_POINT_COUNT} points; write the clip anew."
        )
    return poses


def write_clip(folder: Path, settings: ClipSettings, *, film: bool = False) -> Poses:
    """Write a clip's folder, or the rest of it.

    Args:
        folder: made if it is not there.
        settings: what the clip is.
        film: whether the pictures are also put into one file, clip.mp4.

    Raises:
        UsageError: if the folder holds another clip.
        SourceError: if OpenCV cannot write a file.
    """
    done = _begin(folder, settings)
    count = len(frame_times(settings))
    points, visibility, times = [done.points], [done.visibility], [done.times]
    first = len(done.times)
    reported = started = time.monotonic()

    def keep() -> Poses:
        kept = Poses(np.concatenate(points), np.concatenate(visibility), np.concatenate(times))
        partial = folder / f".{POSES_FILE}"
        np.savez_compressed(partial, points=kept.points, visibility=kept.visibility, times=kept.times)
        partial.replace(folder / POSES_FILE)
        return kept

    for number, (moment, frame) in enumerate(_frames(settings, first), first):
        name = f"{number:06d}.png"
        _write(folder / FRAMES / name, _grained(frame.image, settings, number))
        _write(folder / ALPHA / name, frame.alpha)
        points.append(frame.points[None])
        visibility.append(frame.visibility[None])
        times.append(np.array([moment]))
        if (number + 1) % KEPT == 0:
            keep()
        if time.monotonic() - reported > REPORT_S:
            reported = time.monotonic()
            rate = (number + 1 - first) / (reported - started)
            logger.info("%d of %d frames, %.1f a second", number + 1, count, rate)
    poses = keep()
    if film:
        _write_film(folder, settings, count)
    return poses


def _begin(folder: Path, settings: ClipSettings) -> Poses:
    """Make the folder and say what of the clip is there."""
    for each in (FRAMES, ALPHA):
        (folder / each).mkdir(parents=True, exist_ok=True)
    description = asdict(settings) | {"version": VERSION, "licence": LICENCE}
    file = folder / CLIP_FILE
    if file.exists():
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if found != description:
            raise UsageError(f"{folder} holds another clip; give another folder, or remove this one.")
    else:
        file.write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    _write(folder / BACKGROUND_FILE, Renderer(settings.size, settings.swing).background)
    if (folder / POSES_FILE).exists():
        return read_poses(folder)
    none = np.zeros((0, BODY_POINT_COUNT, 3), np.float32)
    return Poses(none, none[..., 0], np.zeros(0))


def _grained(picture: Image, settings: ClipSettings, number: int) -> Image:
    if settings.grain == 0.0:
        return picture
    return grain(picture, np.random.default_rng([settings.seed, number]), settings.grain)


def _write(file: Path, picture: NDArray[np.uint8]) -> None:
    if not cv2.imwrite(str(file), picture):
        raise SourceError(f"{file} cannot be written; is the disk full or the folder read-only?")


def _write_film(folder: Path, settings: ClipSettings, count: int) -> None:
    """All frames as one file."""
    file = folder / FILM_FILE
    size = (settings.size, settings.size)
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), settings.fps, size)
    if not writer.isOpened():
        raise SourceError(f"{file} cannot be written: OpenCV has no MPEG-4 encoder here.")
    for number in range(count):
        writer.write(cv2.imread(str(folder / FRAMES / f"{number:06d}.png")))
    writer.release()
