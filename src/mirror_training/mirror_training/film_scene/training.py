"""The scene's training: here where Keras is, else a sentence on how to do it elsewhere."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirror_core.errors import MirrorError, UsageError
from mirror_training.film.export import FLOAT16, INT8
from mirror_training.film.recipe import Recipe, Splitting, recipe_of

__all__ = [
    "STILL_RIVAL",
    "Trainer",
    "WaitingError",
    "can_train_here",
    "recipe_for",
    "train_here",
    "trained_model",
    "training_report",
]

REPORT, CARD, KERAS_FILE = "report.json", "model_card.md", "film.keras"
STILL_RIVAL = "without the frame before"
LONG, MIDDLE = 800, 300  # used frames from which four, and two, pieces are kept aside to measure on

Trainer = Callable[[Path, Path, Recipe, Mapping[str, Path]], str]
"""Trains on a folder of footage, writes into a folder, measures rivals beside; what went wrong, or "". """


class WaitingError(MirrorError):
    """The scene cannot be finished here and now; the message says what to do, and that it then goes on."""


def recipe_for(size: str, used: int, minutes: float | None) -> Recipe:
    """The recipe of a size for a clip of so many used frames.

    Raises:
        UsageError: on an unknown size.
    """
    recipe = recipe_of(size)
    pieces = 4 if used >= LONG else 2 if used >= MIDDLE else 1
    splitting = replace(Splitting(), pieces=pieces)
    return replace(recipe, splitting=splitting, minutes=minutes)


def can_train_here() -> bool:
    """Whether Keras and something that it computes with are installed."""
    backends = ("tensorflow", "torch", "jax")
    return bool(importlib.util.find_spec("keras")) and any(map(importlib.util.find_spec, backends))


def train_here(footage: Path, folder: Path, recipe: Recipe, rivals: Mapping[str, Path]) -> str:
    """Train by `mirror_training.film.run`.

    Raises:
        WaitingError: where Keras is not installed.
    """
    if not can_train_here():
        size = "full" if recipe.design.side > recipe_of("fast").design.side else "fast"
        minutes = "" if recipe.minutes is None else f" --minutes {recipe.minutes:g}"
        still = "" if recipe.design.temporal else " --still"
        raise WaitingError(
            f"The footage is ready in {footage}, but Keras is not installed here: install "
            "requirements/train.txt in an environment of its own, on this machine or on one with a GPU, run "
            f"`python -m mirror_training.film {footage} --out {folder} --size {size}{minutes}{still}` there, "
            "and repeat this command, which then goes on."
        )
    run = importlib.import_module("mirror_training.film.run").run
    return str(run(footage, folder, recipe, rivals).problem)


def trained_model(folder: Path, size: str) -> Path | None:
    """The .tflite file of a finished training, None where it is not finished: int8 for `fast`."""
    if not (folder / REPORT).is_file():
        return None
    names = (INT8, FLOAT16) if size == "fast" else (FLOAT16, INT8)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def training_report(folder: Path) -> dict[str, Any]:
    """The report that the training wrote.

    Raises:
        UsageError: where it is damaged.
    """
    file = folder / REPORT
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is damaged: remove it and repeat the command.") from error
    if not isinstance(report, dict):
        raise UsageError(f"{file} is damaged: remove it and repeat the command.")
    return report
