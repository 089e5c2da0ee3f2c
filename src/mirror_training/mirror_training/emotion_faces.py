"""The shapes of faces with an emotion each, from photographs with names and from small pictures with votes.

A data folder holds `faces_dev.tar` with `faces_dev_landmarks.npz` (`names`, `emotion`), and if there is,
`fer2013_dev.npz` with FER+'s votes: pictures of 48 pixels, far more of them show fear, disgust and sadness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.face_input import SIDE
from mirror_tracking.mesh import FaceMesh, Region
from mirror_tracking.shape_model import ShapeModel
from mirror_training.face_photos import load_faces
from mirror_training.mood_data import VOTES, MoodData
from mirror_training.mood_files import load_npz
from mirror_training.opencv import cv2
from mirror_training.shape_data import LEAST_PRESENCE, find_meshes, person_of

__all__ = ["NEUTRAL", "EmotionFaces", "clear_votes", "faces_with_names", "faces_with_votes"]

ARCHIVE, VOTED = "faces_dev", "fer2013_dev.npz"
NEUTRAL = "neutral"
WORDS = {
    NEUTRAL: NEUTRAL,
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprise",
}
"""Label of the data → MoodLabel's word; what is not here, such as contempt, is left out."""
LARGEST_SD = 5.0  # of a parameter: more is a mesh that does not lie on the face
CLEAR_SHARE = 0.5  # of FER+'s votes that an emotion needs
MOST_OF_EACH = 500  # pictures with votes: more would hardly change the means
SEED = 6  # of the choice among them
ENLARGED = 4  # times, for the mesh
BORDER = 1.0  # of the picture's side, repeated edge around it, so that the mesh's region fits in
FACE = (0.5, 0.54, 1.48)  # where the mesh's region lies in such a picture: middle x, y and side, as shares

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class EmotionFaces:
    """Shapes of faces, each with an emotion.

    Attributes:
        parameters: float64 [n, k] of the shape model, standard deviations.
        emotions: [n], a word of MoodLabel each.
        people: [n], who it is; pictures of unknown people all have different names.
    """

    parameters: NDArray[np.float64]
    emotions: NDArray[np.str_]
    people: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.parameters)

    def select(self, which: NDArray[Any]) -> EmotionFaces:
        """Some of them, by a mask or by indices."""
        return EmotionFaces(self.parameters[which], self.emotions[which], self.people[which])


def faces_with_names(data: Path, model: ShapeModel, report: Report = lambda _: None) -> EmotionFaces:
    """The labelled photographs of people whose names are known; the mesh is run anew.

    Raises:
        UsageError: where a file is missing or has no labels.
    """
    photos = load_faces(data, ARCHIVE)
    with np.load(data / f"{ARCHIVE}_landmarks.npz") as table:
        if "emotion" not in table:
            raise UsageError(f"{data / f'{ARCHIVE}_landmarks.npz'} holds no labels: give one with `emotion`.")
        labels = dict(zip(table["names"].tolist(), table["emotion"].tolist(), strict=True))
    photos = [photo for photo in photos if labels.get(photo.name) in WORDS]
    if not photos:
        raise UsageError(f"There are no labelled face crops in {data}: give --data a folder that holds some.")
    points, good = find_meshes(photos, report)
    emotions = np.array([WORDS[labels[photo.name]] for photo in photos])
    people = np.array([person_of(photo.name) for photo in photos])
    return _believable(points, good, emotions, people, model)


def clear_votes(data: MoodData) -> tuple[NDArray[np.intp], NDArray[np.str_]]:
    """Pictures that half of the voters agree on, at most `MOST_OF_EACH` of each: rows and emotions."""
    share = data.votes / np.maximum(data.votes.sum(axis=1, keepdims=True), 1)
    best = share.argmax(axis=1)
    rng = np.random.default_rng(SEED)
    chosen: list[int] = []
    for label in WORDS:
        number = VOTES.index(label)
        clear = np.flatnonzero((best == number) & (share[:, number] >= CLEAR_SHARE))
        chosen += sorted(rng.permutation(clear)[:MOST_OF_EACH].tolist())
    return np.array(chosen, np.intp), np.array([WORDS[VOTES[number]] for number in best[chosen]])


def faces_with_votes(data: Path, model: ShapeModel, report: Report = lambda _: None) -> EmotionFaces | None:
    """The small pictures whose emotion most voters agree on; None where the folder has none.

    Raises:
        UsageError: where the file is another one.
    """
    if not (data / VOTED).is_file():
        return None
    pictures = load_npz(data / VOTED, "train")
    rows, emotions = clear_votes(pictures)
    border = round(BORDER * SIDE * ENLARGED)
    x, y, side = (share * SIDE * ENLARGED for share in FACE)
    region = Region(x + border, y + border, side)
    points = np.zeros((len(rows), 478, 3), np.float32)
    good = np.zeros(len(rows), np.bool_)
    mesh = FaceMesh(parallel=1)
    try:
        for number, row in enumerate(rows):
            size = (SIDE * ENLARGED, SIDE * ENLARGED)
            large = cv2.resize(pictures.images[row], size, interpolation=cv2.INTER_CUBIC)
            framed = cv2.copyMakeBorder(large, border, border, border, border, cv2.BORDER_REPLICATE)
            (result,) = mesh.landmarks(cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR), [region])
            points[number], good[number] = result.landmarks, result.presence >= LEAST_PRESENCE
            if (number + 1) % 1000 == 0:
                report(f"{number + 1} of {len(rows)} meshes on small pictures")
    finally:
        mesh.close()
    return _believable(points, good, emotions, np.array([f"picture {row}" for row in rows]), model)


def _believable(
    points: NDArray[np.float32],
    good: NDArray[np.bool_],
    emotions: NDArray[np.str_],
    people: NDArray[np.str_],
    model: ShapeModel,
) -> EmotionFaces:
    parameters = np.stack([model.fit(face).parameters for face in points]).astype(np.float64)
    kept = good & (np.abs(parameters).max(axis=1) <= LARGEST_SD)
    return EmotionFaces(parameters[kept], emotions[kept], people[kept])
