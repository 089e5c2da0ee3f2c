"""Batches of pairs without end, in an order that follows from the seed; made ahead by other processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical import MaskOptions, MedicalMasks
from mirror_training.opencv import cv2
from mirror_training.skin_colours import SkinColour, skin_colours
from mirror_training.unmask_augment import Jitter
from mirror_training.unmask_faces import UnmaskFace
from mirror_training.unmask_pairs import PairMaker
from mirror_training.unmask_recipe import Recipe

__all__ = ["PairBatches", "donor_skins"]

MOST_DONORS = 300
AHEAD = 3  # batches that are being made, or wait, for each process

Packed = NDArray[np.uint8]
Task = tuple[UnmaskFace, tuple[int, int]]


def donor_skins(faces: Sequence[UnmaskFace]) -> tuple[SkinColour, ...]:
    """The skins of some of the faces that are in colour."""
    coloured = [face for face in faces if face.is_colour]
    some = coloured[:: max(1, len(coloured) // MOST_DONORS)][:MOST_DONORS]
    return skin_colours((face.picture(), face.landmarks) for face in some)


def _maker(recipe: Recipe, options: MaskOptions, skins: Sequence[SkinColour]) -> PairMaker:
    return PairMaker(
        recipe.design.side,
        MedicalMasks(options),
        skins,
        bare=recipe.bare,
        grey=recipe.grey if skins else 1.0,
        jitter=Jitter(),
    )


_worker_maker: PairMaker | None = None  # of a process that makes pairs


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # a pool's process whose parent was killed would wait for ever


def _start_worker(recipe: Recipe, options: MaskOptions, skins: Sequence[SkinColour]) -> None:
    global _worker_maker  # noqa: PLW0603 – each process of the pool has its own
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    _worker_maker = _maker(recipe, options, skins)


def _make_in_worker(tasks: Sequence[Task]) -> Packed:
    assert _worker_maker is not None
    return _made(_worker_maker, tasks)


def _made(maker: PairMaker, tasks: Sequence[Task]) -> Packed:
    return np.stack([maker.make(face, seed).packed() for face, seed in tasks])


class PairBatches:
    """Draws the batches of a training; what comes depends on the recipe's seed alone, not on its workers.

    Args:
        recipe: numbers of the training.
        faces: what to draw from, one or more.
        options: what masks are drawn.
        skins: for grey photographs.
    """

    def __init__(
        self,
        recipe: Recipe,
        faces: Sequence[UnmaskFace],
        options: MaskOptions | None = None,
        skins: Sequence[SkinColour] = (),
    ) -> None:
        self._recipe = recipe
        arguments = (recipe, options or MaskOptions(), tuple(skins))
        self._faces = list(faces)
        # Colour photographs come more often where grey ones are among them.
        repeats = recipe.colour_repeats if any(not face.is_colour for face in faces) else 1
        self._rows = np.array(
            [row for row, face in enumerate(faces) for _ in range(repeats if face.is_colour else 1)], np.int64
        )
        self._maker: PairMaker | None = None
        self._pool: ProcessPoolExecutor | None = None
        if recipe.workers:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(recipe.workers, context, _start_worker, arguments)
        else:
            self._maker = _maker(*arguments)

    def __len__(self) -> int:
        """Pairs in one round of all faces."""
        return len(self._rows)

    def _tasks(self, step: int) -> list[Task]:
        first = step * self._recipe.batch
        tasks = []
        order, number = self._rows, -1
        for place in range(first, first + self._recipe.batch):
            turn, position = divmod(place, len(self._rows))
            if turn != number:
                number = turn
                order = self._rows[
                    np.random.default_rng([self._recipe.seed, turn]).permutation(len(self._rows))
                ]
            tasks.append((self._faces[int(order[position])], (self._recipe.seed, place)))
        return tasks

    def from_step(self, step: int) -> Iterator[Packed]:
        """Packed pairs uint8 [batch, side, side, CHANNELS] of a step and all that follow."""
        if self._pool is None:
            assert self._maker is not None
            while True:
                yield _made(self._maker, self._tasks(step))
                step += 1
        waiting: deque[Future[Packed]] = deque()
        while True:
            while len(waiting) < AHEAD * self._recipe.workers:
                waiting.append(self._pool.submit(_make_in_worker, self._tasks(step)))
                step += 1
            yield waiting.popleft().result()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
