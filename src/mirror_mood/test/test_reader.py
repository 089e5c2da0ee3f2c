"""The reader: both judges, baselines that are learned, given and kept, and faces that cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ModelError
from mirror_core.faces import Face, FaceSet, HeadPose, Roi
from mirror_core.frame import Image
from mirror_core.geometry import quaternion_from_matrix
from mirror_core.moods import MOOD_COUNT, SOURCES, Mood, MoodLabel
from mirror_mood import reader as reader_module
from mirror_mood.baseline import Population
from mirror_mood.fusion import Fusion, Pool
from mirror_mood.mood_parameters import MoodParameters
from mirror_mood.reader import MoodReader
from mirror_mood.shape_features import shared_mood_geometry
from mirror_mood.shape_mood import SHAPE_MOODS, ShapeMood
from mirror_tracking.shape_classifier import Forest, Logistic
from mirror_tracking.shape_model import shared_shape_model

SIZE = (640, 480)
IMAGE = np.zeros((480, 640, 3), np.uint8)
STEP_NS = 100_000_000
FACING = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])
NEUTRAL = np.full(MOOD_COUNT, 0.02, np.float32)
NEUTRAL[MoodLabel.NEUTRAL] = 0.88
PLAIN = MoodParameters(half_life=0.0)


def likely(word: str, share: float = 0.82) -> np.ndarray:
    values = np.full(MOOD_COUNT, (1 - share) / (MOOD_COUNT - 1), np.float32)
    values[MoodLabel[word.upper()]] = share
    return values


class Look:
    """Stands for the network: says what the test wants."""

    def __init__(self) -> None:
        self.answer = NEUTRAL
        self.calls = 0

    def read(self, image: Image, landmarks: np.ndarray) -> np.ndarray:
        self.calls += 1
        return self.answer


def sadness(mood: Mood) -> float:
    """How many times likelier sad is than happy."""
    return float(mood.probabilities[MoodLabel.SAD] / mood.probabilities[MoodLabel.HAPPY])


def mean_face(smile: float = 0.0, *, track_id: int = 1, person: str = "", height: float = 200.0) -> Face:
    """The shape model's mean face from the front; mouth corners lifted by a share of its height."""
    shape = shared_shape_model().mean.astype(np.float64) * (height / 2.4)
    points = np.zeros((478, 3))
    points[:468] = shape
    points[:, :2] += (320, 240)
    for corner in (61, 291):
        points[corner, 1] -= smile * height
    landmarks = points.astype(np.float32)
    return Face(track_id, 0.9, Roi.around(landmarks[:468]), landmarks, person=person)


def turned(face: Face, yaw: float) -> Face:
    angle = np.radians(yaw)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])
    pose = HeadPose(quaternion_from_matrix(FACING @ turn), (0.0, 0.0, 0.7))
    return replace(face, head_pose=pose)


@pytest.fixture(scope="module")
def shape() -> ShapeMood:
    """Takes a lifted mouth, beside the person's own, for happy, and one that hangs for sad."""
    geometry = shared_mood_geometry()
    own = geometry.features(mean_face().landmarks).values
    lifted = geometry.features(mean_face(0.03).landmarks).values - own
    population = Population(own, np.ones(geometry.count), geometry.fingerprint)
    weights = np.zeros((len(SHAPE_MOODS), geometry.count))
    direction = 3 * lifted / (lifted @ lifted)
    weights[SHAPE_MOODS.index(MoodLabel.HAPPY)] = direction
    weights[SHAPE_MOODS.index(MoodLabel.SAD)] = -direction
    logistic = Logistic(weights, np.where(np.array(SHAPE_MOODS) == MoodLabel.NEUTRAL, 1.0, 0.0))
    leaf = np.array([-1], np.int32)
    even = np.full((1, len(SHAPE_MOODS)), 1 / len(SHAPE_MOODS))
    forest = Forest(np.array([0], np.int32), np.array([0], np.int32), np.zeros(1), leaf, leaf, even)
    return ShapeMood(logistic, forest, population, 0.5)


@pytest.fixture
def look() -> Look:
    return Look()


@pytest.fixture
def fusion() -> Fusion:
    return Fusion({source: Pool(1.0, 1.0, np.zeros(MOOD_COUNT)) for source in SOURCES}, 1.0, np.log(NEUTRAL))


@pytest.fixture
def make(look: Look, shape: ShapeMood, fusion: Fusion):
    def create(parameters: MoodParameters = PLAIN) -> MoodReader:
        return MoodReader(parameters, appearance=look, shape=shape, fusion=fusion)

    return create


class Watch:
    """Shows faces to a reader, ten times a second."""

    def __init__(self, reader: MoodReader, start_s: float = 100.0) -> None:
        self.reader, self.stamp_ns = reader, int(start_s * 1e9)

    def __call__(self, *faces: Face, times: int = 1) -> Mood:
        for _ in range(times):
            moods = self.reader.read(IMAGE, FaceSet(self.stamp_ns, "camera_optical", SIZE, faces))
            assert moods.stamp_ns == self.stamp_ns
            self.stamp_ns += STEP_NS
        return moods.moods[0]


def test_both_judges_count(make, look: Look) -> None:
    watch = Watch(make())
    look.answer = likely("happy", 0.4)
    alone = Watch(make(MoodParameters(half_life=0.0, use="appearance")))(mean_face(0.03))
    assert alone.source == "appearance"
    assert alone.probabilities[MoodLabel.HAPPY] == pytest.approx(0.4, abs=0.01)
    both = watch(mean_face(0.03))
    assert both.source == "fused"
    assert both.probabilities[MoodLabel.HAPPY] > 0.6
    assert watch(mean_face(-0.03)).probabilities[MoodLabel.HAPPY] < 0.3
    geometry = Watch(make(MoodParameters(half_life=0.0, use="shape")))(mean_face(-0.03))
    assert (geometry.source, geometry.dominant) == ("shape", MoodLabel.SAD)


def test_valence_and_arousal_are_those_of_the_probabilities(make, look: Look) -> None:
    look.answer = likely("happy", 0.97)
    assert Watch(make())(mean_face(0.03)).valence > 0.6
    look.answer = likely("sad", 0.97)
    sad = Watch(make())(mean_face(-0.03))
    assert sad.valence < -0.4
    assert sad.arousal < 0


def test_people_are_kept_apart_by_their_track(make, look: Look) -> None:
    reader = make(MoodParameters(half_life=2.0))
    watch = Watch(reader)
    first, second = mean_face(track_id=1), mean_face(track_id=2)
    look.answer = likely("happy")
    watch(first, times=30)
    look.answer = likely("sad")
    moods = reader.read(IMAGE, FaceSet(watch.stamp_ns, "camera_optical", SIZE, (first, second))).moods
    assert [mood.dominant for mood in moods] == [MoodLabel.HAPPY, MoodLabel.SAD]


def test_a_mouth_that_always_hangs_is_not_sad_once_the_person_is_known(make, look: Look) -> None:
    reader = make(MoodParameters(half_life=0.0, use="fused"))
    watch = Watch(reader)
    hanging = mean_face(-0.02)
    first = watch(hanging)
    assert sadness(first) > 5
    assert reader.ready_baselines == 0
    later = watch(hanging, times=120)
    assert reader.ready_baselines == 1
    assert 0.5 < sadness(later) < 2
    smiling = watch(mean_face(0.01))
    assert smiling.probabilities[MoodLabel.HAPPY] > 2 * later.probabilities[MoodLabel.HAPPY]


def test_with_baselines_switched_off_nothing_is_learned(make) -> None:
    reader = make(MoodParameters(half_life=0.0, baseline=False))
    watch = Watch(reader)
    first = watch(mean_face(-0.02, person="ada"))
    later = watch(mean_face(-0.02, person="ada"), times=60)
    np.testing.assert_array_equal(first.probabilities, later.probabilities)
    assert reader.known_baselines() == {}


def test_a_known_person_s_baseline_is_kept_and_given_again(make) -> None:
    learned = make()
    Watch(learned)(mean_face(-0.02, person="ada"), mean_face(track_id=2), times=60)
    kept = learned.known_baselines()
    assert list(kept) == ["ada"]
    stranger = Watch(make())(mean_face(-0.02))
    for is_there_before in (False, True):
        reader = make()
        watch = Watch(reader)
        if is_there_before:
            watch(mean_face(-0.02, person="ada", track_id=9))
        reader.give_baseline("ada", kept["ada"])
        known = watch(mean_face(-0.02, person="ada", track_id=9))
        assert reader.ready_baselines == 1
        assert known.probabilities[MoodLabel.SAD] < 0.6 * stranger.probabilities[MoodLabel.SAD]
        assert known.person == "ada"


@pytest.mark.parametrize("data", [b"", b"nonsense", b"MRL1" + bytes(40)])
def test_a_damaged_baseline_is_refused_and_learned_anew(make, data: bytes) -> None:
    reader = make()
    with pytest.raises(ModelError, match="learn it again"):
        reader.give_baseline("ada", data)
    assert not Watch(reader)(mean_face(person="ada"), times=60).unsure
    assert list(reader.known_baselines()) == ["ada"]


def test_a_baseline_is_not_kept_where_that_is_switched_off(make) -> None:
    reader = make(MoodParameters(half_life=0.0, keep_baseline=False))
    Watch(reader)(mean_face(person="ada"), times=60)
    assert reader.ready_baselines == 1
    assert reader.known_baselines() == {}


@pytest.mark.parametrize(
    "unclear",
    [
        lambda face: turned(face, 60.0),
        lambda face: mean_face(height=40.0),
        lambda face: replace(face, mask_probability=0.9),
    ],
    ids=["turned aside", "too small", "behind a mask"],
)
def test_a_face_that_cannot_be_read_is_unsure_and_changes_nothing(make, look: Look, unclear) -> None:
    watch = Watch(make(MoodParameters(half_life=0.5)))
    look.answer = likely("happy", 0.95)
    before = watch(turned(mean_face(), 5.0), times=10)
    assert not before.unsure
    look.answer = likely("sad", 0.95)
    hidden = watch(unclear(mean_face()), times=3)
    assert hidden.unsure
    np.testing.assert_array_equal(hidden.probabilities, before.probabilities)


def test_what_is_even_is_unsure(make, look: Look) -> None:
    look.answer = np.full(MOOD_COUNT, 1 / MOOD_COUNT, np.float32)
    assert Watch(make(MoodParameters(half_life=0.0, use="appearance")))(mean_face()).unsure


def test_settings_change_while_it_reads(make, look: Look) -> None:
    reader = make(MoodParameters(half_life=0.0, sure_from=0.5, use="appearance"))
    watch = Watch(reader)
    look.answer = likely("happy", 0.7)
    assert not watch(mean_face()).unsure
    reader.configure(MoodParameters(half_life=0.0, sure_from=0.9, use="appearance"))
    assert watch(mean_face()).unsure


def test_everything_is_forgotten_when_stamps_jump_back(make, look: Look) -> None:
    reader = make(MoodParameters(half_life=5.0))
    look.answer = likely("happy", 0.95)
    Watch(reader, 500.0)(mean_face(), times=30)
    look.answer = likely("sad", 0.95)
    assert Watch(reader, 100.0)(mean_face()).dominant is MoodLabel.SAD


def test_without_the_network_the_shape_judges_and_it_is_said(
    shape: ShapeMood, fusion: Fusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ModelError("The mood model is missing.")

    monkeypatch.setattr(reader_module, "MoodClassifier", missing)
    reader = MoodReader(PLAIN, shape=shape, fusion=fusion)
    assert reader.problems == ("Moods are read without the face's look: The mood model is missing.",)
    assert Watch(reader)(mean_face(0.03)).source == "shape"
    monkeypatch.setattr(reader_module, "shared_shape_mood", missing)
    with pytest.raises(ModelError, match="is missing"):
        MoodReader(PLAIN, fusion=fusion)


def test_the_shipped_models_read_a_real_face() -> None:
    data = Path(__file__).resolve().parents[4] / "shared" / "data" / "talking_face_dev.mp4"
    if not data.is_file():
        pytest.skip("../shared/data/talking_face_dev.mp4 is not here")
    import cv2

    from mirror_core.frame import Frame
    from mirror_tracking.tracker import FaceTracker

    capture, tracker, reader = cv2.VideoCapture(str(data)), FaceTracker(), MoodReader()
    try:
        for number in range(60):
            _, picture = capture.read()
            frame = Frame(picture, 1_000_000_000 + number * 41_666_667)
            moods = reader.read(frame.image, tracker.update(frame))
    finally:
        tracker.close()
        capture.release()
    assert reader.problems == ()
    (mood,) = moods.moods
    assert mood.source == "fused"
    assert float(mood.probabilities.sum()) == pytest.approx(1, abs=1e-5)
