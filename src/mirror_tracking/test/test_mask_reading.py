"""Whether a face wears a mask, and where: what an alpha says, and when faces are looked at."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from mirror_core.errors import ModelError
from mirror_core.faces import Face, FaceSet, Roi
from mirror_core.testing import synthetic_faces
from mirror_tracking.head_pose import mean_face
from mirror_tracking.mask_reading import MaskCard, MaskReader, MaskReading, load_card, places_in_image
from mirror_tracking.mask_watch import MaskWatch
from mirror_tracking.unmask_input import face_similarity, in_square

SIDE = 64
GREEN = (60, 160, 60)
IMAGE = np.full((480, 640, 3), 120, np.uint8)


def face(centre: tuple[float, float] = (320.0, 240.0), eyes_px: float = 90.0, track_id: int = 1) -> Face:
    """The mean head before the camera."""
    head = mean_face().astype(np.float64)
    points = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1)
    points *= eyes_px / np.ptp(points[[33, 263], 0])
    points[:, :2] += np.array(centre) - points[:, :2].mean(axis=0)
    landmarks = points.astype(np.float32)
    return Face(track_id, 0.9, Roi.around(landmarks), landmarks)


class GreenIsMask:
    """A network that takes green for a mask."""

    side = SIDE

    def look(self, square):
        green = square[..., 1].astype(np.float32) - square[..., 2]
        return square.astype(np.float32) / 255, (green > 50).astype(np.float32)


def with_mask(image: np.ndarray, *faces: Face) -> tuple[np.ndarray, Roi]:
    """A picture with a green rectangle below the eyes of each face, and where the last one is."""
    image = image.copy()
    place = Roi(0, 0, 0, 0)
    for each in faces:
        x, y = each.landmarks[[33, 263], :2].mean(axis=0)
        place = Roi(round(x) - 50, round(y) + 20, 100, 80)
        image[int(place.y) : int(place.y) + 80, int(place.x) : int(place.x) + 100] = GREEN
    return image, place


def test_a_mask_is_read_with_its_place_and_a_bare_face_without():
    reader = MaskReader(GreenIsMask(), MaskCard(0.05, 0.01, SIDE))
    someone = face()
    image, place = with_mask(IMAGE, someone)
    reading = reader.read(image, someone.landmarks)
    assert reading.probability > 0.99
    assert reading.box is not None
    assert places_in_image(reading.box, someone.landmarks).iou(place) > 0.9
    bare = reader.read(IMAGE, someone.landmarks)
    assert bare.probability < 0.01
    assert bare.box is None


def test_specks_do_not_widen_the_box():
    class Speckled(GreenIsMask):
        def look(self, square):
            colour, alpha = super().look(square)
            alpha[1, 1] = 1.0
            return colour, alpha

    someone = face()
    image, place = with_mask(IMAGE, someone)
    reading = MaskReader(Speckled(), MaskCard(0.05, 0.01, SIDE)).read(image, someone.landmarks)
    assert reading.box is not None
    assert places_in_image(reading.box, someone.landmarks).iou(place) > 0.9


def test_the_box_moves_and_grows_with_the_face():
    box = (0.3, 0.5, 0.7, 0.9)
    before = places_in_image(box, face().landmarks)
    after = places_in_image(box, face((420, 200), eyes_px=180).landmarks)
    assert after.width == pytest.approx(2 * before.width, rel=1e-3)
    corner = in_square(face().landmarks, face_similarity(face().landmarks, 1))
    assert np.ptp(corner[:, 0]) < 1.2  # the whole face is about the square
    assert after.centre[0] - 420 == pytest.approx(2 * (before.centre[0] - 320), abs=0.5)


@pytest.mark.parametrize("odds", [-1e9, -3.0, 0.0, 3.0, 1e9])
def test_the_probability_rises_as_the_logistic_function_and_never_overflows(odds):
    card = MaskCard(0.2, 0.01)
    expected = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    assert card.probability(0.2 + 0.01 * odds) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must hold side, mask_share and mask_spread"),
        ('{"side": 192}', "must hold side, mask_share and mask_spread"),
        ('{"side": 192, "mask_share": 2, "mask_spread": 0.1}', "between 0 and 1"),
        ('{"side": 0, "mask_share": 0.1, "mask_spread": 0.1}', "side 1 or more"),
    ],
)
def test_a_damaged_card_is_refused(tmp_path, text, said):
    file = tmp_path / "unmask.json"
    file.write_text(text)
    with pytest.raises(ModelError, match=said):
        load_card(file)


def test_a_card_is_read(tmp_path):
    file = tmp_path / "unmask.json"
    file.write_text(json.dumps({"side": 96, "mask_share": 0.04, "mask_spread": 0.01}))
    assert load_card(file) == MaskCard(0.04, 0.01, 96)
    with pytest.raises(ModelError, match="must hold"):
        load_card(tmp_path / "missing.json")


# ---- when faces are looked at


class Slow:
    """A reader that waits to be let go, and counts."""

    def __init__(self, *probabilities: float) -> None:
        self.probabilities = list(probabilities)
        self.looked: list[float] = []  # x of the faces, in order
        self.go = threading.Semaphore(0)

    def read(self, image: np.ndarray, landmarks: np.ndarray) -> MaskReading:
        self.go.acquire(timeout=5)
        self.looked.append(float(landmarks[:, 0].mean()))
        probability = self.probabilities.pop(0) if self.probabilities else 0.0
        return MaskReading(probability, (0.3, 0.5, 0.7, 0.9) if probability > 0.5 else None)


def watch_with(reader: Slow) -> MaskWatch:
    return MaskWatch(lambda: reader, lambda error: None)  # type: ignore[arg-type,return-value]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.002)


def faces_at(seconds: float, *faces: Face) -> FaceSet:
    return synthetic_faces(int(1e9 * (10 + seconds)), *faces)


def test_faces_stay_as_they_are_until_something_is_known_and_follow_the_face_then():
    reader = Slow(0.9)
    watch = watch_with(reader)
    try:
        someone = faces_at(0.0, face())
        assert watch.judged(someone) is someone
        watch.look(IMAGE, someone)
        assert watch.judged(someone) is someone  # the model still looks: nobody waits
        reader.go.release()
        until(lambda: watch.judged(someone) is not someone)
        judged = watch.judged(faces_at(0.1, face((400, 200)))).faces[0]
        assert judged.mask_probability == pytest.approx(0.9)
        expected = places_in_image((0.3, 0.5, 0.7, 0.9), face((400, 200)).landmarks)
        assert judged.mask_roi == expected
    finally:
        watch.close()


def test_new_faces_are_looked_at_often_then_once_a_second_each_in_turn():
    reader = Slow()
    watch = watch_with(reader)
    left, right = face((200, 240), track_id=1), face((440, 240), track_id=2)
    try:
        looks = []
        for tick in range(80):  # four seconds at 20 Hz
            now = faces_at(tick / 20, left, right)
            before = len(reader.looked)
            watch.look(IMAGE, now)
            if watch._under_way is not None:
                reader.go.release()
                until(lambda count=before: len(reader.looked) > count)
                until(lambda: watch._news is not None)
                looks.append((tick / 20, reader.looked[-1]))
        lefts = [at for at, x in looks if x < 320]
        rights = [at for at, x in looks if x > 320]
        assert len(lefts) + len(rights) == len(looks)
        for times in (lefts, rights):
            assert len(times) == 6  # three soon, then at most one a second
            assert np.diff(times[:3]) == pytest.approx([0.2, 0.2], abs=0.051)
            assert (np.diff(times[3:]) >= 0.999).all()
    finally:
        watch.close()


def test_looks_are_averaged_and_forgotten_with_the_face():
    reader = Slow(1.0, 0.0, 0.9)
    watch = watch_with(reader)
    try:
        for seconds, expected in ((0.0, 1.0), (0.3, 0.5)):
            now = faces_at(seconds, face())
            watch.look(IMAGE, now)
            reader.go.release()
            until(lambda: watch._news is not None)
            assert watch.judged(now).faces[0].mask_probability == pytest.approx(expected)
        assert watch.judged(now).faces[0].mask_roi is None  # not more likely than not
        watch.judged(faces_at(0.4))
        back = faces_at(0.5, face())
        assert watch.judged(back) is back
        watch.look(IMAGE, back)
        watch.reset()
        reader.go.release()
        until(lambda: watch._news is not None)
        assert watch.judged(back) is back  # an answer for a face that was forgotten meanwhile
    finally:
        watch.close()


def test_a_missing_model_is_said_once_and_not_tried_again_at_every_face():
    told: list[Exception] = []
    tries = []

    def load() -> MaskReader:
        tries.append(1)
        raise ModelError("The unmasking model is missing.")

    watch = MaskWatch(load, told.append)
    try:
        watch.look(IMAGE, faces_at(0.0, face()))
        until(lambda: bool(told))
        for tick in range(1, 30):
            watch.look(IMAGE, faces_at(tick, face()))
        time.sleep(0.05)
        assert len(tries) == 1
        assert [str(error) for error in told] == ["The unmasking model is missing."]
    finally:
        watch.close()


def test_when_stamps_jump_back_faces_are_looked_at_again():
    reader = Slow(0.9, 0.9)
    watch = watch_with(reader)
    try:
        watch.look(IMAGE, faces_at(50.0, face()))
        reader.go.release()
        until(lambda: watch._news is not None)
        watch.look(IMAGE, faces_at(1.0, face()))
        reader.go.release()
        until(lambda: len(reader.looked) == 2)
    finally:
        watch.close()
