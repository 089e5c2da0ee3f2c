"""The shape model: what it says of a face does not depend on where the face is, and it explains faces."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ModelError, ShapeError
from mirror_tracking.mesh import region_from_detection, region_from_landmarks
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_model import (
    DISTORTIONS,
    MODEL_NAMES,
    ShapeFit,
    ShapeModel,
    pose_terms,
    shared_shape_model,
)
from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import LEFT_EYE, MESH_TRIANGLES, RIGHT_EYE

PCA = shared_shape_model()


def turned(yaw: float, pitch: float, scale: float = 100.0, shift=(300.0, 200.0, 0.0)) -> Placement:
    c, s = np.cos, np.sin
    aside = np.array([[c(yaw), 0, -s(yaw)], [0, 1, 0], [s(yaw), 0, c(yaw)]])
    up = np.array([[1, 0, 0], [0, c(pitch), s(pitch)], [0, -s(pitch), c(pitch)]])
    return Placement(aside @ up, scale, np.array(shift))


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_shipped_model_is_a_face_with_directions(name):
    model = shared_shape_model(name)
    assert model.name == name
    assert 20 <= model.count <= 32
    assert len(model.labels) == model.count
    assert np.sqrt((model.mean**2).sum(axis=1).mean()) == pytest.approx(1, abs=1e-3)
    assert np.allclose(np.linalg.norm(model.components.reshape(model.count, -1), axis=1), 1, atol=1e-3)
    assert (np.diff(model.deviations) <= 0).all()
    mirrored = model.mean[opposite_points()[:468]] * (-1, 1, 1)
    assert np.allclose(mirrored, model.mean, atol=2e-3)


def test_components_of_the_pca_are_orthogonal_and_those_of_the_sparse_model_leave_most_points_alone():
    flat = PCA.components.reshape(PCA.count, -1)
    assert np.allclose(flat @ flat.T, np.eye(PCA.count), atol=1e-4)
    moved = (np.abs(shared_shape_model("sparse").components).max(axis=2) > 0).mean(axis=1)
    assert moved.mean() < 0.5
    assert moved.min() < 0.2


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_faces_at_two_deviations_do_not_fold(name):
    """The skin's triangles still face the viewer, but for a few slivers at lids, lips and rim."""
    model = shared_shape_model(name)
    usual = _areas(model.mean) < 0
    for index in range(model.count):
        for sign in (-2, 2):
            parameters = np.zeros(model.count)
            parameters[index] = sign
            folded = (_areas(model.shape(parameters)) > 0) & usual
            assert folded.mean() < 0.04, (index, sign)


def _areas(shape):
    a, b, c = np.moveaxis(shape[MESH_TRIANGLES][..., :2], 1, 0)
    return (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(-0.6, 0.6), st.floats(-0.4, 0.4), st.floats(30, 400))
def test_parameters_come_back_from_a_face_that_is_turned_scaled_and_moved(seed, yaw, pitch, scale):
    parameters = np.random.default_rng(seed).normal(size=PCA.count)
    points = PCA.seen(ShapeFit(parameters, turned(yaw, pitch, scale)))
    fit = PCA.fit(points)
    # The weights tell the turn from points that move little; what they move is read as a little turn.
    assert np.abs(fit.parameters - parameters).mean() < 0.2
    error = np.sqrt(((PCA.reconstruct(points, fit) - points) ** 2).sum(axis=1).mean())
    assert error < 0.035 * scale
    assert fit.placement.yaw == pytest.approx(yaw, abs=0.08)
    assert fit.placement.pitch == pytest.approx(pitch, abs=0.08)


def test_the_place_size_and_roll_of_a_face_do_not_change_its_parameters_at_all():
    points = PCA.seen(ShapeFit(np.linspace(-1, 1, PCA.count), turned(0.2, -0.1)))
    first = PCA.fit(points).parameters
    c, s = np.cos(0.7), np.sin(0.7)
    moved = points @ (3.0 * np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])).T + (40, -900, 12)
    assert np.allclose(PCA.fit(moved).parameters, first, atol=2e-3)


def test_the_mean_face_has_no_parameters():
    fit = PCA.fit(Placement(np.eye(3), 80.0, np.array([10.0, 20.0, 0.0])).to_image(PCA.mean))
    assert np.abs(fit.parameters).max() < 1e-3
    assert fit.placement.scale == pytest.approx(80)


def test_what_the_mesh_does_to_turned_heads_is_not_taken_for_their_shape():
    blind = ShapeModel(
        "pca", PCA.mean, PCA.components, PCA.deviations, weights=PCA.weights, pose_distortion=None
    )
    points = PCA.seen(ShapeFit(np.zeros(PCA.count), turned(0.5, 0.0)))
    assert np.abs(PCA.fit(points).parameters).max() < 0.3
    assert np.abs(blind.fit(points).parameters).max() > 1


def test_turns_are_bounded_where_they_were_not_learned():
    assert np.allclose(pose_terms(turned(1.4, 0)), pose_terms(turned(1.0, 0)))
    assert np.allclose(pose_terms(turned(0, 1.2)), pose_terms(turned(0, 0.8)))
    assert pose_terms(turned(0, 0)).tolist() == [0] * DISTORTIONS


def test_parameters_can_be_limited():
    points = PCA.seen(ShapeFit(np.full(PCA.count, 5.0), turned(0, 0)))
    assert np.abs(PCA.fit(points).parameters).max() > 4
    assert np.abs(PCA.fit(points, limit=3).parameters).max() == 3


def test_fewer_parameters_leave_the_others_at_the_mean():
    full = np.zeros(PCA.count)
    full[:3] = (1, -2, 0.5)
    assert np.array_equal(PCA.shape([1, -2, 0.5]), PCA.shape(full))
    with pytest.raises(ShapeError, match=f"up to {PCA.count} finite numbers"):
        PCA.shape(np.zeros(PCA.count + 1))
    with pytest.raises(ShapeError, match="finite numbers"):
        PCA.shape([np.nan])


def test_irises_keep_their_place_in_the_eye():
    surface = PCA.seen(ShapeFit(np.zeros(PCA.count), turned(0, 0)))
    landmarks = np.concatenate([surface, np.zeros((10, 3), np.float32)]).astype(np.float32)
    landmarks[468:473] = surface[RIGHT_EYE].mean(axis=0) + np.array([2, 1, 0])
    landmarks[473:] = surface[LEFT_EYE].mean(axis=0)
    landmarks[RIGHT_EYE] += (0, 5, 0)  # an eye where no face has it: the model moves it back, and its iris
    found = PCA.reconstruct(landmarks)
    assert found.shape == (478, 3)
    assert found.dtype == np.float32
    moved = found[RIGHT_EYE].mean(axis=0) - landmarks[RIGHT_EYE].mean(axis=0)
    assert moved[1] < -1
    assert np.allclose(found[468] - landmarks[468], moved, atol=1e-3)
    assert PCA.reconstruct(surface).shape == (468, 3)


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_real_face_is_reconstructed_to_a_hundredth_of_its_eye_distance(paste, detector, mesh, name):
    picture = paste((600, 360, 220))
    found = detector.detect(picture)[0]
    (first,) = mesh.landmarks(picture, [region_from_detection(found)])
    (result,) = mesh.landmarks(picture, [region_from_landmarks(first.landmarks)])
    model = shared_shape_model(name)
    fit = model.fit(result.landmarks)
    apart = np.linalg.norm((model.reconstruct(result.landmarks, fit) - result.landmarks)[:, :2], axis=1)
    eyes = np.linalg.norm(result.landmarks[33, :2] - result.landmarks[263, :2])
    assert apart.mean() < 0.01 * eyes
    assert np.abs(fit.parameters).max() < 5


@pytest.mark.parametrize("shape", [(468, 2), (400, 3), (479, 3), (468,)])
def test_other_landmarks_are_refused(shape):
    with pytest.raises(ShapeError, match="landmarks"):
        PCA.fit(np.zeros(shape, np.float32))


def test_landmarks_that_are_not_finite_are_refused_and_a_face_without_size_is_the_mean():
    points = np.zeros((478, 3), np.float32)
    assert np.array_equal(PCA.fit(points).parameters, np.zeros(PCA.count))
    points[5, 1] = np.inf
    with pytest.raises(ShapeError, match="finite"):
        PCA.fit(points)


def test_a_model_survives_its_file(tmp_path):
    data = PCA.to_bytes()
    assert data == PCA.to_bytes()
    (tmp_path / "model.npz").write_bytes(data)
    back = ShapeModel.load(tmp_path / "model.npz")
    for name in ("mean", "components", "deviations", "weights", "pose_distortion"):
        assert np.array_equal(getattr(back, name), getattr(PCA, name))
    assert (back.name, back.labels) == (PCA.name, PCA.labels)


def _changed(**values) -> bytes:
    with np.load(io.BytesIO(PCA.to_bytes())) as file:
        arrays = dict(file) | values
    buffer = io.BytesIO()
    np.savez(buffer, **{key: value for key, value in arrays.items() if value is not None})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no shape model in the file"),
        (b"PK\x03\x04 torn", "no shape model in the file"),
        (PCA.to_bytes()[:5000], "no shape model in the file"),
        (_changed(format=np.array(9)), "has format 9"),
        (_changed(mean=None), "no shape model in the file"),
        (_changed(mean=np.zeros((3, 3))), "no shape model in the file"),
        (_changed(deviations=np.zeros(PCA.count)), "deviations above 0"),
        (_changed(labels=np.array(["one"])), "labels or none"),
        (_changed(weights=np.zeros(468)), "not all 0"),
    ],
)
def test_what_is_no_model_is_refused_in_one_sentence(data, message):
    with pytest.raises(ModelError, match=message):
        ShapeModel.from_bytes(data)


def test_a_model_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        ShapeModel.load(tmp_path / "none.npz")
    with pytest.raises(ModelError, match="allowed are pca, sparse"):
        shared_shape_model("wide")


def test_the_shared_model_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        PCA.mean[0, 0] = 1
