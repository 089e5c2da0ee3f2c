"""The shipped geometry of moods reads made-up faces as people would, and its file is checked."""

from __future__ import annotations

import io

import numpy as np
import pytest

from mirror_core.errors import ModelError, ShapeError
from mirror_core.moods import MoodLabel
from mirror_mood.baseline import READY_SAMPLES
from mirror_mood.shape_features import MoodFeatures, MoodGeometry, shared_mood_geometry
from mirror_mood.shape_mood import SHAPE_MOODS, ShapeMood, shared_shape_mood, sharpened
from mirror_tracking.shape_model import shared_shape_model

MOOD = shared_shape_mood()
GEOMETRY = shared_mood_geometry()
MODEL = shared_shape_model()
NEUTRAL = SHAPE_MOODS.index(MoodLabel.NEUTRAL)
HAPPY = SHAPE_MOODS.index(MoodLabel.HAPPY)


def resting_face() -> np.ndarray:
    """The surface of the population's neutral face, in the shape model's units."""
    parameters = np.zeros(MODEL.count)
    for name, value in zip(GEOMETRY.names, MOOD.population.mean, strict=True):
        if name.startswith("pca "):
            parameters[int(name[4:].split(":")[0]) - 1] = value
    return MODEL.shape(parameters).astype(np.float64)


def pulled(by: dict[int, tuple[float, float, float]], radius: float) -> np.ndarray:
    """Features of the resting face with some points, and what lies around them, pulled elsewhere."""
    face = resting_face()
    moved = face.copy()
    for point, way in by.items():
        distance = ((face - face[point]) ** 2).sum(axis=1)
        moved += np.exp(-distance / (2 * radius**2))[:, None] * np.array(way)
    return GEOMETRY.features(moved * 90 + 200).values


def smile() -> np.ndarray:
    return pulled({61: (-0.1, -0.1, 0.03), 291: (0.1, -0.1, 0.03)}, 0.3)


def test_a_smile_is_happy_and_rest_is_neutral():
    assert int(MOOD.probabilities(smile()).argmax()) == HAPPY
    rest = MOOD.probabilities(GEOMETRY.features(resting_face() * 90 + 200).values)
    assert int(rest.argmax()) == NEUTRAL
    assert rest.sum() == pytest.approx(1, abs=1e-5)


def test_lowered_brows_are_angry_and_an_open_mouth_under_raised_brows_is_surprise():
    frown = pulled({55: (0.08, 0.12, 0.0), 285: (-0.08, 0.12, 0.0)}, 0.2)
    brows = dict.fromkeys((55, 105, 285, 334), (0, -0.3, 0))
    gasp = pulled({17: (0, 0.4, 0), 152: (0, 0.4, 0), **brows}, 0.3)
    assert SHAPE_MOODS[int(MOOD.probabilities(frown).argmax())] is MoodLabel.ANGRY
    assert SHAPE_MOODS[int(MOOD.probabilities(gasp).argmax())] is MoodLabel.SURPRISE


def test_who_looks_like_that_at_rest_is_taken_for_less_happy():
    probability = MOOD.probabilities(smile())[HAPPY]
    against_own = MOOD.probabilities(smile(), neutral=smile())[HAPPY]
    assert against_own < probability - 0.2


def test_a_baseline_learned_from_frames_is_what_faces_are_compared_with():
    baseline = MOOD.new_baseline()
    place = GEOMETRY.names.index("mouth width")
    values = MOOD.population.mean.copy()
    values[place] += MOOD.population.scale[place]
    face = MoodFeatures(values, 0.0, 0.0)
    for number in range(READY_SAMPLES):
        baseline.observe(face, 0.9, number * 10**8)
    restored = MOOD.restored_baseline(baseline.to_bytes())
    moved = (restored.values - MOOD.population.mean) / MOOD.population.scale
    assert moved[place] == pytest.approx(baseline.trust, abs=1e-5)
    assert MOOD.probabilities(face.values, restored.values) == pytest.approx(
        MOOD.probabilities(face.values, baseline.values), abs=1e-5
    )


def test_written_and_read_again_it_answers_the_same_in_the_same_bytes():
    data = MOOD.to_bytes()
    again = ShapeMood.from_bytes(data)
    assert again.to_bytes() == data
    assert len(data) < 1_000_000
    assert np.array_equal(again.probabilities(smile()), MOOD.probabilities(smile()))


def test_the_file_holds_nothing_that_could_be_executed():
    with np.load(io.BytesIO(MOOD.to_bytes()), allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)


def test_the_recorded_score_is_above_the_bar():
    assert 0.60 <= MOOD.balanced_accuracy < 0.75


def altered(**arrays: np.ndarray) -> bytes:
    with np.load(io.BytesIO(MOOD.to_bytes())) as file:
        content = {name: file[name] for name in file.files} | arrays
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nothing", "There is no mood geometry in the file"),
        (MOOD.to_bytes()[:5000], "There is no mood geometry in the file"),
        (altered(format=np.array(9)), "has format 9"),
        (altered(classes=np.array(["a", "b"])), "the classes a, b"),
        (altered(fingerprint=np.array("other")), "another shape model"),
        (altered(temperature=np.array(-1.0)), "above 0"),
        (altered(logistic_weights=np.full_like(MOOD.logistic.weights, np.nan)), "finite"),
        (altered(logistic_weights=MOOD.logistic.weights[:, :-1]), "not"),
        (altered(forest_left=MOOD.forest.left * 0), "later nodes"),
    ],
)
def test_damaged_and_foreign_files_are_refused_in_one_sentence(data, message):
    with pytest.raises(ModelError, match=message):
        ShapeMood.from_bytes(data)


def test_a_file_of_another_shape_model_and_a_missing_one_are_refused(tmp_path):
    with pytest.raises(ModelError, match="another shape model"):
        ShapeMood.from_bytes(MOOD.to_bytes(), geometry=MoodGeometry((shared_shape_model(),)))
    with pytest.raises(ModelError, match="cannot be read"):
        ShapeMood.load(tmp_path / "none.npz")


def test_wrong_numbers_of_features_are_refused():
    with pytest.raises(ShapeError, match="finite features"):
        MOOD.probabilities(np.zeros(3))
    with pytest.raises(ShapeError, match="finite features"):
        MOOD.probabilities(MOOD.population.mean, np.full(GEOMETRY.count, np.nan))


def test_a_temperature_below_one_makes_the_likelier_likelier():
    given = np.array([0.5, 0.3, 0.2, 0.0, 0.0])
    found = sharpened(given, 0.5)
    assert found[:3] == pytest.approx([0.25 / 0.38, 0.09 / 0.38, 0.04 / 0.38], rel=1e-4)
    assert sharpened(given, 1.0) == pytest.approx(given, abs=1e-5)
