"""Batches of windows without end, in an order that follows from the seed; made ahead by other processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_training.film.footage import Footage
from mirror_training.film.recipe import Recipe
from mirror_training.film.windows import Window, WindowMaker
from mirror_training.opencv import cv2

__all__ = ["Batch", "WindowBatches", "frames_to_learn"]

AHEAD = 3  # batches that are being made, or wait, for each process
OWN_SEED = 2**20  # tells the draw of own frames from that of windows

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Windows of one step, each array of `Window` with a first axis for the batch.

    Attributes:
        own: whether the frame before is to be the network's own.
    """

    poses: NDArray[np.uint8]
    start: NDArray[np.uint8]
    previous: NDArray[np.uint8]
    before: NDArray[np.uint8]
    frame: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    background: NDArray[np.uint8]
    own: bool


def frames_to_learn(footage: Footage, pieces: Sequence[range], rollout: int) -> Numbers:
    """The frames that windows are made of: of a known pose, with enough frames before them in their piece.

    Raises:
        UsageError: where there are none.
    """
    found = footage.has_pose()
    frames = [
        frame
        for piece in pieces
        for frame in piece[rollout + 1 :]
        if found[frame - rollout : frame + 1].all()
    ]
    if not frames:
        raise UsageError(
            "No frame of the clip can be learned from: no body was found in a few frames in a row."
        )
    return np.array(frames, np.int64)


def _maker(footage: Footage, recipe: Recipe, frames: Numbers) -> WindowMaker:
    return WindowMaker(footage, recipe, frames)


_worker_maker: WindowMaker | None = None  # of a process that makes windows


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # a pool's process whose parent was killed would wait for ever


def _start_worker(folder: Path, recipe: Recipe, frames: Numbers) -> None:
    global _worker_maker  # noqa: PLW0603 – each process of the pool has its own
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    _worker_maker = _maker(Footage.read(folder), recipe, frames)


def _make_in_worker(frames: Sequence[int], seeds: Sequence[tuple[int, ...]], own: bool) -> Batch:
    assert _worker_maker is not None
    return _made(_worker_maker, frames, seeds, own)


def _made(maker: WindowMaker, frames: Sequence[int], seeds: Sequence[tuple[int, ...]], own: bool) -> Batch:
    windows = [maker.make(frame, seed, own=own) for frame, seed in zip(frames, seeds, strict=True)]
    parts = {each.name: np.stack([getattr(w, each.name) for w in windows]) for each in fields(Window)}
    return Batch(**parts, own=own)


class WindowBatches:
    """Draws the batches of a training; what comes depends on the recipe's seed alone, not on its workers.

    Args:
        recipe: numbers of the training.
        footage: the scene.
        frames: `frames_to_learn`.
    """

    def __init__(self, recipe: Recipe, footage: Footage, frames: Numbers) -> None:
        self._recipe, self._frames = recipe, frames
        self._maker: WindowMaker | None = None
        self._pool: ProcessPoolExecutor | None = None
        if recipe.workers:
            context = multiprocessing.get_context("spawn")
            arguments = (footage.folder, recipe, frames)
            self._pool = ProcessPoolExecutor(recipe.workers, context, _start_worker, arguments)
        else:
            self._maker = _maker(footage, recipe, frames)

    def __len__(self) -> int:
        """Windows in one round of all frames."""
        return len(self._frames)

    def _task(self, step: int) -> tuple[list[int], list[tuple[int, ...]], bool]:
        recipe, count = self._recipe, len(self._frames)
        places = range(step * recipe.batch, (step + 1) * recipe.batch)
        orders = {
            turn: np.random.default_rng([recipe.seed, turn]).permutation(self._frames)
            for turn in {place // count for place in places}
        }
        frames = [int(orders[place // count][place % count]) for place in places]
        draw = np.random.default_rng([recipe.seed, OWN_SEED, step]).random()
        own = recipe.design.temporal and bool(draw < recipe.own)
        return frames, [(recipe.seed, place) for place in places], own

    def from_step(self, step: int) -> Iterator[Batch]:
        """The batch of a step and all that follow."""
        if self._pool is None:
            assert self._maker is not None
            while True:
                yield _made(self._maker, *self._task(step))
                step += 1
        waiting: deque[Future[Batch]] = deque()
        while True:
            while len(waiting) < AHEAD * self._recipe.workers:
                waiting.append(self._pool.submit(_make_in_worker, *self._task(step)))
                step += 1
            yield waiting.popleft().result()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
