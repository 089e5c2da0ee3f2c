"""The unmasking network's files that come with the mirror."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from mirror_tracking.mask_reading import MaskReader, load_card
from mirror_tracking.unmask_model import UnmaskModel

__all__ = ["MODEL_FILES", "card_file", "load_mask_reader", "load_unmask_model", "model_file"]

MODEL_FILES = {"int8": "unmask_int8.tflite", "float16": "unmask.tflite"}
"""Precision → file."""
CARD_FILE = "unmask.json"


def _data(name: str) -> Path:
    return Path(str(resources.files("mirror_tracking") / "data" / name))


def model_file(precision: str) -> Path:
    """The file of a precision, a key of MODEL_FILES; a KeyError for any other."""
    return _data(MODEL_FILES[precision])


def card_file() -> Path:
    """What says how the network's alpha is read."""
    return _data(CARD_FILE)


def load_unmask_model(precision: str, threads: int) -> UnmaskModel:
    """The network that comes with the mirror.

    Raises:
        ModelError: where its file is missing or damaged.
    """
    return UnmaskModel(model_file(precision), threads)


def load_mask_reader() -> MaskReader:
    """The reader of masks, with the quick network and one thread.

    Raises:
        ModelError: where a file is missing or damaged.
    """
    return MaskReader(load_unmask_model("int8", threads=1), load_card(card_file()))
