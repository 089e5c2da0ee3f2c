"""What the geometry of moods is learned from: features of photographs, each with a person and an expression.

Many people have neutral photographs besides others. Their median, without the photograph in question, is what
the mirror's baseline would be; it is shrunk towards the population's mean by how many there are. Whoever has
no other neutral photograph is compared with that mean, as everybody is before a baseline was learned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.moods import MoodLabel
from mirror_mood.baseline import Population
from mirror_mood.shape_features import MoodGeometry, shared_mood_geometry
from mirror_mood.shape_mood import SHAPE_MOODS
from mirror_training.face_photos import IDENTITY, load_faces
from mirror_training.shape_data import find_meshes, person_of

__all__ = ["MoodExamples", "load_examples", "neutral_faces", "population_of"]

ARCHIVE = "faces_dev"
WORDS = {
    "anger": "angry",
    "sadness": "sad",
    "surprise": "surprise",
    "happiness": "happy",
    "neutral": "neutral",
}
"""The data's labels and ours; disgust, fear and contempt (111 pictures) are too few and left out."""
COMMON = ("happy", "neutral")  # of these a few people have dozens of pictures
MOST_OF_ONE_PERSON = 12  # pictures of a common class
SHRINK_PHOTOGRAPHS = 8.0  # that the population's mean counts as
SMALLEST_SCALE = 1e-3  # a feature that differs less is not enlarged
NEUTRAL = SHAPE_MOODS.index(MoodLabel.NEUTRAL)
SEED = 4

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MoodExamples:
    """Photographs as the classifier sees them.

    Attributes:
        values: float64 [n, k], features.
        classes: int [n], places in SHAPE_MOODS.
        people: [n], the same for pictures of one person.
        dropped: pictures without a believable mesh, or beyond what one person may have.
    """

    values: Array
    classes: NDArray[np.intp]
    people: NDArray[np.str_]
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.values)


def load_examples(
    data: Path, report: Callable[[str], None] = lambda _: None, geometry: MoodGeometry | None = None
) -> MoodExamples:
    """Find the meshes of a data folder's face crops and read their features; about 4 ms each.

    Args:
        data: holds `faces_dev.tar` and `faces_dev_landmarks.npz` with `names`, `landmarks`, `emotion`.
        report: told how far it is.
        geometry: reads the features; the shipped one where None.

    Raises:
        UsageError: where a file is missing, or the labels are.
    """
    chosen = geometry or shared_mood_geometry()
    photos = [photo for photo in load_faces(data, ARCHIVE) if not IDENTITY.match(photo.name)]
    with np.load(data / f"{ARCHIVE}_landmarks.npz") as table:
        if "emotion" not in table:
            raise UsageError(f"{ARCHIVE}_landmarks.npz in {data} has no labels: it needs `emotion`.")
        labels = dict(zip(table["names"].tolist(), table["emotion"].tolist(), strict=True))
    wanted = [photo for photo in photos if labels.get(photo.name) in WORDS]
    if not wanted:
        raise UsageError(f"There are no labelled face crops in {data}: give --data a folder with some.")
    words = [label.word for label in SHAPE_MOODS]
    points, good = find_meshes(wanted, report)
    classes = np.array([words.index(WORDS[labels[photo.name]]) for photo in wanted], np.intp)
    people = np.array([person_of(photo.name) for photo in wanted])
    kept = np.flatnonzero(good & few_of_common(classes, people))
    values = np.array([chosen.features(points[number]).values for number in kept])
    return MoodExamples(values, classes[kept], people[kept], len(wanted) - len(kept))


def few_of_common(classes: NDArray[np.intp], people: NDArray[np.str_]) -> NDArray[np.bool_]:
    """bool [n]: all of the rare classes, at most `MOST_OF_ONE_PERSON` of a common one, chosen at random."""
    common = [number for number, label in enumerate(SHAPE_MOODS) if label.word in COMMON]
    taken: dict[tuple[str, int], int] = defaultdict(int)
    chosen = np.ones(len(people), np.bool_)
    for number in np.random.default_rng(SEED).permutation(len(people)):
        key = (str(people[number]), int(classes[number]))
        chosen[number] = key[1] not in common or taken[key] < MOST_OF_ONE_PERSON
        taken[key] += 1
    return chosen


def population_of(examples: MoodExamples, chosen: NDArray[np.intp], fingerprint: str) -> Population:
    """Mean of the neutral faces among some examples, and how much each feature differs among all of them."""
    values, classes = examples.values[chosen], examples.classes[chosen]
    scale = np.maximum(values.std(axis=0), SMALLEST_SCALE)
    return Population(values[classes == NEUTRAL].mean(axis=0), scale, fingerprint)


def neutral_faces(examples: MoodExamples, population: Population) -> tuple[Array, NDArray[np.intp]]:
    """What each picture is compared with, from the person's other neutral pictures.

    Returns:
        float64 [n, k], features of a neutral face, and int [n]: of how many pictures; with 0 it is the
        population's mean.
    """
    pictures: dict[str, list[int]] = defaultdict(list)
    for number, person in enumerate(examples.people.tolist()):
        if examples.classes[number] == NEUTRAL:
            pictures[person].append(number)
    faces = np.tile(population.mean, (len(examples), 1))
    counts = np.zeros(len(examples), np.intp)
    for number, person in enumerate(examples.people.tolist()):
        others = [other for other in pictures.get(person, []) if other != number]
        if others:
            counts[number] = len(others)
            share = len(others) / (len(others) + SHRINK_PHOTOGRAPHS)
            faces[number] += share * (np.median(examples.values[others], axis=0) - population.mean)
    return faces, counts
