"""A film clip: is it one, how large and long is it, and its frames in order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["Clip", "open_clip", "read_frames"]

LEAST_PX, LARGEST_PX = 64, 4096  # of the shorter and of the longer side
LARGEST_FRAMES = 60_000  # 40 minutes at 25 frames per second
USUAL_FPS = 25.0  # of clips that do not say
MARKED_BYTES = 1 << 20  # at the beginning of the file, that tell it from others


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip.

    Attributes:
        file: where it is.
        width, height: of its pictures in pixels.
        fps: its own frames per second.
        step: every how many-th of its frames is used.
        mark: tells it from other clips.
    """

    file: Path
    width: int
    height: int
    fps: float
    step: int
    mark: str

    @property
    def used_fps(self) -> float:
        """Frames per second that are used."""
        return self.fps / self.step


def open_clip(file: Path, fps: float = USUAL_FPS) -> Clip:
    """Look at a clip.

    Args:
        file: a film that OpenCV reads.
        fps: wanted frames per second: of a clip with twice as many, every second frame is used.

    Raises:
        UsageError: where it is none, or is too small or too large.
    """
    if not file.is_file():
        raise UsageError(f"The clip {file} is missing: name a film that exists.")
    if not fps > 0:
        raise UsageError(f"fps = {fps:g} is refused: a number above 0 is needed.")
    capture = _opened(file)
    try:
        read, picture = capture.read()
        own = float(capture.get(cv2.CAP_PROP_FPS))
        count = float(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    finally:
        capture.release()
    if not read or picture is None:
        raise UsageError(f"{file} cannot be read as a film: is it damaged, or no film?")
    height, width = picture.shape[:2]
    if min(height, width) < LEAST_PX or max(height, width) > LARGEST_PX:
        raise UsageError(
            f"{file} has pictures of {width} × {height} pixels: allowed are {LEAST_PX} to {LARGEST_PX}."
        )
    if count > LARGEST_FRAMES:
        raise UsageError(
            f"{file} has {count:.0f} frames, more than {LARGEST_FRAMES}: cut the part out that you want."
        )
    own = own if math.isfinite(own) and 1 <= own <= 1000 else USUAL_FPS
    with file.open("rb") as stream:
        content = stream.read(MARKED_BYTES)
    mark = hashlib.sha256(content + str(file.stat().st_size).encode()).hexdigest()[:16]
    return Clip(file, width, height, own, max(1, round(own / fps)), mark)


def _opened(file: Path) -> Any:
    capture = cv2.VideoCapture(str(file))
    if not capture.isOpened():
        capture.release()
        raise UsageError(f"{file} cannot be read as a film: is it damaged, or no film?")
    return capture


def read_frames(
    clip: Clip, first: int = 0, stop: int | None = None, wanted: Callable[[int], bool] | None = None
) -> Iterator[tuple[int, Image]]:
    """The used frames with their numbers among the used ones.

    A clip is always read from its beginning: jumping to a frame is not exact in many films. What is not
    wanted is passed without being unpacked where the film allows it.

    Args:
        clip: the clip.
        first, stop: numbers of the first frame and of the one after the last; None: to the end.
        wanted: which of these; None: all.

    Yields:
        number and uint8 [height, width, 3], BGR.
    """
    capture = _opened(clip.file)
    try:
        number = 0
        while stop is None or number < stop:
            for skipped in range(clip.step):
                if not capture.grab():
                    return
                if skipped == 0 and number >= first and (wanted is None or wanted(number)):
                    read, picture = capture.retrieve()
                    if not read or picture.shape != (clip.height, clip.width, 3):
                        return
                    yield number, np.asarray(picture, np.uint8)
            number += 1
            if number > LARGEST_FRAMES:
                raise UsageError(f"{clip.file} has more than {LARGEST_FRAMES} frames: cut a part out.")
    finally:
        capture.release()
