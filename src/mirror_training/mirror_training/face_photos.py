"""Face crops with landmarks from the archives of a data folder, and their split into trained and held out.

A data folder holds `<name>.tar` of pictures and `<name>_landmarks.npz` with `names` [n] and
`landmarks` [n, 468, 2] in crop pixels, pixel i covering i … i+1.
"""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["FacePhoto", "is_held_out", "load_faces", "load_photos", "without_near_duplicates"]

HELD_OUT_PERCENT = 15
NEAR_DUPLICATE_BITS = 10  # of 64; two crops whose difference hashes differ less show the same picture
IDENTITY = re.compile(r"^\d+_\d+_([a-z]+)_\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class FacePhoto:
    """One face crop.

    Attributes:
        name: its file name.
        image: uint8 [h, w, 3], BGR.
        landmarks: float32 [468, 2], OpenCV pixel coordinates (the centre of pixel 0 is at 0).
        is_grey: True where the picture has no colour.
        doubt: uint8 [h, w], above 0 where something may really be in front of the face; None: nothing known.
    """

    name: str
    image: Image
    landmarks: NDArray[np.float32]
    is_grey: bool
    doubt: NDArray[np.uint8] | None = None


def _pictures(archive: Path) -> Iterator[tuple[str, Image]]:
    if not archive.is_file():
        raise UsageError(f"{archive} is missing: give --data a folder that holds it.")
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            image = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_COLOR)
            if image is not None:
                yield Path(member.name).name, image


def load_faces(data: Path, name: str, limit: int | None = None) -> list[FacePhoto]:
    """Read the face crops `<name>.tar` and their landmarks, in the archive's order.

    Raises:
        UsageError: where a file is missing.
    """
    table_path = data / f"{name}_landmarks.npz"
    if not table_path.is_file():
        raise UsageError(f"{table_path} is missing: give --data a folder that holds it.")
    with np.load(table_path) as table:
        landmarks = dict(zip(table["names"].tolist(), table["landmarks"], strict=True))
    photos: list[FacePhoto] = []
    for file_name, image in _pictures(data / f"{name}.tar"):
        if limit is not None and len(photos) >= limit:
            break
        spread = int(np.abs(image[..., 0].astype(int) - image[..., 2]).max())
        points = landmarks[file_name].astype(np.float32) - 0.5
        photos.append(FacePhoto(file_name, image, points, spread < 12))
    return photos


def load_photos(data: Path, name: str) -> list[tuple[str, Image]]:
    """Read the pictures of `<name>.tar` with their names.

    Raises:
        UsageError: where the file is missing.
    """
    return list(_pictures(data / f"{name}.tar"))


def is_held_out(name: str) -> bool:
    """Whether a picture is kept for evaluation: by the person's name where the file name tells it."""
    match = IDENTITY.match(name)
    key = match.group(1).lower() if match else name
    return zlib.crc32(key.encode()) % 100 < HELD_OUT_PERCENT


def _difference_hash(image: Image) -> NDArray[np.bool_]:
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
    return np.asarray(small[:, 1:] > small[:, :-1], np.bool_).ravel()


def without_near_duplicates(held_out: list[FacePhoto], others: list[FacePhoto]) -> list[FacePhoto]:
    """Those held-out pictures that resemble none of the others nor an earlier held-out one."""
    hashes = [_difference_hash(photo.image) for photo in others]
    kept = []
    for photo in held_out:
        own = _difference_hash(photo.image)
        if not hashes or (np.array(hashes) != own).sum(axis=1).min() >= NEAR_DUPLICATE_BITS:
            kept.append(photo)
            hashes.append(own)
    return kept
