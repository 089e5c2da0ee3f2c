"""What the fusion of both judges is fitted to: what each says of photographs that neither has learned from.

The appearance network never learned from these photographs. The geometry's classifiers did, so here they are
trained anew without the people of the photograph in question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.classifier import MoodClassifier
from mirror_mood.fusion import log_probabilities, shape_evidence
from mirror_mood.shape_features import shared_mood_geometry
from mirror_mood.shape_mood import SHAPE_MOODS
from mirror_training.face_photos import IDENTITY, load_faces
from mirror_training.mood_shape import MoodShapeReport, cross_validate, fit_shape_mood
from mirror_training.mood_shape_data import ARCHIVE, MoodExamples, neutral_faces, population_of
from mirror_training.shape_data import find_meshes, person_of

__all__ = ["Judged", "judge"]

WORDS = {
    "anger": MoodLabel.ANGRY,
    "disgust": MoodLabel.DISGUST,
    "fear": MoodLabel.FEAR,
    "happiness": MoodLabel.HAPPY,
    "sadness": MoodLabel.SAD,
    "surprise": MoodLabel.SURPRISE,
    "neutral": MoodLabel.NEUTRAL,
}
PARTS = 5  # of the people, for each of which the geometry is trained without them
MOST_OF_ONE_PERSON = 12  # pictures
SEED = 6
OTHER = -1  # in place of a class, where the geometry knows none

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Photographs and what is said of them.

    Attributes:
        labels: int [n], MoodLabel.
        people: [n], the same for pictures of one person.
        parts: int [n], 0 … PARTS − 1, the same for all pictures of a person.
        appearance: float64 [n, MOOD_COUNT], logarithms of the network's probabilities.
        shape: float64 [n, MOOD_COUNT], the geometry's evidence beside the person's other neutral pictures.
        unknown: float64 [n, MOOD_COUNT], the same where nothing is known of the person.
        rest: float64 [n, MOOD_COUNT], mean of `appearance` over the person's other neutral pictures.
        neutrals: int [n], how many those are; where 0, `rest` is 0.
    """

    labels: NDArray[np.intp]
    people: NDArray[np.str_]
    parts: NDArray[np.intp]
    appearance: Array
    shape: Array
    unknown: Array
    rest: Array
    neutrals: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.labels)


def judge(data: Path, network: Path | None = None, report: Callable[[str], None] = lambda _: None) -> Judged:
    """Let both judge the labelled face crops of a data folder; a minute or two.

    Args:
        data: holds `faces_dev.tar` and `faces_dev_landmarks.npz` with `emotion`.
        network: a .tflite file of `mirror train mood`; the shipped one where None.
        report: told how far it is.

    Raises:
        UsageError: where a file or the labels are missing.
        ModelError: where the network is.
    """
    photos = [photo for photo in load_faces(data, ARCHIVE) if not IDENTITY.match(photo.name)]
    with np.load(data / f"{ARCHIVE}_landmarks.npz") as table:
        if "emotion" not in table:
            raise UsageError(f"{ARCHIVE}_landmarks.npz in {data} has no labels: it needs `emotion`.")
        said = dict(zip(table["names"].tolist(), table["emotion"].tolist(), strict=True))
    photos = [photo for photo in photos if said.get(photo.name) in WORDS]
    if not photos:
        raise UsageError(f"There are no labelled face crops in {data}: give --data a folder with some.")
    points, good = find_meshes(photos, report)
    labels = np.array([WORDS[said[photo.name]] for photo in photos], np.intp)
    people = np.array([person_of(photo.name) for photo in photos])
    kept = np.flatnonzero(good & _few(labels, people))
    classifier, geometry = MoodClassifier(network), shared_mood_geometry()
    appearance = np.array(
        [log_probabilities(classifier.read(photos[i].image, points[i])) for i in kept], np.float64
    )
    values = np.array([geometry.features(points[i]).values for i in kept])
    report(f"{len(kept)} photographs judged by their looks")
    labels, people = labels[kept], people[kept]
    parts = _parts(people)
    shape, unknown = _shape(values, labels, people, parts, report)
    rest, neutrals = _at_rest(appearance, labels, people)
    return Judged(labels, people, parts, appearance, shape, unknown, rest, neutrals)


def _few(labels: NDArray[np.intp], people: NDArray[np.str_]) -> NDArray[np.bool_]:
    """bool [n]: at most `MOST_OF_ONE_PERSON` pictures of each mood of each person, chosen at random."""
    taken: dict[tuple[str, int], int] = defaultdict(int)
    chosen = np.zeros(len(people), np.bool_)
    for number in np.random.default_rng(SEED).permutation(len(people)):
        key = (str(people[number]), int(labels[number]))
        chosen[number] = taken[key] < MOST_OF_ONE_PERSON
        taken[key] += 1
    return chosen


def _parts(people: NDArray[np.str_]) -> NDArray[np.intp]:
    names, numbers = np.unique(people, return_inverse=True)
    part = np.random.default_rng(SEED).permutation(len(names)) % PARTS
    return np.asarray(part[numbers], np.intp)


def _shape(
    values: Array,
    labels: NDArray[np.intp],
    people: NDArray[np.str_],
    parts: NDArray[np.intp],
    report: Callable[[str], None],
) -> tuple[Array, Array]:
    """The geometry's evidence for each picture by classifiers that have not seen the person."""
    of_label = {int(label): number for number, label in enumerate(SHAPE_MOODS)}
    classes = np.array([of_label.get(int(label), OTHER) for label in labels], np.intp)
    fingerprint = shared_mood_geometry().fingerprint
    known, unknown = np.zeros((len(labels), MOOD_COUNT)), np.zeros((len(labels), MOOD_COUNT))
    temperature: MoodShapeReport | None = None
    for part in range(PARTS):
        learned = np.flatnonzero((parts != part) & (classes != OTHER))
        examples = MoodExamples(values[learned], classes[learned], people[learned])
        temperature = temperature or cross_validate(examples)  # nearly the same for each part
        model = fit_shape_mood(examples, temperature)
        everybody = MoodExamples(values, classes, people)
        neutral, _ = neutral_faces(everybody, population_of(examples, np.arange(len(learned)), fingerprint))
        for number in np.flatnonzero(parts == part):
            known[number] = shape_evidence(model.probabilities(values[number], neutral[number]))
            unknown[number] = shape_evidence(model.probabilities(values[number]))
        report(f"part {part + 1} of {PARTS} judged by its shape")
    return known, unknown


def _at_rest(
    appearance: Array, labels: NDArray[np.intp], people: NDArray[np.str_]
) -> tuple[Array, NDArray[np.intp]]:
    pictures: dict[str, list[int]] = defaultdict(list)
    for number in np.flatnonzero(labels == MoodLabel.NEUTRAL):
        pictures[str(people[number])].append(int(number))
    rest, counts = np.zeros_like(appearance), np.zeros(len(labels), np.intp)
    for number, person in enumerate(people.tolist()):
        others = [other for other in pictures.get(person, []) if other != number]
        if others:
            rest[number], counts[number] = appearance[others].mean(axis=0), len(others)
    return rest, counts
