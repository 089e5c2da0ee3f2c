"""The meshes that the shape model learns from: found anew on face crops, each with its person and label.

Left out are the crops named `1_0_name_0037.jpg`: the collection that they come from had brought them to one
size without keeping their proportions (faces 20 % too broad in the middle), which says nothing of faces.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.faces import LANDMARK_COUNT
from mirror_tracking.mesh import FaceMesh, region_from_landmarks
from mirror_tracking.shape_model import POINTS
from mirror_tracking.topology import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from mirror_training.face_photos import HELD_OUT_PERCENT, IDENTITY, FacePhoto, load_faces

__all__ = ["ARCHIVES", "FaceMeshes", "eye_distance", "find_meshes", "load_meshes", "person_of"]

ARCHIVES = ("faces_dev", "colour_faces_dev")
LEAST_PRESENCE = 0.99  # the mesh must be this sure that there is a face
MOST_OF_ONE_PERSON = 12  # pictures; some film actors have sixty
SEED = 4  # of the choice among one person's pictures
LARGEST_DISAGREEMENT = 0.07  # of the outer eyes' distance, from the landmarks that came with the crops (mean)
NUMBERED = re.compile(r"_\d+\.\w+$")


@dataclass(frozen=True, slots=True, eq=False)
class FaceMeshes:
    """Landmarks of many faces.

    Attributes:
        points: float32 [n, 468, 3], x, y in pixels of the crop, z in the same scale.
        names: [n], file names.
        people: [n], who it is, as far as the file names tell.
        labels: [n], expression, "" where nobody said.
        width: of the crops in pixels.
        dropped: how many crops had no believable mesh or belonged to somebody with many pictures.
    """

    points: NDArray[np.float32]
    names: NDArray[np.str_]
    people: NDArray[np.str_]
    labels: NDArray[np.str_]
    width: int
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.points)

    def select(self, which: NDArray[Any]) -> FaceMeshes:
        """Some of the faces, by a mask or by indices."""
        return FaceMeshes(
            self.points[which],
            self.names[which],
            self.people[which],
            self.labels[which],
            self.width,
            self.dropped,
        )

    @property
    def held_out(self) -> NDArray[np.bool_]:
        """bool [n]: people that are kept for measuring."""
        return np.array([zlib.crc32(person.encode()) % 100 < HELD_OUT_PERCENT for person in self.people])


def person_of(name: str) -> str:
    """Who a picture shows, by its file's name; the name itself where it does not tell.

    Known are `1_0_name_0037.jpg` and `First_Last_0001.jpg`.
    """
    match = IDENTITY.match(name)
    return (match.group(1) if match else NUMBERED.sub("", name)).lower()


def eye_distance(points: NDArray[Any]) -> NDArray[np.float64]:
    """Distance between the outer corners of the eyes, x and y only, of points [..., 468, 2 or more]."""
    gap = points[..., LEFT_EYE_OUTER, :2] - points[..., RIGHT_EYE_OUTER, :2]
    return np.asarray(np.linalg.norm(gap, axis=-1), np.float64)


def find_meshes(
    photos: list[FacePhoto], report: Callable[[str], None] = lambda _: None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The mesh on each crop, where the crop's own landmarks say the face is.

    Returns:
        float32 [n, 478, 3] in pixels (pixel i covers i … i+1), and bool [n]: the mesh is sure and lies
        where the crop's landmarks do.
    """
    mesh = FaceMesh(parallel=1)
    points = np.zeros((len(photos), LANDMARK_COUNT, 3), np.float32)
    good = np.zeros(len(photos), np.bool_)
    try:
        for number, photo in enumerate(photos):
            known = photo.landmarks + 0.5
            (result,) = mesh.landmarks(photo.image, [region_from_landmarks(known)])
            points[number] = result.landmarks
            apart = np.linalg.norm(points[number, :POINTS, :2] - known, axis=1).mean()
            far = apart > LARGEST_DISAGREEMENT * eye_distance(known)
            good[number] = result.presence >= LEAST_PRESENCE and not far
            if (number + 1) % 1000 == 0:
                report(f"{number + 1} of {len(photos)} meshes")
    finally:
        mesh.close()
    return points, good


def load_meshes(data: Path, report: Callable[[str], None] = lambda _: None) -> FaceMeshes:
    """Find the meshes of all face crops of a data folder; about 3 ms each.

    Raises:
        UsageError: where a file is missing.
    """
    photos: list[FacePhoto] = []
    labels: dict[str, str] = {}
    for archive in ARCHIVES:
        photos += [photo for photo in load_faces(data, archive) if not IDENTITY.match(photo.name)]
        with np.load(data / f"{archive}_landmarks.npz") as table:
            if "emotion" in table:
                labels |= dict(zip(table["names"].tolist(), table["emotion"].tolist(), strict=True))
    if not photos:
        raise UsageError(f"There are no face crops in {data}: give --data a folder that holds some.")
    points, good = find_meshes(photos, report)
    people = np.array([person_of(photo.name) for photo in photos])
    kept = np.flatnonzero(good & few_of_each(people))
    names = [photos[number].name for number in kept]
    return FaceMeshes(
        points[kept, :POINTS],
        np.array(names),
        people[kept],
        np.array([labels.get(name, "") for name in names]),
        photos[0].image.shape[1],
        len(photos) - len(kept),
    )


def few_of_each(people: NDArray[np.str_]) -> NDArray[np.bool_]:
    """bool [n]: at most `MOST_OF_ONE_PERSON` pictures of each, chosen at random, the same every time."""
    order = np.random.default_rng(SEED).permutation(len(people))
    taken: Counter[str] = Counter()
    chosen = np.zeros(len(people), np.bool_)
    for number in order:
        person = str(people[number])
        chosen[number] = taken[person] < MOST_OF_ONE_PERSON
        taken[person] += 1
    return chosen
