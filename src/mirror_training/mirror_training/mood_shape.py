"""The recipe of the second opinion on moods: two classifiers of geometry, with or without a neutral baseline.

Measured by stratified 5-fold cross-validation in which all pictures of a person stay in one part. Pictures of
people with a baseline are learned from twice, with it and with the population's mean in its place, so that
the same classifiers serve before and after a baseline is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.shape_features import MoodGeometry, shared_mood_geometry
from mirror_mood.shape_mood import SHAPE_MOODS, SMALLEST_PROBABILITY, ShapeMood, relative, sharpened
from mirror_tracking.shape_classifier import METHODS
from mirror_training.classifier import (
    FOLDS,
    Score,
    fit_method,
    forest_rule,
    logistic_rule,
    need_scikit_learn,
    score_of,
)
from mirror_training.mood_scores import calibration, fit_temperature
from mirror_training.mood_shape_data import MoodExamples, load_examples, neutral_faces, population_of

__all__ = ["BOTH", "SITUATIONS", "MoodShapeReport", "cross_validate", "fit_shape_mood", "train"]

PENALTIES = (0.01, 0.03, 0.1)  # inverse strengths of the regression's penalty that are tried
TREES, LEAST_IN_LEAF = 80, 8
MOST_OF_A_CLASS = 250  # pictures that trees grow on: with all of the common classes they forget the rare ones
BOTH = "both"  # the average of METHODS, which is what is shipped
SEED = 4

SITUATIONS: Final = {
    "all": "all pictures, each with a baseline where there is one",
    "baseline": "people with other neutral pictures, with the baseline",
    "ignored": "the same pictures, without",
    "none": "people without other neutral pictures",
    "early": "all pictures, without baselines",
}
"""In which a mirror may be, by key; the first is what the bar is for."""

Array = NDArray[np.float64]
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class MoodShapeReport:
    """Results of the cross-validation.

    Attributes:
        pictures: of each class, as in SHAPE_MOODS.
        people: how many.
        scores: by method (METHODS and BOTH), then by situation.
        temperature: for the averaged probabilities.
        before, after: expected calibration error without and with the temperature, each part of the
            cross-validation with the one fitted to the others; classes weigh the same.
    """

    pictures: tuple[int, ...]
    people: int
    scores: dict[str, dict[str, Score]]
    temperature: float
    before: float
    after: float


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """What is learned in one part: both rules, and what they see with and without baselines."""

    fitted: dict[str, Any]
    known: Array
    unknown: Array


def train(data: Path, out: Path, report: Report = print) -> MoodShapeReport:
    """Cross-validate, train on all pictures, and write the file.

    Raises:
        UsageError: where data or scikit-learn are missing, or `out` cannot be written.
    """
    need_scikit_learn()
    examples = load_examples(data, report)
    results = cross_validate(examples, report)
    model = fit_shape_mood(examples, results)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(model.to_bytes())
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    report(f"{out} written: {out.stat().st_size} bytes")
    return results


def fit_shape_mood(
    examples: MoodExamples, results: MoodShapeReport, geometry: MoodGeometry | None = None
) -> ShapeMood:
    """Train on all examples; temperature and score are those of the cross-validation."""
    chosen = geometry or shared_mood_geometry()
    everything = np.arange(len(examples))
    fold = _learn(examples, everything)
    return ShapeMood(
        logistic_rule(fold.fitted["logistic"]),
        forest_rule(fold.fitted["forest"]),
        population_of(examples, everything, chosen.fingerprint),
        results.temperature,
        balanced_accuracy=results.scores[BOTH]["all"].balanced,
        geometry=chosen,
    )


def cross_validate(examples: MoodExamples, report: Report = lambda _: None) -> MoodShapeReport:
    """Measure both methods and their average, in each situation.

    Raises:
        UsageError: where a class has fewer pictures than there are parts.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    pictures = np.bincount(examples.classes, minlength=len(SHAPE_MOODS))
    if pictures.min() < FOLDS:
        word = SHAPE_MOODS[int(pictures.argmin())].word
        raise UsageError(f"Each mood needs {FOLDS} pictures or more, and {word} has {pictures.min()}.")
    size = (len(examples), len(SHAPE_MOODS))
    known = {method: np.zeros(size) for method in METHODS}
    unknown = {method: np.zeros(size) for method in METHODS}
    counts = np.zeros(len(examples), np.intp)
    parts = np.zeros(len(examples), np.intp)
    splits = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for part, (training, kept) in enumerate(splits.split(examples.values, examples.classes, examples.people)):
        fold = _learn(examples, training)
        _, counts = neutral_faces(examples, population_of(examples, training, "-"))
        parts[kept] = part
        for method in METHODS:
            known[method][kept] = fold.fitted[method].predict_proba(fold.known[kept])
            unknown[method][kept] = fold.fitted[method].predict_proba(fold.unknown[kept])
        report(f"part {part + 1} of {FOLDS} done")
    for answers in (known, unknown):
        answers[BOTH] = np.mean([answers[method] for method in METHODS], axis=0)
    scores = {
        method: _situations(known[method], unknown[method], examples.classes, counts > 0) for method in known
    }
    temperature, before, after = _calibrated(known[BOTH], examples.classes, parts)
    people = len(set(examples.people.tolist()))
    return MoodShapeReport(tuple(pictures.tolist()), people, scores, temperature, before, after)


def _learn(examples: MoodExamples, training: NDArray[np.intp]) -> _Fold:
    population = population_of(examples, training, "-")
    faces, counts = neutral_faces(examples, population)
    known = relative(examples.values, faces, population)
    unknown = relative(examples.values, np.broadcast_to(population.mean, faces.shape), population)
    fitted = {}
    for method in METHODS:
        chosen = training if method == "logistic" else _few_of_each_class(examples.classes, training)
        again = chosen[counts[chosen] > 0]
        numbers = np.concatenate([chosen, again])
        fitted[method] = fit_method(
            method,
            np.concatenate([known[chosen], unknown[again]]),
            examples.classes[numbers],
            examples.people[numbers],
            trees=TREES,
            least_in_leaf=LEAST_IN_LEAF,
            penalties=PENALTIES,
        )
    return _Fold(fitted, known, unknown)


def _few_of_each_class(classes: NDArray[np.intp], among: NDArray[np.intp]) -> NDArray[np.intp]:
    shuffled = np.random.default_rng(SEED).permutation(among)
    parts = [shuffled[classes[shuffled] == number][:MOST_OF_A_CLASS] for number in range(len(SHAPE_MOODS))]
    return np.concatenate(parts)


def _situations(
    known: Array, unknown: Array, classes: NDArray[np.intp], has_baseline: NDArray[np.bool_]
) -> dict[str, Score]:
    everyone = np.ones(len(classes), np.bool_)
    cases = {
        "all": (known, everyone),
        "baseline": (known, has_baseline),
        "ignored": (unknown, has_baseline),
        "none": (known, ~has_baseline),
        "early": (unknown, everyone),
    }
    results = {}
    for key, (probabilities, which) in cases.items():
        confusion = np.zeros((len(SHAPE_MOODS), len(SHAPE_MOODS)), np.int_)
        np.add.at(confusion, (classes[which], probabilities[which].argmax(axis=1)), 1)
        results[key] = score_of(confusion)
    return results


def _calibrated(
    probabilities: Array, classes: NDArray[np.intp], parts: NDArray[np.intp]
) -> tuple[float, float, float]:
    """The temperature for all, and the calibration errors without it and with one that has not seen them."""
    logits = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    cooled = np.zeros_like(probabilities)
    for part in range(FOLDS):
        others = _balanced(classes, np.flatnonzero(parts != part))
        temperature = _temperature(logits[others], classes[others])
        cooled[parts == part] = sharpened(probabilities[parts == part], temperature)
    even = _balanced(classes, np.arange(len(classes)))
    return (
        _temperature(logits[even], classes[even]),
        _error(probabilities[even], classes[even]),
        _error(cooled[even], classes[even]),
    )


def _balanced(classes: NDArray[np.intp], among: NDArray[np.intp]) -> NDArray[np.intp]:
    """Indices in which every class is as frequent, by repeating those of the rarer ones."""
    groups = [among[classes[among] == number] for number in range(len(SHAPE_MOODS))]
    most = max(len(group) for group in groups)
    return np.concatenate([np.resize(group, most) for group in groups])


def _temperature(logits: Array, classes: NDArray[np.intp]) -> float:
    return fit_temperature(logits.astype(np.float32), classes.astype(np.uint8))


def _error(probabilities: Array, classes: NDArray[np.intp]) -> float:
    return calibration(probabilities.astype(np.float32), classes.astype(np.uint8)).error
