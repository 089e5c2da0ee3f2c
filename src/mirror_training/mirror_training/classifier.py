"""The recipe of a classifier of one's own: logistic regression and a random forest on shape parameters.

Both are scored by stratified cross-validation in which all pictures of a person stay in one part. Each
picture is learned from as it is and mirrored, and is scored as it is. Classes weigh the same, however many
pictures they have. The strength of the regression's penalty is chosen within each training part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.shape_classifier import METHODS, Forest, Logistic, ShapeClassifier
from mirror_tracking.shape_model import POINTS, ShapeModel, shared_shape_model
from mirror_tracking.symmetry import opposite_points
from mirror_training.labelled_pictures import find_landmarks, read_labels

__all__ = [
    "Examples",
    "Score",
    "Trained",
    "examples_of",
    "fit_classifier",
    "fit_method",
    "forest_rule",
    "logistic_rule",
    "need_scikit_learn",
    "score_of",
    "train_classifier",
]

LEAST_PER_CLASS = 20  # pictures with a face; fewer say next to nothing
LEAST_PEOPLE = 5  # of each class, for as many parts of the cross-validation
FOLDS, INNER_FOLDS = 5, 3
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # inverse strengths that are tried
TREES, LEAST_IN_LEAF = 200, 4
SEED = 4

Report = Callable[[str], None]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What a classifier learns from.

    Attributes:
        parameters: float64 [n, k], shape parameters.
        mirrored: float64 [n, k], those of the mirrored faces.
        labels: [n].
        people: [n], the same for pictures that belong together.
    """

    parameters: Array
    mirrored: Array
    labels: NDArray[np.str_]
    people: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """Results of the cross-validation.

    Attributes:
        balanced: mean of the classes' recalls.
        precision, recall: float64 [classes].
        confusion: int [classes, classes], rows are true classes.
    """

    balanced: float
    precision: Array
    recall: Array
    confusion: NDArray[np.int_]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A classifier of each kind, and how good it is.

    Attributes:
        labels: the classes.
        counts: pictures of each class.
        people: how many.
        scores: by method.
        classifiers: by method, trained on all examples.
    """

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    people: int
    scores: dict[str, Score]
    classifiers: dict[str, ShapeClassifier]

    @property
    def best(self) -> str:
        """The method with the higher balanced accuracy; logistic regression where they are equal."""
        return max(METHODS, key=lambda method: (self.scores[method].balanced, method == "logistic"))


def examples_of(
    landmarks: Sequence[NDArray[Any]], labels: Sequence[str], people: Sequence[str], model: ShapeModel
) -> Examples:
    """Shape parameters of faces, landmarks [478 or 468, 3] each, and of their mirror images."""
    opposite = opposite_points()[:POINTS]
    own, mirrored = [], []
    for points in landmarks:
        own.append(model.fit(points).parameters)
        mirrored.append(model.fit(np.asarray(points)[:POINTS][opposite] * (-1, 1, 1)).parameters)
    return Examples(
        np.array(own, np.float64),
        np.array(mirrored, np.float64),
        np.array(labels, np.str_),
        np.array(people, np.str_),
    )


def fit_classifier(examples: Examples, model: ShapeModel) -> Trained:
    """Cross-validate and train both kinds.

    Raises:
        UsageError: for fewer than two classes, or too few pictures or people of one.
    """
    names, numbers = np.unique(examples.labels, return_inverse=True)
    _check(examples, names)
    scores, classifiers = {}, {}
    labels = tuple(str(name) for name in names)
    for method in METHODS:
        scores[method] = _cross_validated(method, examples, numbers, len(names))
        fitted = _fitted(method, examples, numbers, np.arange(len(numbers)))
        rule = logistic_rule(fitted) if method == "logistic" else forest_rule(fitted)
        classifiers[method] = ShapeClassifier(labels, rule, model)
    counts = tuple(int(count) for count in np.bincount(numbers))
    return Trained(labels, counts, len(set(examples.people.tolist())), scores, classifiers)


def train_classifier(
    images: Path, labels: Path, out: Path, *, method: str = "", report: Report = print
) -> Trained:
    """Find the faces of labelled pictures, train, and write the better classifier or the one asked for.

    Raises:
        UsageError: see `read_labels` and `fit_classifier`; or if `out` cannot be written.
    """
    if method and method not in METHODS:
        raise UsageError(f"There is no method {method!r}: allowed are {' and '.join(METHODS)}.")
    need_scikit_learn()
    rows = read_labels(labels, images)
    found = find_landmarks(rows, report)
    seen = [number for number, points in enumerate(found) if points is not None]
    if len(seen) < len(rows):
        lost = [rows[number].path.name for number, points in enumerate(found) if points is None]
        report(f"{len(lost)} of {len(rows)} pictures show no face and are left out, such as {lost[0]}.")
    model = shared_shape_model()
    examples = examples_of(
        [points for points in found if points is not None],
        [rows[number].label for number in seen],
        [rows[number].person for number in seen],
        model,
    )
    trained = fit_classifier(examples, model)
    chosen = method or trained.best
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(trained.classifiers[chosen].to_bytes())
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    report(f"{out} written: {chosen}, {out.stat().st_size} bytes")
    return trained


def need_scikit_learn() -> None:
    """Raise a UsageError that says what to install, where scikit-learn is missing."""
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UsageError("Training a classifier needs scikit-learn: pip install scikit-learn.") from error


def _check(examples: Examples, names: NDArray[np.str_]) -> None:
    if len(names) < 2:
        raise UsageError(
            f"A classifier needs two labels or more, and all pictures are {', '.join(names) or '–'}."
        )
    counts = Counter(examples.labels.tolist())
    for name in names.tolist():
        people = set(examples.people[examples.labels == name].tolist())
        if counts[name] < LEAST_PER_CLASS:
            raise UsageError(
                f"Each label needs {LEAST_PER_CLASS} pictures with a face or more, and {name!r} has "
                f"{counts[name]}: add some."
            )
        if len(people) < LEAST_PEOPLE:
            raise UsageError(
                f"Each label needs pictures of {LEAST_PEOPLE} people or more, and {name!r} has "
                f"{len(people)}: add some."
            )


def _cross_validated(method: str, examples: Examples, numbers: NDArray[np.intp], classes: int) -> Score:
    from sklearn.model_selection import StratifiedGroupKFold

    confusion = np.zeros((classes, classes), np.int_)
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for training, kept in parts.split(examples.parameters, numbers, examples.people):
        fitted = _fitted(method, examples, numbers, training)
        np.add.at(confusion, (numbers[kept], fitted.predict(examples.parameters[kept])), 1)
    return score_of(confusion)


def score_of(confusion: NDArray[np.int_]) -> Score:
    """Recalls, precisions and balanced accuracy of a confusion [classes, classes], rows are true classes."""
    recall = confusion.diagonal() / np.maximum(confusion.sum(axis=1), 1)
    precision = confusion.diagonal() / np.maximum(confusion.sum(axis=0), 1)
    return Score(float(recall.mean()), precision, recall, confusion)


def _fitted(method: str, examples: Examples, numbers: NDArray[np.intp], chosen: NDArray[np.intp]) -> Any:
    """A scikit-learn classifier trained on some examples and their mirror images."""
    parameters = np.concatenate([examples.parameters[chosen], examples.mirrored[chosen]])
    truth = np.concatenate([numbers[chosen], numbers[chosen]])
    people = np.concatenate([examples.people[chosen], examples.people[chosen]])
    return fit_method(method, parameters, truth, people)


def fit_method(
    method: str,
    parameters: Array,
    truth: NDArray[np.intp],
    people: NDArray[np.str_],
    *,
    trees: int | None = None,
    least_in_leaf: int | None = None,
    penalties: Sequence[float] | None = None,
) -> Any:
    """A trained scikit-learn classifier in which classes weigh the same.

    Args:
        method: one of METHODS.
        parameters: float64 [n, k].
        truth: [n], numbers of the classes.
        people: [n], whose pictures stay together where the penalty is chosen.
        trees, least_in_leaf: of the forest; TREES and LEAST_IN_LEAF where None.
        penalties: inverse strengths that are tried for the regression; PENALTIES where None.
    """
    if method == "forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(
            trees or TREES,
            min_samples_leaf=least_in_leaf or LEAST_IN_LEAF,
            class_weight="balanced_subsample",
            random_state=SEED,
            n_jobs=1,
        ).fit(parameters, truth)
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

    search = GridSearchCV(
        LogisticRegression(class_weight="balanced", max_iter=2000),
        {"C": tuple(penalties or PENALTIES)},
        scoring="balanced_accuracy",
        cv=StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=SEED),
        n_jobs=1,
    )
    return search.fit(parameters, truth, groups=people).best_estimator_


def logistic_rule(fitted: Any) -> Logistic:
    """scikit-learn's logistic regression as numbers."""
    weights, bias = np.asarray(fitted.coef_, np.float64), np.asarray(fitted.intercept_, np.float64)
    if len(weights) == 1:  # for two classes there is one row, for the second
        weights, bias = np.concatenate([0 * weights, weights]), np.concatenate([0 * bias, bias])
    return Logistic(weights, bias)


def forest_rule(fitted: Any) -> Forest:
    """scikit-learn's trees one after the other in one table; it numbers children after their parents."""
    roots, features, thresholds, lefts, rights, shares = [], [], [], [], [], []
    first = 0
    for one in fitted.estimators_:
        tree = one.tree_
        is_leaf = tree.children_left < 0
        roots.append(first)
        features.append(np.where(is_leaf, 0, tree.feature))
        thresholds.append(np.where(is_leaf, 0.0, tree.threshold))
        lefts.append(np.where(is_leaf, -1, tree.children_left + first))
        rights.append(np.where(is_leaf, -1, tree.children_right + first))
        values = tree.value[:, 0, :]
        shares.append(values / values.sum(axis=1, keepdims=True))
        first += tree.node_count
    return Forest(
        np.array(roots, np.int32),
        np.concatenate(features).astype(np.int32),
        np.concatenate(thresholds).astype(np.float64),
        np.concatenate(lefts).astype(np.int32),
        np.concatenate(rights).astype(np.int32),
        np.concatenate(shares).astype(np.float64),
    )
