"""Where pictures with emotions come from: an .npz file with splits, FER2013's CSV, folders of classes."""

from __future__ import annotations

import csv
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.face_input import SIDE
from mirror_training.mood_data import EMOTIONS, VOTES, MoodData
from mirror_training.opencv import cv2

__all__ = ["SPLITS", "Progress", "load", "load_csv", "load_folders", "load_npz"]

SPLITS: Final = ("train", "public", "private")  # FER2013's Training, PublicTest and PrivateTest
CHUNK = 500  # pictures that one task prepares
PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
USAGE: Final = {"Training": "train", "PublicTest": "public", "PrivateTest": "private"}
SPLIT_FOLDERS: Final = {
    "train": ("train", "training"),
    "public": ("public", "publictest", "val", "validation"),
    "private": ("private", "privatetest", "test"),
}
CLASS_FOLDERS: Final = {
    "angry": ("angry", "anger"),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful"),
    "happy": ("happy", "happiness"),
    "sad": ("sad", "sadness"),
    "surprise": ("surprise", "surprised"),
    "neutral": ("neutral",),
}

Progress = Callable[[int, int], None]  # (pictures prepared, pictures in all)


def load(
    path: Path,
    split: str,
    votes: Path | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> MoodData:
    """Pictures of one split, from any of the three kinds of place.

    Args:
        path: an .npz file, FER2013's .csv or a folder with a folder for each class.
        split: one of SPLITS.
        votes: FER+'s fer2013new.csv, beside FER2013's CSV only.
        workers: processes that prepare pictures, 0 for this one; an .npz file needs none.
        progress: told how far the preparation is.

    Raises:
        UsageError: where something is missing, cannot be read or holds no picture of the split.
    """
    if split not in SPLITS:
        raise UsageError(f"There is no split {split!r}; choose {', '.join(SPLITS)}.")
    if votes is not None and path.suffix.lower() != ".csv":
        raise UsageError(f"Votes come row for row beside FER2013's CSV, and {path} is none.")
    if path.is_dir():
        return load_folders(path, split, workers, progress)
    if not path.is_file():
        raise UsageError(f"{path} does not exist; give an .npz file, FER2013's .csv or a folder of classes.")
    if path.suffix.lower() == ".csv":
        return load_csv(path, split, votes, workers, progress)
    return load_npz(path, split)


def load_npz(file: Path, split: str) -> MoodData:
    """Pictures of one split of an .npz file.

    Args:
        file: holds images uint8 [n, 48, 48], label, split (numbers into SPLITS) and, where FER+ voted,
            ferplus [n, 10].
        split: one of SPLITS.

    Raises:
        UsageError: where the file cannot be read, lacks an array or holds no picture of the split.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            rows = archive["split"] == SPLITS.index(split)
            images, labels = archive["images"][rows], archive["label"][rows]
            asked = archive["ferplus"][rows] if "ferplus" in archive else np.zeros((len(images), len(VOTES)))
    except KeyError as error:
        raise UsageError(f"{file} lacks an array: it needs images, label and split.") from error
    except (OSError, ValueError, IndexError, AttributeError) as error:
        raise UsageError(f"{file} cannot be read as an .npz file of pictures: {error}.") from error
    return _checked(file, split, images, labels, asked)


def load_csv(
    file: Path,
    split: str,
    votes: Path | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> MoodData:
    """Pictures of one split of FER2013's fer2013.csv (emotion, pixels, Usage), with FER+'s votes if given.

    Args:
        file: the CSV file.
        split: one of SPLITS.
        votes: FER+'s fer2013new.csv, whose rows are those of `file` in the same order.
        workers: processes that read pixels, 0 for this one.
        progress: told how far the preparation is.

    Raises:
        UsageError: where a file cannot be read, does not have its columns, or the two do not fit.
    """
    rows = list(_csv_rows(file, ("emotion", "pixels", "Usage")))
    asked = np.zeros((len(rows), len(VOTES)), np.uint8)
    if votes is not None:
        columns = (*(name if name != "no face" else "NF" for name in VOTES), "Usage")
        given = list(_csv_rows(votes, columns))
        if [row[-1] for row in given] != [row[2] for row in rows]:
            raise UsageError(f"{votes} does not fit {file}: rows and their Usage have to be the same.")
        try:
            asked = np.array([row[:-1] for row in given], np.float64).astype(np.uint8).reshape(asked.shape)
        except ValueError as error:
            raise UsageError(f"{votes} holds a vote that is no number: {error}.") from error
    wanted = [number for number, row in enumerate(rows) if USAGE.get(row[2]) == split]
    texts = [rows[number][1] for number in wanted]
    try:
        labels = np.array([int(rows[number][0]) for number in wanted])
        images = _prepared(_pixels, texts, workers, progress)
    except ValueError as error:
        raise UsageError(f"{file} holds a damaged row: {error}.") from error
    return _checked(file, split, images, labels, asked[wanted])


def load_folders(folder: Path, split: str, workers: int = 0, progress: Progress | None = None) -> MoodData:
    """Pictures of one split of a folder: split/class/picture, or class/picture, which is all training.

    Args:
        folder: with folders named as in SPLIT_FOLDERS and CLASS_FOLDERS, in any case of letters.
        split: one of SPLITS.
        workers: processes that read pictures, 0 for this one.
        progress: told how far the preparation is.

    Raises:
        UsageError: where a folder is missing or a picture cannot be read.
    """
    places = {each.name.lower(): each for each in sorted(folder.iterdir()) if each.is_dir()}
    of_split = next((places[name] for name in SPLIT_FOLDERS[split] if name in places), None)
    if of_split is None and split == "train" and any(name in places for name in CLASS_FOLDERS["happy"]):
        of_split = folder
    if of_split is None:
        raise UsageError(
            f"{folder} has no folder for the split {split}; it would be named {SPLIT_FOLDERS[split][0]}."
        )
    classes = {each.name.lower(): each for each in sorted(of_split.iterdir()) if each.is_dir()}
    files: list[Path] = []
    labels: list[int] = []
    for number, emotion in enumerate(EMOTIONS):
        for name in CLASS_FOLDERS[emotion]:
            if name in classes:
                found = sorted(f for f in classes[name].rglob("*") if f.suffix.lower() in PICTURES)
                files += found
                labels += [number] * len(found)
    try:
        images = _prepared(_read_picture, files, workers, progress)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return _checked(folder, split, images, np.array(labels), np.zeros((len(files), len(VOTES))))


def _csv_rows(file: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            reader = csv.reader(stream)
            head = [name.strip() for name in next(reader, [])]
            missing = [name for name in columns if name not in head]
            if missing:
                raise UsageError(
                    f"{file} has no column {', '.join(missing)}; its columns are {', '.join(head)}."
                )
            places = [head.index(name) for name in columns]
            for number, row in enumerate(reader, start=2):
                if len(row) != len(head):
                    raise UsageError(f"{file} has {len(row)} instead of {len(head)} values in line {number}.")
                yield [row[place] for place in places]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as CSV: {error}.") from error


def _pixels(text: str) -> NDArray[np.uint8]:
    values = np.array(text.split(), np.int64)
    if len(values) != SIDE * SIDE or values.min() < 0 or values.max() > 255:
        raise ValueError(f"a picture has to be {SIDE * SIDE} numbers of 0 … 255")
    return values.astype(np.uint8).reshape(SIDE, SIDE)


def _read_picture(file: Path) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_GRAYSCALE) if file.stat().st_size else None
    if picture is None:
        raise ValueError(f"{file} cannot be read as a picture; remove it or mend it.")
    if picture.shape != (SIDE, SIDE):
        shrinks = max(picture.shape) > SIDE
        picture = cv2.resize(
            picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        )
    result: NDArray[np.uint8] = picture
    return result


def _chunk(work: Callable[[Any], NDArray[np.uint8]], items: Sequence[Any]) -> NDArray[np.uint8]:
    return np.stack([work(item) for item in items])


def _prepared(
    work: Callable[[Any], NDArray[np.uint8]],
    items: Sequence[Any],
    workers: int,
    progress: Progress | None,
) -> NDArray[np.uint8]:
    """All pictures in the order of `items`, uint8 [n, SIDE, SIDE], made in chunks by several processes."""
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    parts = [np.zeros((0, SIDE, SIDE), np.uint8)]
    do = partial(_chunk, work)

    def collect(results: Iterator[NDArray[np.uint8]]) -> None:
        done = 0
        for part in results:
            parts.append(part)
            done += len(part)
            if progress is not None:
                progress(done, len(items))

    if workers and len(chunks) > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=context) as pool:
            collect(pool.map(do, chunks))
    else:
        collect(map(do, chunks))
    return np.concatenate(parts)


def _checked(
    place: Path,
    split: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    votes: NDArray[np.float64] | NDArray[np.uint8],
) -> MoodData:
    if not len(images):
        raise UsageError(f"{place} holds no picture of the split {split}.")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(EMOTIONS):
        raise UsageError(f"{place} holds a label outside of 0 … {len(EMOTIONS) - 1}.")
    try:
        return MoodData(images, labels.astype(np.uint8), votes.astype(np.uint8))
    except ValueError as error:
        raise UsageError(f"{place} does not fit: {error}") from error
