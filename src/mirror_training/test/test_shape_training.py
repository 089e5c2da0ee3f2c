"""Learning a shape model: from people made by a known model, that model comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_model import POINTS, ShapeFit, ShapeModel, shared_shape_model
from mirror_training.classifier import examples_of, fit_classifier
from mirror_training.face_photos import load_faces
from mirror_training.shape import explained, learn, mirrored, train
from mirror_training.shape_data import (
    MOST_OF_ONE_PERSON,
    FaceMeshes,
    few_of_each,
    find_meshes,
    load_meshes,
    person_of,
)
from mirror_training.shape_evaluation import evaluate
from mirror_training.shape_labels import component_labels

SHIPPED = shared_shape_model()
COUNT = 6  # components of the known model
WIDTH = 192


def known_model() -> ShapeModel:
    """The first components of the shipped model, with its effect of a turned head."""
    return ShapeModel(
        "pca",
        SHIPPED.mean,
        SHIPPED.components[:COUNT],
        SHIPPED.deviations[:COUNT],
        weights=SHIPPED.weights,
        pose_distortion=SHIPPED.pose_distortion,
    )


def made_faces(people: int, pictures: int, seed: int = 1) -> FaceMeshes:
    """Faces of made-up people: each has features of their own, and turns a little in each picture."""
    rng, model = np.random.default_rng(seed), known_model()
    points, who = [], []
    for person in range(people):
        features = rng.normal(size=COUNT)
        for _ in range(pictures):
            yaw, pitch, roll = rng.normal(size=3) * (0.25, 0.12, 0.1)
            c, s = np.cos, np.sin
            aside = np.array([[c(yaw), 0, -s(yaw)], [0, 1, 0], [s(yaw), 0, c(yaw)]])
            up = np.array([[1, 0, 0], [0, c(pitch), s(pitch)], [0, -s(pitch), c(pitch)]])
            lean = np.array([[c(roll), -s(roll), 0], [s(roll), c(roll), 0], [0, 0, 1]])
            shift = np.array([96, 96, 0]) + rng.normal(size=3) * 3
            placement = Placement(lean @ aside @ up, 38 * np.exp(rng.normal() * 0.05), shift)
            points.append(model.seen(ShapeFit(features.astype(np.float32), placement)))
            who.append(f"person_{person}")
    noise = rng.normal(size=(len(points), POINTS, 3)) * 0.1
    return FaceMeshes(
        (np.array(points) + noise).astype(np.float32),
        np.array([f"{number}.jpg" for number in range(len(points))]),
        np.array(who),
        np.array(["neutral"] * len(points)),
        WIDTH,
    )


@pytest.fixture(scope="module")
def faces() -> FaceMeshes:
    """Three pictures each of 120 people."""
    return made_faces(120, 3)


@pytest.fixture(scope="module")
def learned(faces: FaceMeshes) -> ShapeModel:
    """What is learned from them."""
    return learn(faces)


def test_the_model_that_made_the_faces_is_learned(learned: ShapeModel) -> None:
    # Faces and mirror images: a component that is neither even nor odd would come back as two.
    assert COUNT - 1 <= learned.count <= COUNT + 3
    found = learned.components.reshape(learned.count, -1).astype(np.float64)
    truth = SHIPPED.components[:COUNT].reshape(COUNT, -1).astype(np.float64)
    assert explained(truth * SHIPPED.deviations[:COUNT, None], found) > 0.94
    assert np.abs(learned.mean - SHIPPED.mean).max() < 0.2
    assert learned.deviations[0] == pytest.approx(SHIPPED.deviations[0], rel=0.25)


def test_what_a_turn_does_is_learned_from_pictures_of_the_same_people(learned: ShapeModel) -> None:
    yaw, truth = learned.pose_distortion[0].ravel(), SHIPPED.pose_distortion[0].ravel()
    assert yaw @ truth / np.linalg.norm(yaw) / np.linalg.norm(truth) > 0.9
    assert np.linalg.norm(yaw) == pytest.approx(np.linalg.norm(truth), rel=0.2)


def test_held_out_people_are_explained_and_their_turns_are_not_taken_for_shape(
    learned: ShapeModel, faces: FaceMeshes
) -> None:
    score = evaluate(learned, faces)
    assert score.faces == int(faces.held_out.sum()) > 20
    assert score.people < score.faces
    assert score.mean_share < 0.01
    assert score.without > 3 * score.mean_share
    assert score.mean_px < 0.5
    blind = ShapeModel("pca", learned.mean, learned.components, learned.deviations, weights=learned.weights)
    assert score.turn_share < 0.3
    assert evaluate(blind, faces).turn_share > score.turn_share


def test_bad_landmarks_are_dropped(faces: FaceMeshes, learned: ShapeModel) -> None:
    spoiled = faces.points.copy()
    chosen = np.flatnonzero(~faces.held_out)[:8]
    spoiled[chosen, 100:200, 0] += np.linspace(0, 60, 100, dtype=np.float32)
    said: list[str] = []
    model = learn(
        FaceMeshes(spoiled, faces.names, faces.people, faces.labels, faces.width), report=said.append
    )
    assert any("8 outliers dropped" in line for line in said), said
    assert np.abs(model.mean - learned.mean).max() < 0.02


def test_too_few_faces_are_refused(faces: FaceMeshes) -> None:
    with pytest.raises(UsageError, match="needs 50 faces or more"):
        learn(faces.select(np.arange(20)))


def test_a_looking_glass_exchanges_left_and_right() -> None:
    points = (SHIPPED.mean * 38 + (90, 96, 0))[None].astype(np.float32)
    seen = mirrored(points, WIDTH)[0]
    assert seen[33, 0] == pytest.approx(WIDTH - points[0, 263, 0])
    assert seen[1, 0] == pytest.approx(WIDTH - points[0, 1, 0])
    assert np.allclose(mirrored(mirrored(points, WIDTH), WIDTH), points, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Ada_Lovelace_0012.jpg", "ada_lovelace"),
        ("1_0_ada_0037.jpg", "ada"),
        ("368.jpg", "368.jpg"),
    ],
)
def test_file_names_tell_people_apart(name: str, person: str) -> None:
    assert person_of(name) == person


def test_one_person_s_pictures_are_all_held_out_or_none(faces: FaceMeshes) -> None:
    for person in set(faces.people.tolist()):
        assert len(set(faces.held_out[faces.people == person].tolist())) == 1
    assert 0.05 < faces.held_out.mean() < 0.3


def test_of_somebody_with_many_pictures_only_some_are_used() -> None:
    people = np.array(["many"] * 40 + ["few"] * 3)
    chosen = few_of_each(people)
    assert int(chosen[:40].sum()) == MOST_OF_ONE_PERSON
    assert chosen[40:].all()
    assert np.array_equal(chosen, few_of_each(people))


def test_labels_say_what_moves_and_in_which_direction() -> None:
    from mirror_tracking.topology import LEFT_BROW, RIGHT_BROW

    brows, tilt = np.zeros((2, POINTS, 3))
    brows[np.concatenate([LEFT_BROW, RIGHT_BROW]), 1] = 1
    tilt[LEFT_BROW, 1], tilt[RIGHT_BROW, 1] = 1, -1
    assert component_labels(np.stack([brows, tilt])) == (
        "brows, up and down",
        "brows, up and down, one-sided",
    )


def test_missing_data_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"faces_dev_landmarks\.npz is missing"):
        load_meshes(tmp_path)
    with pytest.raises(UsageError, match="is missing"):
        train(tmp_path, tmp_path / "model.npz")


# ---- real faces


@pytest.fixture(scope="module")
def real() -> FaceMeshes:
    """The meshes of the first 300 photographs, some with happy and some with neutral faces."""
    data = Path(__file__).resolve().parents[4] / "shared" / "data"
    if not (data / "faces_dev.tar").is_file():
        pytest.skip("needs the photographs of ../shared/data, which are not part of the repository")
    photos = load_faces(data, "faces_dev", limit=300)
    with np.load(data / "faces_dev_landmarks.npz") as table:
        labels = dict(zip(table["names"].tolist(), table["emotion"].tolist(), strict=True))
    points, good = find_meshes(photos)
    assert good.mean() > 0.95
    names = np.array([photo.name for photo in photos])[good]
    return FaceMeshes(
        points[good, :POINTS],
        names,
        np.array([person_of(name) for name in names]),
        np.array([labels[name] for name in names]),
        WIDTH,
    )


@pytest.mark.parametrize(("name", "most"), [("pca", 0.008), ("sparse", 0.010)])
def test_the_shipped_models_explain_people_who_were_held_out(
    real: FaceMeshes, name: str, most: float
) -> None:
    score = evaluate(shared_shape_model(name), real)
    assert score.faces > 20
    assert score.mean_share < most
    assert score.turn_share < 0.25  # of few faces some always follows by chance


def test_happy_faces_are_told_from_neutral_ones_by_their_shape(
    real: FaceMeshes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="training needs scikit-learn")
    monkeypatch.setattr("mirror_training.classifier.TREES", 40)
    chosen = real.select(np.isin(real.labels, ("happiness", "neutral")))
    examples = examples_of(list(chosen.points), chosen.labels.tolist(), chosen.people.tolist(), SHIPPED)
    trained = fit_classifier(examples, SHIPPED)
    assert trained.scores["logistic"].balanced > 0.75
    assert trained.scores["forest"].balanced > 0.7
