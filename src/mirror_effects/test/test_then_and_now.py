"""The effect `then_and_now`: the right stored face, aligned with today's, dated, and only of who has one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_core.faces import Face, Roi
from mirror_core.frame import Image, read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.age_words import age_words, date_words, nobody_words
from mirror_effects.effect_texts import effect_texts, language_codes
from mirror_effects.face_alignment import EyePlaces, alignment
from mirror_effects.stored_face import StoredFace, nearest_in_time
from mirror_effects.testing import SKIN_COLOUR, painted, portrait_of, room, wearer
from mirror_effects.then_and_now import ThenAndNowEffect
from mirror_tracking.topology import LEFT_EYE_INNER, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE_OUTER

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
THEN_SKIN = (60, 90, 140)  # blue, green, red
HALF = 638  # width of a half of 1280 px, without the line between them


def stored(days: float, skin: tuple[int, int, int] = THEN_SKIN, height: float = 150.0) -> StoredFace:
    """A face that was stored so many days ago."""
    face = wearer((160.0, 160.0), height)
    picture = painted(room(30, (320, 320)), [face], skin=skin)
    return StoredFace(portrait_of(picture, face), NOW - timedelta(days=days))


def tilted(face: Face, degrees: float) -> Face:
    """The face with the head leaning to one side."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = face.landmarks.astype(np.float64)
    middle = points[:, :2].mean(axis=0)
    points[:, :2] = (points[:, :2] - middle) @ turn.T + middle
    return replace(face, landmarks=points.astype(np.float32), roi=Roi.around(points))


def eyes(landmarks: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Right and left eye after an alignment: [2, 2]."""
    pairs = [(RIGHT_EYE_OUTER, RIGHT_EYE_INNER), (LEFT_EYE_OUTER, LEFT_EYE_INNER)]
    middles = np.array([landmarks[list(pair), :2].mean(axis=0) for pair in pairs])
    return middles @ matrix[:, :2].T + matrix[:, 2]


def shown(
    faces: dict[int, tuple[StoredFace, ...]],
    people: tuple[Face, ...] = (),
    language: str = "en",
    **values: Any,
) -> tuple[Image, Image]:
    """The camera's picture and the effect's, the latter as the mirror shows it."""
    people = people or (wearer((640.0, 360.0), 300.0, track_id=1),)
    effect = ThenAndNowEffect(lambda: NOW)
    effect.parameters = update(effect.parameters, values)
    camera = read_only(painted(room(size=(1280, 720)), people))
    result = effect.apply(camera, Scene(0, people, stored=faces, language=language))
    return camera, result[:, ::-1]


def colour(image: Image, x: float, y: float) -> np.ndarray:
    return image[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4].reshape(-1, 3).mean(axis=0)


# ---- alignment


@pytest.mark.parametrize("degrees", [-25.0, 0.0, 40.0])
@pytest.mark.parametrize("height", [120.0, 500.0])
def test_the_eyes_come_level_to_their_places_whatever_the_head_does(degrees: float, height: float) -> None:
    places = EyePlaces.of(640, 720)
    face = tilted(wearer((300.0, 420.0), height), degrees)
    right, left = eyes(face.landmarks, alignment(face.landmarks, places))
    assert (right + left) / 2 == pytest.approx(np.array(places.middle), abs=0.01)
    assert right[1] == pytest.approx(left[1], abs=0.01)
    assert left[0] - right[0] == pytest.approx(places.distance, rel=0.02)


def test_a_head_that_turns_aside_keeps_its_size() -> None:
    places = EyePlaces.of(640, 720)
    straight, turned = wearer(height=240.0), wearer(height=240.0, yaw=0.6)
    scales = [float(np.hypot(*alignment(face.landmarks, places)[:, 0])) for face in (straight, turned)]
    assert scales[1] == pytest.approx(scales[0], rel=0.03)
    flat = turned.landmarks.copy()
    flat[:, 2] = 0  # a photograph with points placed by hand has no depth
    assert np.hypot(*alignment(flat, places)[:, 0]) > 1.1 * scales[0]


def test_a_face_without_two_eyes_has_no_alignment() -> None:
    assert alignment(np.ones((468, 3), np.float32), EyePlaces.of(100, 100)) is None


def test_then_stands_on_the_left_and_today_on_the_right_with_their_eyes_at_the_same_places() -> None:
    people = (tilted(wearer((500.0, 300.0), 260.0), 20.0),)
    _, result = shown({1: (stored(30),)}, people, caption=False)
    places = EyePlaces.of(HALF, 720)
    for left in (0, 1280 - HALF):
        for side in (-0.5, 0.5):
            eye = colour(result, left + places.middle[0] + side * places.distance, places.middle[1])
            assert eye.mean() > 190  # painted eyes are nearly white, skin is not
    cheek = (0.6 * places.distance, 0.75 * places.distance)
    then, today = (
        colour(result, left + places.middle[0] - cheek[0], places.middle[1] + cheek[1])
        for left in (0, 1280 - HALF)
    )
    assert then == pytest.approx(THEN_SKIN, abs=6)
    assert today == pytest.approx(SKIN_COLOUR, abs=6)


def test_above_and_inset_show_the_same_in_other_places() -> None:
    _, above = shown({1: (stored(30),)}, layout="above", caption=False)
    places = EyePlaces.of(1280, 358)
    cheek = places.middle[0] - 0.6 * places.distance, places.middle[1] + 0.75 * places.distance
    assert colour(above, *cheek) == pytest.approx(THEN_SKIN, abs=8)
    assert colour(above, cheek[0], cheek[1] + 362) == pytest.approx(SKIN_COLOUR, abs=8)
    camera, inset = shown({1: (stored(30),)}, layout="inset", caption=False, corner="bottom_left")
    np.testing.assert_array_equal(inset[:, 300:], camera[:, ::-1][:, 300:])
    assert (np.abs(inset[:, :290].astype(int) - THEN_SKIN).max(axis=2) < 8).sum() > 2000


def test_without_mirroring_then_stands_on_the_left_of_the_picture_itself() -> None:
    _, result = shown({1: (stored(30),)}, caption=False, mirrored=False)
    close = np.abs(result[:, ::-1].astype(int) - THEN_SKIN).max(axis=2) < 8
    assert close[:, :640].sum() > 20 * close[:, 640:].sum()


# ---- which face


@pytest.mark.parametrize(
    ("weeks", "at_least", "expected"),
    [(4.0, 1.0, 30), (0.0, 1.0, 3), (52.0, 1.0, 200), (0.0, 0.0, 0), (0.0, 5.0, 30), (4.0, 300.0, None)],
)
def test_the_face_whose_age_is_nearest_is_chosen(
    weeks: float, at_least: float, expected: float | None
) -> None:
    faces = {days: stored(days) for days in (200, 30, 3, 0)}
    chosen = nearest_in_time(faces.values(), NOW, 7 * weeks, at_least)
    assert chosen is (None if expected is None else faces[expected])


def test_the_first_person_who_has_one_is_shown() -> None:
    near, far = wearer((400.0, 360.0), 300.0, track_id=1), wearer((900.0, 360.0), 200.0, track_id=2)
    _, result = shown({1: (stored(0.2),), 2: (stored(30),)}, (near, far), caption=False)
    close = np.abs(result.astype(int) - THEN_SKIN).max(axis=2) < 8
    assert close[:, :640].sum() > 20_000


def test_a_stored_face_is_drawn_once_and_again_when_it_is_another() -> None:
    effect = ThenAndNowEffect(lambda: NOW)
    person = wearer((640.0, 360.0), 300.0)
    camera = read_only(painted(room(size=(1280, 720)), [person]))
    first, second = stored(30), stored(30, (140, 90, 60))
    results = [
        effect.apply(camera, Scene(0, (person,), stored={1: (face,)})) for face in (first, first, second)
    ]
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0][:, 640:] != results[2][:, 640:]).any()
    np.testing.assert_array_equal(results[0][:, :630], results[2][:, :630])  # today's half
    effect.forget()


# ---- nobody


@pytest.mark.parametrize("faces", [{1: ()}, {1: (stored(0.5),)}])
def test_a_sentence_says_that_nobody_has_an_old_face(faces: dict[int, tuple[StoredFace, ...]]) -> None:
    camera, result = shown(faces)
    camera = camera[:, ::-1]
    np.testing.assert_array_equal(result[:560], camera[:560])
    assert (result[560:] != camera[560:]).any(axis=2).sum() > 15_000


@pytest.mark.parametrize("faces", [{}, {2: (stored(30),)}])
def test_while_it_is_not_known_yet_the_picture_stays_as_it_is(
    faces: dict[int, tuple[StoredFace, ...]],
) -> None:
    camera, result = shown(faces)
    np.testing.assert_array_equal(result, camera[:, ::-1])


def test_an_empty_room_stays_as_it_is() -> None:
    camera = read_only(room())
    assert ThenAndNowEffect().apply(camera, Scene(0)) is camera


@pytest.mark.parametrize(
    ("days", "language", "sentence"),
    [
        (1.0, "en", "Nobody here has a stored face that is older than a day."),
        (7.0, "en", "Nobody here has a stored face that is older than 7 days."),
        (1.0, "de", "Von niemandem hier ist ein Gesicht gespeichert, das älter ist als ein Tag."),
    ],
)
def test_the_sentence(days: float, language: str, sentence: str) -> None:
    assert nobody_words(effect_texts(language), days) == sentence


# ---- dates


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "stored today"),
        (1, "yesterday"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (49, "7 weeks ago"),
        (91, "3 months ago"),
        (730, "24 months ago"),
        (1100, "3 years ago"),
    ],
)
def test_an_age_is_said_in_the_unit_that_people_use(days: int, words: str) -> None:
    assert age_words(effect_texts("en"), NOW - timedelta(days=days), NOW) == words


def test_yesterday_is_a_day_of_the_calendar_and_not_24_hours() -> None:
    midnight = NOW.astimezone().replace(hour=0, minute=30)
    assert age_words(effect_texts("en"), midnight - timedelta(hours=1), midnight) == "yesterday"


def test_the_date_is_written_in_each_language() -> None:
    assert date_words(effect_texts("en"), NOW) == "28 November 2026"
    assert date_words(effect_texts("de"), NOW) == "28. November 2026"
    english = set(effect_texts("en"))
    assert all(set(effect_texts(code)) == english for code in language_codes())


@pytest.mark.parametrize("caption", [True, False])
def test_the_caption_can_be_left_out(caption: bool) -> None:
    _, result = shown({1: (stored(30),)}, caption=caption)
    bright = (result[600:710] > 220).all(axis=2)
    assert bright[:, :640].any() == caption
    assert bright[:, 640:].any() == caption


def test_a_stored_face_needs_a_day() -> None:
    with pytest.raises(ShapeError, match="must have a time zone"):
        StoredFace(stored(1).portrait, datetime(2026, 1, 1))
