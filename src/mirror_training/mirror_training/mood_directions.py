"""The recipe of the emotion directions: the mean way from people's neutral faces to their expressions.

1. Each person's pictures of an emotion are averaged, and compared with the mean of their own neutral ones;
   where there are none, with the mean of everybody's.
2. Per emotion and kind of comparison the trimmed mean over people is taken, left and right made alike, and
   the kinds are combined by how sure each is (inverse variance).
3. Each is shrunk towards nothing by how unsure it is beside how large emotions are (empirical Bayes, James
   and Stein 1961): what rests on few people becomes smaller, not wilder.
4. How far mouth and eyes open is separated: what goes with it in pictures of the same person and emotion is
   taken out of the direction and kept beside it.
5. What the unpleasant emotions share with happiness is taken out of them: who cries or shouts draws the
   corners of the mouth apart like somebody who laughs, and with a closed mouth that would be a smile.
6. Each direction is made so long that brows, lids and lips move by the same (`CLEAR`): labels stand on faint
   expressions too, most of all those of sadness and anger, and their mean would hardly be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.emotion_directions import EMOTIONS, EmotionDirections, gaps_of
from mirror_tracking.shape_model import POINTS, ShapeModel, shared_shape_model
from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import LEFT_BROW, LEFT_EYE, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE
from mirror_training.emotion_faces import NEUTRAL, EmotionFaces, faces_with_names, faces_with_votes
from mirror_training.shape_data import eye_distance

__all__ = ["agreement", "learn", "mirroring", "train"]

TRIMMED = 0.15  # share of the people at either end of each parameter that the mean leaves out
CLEAR = 0.04  # how far brows, lids and lips move in a clear expression, root mean square in eye distances
MOST_OPENING = 1.5  # of mouth and eyes in a clear expression, over the mean one
READINESS = (
    3.0  # to take what is unusual for expression: factor of its covariance, most of which is of faint ones
)
LEAST_PEOPLE = 5  # of each emotion
PLEASANT = ("happy", "surprise")
FEATURES = np.unique(np.concatenate([LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE, OUTER_LIPS]))
SEED = 8  # of the halves that `agreement` compares

Array = NDArray[np.float64]
Report = Callable[[str], None]


def mirroring(model: ShapeModel) -> Array:
    """float64 [k, k]: parameters of a face → those of the same face in a looking glass."""
    flat = model.components.reshape(model.count, -1).astype(np.float64)
    seen = model.components[:, opposite_points()[:POINTS]] * (-1, 1, 1)
    turned = seen.reshape(model.count, -1) @ np.linalg.pinv(flat)
    return np.asarray((turned * model.deviations[:, None] / model.deviations).T)


def learn(sources: Sequence[EmotionFaces], model: ShapeModel) -> EmotionDirections:
    """Emotion directions from one or more collections; neutral faces are compared within each only.

    Args:
        sources: the first has people with several pictures.
        model: in whose parameters they are.

    Raises:
        UsageError: where there are too few people of an emotion.
    """
    glass = mirroring(model)
    even = [
        EmotionFaces((faces.parameters + faces.parameters @ glass.T) / 2, faces.emotions, faces.people)
        for faces in sources
    ]
    gaps = gaps_of(model.components * model.deviations[:, None, None])
    opening = _opening(even[0], gaps)
    neutral = _neutral_means(even[0])
    found, people, compared = _combined([_compared(faces) for faces in even])
    openings = found @ gaps.T
    directions = _without_laughter(found - openings @ opening)
    both = EmotionFaces(
        np.concatenate([sources[0].parameters, sources[0].parameters @ glass.T]),
        np.tile(sources[0].emotions, 2),
        np.concatenate([sources[0].people, np.char.add(sources[0].people, " mirrored")]),
    )
    features = np.cov(np.array(list(_neutral_means(both).values())).T)
    stretch = CLEAR / _movement(directions, model)
    return EmotionDirections(
        neutral=np.mean(list(neutral.values()), axis=0),
        directions=stretch[:, None] * directions,
        openings=np.minimum(stretch, MOST_OPENING)[:, None] * openings,
        opening=opening,
        expression_share=_expression_share(both, features),
        people=people,
        compared=compared,
        model=model,
    )


def agreement(sources: Sequence[EmotionFaces], model: ShapeModel) -> Array:
    """float64 [6]: cosine between the directions that two halves of the people give; 1: the same."""
    rng = np.random.default_rng(SEED)
    halves: tuple[list[EmotionFaces], list[EmotionFaces]] = ([], [])
    for faces in sources:
        names, number = np.unique(faces.people, return_inverse=True)
        first = rng.permuted(np.arange(len(names)) % 2 == 0)[number]
        halves[0].append(faces.select(first))
        halves[1].append(faces.select(~first))
    one, other = (learn(half, model).directions.astype(np.float64) for half in halves)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / np.maximum(lengths, 1e-12))


def train(data: Path, out: Path, *, report: Report = print) -> EmotionDirections:
    """Learn from a data folder and write the file.

    Raises:
        UsageError: where data are missing or too few, or `out` cannot be written.
    """
    model = shared_shape_model()
    sources = [faces_with_names(data, model, report)]
    voted = faces_with_votes(data, model, report)
    if voted is not None:
        sources.append(voted)
    found, halves = learn(sources, model), agreement(sources, model)
    for index, emotion in enumerate(EMOTIONS):
        small = 0 if voted is None else int((voted.emotions == emotion).sum())
        report(
            f"{emotion}: {found.people[index] - small} people with names, {found.compared[index]} of them "
            f"beside their own neutral face, {small} small pictures; two halves agree to {halves[index]:.2f}"
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(found.to_bytes())
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    report(f"{out} written, {out.stat().st_size} bytes")
    return found


def _neutral_means(faces: EmotionFaces) -> dict[str, Array]:
    """Person → mean parameters of their neutral pictures."""
    return {person: faces.parameters[rows].mean(axis=0) for person, rows in _rows(faces, NEUTRAL).items()}


def _rows(faces: EmotionFaces, emotion: str) -> dict[str, NDArray[np.intp]]:
    """Person → their pictures of an emotion."""
    rows = np.flatnonzero(faces.emotions == emotion)
    names, number = np.unique(faces.people[rows], return_inverse=True)
    return {str(name): rows[number == index] for index, name in enumerate(names)}


def _compared(faces: EmotionFaces) -> list[tuple[Array, Array]]:
    """For each emotion, what it adds to people's own neutral faces and to the mean one: [people, k] each."""
    own = _neutral_means(faces)
    if not own:
        raise UsageError("Emotion directions need neutral faces to compare with: give some.")
    usual, width = np.mean(list(own.values()), axis=0), faces.parameters.shape[1]
    result = []
    for emotion in EMOTIONS:
        beside_own: list[Array] = []
        beside_usual: list[Array] = []
        for person, rows in _rows(faces, emotion).items():
            (beside_own if person in own else beside_usual).append(
                faces.parameters[rows].mean(axis=0) - own.get(person, usual)
            )
        result.append((np.reshape(beside_own, (-1, width)), np.reshape(beside_usual, (-1, width))))
    return result


def _combined(
    kinds: Sequence[list[tuple[Array, Array]]],
) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """Shrunk means [6, k], on how many people each rests [6], how many had a neutral of their own [6]."""
    groups = [[source[index][kind] for index in range(len(EMOTIONS))] for source in kinds for kind in (0, 1)]
    total, sureness = np.zeros((2, len(EMOTIONS), groups[0][0].shape[1]))
    for group in groups:
        centred = [values - values.mean(axis=0) for values in group if len(values) > 1]
        if not centred:
            continue
        freedom = sum(len(values) - 1 for values in centred)
        variance = np.maximum((np.concatenate(centred) ** 2).sum(axis=0) / freedom, 1e-6)
        for index, values in enumerate(group):
            if len(values):
                total[index] += len(values) / variance * _trimmed_mean(values)
                sureness[index] += len(values) / variance
    people = np.array([sum(len(group[index]) for group in groups) for index in range(len(EMOTIONS))], np.intp)
    if people.min() < LEAST_PEOPLE:
        word = EMOTIONS[int(people.argmin())]
        raise UsageError(
            f"{word} needs {LEAST_PEOPLE} people or more, not {people.min()}: give more pictures."
        )
    sure = np.maximum(sureness, 1e-6)  # 0 only where one person alone is of a kind
    means = total / sure
    size = np.maximum((means**2 - 1 / sure).mean(axis=0), 1e-6)
    compared = np.array([sum(len(source[index][0]) for source in kinds) for index in range(len(EMOTIONS))])
    return means * size / (size + 1 / sure), people, compared


def _trimmed_mean(values: Array) -> Array:
    cut = int(TRIMMED * len(values))
    return np.asarray(np.sort(values, axis=0)[cut : len(values) - cut].mean(axis=0))


def _opening(faces: EmotionFaces, gaps: Array) -> Array:
    """What changes [2, k] when mouth or eyes open by one unit, within a person's pictures of an emotion.

    Least squares of the parameters on both gaps; so each row opens its own by one unit and leaves the other.
    """
    keys = np.char.add(np.char.add(faces.people, "/"), faces.emotions)
    within = _less_own_mean(faces.parameters, keys)
    if np.count_nonzero(np.abs(within).max(axis=1) > 0) < LEAST_PEOPLE:
        raise UsageError("Emotion directions need people with several pictures of one emotion: give some.")
    return np.asarray(np.linalg.lstsq(within @ gaps.T, within, rcond=None)[0])


def _less_own_mean(values: Array, keys: NDArray[np.str_]) -> Array:
    number = np.unique(keys, return_inverse=True)[1]
    sums = np.zeros((number.max() + 1, values.shape[1]))
    np.add.at(sums, number, values)
    return np.asarray(values - (sums / np.bincount(number)[:, None])[number])


def _without_laughter(directions: Array) -> Array:
    """The directions [6, k], the unpleasant ones without what goes the way of happiness."""
    happy = directions[EMOTIONS.index("happy")]
    along = np.maximum(directions @ happy / max(float(happy @ happy), 1e-12), 0)
    along[[emotion in PLEASANT for emotion in EMOTIONS]] = 0
    return np.asarray(directions - along[:, None] * happy)


def _movement(directions: Array, model: ShapeModel) -> Array:
    """How far brows, lids and lips move, root mean square in eye distances: float64 [6]."""
    steps = model.components[:, FEATURES, :2] * model.deviations[:, None, None]
    moved = np.einsum("ek,kpc->epc", directions, steps)
    return np.asarray(np.sqrt((moved**2).sum(axis=2).mean(axis=1)) / eye_distance(model.mean), np.float64)


def _expression_share(faces: EmotionFaces, features: Array) -> Array:
    """float64 [k, k]: expression's covariance over that of expression and features together."""
    own = _neutral_means(faces)
    several = []
    for emotion in (NEUTRAL, *EMOTIONS):  # each counts the same, however many its pictures
        rows = [r for person, found in _rows(faces, emotion).items() if person in own for r in found]
        if rows:
            away = faces.parameters[rows] - np.array([own[str(faces.people[row])] for row in rows])
            several.append(away.T @ away / len(away))
    expression = READINESS * np.mean(several, axis=0)
    return np.asarray(expression @ np.linalg.inv(expression + features))
