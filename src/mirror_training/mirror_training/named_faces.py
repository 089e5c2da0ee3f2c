"""Pictures of people whose names are known, and what their light is like.

A data folder holds `faces_dev.tar` and `faces_dev_landmarks.npz` with `names`, `person` (empty where unknown)
and `landmarks` [n, 468, 2] in crop pixels (pixel i covers i … i+1).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_tracking.topology import FACE_OVAL
from mirror_training.face_photos import load_photos
from mirror_training.opencv import cv2

__all__ = ["FacePicture", "load_people", "side_light", "skin_brightness"]

ARCHIVE = "faces_dev"
MOST_OF_ONE_PERSON = 6  # pictures: else a few people with many pictures would be most of every result
SEED = 20250


@dataclass(frozen=True, slots=True, eq=False)
class FacePicture:
    """One picture of a person whose name is known.

    Attributes:
        person: their name.
        image: uint8 [h, w, 3], BGR.
        landmarks: float32 [468, 2], pixels (pixel i covers i … i+1).
    """

    person: str
    image: Image
    landmarks: NDArray[np.float32]


def load_people(data: Path, most_pictures: int | None = None) -> list[FacePicture]:
    """The pictures of a data folder, in random but repeatable order, at most `MOST_OF_ONE_PERSON` of each.

    Raises:
        UsageError: where a file is missing.
    """
    table_path = data / f"{ARCHIVE}_landmarks.npz"
    if not table_path.is_file():
        raise UsageError(f"{table_path} is missing: give --data a folder that holds it.")
    with np.load(table_path) as table:
        names, people = table["names"].tolist(), table["person"].tolist()
        landmarks = table["landmarks"].astype(np.float32)
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    for index in np.random.default_rng(SEED).permutation(len(names)):
        if people[index] and taken[people[index]] < MOST_OF_ONE_PERSON:
            taken[people[index]] += 1
            chosen.append(int(index))
    images = dict(load_photos(data, ARCHIVE))
    return [FacePicture(people[i], images[names[i]], landmarks[i]) for i in chosen[:most_pictures]]


def _skin(picture: FacePicture) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.bool_]]:
    grey = cv2.cvtColor(picture.image, cv2.COLOR_BGR2GRAY)
    filled = np.zeros(grey.shape, np.uint8)
    outline = picture.landmarks[FACE_OVAL]
    centre = outline.mean(axis=0)
    inner = centre + 0.85 * (outline - centre)
    cv2.fillPoly(filled, [np.rint(inner - 0.5).astype(np.int32)], (1,))
    (ax, ay), (bx, by) = picture.landmarks[10], picture.landmarks[152]
    rows, columns = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]] + 0.5
    left = (bx - ax) * (rows - ay) - (by - ay) * (columns - ax) > 0
    return grey, filled > 0, left


def skin_brightness(picture: FacePicture) -> float:
    """Median grey level of the face, 0 … 255: skin and light together, which a photograph cannot part."""
    grey, inside, _ = _skin(picture)
    return float(np.median(grey[inside]))


def side_light(picture: FacePicture) -> float:
    """How much brighter one half of the face is than the other: 0 (even) … 1."""
    grey, inside, left = _skin(picture)
    halves = [float(np.median(grey[inside & side])) + 1.0 for side in (left, ~left)]
    return 1.0 - min(halves) / max(halves)
