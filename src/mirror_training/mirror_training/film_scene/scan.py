"""The first look at a clip: how many frames, where it cuts, where a body is; then its frames as pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_effects.film.pose import Pose
from mirror_training.film_scene.clip import Clip, read_frames
from mirror_training.film_scene.crop import Crop, around_poses
from mirror_training.film_scene.cuts import cuts, histogram
from mirror_training.film_scene.pose_finder import FinderMaker, PoseFinder
from mirror_training.opencv import cv2

__all__ = ["FRAME_NAME", "Progress", "picture_side", "scan", "write_frames"]

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is, and of how much (None: not known)."""

FRAME_NAME = "{:06d}.jpg"
LOOKED_AT = 24  # frames on which a body is looked for to place the crop
LOOKS, LOOK_STEP_S = 3, 0.04  # each frame is shown so often: a tracker takes nobody up at first sight
LARGEST_SIDE = 512  # pixels of a written frame: what the larger network sees
QUALITY = 95  # of the JPEG files
TOLD_EVERY = 10  # frames


def picture_side(crop: Crop) -> int:
    """Of the written frames in pixels: even, as films need it."""
    return min(crop.side, LARGEST_SIDE) // 2 * 2


def scan(clip: Clip, crop: Crop | None, maker: FinderMaker, told: Progress) -> dict[str, Any]:
    """Read a clip once.

    Args:
        clip: the clip.
        crop: the wanted square; None: where a body is.
        maker: of the finder.
        told: of the progress.

    Returns:
        frames: their number; cuts: numbers of frames that begin something new; crop: x, y, side.

    Raises:
        UsageError: where there are no frames.
    """
    finder = maker(min(clip.width, clip.height)) if crop is None else None
    histograms: list[NDArray[np.float32]] = []
    poses: dict[int, Pose] = {}
    # Lengths that films claim are unsure: frames are looked at ever more rarely, however long it is.
    every = 1
    for number, picture in read_frames(clip):
        histograms.append(histogram(picture))
        if finder is not None and number % every == 0:
            if (pose := _pose(finder, picture)) is not None:
                poses[number] = pose
            if number // every >= LOOKED_AT:
                every *= 2
        if number % TOLD_EVERY == 0:
            told("cuts", number, None)
    if not histograms:
        raise UsageError(f"{clip.file} has no frames that can be read.")
    told("cuts", len(histograms), len(histograms))
    # Those that were looked at before it was seldom would outweigh the rest.
    spread = [pose for number, pose in poses.items() if number % every == 0]
    chosen = crop or around_poses(spread, clip.width, clip.height)
    return {"frames": len(histograms), "cuts": cuts(np.stack(histograms)), "crop": asdict(chosen)}


def _pose(finder: PoseFinder, picture: Any) -> Pose | None:
    finder.reset()
    found = None
    for look in range(LOOKS):
        found = finder.find(picture, 1.0 + look * LOOK_STEP_S) or found
    return None if found is None else found.pose


def write_frames(clip: Clip, crop: Crop, count: int, folder: Path, told: Progress) -> None:
    """Write the square of each frame as a picture; those that are there are kept.

    Raises:
        UsageError: where the clip has fewer frames than before, or the disk is full.
    """
    side = picture_side(crop)
    missing = {number for number in range(count) if not (folder / FRAME_NAME.format(number)).is_file()}
    for number, picture in read_frames(clip, stop=count, wanted=missing.__contains__):
        file = folder / FRAME_NAME.format(number)
        content = cv2.imencode(".jpg", crop.of(picture, side), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        partial = file.with_suffix(".partial")
        try:
            partial.write_bytes(content.tobytes())
            partial.replace(file)
        except OSError as error:
            raise UsageError(f"{file} cannot be written: {error.strerror or error}.") from error
        missing.discard(number)
        if number % TOLD_EVERY == 0:
            told("frames", count - len(missing), count)
    if missing:
        raise UsageError(
            f"{clip.file} gave {count - len(missing)} frames, but {count} before: has the file changed?"
        )
    told("frames", count, count)
