"""Poses and alphas of a clip's frames, in chunks, by several processes; what is there is kept.

A chunk is one file that is written when it is done: whoever ends the work loses the chunks being made.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import zipfile
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_training.film_scene.pose_finder import FinderMaker
from mirror_training.film_scene.scan import FRAME_NAME, Progress
from mirror_training.opencv import cv2

__all__ = ["CHUNK", "Extracted", "extract", "read_alpha", "read_extracted", "read_frame"]

CHUNK = 100  # frames
WARM_UP = 10  # frames before a chunk that its tracker is shown first
ALPHA_NAME = "{:06d}.png"


@dataclass(frozen=True, slots=True, eq=False)
class Extracted:
    """What was found in a clip's frames.

    Attributes:
        points: float32 [n, 33, 3] in the written frames' pixels; 0 where nobody was found.
        visibility: float32 [n, 33]; 0 where nobody was found.
        others: int64 [n], bodies beside the followed one.
    """

    points: NDArray[np.float32]
    visibility: NDArray[np.float32]
    others: NDArray[np.int64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """bool [n]: in which frames a body was found."""
        return np.asarray(self.visibility.max(axis=1) > 0)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """One chunk's work: all that a process needs to know."""

    frames: Path
    folder: Path
    first: int
    stop: int
    beginnings: tuple[int, ...]  # frames at which the tracker begins anew
    fps: float
    maker: FinderMaker

    @property
    def file(self) -> Path:
        return self.folder / f"poses_{self.first:06d}.npz"


def read_frame(folder: Path, number: int) -> Image:
    """A written frame: uint8 [side, side, 3].

    Raises:
        UsageError: where it cannot be read.
    """
    file = folder / FRAME_NAME.format(number)
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise UsageError(f"{file} cannot be read as a picture: remove {folder} and repeat the command.")
    return np.asarray(picture, np.uint8)


def extract(
    frames: Path,
    folder: Path,
    *,
    count: int,
    beginnings: list[int],
    fps: float,
    maker: FinderMaker,
    told: Progress,
    processes: int = 1,
) -> None:
    """Find the figure in all frames.

    Args:
        frames: folder of the written frames.
        folder: where poses and alphas go.
        count: of frames.
        beginnings: numbers of frames that begin something new.
        fps: frames per second.
        maker: of a finder, for each chunk's process.
        told: of the progress.
        processes: that work; 1: this one.
    """
    chunks = [
        _Chunk(frames, folder, first, min(count, first + CHUNK), tuple(beginnings), fps, maker)
        for first in range(0, count, CHUNK)
    ]
    left = [chunk for chunk in chunks if not chunk.file.is_file()]
    done = sum(chunk.stop - chunk.first for chunk in chunks) - sum(each.stop - each.first for each in left)
    told("poses", done, count)
    if processes <= 1 or len(left) <= 1:
        for chunk in left:
            done = _find(chunk, told, done, count)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _start_worker) as pool:
        pending: dict[Future[None], _Chunk] = {pool.submit(_find_in_worker, chunk): chunk for chunk in left}
        try:
            while pending:
                finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    chunk = pending.pop(future)
                    future.result()
                    done += chunk.stop - chunk.first
                    told("poses", done, count)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _start_worker() -> None:
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # a pool's process whose parent was killed would wait for ever


def _find_in_worker(chunk: _Chunk) -> None:
    _find(chunk, lambda *_: None, 0, 0)


def _find(chunk: _Chunk, told: Progress, done: int, count: int) -> int:
    """Work on a chunk; the number of frames done then."""
    picture = read_frame(chunk.frames, chunk.first)
    finder = chunk.maker(min(picture.shape[:2]))
    length = chunk.stop - chunk.first
    points = np.zeros((length, 33, 3), np.float32)
    visibility = np.zeros((length, 33), np.float32)
    others = np.zeros(length, np.int64)
    begun = max([each for each in chunk.beginnings if each <= chunk.first], default=0)
    for number in range(max(begun, chunk.first - WARM_UP), chunk.stop):
        if number in chunk.beginnings:
            finder.reset()
        picture = read_frame(chunk.frames, number)
        found = finder.find(picture, 1.0 + number / chunk.fps)
        if number < chunk.first:
            continue
        row = number - chunk.first
        alpha = np.zeros(picture.shape[:2], np.uint8)
        if found is not None:
            points[row], visibility[row] = found.pose.points, found.pose.visibility
            others[row], alpha = found.others, found.alpha
        if not cv2.imwrite(str(chunk.folder / ALPHA_NAME.format(number)), alpha):
            raise UsageError(f"{chunk.folder} cannot be written to: is the disk full?")
        done += 1
        told("poses", done, count)
    partial = chunk.file.with_name(f"partial_{chunk.first:06d}.npz")
    np.savez(partial, points=points, visibility=visibility, others=others)
    partial.replace(chunk.file)
    return done


def read_extracted(folder: Path, count: int) -> Extracted:
    """What `extract` found.

    Raises:
        UsageError: where a chunk is missing or damaged.
    """
    names = ("points", "visibility", "others")
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
    for first in range(0, count, CHUNK):
        file = folder / f"poses_{first:06d}.npz"
        try:
            with np.load(file, allow_pickle=False) as stored:
                for name in names:
                    found[name].append(stored[name])
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            file.unlink(missing_ok=True)
            raise UsageError(f"{file} was damaged and is removed: remove {folder} and repeat.") from error
    points, visibility, others = (np.concatenate(found[name]) for name in names)
    return Extracted(points, visibility, others.astype(np.int64))


def read_alpha(folder: Path, number: int) -> NDArray[np.uint8]:
    """A frame's alpha: uint8 [side, side].

    Raises:
        UsageError: where it cannot be read.
    """
    file = folder / ALPHA_NAME.format(number)
    alpha = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    if alpha is None:
        raise UsageError(f"{file} cannot be read as an alpha: remove {folder} and repeat the command.")
    return np.asarray(alpha, np.uint8)
