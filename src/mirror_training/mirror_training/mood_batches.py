"""Augmented pictures in random order, made ahead by other processes or on demand by this one."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mirror_training.mood_augment import Augmentation, augmented
from mirror_training.mood_recipe import Recipe
from mirror_training.opencv import cv2

__all__ = ["Batches"]

_worker_images: NDArray[np.uint8]  # of a process that augments


def _start_worker(images: NDArray[np.uint8]) -> None:
    global _worker_images  # noqa: PLW0603 - set once for each process, so that pictures travel once
    _worker_images = images
    cv2.setNumThreads(1)


def _augment_in_worker(rows: NDArray[np.int64], seed: list[int], side: int) -> NDArray[np.float32]:
    return augmented(_worker_images[rows], np.random.default_rng(seed), side, Augmentation())


class Batches:
    """Draws the batches of a training; what comes depends on the recipe's seed alone, not on its workers.

    Args:
        recipe: numbers of the training.
        images: uint8 [n, SIDE, SIDE], what to draw from.
    """

    def __init__(self, recipe: Recipe, images: NDArray[np.uint8]) -> None:
        self._recipe = recipe
        self._images = images
        self._pool = (
            ProcessPoolExecutor(
                recipe.workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start_worker,
                initargs=(images,),
            )
            if recipe.workers
            else None
        )

    def epoch(self, number: int, side: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Rows and pictures of each batch; the last, incomplete batch is left out."""
        recipe = self._recipe
        order = np.random.default_rng([recipe.seed, number]).permutation(len(self._images))
        parts = [
            (order[start : start + recipe.batch], [recipe.seed, number, start])
            for start in range(0, len(order) - recipe.batch + 1, recipe.batch)
        ]
        if self._pool is None:
            for rows, seed in parts:
                yield rows, augmented(self._images[rows], np.random.default_rng(seed), side, Augmentation())
            return
        waiting: deque[tuple[NDArray[np.int64], Future[NDArray[np.float32]]]] = deque()
        for rows, seed in parts:
            waiting.append((rows, self._pool.submit(_augment_in_worker, rows, seed, side)))
            if len(waiting) > 4 * recipe.workers:
                done, future = waiting.popleft()
                yield done, future.result()
        for rows, future in waiting:
            yield rows, future.result()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
