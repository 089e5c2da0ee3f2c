"""Classifiers of one's own: what is wrong with the labels is said, and what is learned is what is applied."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_model import ShapeFit, shared_shape_model
from mirror_training import classifier as recipe
from mirror_training.classifier import Examples, examples_of, fit_classifier, train_classifier
from mirror_training.labelled_pictures import read_labels

MODEL = shared_shape_model()
needs_scikit_learn = pytest.importorskip("sklearn", reason="training needs scikit-learn")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "TREES", 20)
    monkeypatch.setattr(recipe, "PENALTIES", (0.1, 1.0))


def examples(count: int = 120, seed: int = 2, classes: tuple[str, ...] = ("open", "shut")) -> Examples:
    """Classes that differ in the first parameters; every two pictures are of one person."""
    rng = np.random.default_rng(seed)
    labels = np.array([classes[number // 2 % len(classes)] for number in range(count)])
    parameters = rng.normal(size=(count, MODEL.count))
    for number, name in enumerate(classes):
        parameters[labels == name, number % 3] += 2.5
    mirrored = parameters + rng.normal(size=parameters.shape) * 0.1
    return Examples(parameters, mirrored, labels, np.array([f"p{number // 2}" for number in range(count)]))


@pytest.mark.parametrize("classes", [("open", "shut"), ("a", "b", "c")])
def test_classes_that_differ_are_told_apart_by_both_methods(classes: tuple[str, ...]) -> None:
    trained = fit_classifier(examples(180, classes=classes), MODEL)
    assert trained.labels == classes
    assert sum(trained.counts) == 180
    for method, score in trained.scores.items():
        assert score.balanced > 0.8, method
        assert score.confusion.sum() == 180
        assert score.balanced == pytest.approx(score.recall.mean())
        assert score.confusion[0, 0] == pytest.approx(score.recall[0] * trained.counts[0])
    best = max(trained.scores.values(), key=lambda score: score.balanced).balanced
    assert trained.scores[trained.best].balanced == best


def test_labels_that_have_nothing_to_do_with_shape_score_like_chance() -> None:
    given = examples(160)
    rng = np.random.default_rng(5)
    shuffled = Examples(given.parameters, given.mirrored, rng.permutation(given.labels), given.people)
    trained = fit_classifier(shuffled, MODEL)
    for score in trained.scores.values():
        assert 0.3 < score.balanced < 0.7


@pytest.mark.parametrize("classes", [("open", "shut"), ("a", "b", "c")])
def test_what_is_written_decides_like_scikit_learn(classes: tuple[str, ...]) -> None:
    given = examples(120, classes=classes)
    numbers = np.unique(given.labels, return_inverse=True)[1]
    trained = fit_classifier(given, MODEL)
    for method in ("logistic", "forest"):
        fitted = recipe._fitted(method, given, numbers, np.arange(120))
        theirs = fitted.predict_proba(given.parameters)
        ours = [trained.classifiers[method].probabilities(one) for one in given.parameters]
        assert np.allclose(ours, theirs, atol=1e-5)


def test_a_rare_class_weighs_as_much_as_a_common_one() -> None:
    given = examples(400)
    rare = np.flatnonzero(given.labels == "open")[:40]
    kept = np.sort(np.concatenate([rare, np.flatnonzero(given.labels == "shut")]))
    few = Examples(
        given.parameters[kept] * 0.4, given.mirrored[kept] * 0.4, given.labels[kept], given.people[kept]
    )
    score = fit_classifier(few, MODEL).scores["logistic"]
    assert score.recall.min() > 0.6


def test_all_pictures_of_a_person_are_in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    given = examples(120)
    seen: list[tuple[set[str], set[str]]] = []
    original = recipe._fitted

    def watched(method: str, all_: Examples, numbers: np.ndarray, chosen: np.ndarray) -> object:
        rest = np.setdiff1d(np.arange(len(numbers)), chosen)
        seen.append((set(all_.people[chosen]), set(all_.people[rest])))
        return original(method, all_, numbers, chosen)

    monkeypatch.setattr(recipe, "_fitted", watched)
    fit_classifier(given, MODEL)
    assert sum(bool(kept) for _, kept in seen) == 2 * recipe.FOLDS
    assert all(not training & kept for training, kept in seen)


def test_mirrored_faces_have_the_parameters_of_the_mirrored_landmarks() -> None:
    odd = next(i for i, label in enumerate(MODEL.labels) if "one-sided" in label)
    parameters = np.zeros(MODEL.count, np.float32)
    parameters[0], parameters[odd] = 1.0, 1.5
    points = MODEL.seen(ShapeFit(parameters, Placement(np.eye(3), 90.0, np.array([200.0, 150, 0]))))
    found = examples_of([points], ["x"], ["p"], MODEL)
    assert found.parameters[0, odd] == pytest.approx(1.5, abs=0.2)
    assert found.mirrored[0, odd] == pytest.approx(-1.5, abs=0.2)
    assert found.mirrored[0, 0] == pytest.approx(found.parameters[0, 0], abs=0.05)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (examples(60, classes=("one",)), "two labels or more, and all pictures are one"),
        (examples(36), "20 pictures with a face or more, and 'open' has 18"),
    ],
)
def test_too_few_examples_are_refused(given: Examples, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fit_classifier(given, MODEL)


def test_pictures_of_one_person_only_are_refused() -> None:
    given = examples(120)
    one = Examples(given.parameters, given.mirrored, given.labels, np.array(["me"] * 120))
    with pytest.raises(UsageError, match="5 people or more, and 'open' has 1"):
        fit_classifier(one, MODEL)


# ---- the CSV file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files that are called pictures."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "a.jpg,yes\nb.jpg,no\n",
        "picture,label\na.jpg,yes\nb.jpg,no\n",
        "Image;Label\na.jpg;yes\n\nb.jpg;no\n",
        "\ufeffa.jpg\t yes \nb.jpg\tno\n",
    ],
)
def test_labels_are_read_from_every_usual_kind_of_csv(folder: Path, text: str) -> None:
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    rows = read_labels(folder / "labels.csv", folder)
    assert [(row.path.name, row.label, row.person) for row in rows] == [
        ("a.jpg", "yes", "a.jpg"),
        ("b.jpg", "no", "b.jpg"),
    ]


def test_a_third_column_says_who_it_is(folder: Path) -> None:
    (folder / "labels.csv").write_text("picture,label,person\na.jpg,yes,ada\nb.jpg,no,\n")
    assert [row.person for row in read_labels(folder / "labels.csv", folder)] == ["ada", "b.jpg"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no labels in"),
        ("picture,label\n", "no labels in"),
        ("a.jpg\n", "Line 1 of .* must hold picture, label"),
        ("a.jpg,yes\nb.jpg,\n", "Line 2 of .* must hold picture, label"),
        ("a.jpg,yes,ada,more\n", "at most person, not 'a.jpg,yes,ada,more'"),
        ("a.jpg,yes\na.jpg,no\n", "Line 2 of .* calls a.jpg 'no', but above it is 'yes'"),
        ("c.jpg,yes\n", "c.jpg is of .* not in"),
        ("c.jpg,yes\nd.jpg,no\ne.jpg,no\nf.jpg,no\n", "c.jpg, d.jpg, e.jpg and 1 more are of"),
    ],
)
def test_what_is_wrong_with_the_labels_is_said(folder: Path, text: str, message: str) -> None:
    (folder / "labels.csv").write_text(text)
    with pytest.raises(UsageError, match=message):
        read_labels(folder / "labels.csv", folder)


def test_missing_files_and_other_encodings_are_said(folder: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_labels(folder / "none.csv", folder)
    with pytest.raises(UsageError, match="is no folder"):
        read_labels(folder / "none.csv", folder / "pictures")
    (folder / "labels.csv").write_bytes(b"a.jpg,\xff\xfe")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        read_labels(folder / "labels.csv", folder)


def test_training_refuses_an_unknown_method_and_files_that_are_no_pictures(folder: Path) -> None:
    (folder / "labels.csv").write_text("a.jpg,yes\nb.jpg,no\n")
    with pytest.raises(UsageError, match="allowed are logistic and forest"):
        train_classifier(folder, folder / "labels.csv", folder / "out.npz", method="oracle")
    with pytest.raises(UsageError, match=r"a\.jpg is no picture"):
        train_classifier(folder, folder / "labels.csv", folder / "out.npz")


def test_pictures_without_a_face_are_left_out_and_named(tmp_path: Path) -> None:
    for number in range(2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((96, 96, 3), 90 + number, np.uint8))
    (tmp_path / "labels.csv").write_text("0.png,yes\n1.png,no\n")
    said: list[str] = []
    with pytest.raises(UsageError, match="two labels or more"):
        train_classifier(tmp_path, tmp_path / "labels.csv", tmp_path / "out.npz", report=said.append)
    assert said == ["2 of 2 pictures show no face and are left out, such as 0.png."]
    assert not (tmp_path / "out.npz").exists()
