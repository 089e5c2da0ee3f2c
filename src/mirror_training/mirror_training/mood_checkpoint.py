"""The state of a training in one file that is whole even when the process is killed while writing."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError

__all__ = ["State", "read", "write"]


@dataclass(frozen=True, slots=True)
class State:
    """What a training goes on from.

    Attributes:
        weights: of the network, in Keras's order.
        average: their moving average.
        optimizer: variables of the optimizer, in Keras's order.
        notes: numbers and texts: epochs done, seconds spent, the recipe, the history.
    """

    weights: list[NDArray[Any]]
    average: list[NDArray[Any]]
    optimizer: list[NDArray[Any]]
    notes: dict[str, Any]


def write(file: Path, state: State) -> None:
    """Write a checkpoint; until it is complete the older one stays in place."""
    arrays = {
        f"{part}_{number}": array
        for part in ("weights", "average", "optimizer")
        for number, array in enumerate(getattr(state, part))
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    with partial.open("wb") as stream:
        np.savez(stream, notes=np.array(json.dumps(state.notes)), **arrays)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)


def read(file: Path) -> State:
    """Read a checkpoint.

    Raises:
        UsageError: where the file is not one.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            notes = json.loads(str(archive["notes"]))

            def part(name: str) -> list[NDArray[Any]]:
                count = sum(key.startswith(f"{name}_") for key in archive.files)
                return [archive[f"{name}_{number}"] for number in range(count)]

            return State(part("weights"), part("average"), part("optimizer"), notes)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"{file} is no checkpoint of a training: {error}") from error
