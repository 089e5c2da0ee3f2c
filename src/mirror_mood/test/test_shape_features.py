"""Features of a face: the same however it lies in the picture, from either side, and named by what moves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_mood.shape_features import MoodGeometry, shared_mood_geometry
from mirror_mood.shape_measures import MEASURE_NAMES, measures
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_model import ShapeFit, ShapeModel, shared_shape_model
from mirror_tracking.symmetry import opposite_points

MODEL = shared_shape_model()
GEOMETRY = shared_mood_geometry()


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """A proper rotation of the head, angles in radians."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (math.cos, math.sin))
    around_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    around_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    around_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return around_z @ around_y @ around_x


def face(*, scale: float = 90.0, rotation: np.ndarray | None = None, seed: int = 1) -> np.ndarray:
    """Landmarks of a face that the model can make, as the mesh would find them."""
    parameters = np.random.default_rng(seed).normal(size=MODEL.count).astype(np.float32)
    placement = Placement(np.eye(3) if rotation is None else rotation, scale, np.array([200.0, 150.0, 0.0]))
    return MODEL.seen(ShapeFit(parameters, placement))


def test_size_place_and_turn_of_the_head_change_no_feature():
    plain = GEOMETRY.features(face())
    other = GEOMETRY.features(face(scale=31.0, rotation=turned(0.3, -0.2, 0.5)) + np.array([40, -7, 3]))
    # The alignment takes a little of the turn's distortion for turn.
    assert np.abs(plain.values - other.values).max() < 0.15
    assert plain.yaw == pytest.approx(0, abs=0.05)
    assert other.yaw == pytest.approx(math.atan2(math.sin(0.3), math.cos(0.3) * math.cos(0.2)), abs=0.05)
    assert other.pitch == pytest.approx(-math.asin(math.cos(0.3) * math.sin(0.2)), abs=0.05)


def test_a_leaning_head_is_still_turned_to_the_camera():
    leaning = GEOMETRY.features(face(rotation=turned(roll=0.6)))
    assert (leaning.yaw, leaning.pitch) == pytest.approx((0, 0), abs=0.05)


def test_a_face_and_its_mirror_image_have_the_same_features():
    landmarks = face()
    mirrored = landmarks[opposite_points()[:468]] * (-1, 1, 1)
    assert np.allclose(GEOMETRY.features(landmarks).values, GEOMETRY.features(mirrored).values, atol=1e-4)


def test_the_mean_face_has_no_parameters():
    values = GEOMETRY.features(MODEL.mean * 90 + 200).values
    components = len(GEOMETRY.names) - len(MEASURE_NAMES)
    pca = sum(name.startswith("pca ") for name in GEOMETRY.names)
    assert np.abs(values[:pca]).max() < 0.01
    assert (pca, components - pca) == (16, 22)  # of 24 and 32


def test_components_of_one_side_against_the_other_are_left_out():
    assert not any("one-sided" in name for name in GEOMETRY.names)
    assert GEOMETRY.count == len(set(GEOMETRY.names))


@pytest.mark.parametrize(
    ("moved", "by", "measure", "expected"),
    [
        ([61, 291], (0, -0.1, 0), "corner of the mouth below its middle", -0.1),
        ([55, 285], (0, -0.1, 0), "eye below the brow's inner end", 0.1),
        ([145, 374], (0, 0.05, 0), "inner corner of the eye below the lower lid", -0.05),
        ([61], (0, -0.1, 0), "corner of the mouth below its middle", -0.05),
        ([50, 280], (0, 0, 0.2), "cheek behind the tip of the nose", 0.2),
    ],
)
def test_a_measure_follows_what_it_is_named_for(moved, by, measure, expected):
    before = MODEL.mean.astype(np.float64)
    after = before.copy()
    after[moved] += by
    place = MEASURE_NAMES.index(measure)
    assert (measures(after) - measures(before))[place] == pytest.approx(expected)


def test_measures_of_many_faces_are_those_of_each():
    faces = np.stack([face(seed=seed) for seed in (1, 2, 3)])
    assert np.allclose(measures(faces), [measures(one) for one in faces])
    ratio, part, whole = (
        MEASURE_NAMES.index(name) for name in ("eye opening to width", "eye opening", "eye width")
    )
    found = measures(faces)
    assert np.allclose(found[:, ratio], found[:, part] / found[:, whole])


def test_irises_are_not_used():
    landmarks = face()
    with_irises = np.concatenate([landmarks, np.full((10, 3), 7.0)])
    assert np.array_equal(GEOMETRY.features(landmarks).values, GEOMETRY.features(with_irises).values)


def test_another_shape_model_has_another_fingerprint():
    other = ShapeModel(
        "pca",
        MODEL.mean,
        MODEL.components,
        MODEL.deviations * 1.01,
        weights=MODEL.weights,
        pose_distortion=MODEL.pose_distortion,
        labels=MODEL.labels,
    )
    same = MoodGeometry((MODEL,)).fingerprint
    assert same == MoodGeometry((MODEL,)).fingerprint
    assert same != MoodGeometry((other,)).fingerprint


@pytest.mark.parametrize("landmarks", [np.zeros((467, 3)), np.zeros((468, 2)), np.zeros((468, 3))])
def test_what_is_no_face_is_refused(landmarks):
    with pytest.raises(ShapeError, match="mood's features need"):
        GEOMETRY.features(landmarks)
