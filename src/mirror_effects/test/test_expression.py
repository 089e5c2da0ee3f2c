"""The effect `expression`: emotions and opposites on one's own face; no folds, no edge, no surprises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import ParameterError
from mirror_core.faces import Face, Roi
from mirror_core.frame import read_only
from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.expression import OPPOSITE, ExpressionEffect, ExpressionParameters
from mirror_effects.registry import find_effects
from mirror_effects.stack import EffectStack
from mirror_effects.testing import filled, painted, room, wearer
from mirror_effects.unflipped import turned_over
from mirror_tracking.emotion_directions import EMOTIONS, shared_emotion_directions
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.topology import (
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE_OUTER,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    RIGHT_BROW,
    RIGHT_EYE_OUTER,
)

FRAME_NS = 33_333_333
MODEL, DIRECTIONS = shared_shape_model(), shared_emotion_directions()
ALL = (*EMOTIONS, OPPOSITE)


def person(parameters: np.ndarray | None = None, *, yaw: float = 0.0, height: float = 240.0) -> Face:
    """A face with known parameters in the shape model; the neutral face where None."""
    mean = wearer(height=height, yaw=yaw)
    placement = MODEL.fit(mean.landmarks).placement
    points = mean.landmarks.copy()
    points[:468] = placement.to_image(MODEL.shape(DIRECTIONS.neutral if parameters is None else parameters))
    return Face(1, 0.9, Roi.around(points), points)


def feeling(emotion: str, amount: float = 1.0) -> Face:
    """The neutral face with an expression."""
    return person(DIRECTIONS.neutral + amount * DIRECTIONS.direction(emotion))


def picture(*faces: Face) -> np.ndarray:
    """People before a wall with a fine pattern, on which every shift is seen."""
    image = room()
    image[::2, ::3] = 90
    return read_only(painted(image, faces))


def mood(emotion: str, *, unsure: bool = False) -> Mapping[int, Mood]:
    probabilities = np.full(MOOD_COUNT, 0.05, np.float32)
    probabilities[MoodLabel[emotion.upper()]] = 0.7
    return {1: Mood(1, probabilities, unsure=unsure)}


def shown(
    face: Face, moods: Mapping[int, Mood] | None = None, **parameters: Any
) -> tuple[np.ndarray, Face, ExpressionEffect]:
    """The picture, the face as later effects find it, and the effect."""
    effect = ExpressionEffect()
    effect.parameters = ExpressionParameters(**parameters)
    scene = Scene(0, (face,), moods=moods or {})
    result = effect.apply(picture(face), scene)
    return result, effect.scene_after(scene).faces[0], effect


def eye_distance(face: Face) -> float:
    return float(np.linalg.norm((face.landmarks[LEFT_EYE_OUTER] - face.landmarks[RIGHT_EYE_OUTER])[:2]))


def corners(face: Face) -> float:
    """How far the corners of the mouth lie above the middle of the lips, in eye distances."""
    points = face.landmarks
    middle = points[[13, 14], 1].mean()
    return float(middle - points[[MOUTH_LEFT, MOUTH_RIGHT], 1].mean()) / eye_distance(face)


def brows(face: Face) -> float:
    """How far the brows lie above the corners of the eyes, in eye distances."""
    points = face.landmarks
    eyes = points[[LEFT_EYE_OUTER, RIGHT_EYE_OUTER], 1].mean()
    return float(eyes - points[np.concatenate([LEFT_BROW, RIGHT_BROW]), 1].mean()) / eye_distance(face)


def brow_slant(face: Face) -> float:
    """How far the inner ends of the brows lie above the outer ones, in eye distances."""
    points = face.landmarks
    return float(points[[70, 300], 1].mean() - points[[107, 336], 1].mean()) / eye_distance(face)


def lids(face: Face) -> float:
    points = face.landmarks
    return float((points[[145, 374], 1] - points[[159, 386], 1]).mean()) / eye_distance(face)


def mouth_width(face: Face) -> float:
    return float(face.landmarks[MOUTH_LEFT, 0] - face.landmarks[MOUTH_RIGHT, 0]) / eye_distance(face)


def test_happiness_lifts_and_parts_the_corners_of_the_mouth() -> None:
    face = person()
    _, after, _ = shown(face, emotion="happy")
    assert corners(after) > corners(face) + 0.02
    assert mouth_width(after) > mouth_width(face) + 0.06


def test_sadness_lifts_the_inner_ends_of_the_brows_and_lowers_the_corners_of_the_mouth() -> None:
    face = person()
    _, after, _ = shown(face, emotion="sad", strength=1.5)
    assert brow_slant(after) > brow_slant(face) + 0.02
    assert corners(after) < corners(face) - 0.005


def test_anger_lowers_the_inner_ends_of_the_brows_and_the_corners_of_the_mouth() -> None:
    face = person()
    _, after, _ = shown(face, emotion="angry")
    assert brow_slant(after) < brow_slant(face) - 0.01
    assert corners(after) < corners(face) - 0.008


def test_surprise_and_fear_lift_the_brows_and_anger_and_disgust_lower_them() -> None:
    face = person()
    for emotion, sign in (("surprise", 1), ("fear", 1), ("angry", -1), ("disgust", -1)):
        assert sign * (brows(shown(face, emotion=emotion)[1]) - brows(face)) > 0.015, emotion


def test_the_opposite_of_happiness_lowers_the_corners_and_narrows_the_mouth() -> None:
    face = feeling("happy", 0.7)
    _, after, _ = shown(face, mood("happy"), emotion=OPPOSITE)
    assert corners(after) < corners(face) - 0.03
    assert corners(after) < corners(person()), "it goes beyond the neutral face"
    assert mouth_width(after) < mouth_width(person())


def test_the_opposite_follows_the_wearers_mood() -> None:
    face = person()
    of_surprise, of_anger = (
        shown(face, mood(emotion), emotion=OPPOSITE)[1] for emotion in ("surprise", "angry")
    )
    assert brows(of_surprise) < brows(face) - 0.01 < brows(face) + 0.01 < brows(of_anger)


@pytest.mark.parametrize("moods", [{}, mood("happy", unsure=True), mood("neutral")])
def test_the_opposite_of_nothing_known_is_the_untouched_picture(moods: Mapping[int, Mood]) -> None:
    face, effect = feeling("happy"), ExpressionEffect()
    effect.parameters = ExpressionParameters(emotion=OPPOSITE, strength=3.0, remove_own=1.0)
    image, scene = picture(face), Scene(0, (face,), moods=moods)
    assert effect.apply(image, scene) is image
    assert effect.scene_after(scene) is scene


@pytest.mark.parametrize("emotion", ALL)
def test_strength_zero_leaves_the_picture_as_it_is(emotion: str) -> None:
    face, effect = feeling("sad"), ExpressionEffect()
    effect.parameters = ExpressionParameters(emotion=emotion, strength=0.0, remove_own=1.0)
    image = picture(face)
    assert effect.apply(image, Scene(0, (face,), moods=mood("sad"))) is image


def test_a_chosen_emotion_does_not_ask_for_moods() -> None:
    face = person()
    without, _, _ = shown(face, emotion="surprise")
    beside, _, _ = shown(face, mood("angry"), emotion="surprise")
    np.testing.assert_array_equal(without, beside)
    assert (without != picture(face)).any()


def test_a_smile_is_taken_out_before_sadness_is_shown() -> None:
    smiling = feeling("happy")
    kept, removed = (shown(smiling, emotion="sad", remove_own=share)[1] for share in (0.0, 1.0))
    assert corners(removed) < corners(kept) - 0.02
    assert mouth_width(removed) < mouth_width(kept) - 0.05
    assert mouth_width(removed) < mouth_width(person()), "sadder than a neutral face"


def test_a_neutral_face_has_no_expression_to_take_out() -> None:
    face = person()
    kept, removed = (shown(face, emotion="fear", remove_own=share)[1] for share in (0.0, 1.0))
    np.testing.assert_allclose(kept.landmarks, removed.landmarks, atol=0.2)


def test_more_strength_is_more_of_the_same() -> None:
    face = person()
    lifted = [corners(shown(face, emotion="happy", strength=s)[1]) for s in (0.0, 0.5, 1.0, 2.0)]
    assert lifted == sorted(lifted)
    assert lifted[3] - lifted[0] > 1.4 * (lifted[2] - lifted[0])


def test_a_closed_mouth_is_hardly_opened_and_an_eye_never_shut() -> None:
    closed = DIRECTIONS.within(DIRECTIONS.neutral, np.array([0.015, 0.0]), np.array([0.015, 9.0]))
    face = person(closed.astype(np.float32))
    for emotion in EMOTIONS:
        _, after, _ = shown(face, emotion=emotion, strength=3.0)
        gap = float((after.landmarks[14] - after.landmarks[13])[1]) / eye_distance(face)
        assert -0.01 < gap < 0.09, emotion
        assert 0.4 * lids(face) < lids(after) < 2.0 * lids(face), emotion


@pytest.mark.parametrize("yaw", [0.0, 0.5])
@pytest.mark.parametrize("emotion", ALL)
def test_nothing_folds_and_no_triangle_turns_over_at_full_strength(emotion: str, yaw: float) -> None:
    for start in (None, DIRECTIONS.neutral + DIRECTIONS.direction("surprise")):
        face = person(start, yaw=yaw)
        _, after, effect = shown(face, mood("happy"), emotion=emotion, strength=3.0, remove_own=1.0)
        ((_, bend, _),) = effect._bends
        along_x, along_y = (np.gradient(bend.position, axis=axis) for axis in (1, 0))
        assert (along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]).min() > 0.1
        assert not turned_over(face.landmarks, after.landmarks).any()


def test_at_the_edge_of_the_bend_and_beyond_the_picture_is_the_same() -> None:
    face = person(height=180.0)
    image = picture(face)
    result, _, effect = shown(face, emotion="surprise", strength=3.0)
    ((_, bend, _),) = effect._bends
    part, was = result[bend.rows, bend.columns], image[bend.rows, bend.columns]
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        np.testing.assert_array_equal(part[edge], was[edge])
    distance = cv2.distanceTransform(1 - filled(face, FACE_OVAL).astype(np.uint8), cv2.DIST_L2, 5)
    np.testing.assert_array_equal(result[distance > 0.6 * 180], image[distance > 0.6 * 180])


def test_a_still_face_gives_a_still_picture() -> None:
    face, effect = feeling("sad", 0.5), ExpressionEffect()
    effect.parameters = ExpressionParameters(emotion="happy")
    image = picture(face)
    results = [effect.apply(image, Scene(i * FRAME_NS, (face,))) for i in range(4)]
    for result in results[1:]:
        np.testing.assert_array_equal(results[0], result)


def test_a_change_of_emotion_comes_about_gently() -> None:
    face, effect = person(), ExpressionEffect()
    heights = []
    for frame in range(61):
        chosen = "happy" if frame == 0 else "surprise"
        effect.parameters = ExpressionParameters(emotion=chosen, smoothing=0.3)
        scene = Scene(frame * FRAME_NS, (face,))
        effect.apply(picture(face), scene)
        heights.append(brows(effect.scene_after(scene).faces[0]))
    steps = np.abs(np.diff(heights))
    whole = abs(heights[-1] - heights[0])
    assert whole > 0.02
    assert steps.max() < 0.25 * whole
    assert heights[-1] == pytest.approx(brows(shown(face, emotion="surprise")[1]), abs=0.002)


def test_the_opposite_fades_out_when_the_mirror_becomes_unsure() -> None:
    face, effect = feeling("happy", 0.7), ExpressionEffect()
    effect.parameters = ExpressionParameters(emotion=OPPOSITE, smoothing=0.2)
    lifted = []
    for frame in range(91):
        scene = Scene(frame * FRAME_NS, (face,), moods=mood("happy", unsure=frame > 0))
        result = effect.apply(picture(face), scene)
        lifted.append(corners(effect.scene_after(scene).faces[0]))
    assert lifted[0] < lifted[1] < lifted[5] < lifted[20]
    assert lifted[1] - lifted[0] < 0.3 * (lifted[-1] - lifted[0])
    np.testing.assert_array_equal(result, picture(face))


def test_two_people_have_the_opposite_of_their_own_mood_each() -> None:
    left, right = wearer((160.0, 240.0), 180.0), wearer((480.0, 240.0), 180.0, track_id=2)
    surprised, angry = mood("surprise")[1], mood("angry")[1]
    moods = {1: surprised, 2: Mood(2, angry.probabilities)}
    effect = ExpressionEffect()
    effect.parameters = ExpressionParameters(emotion=OPPOSITE, remove_own=0.0)
    scene = Scene(0, (left, right), moods=moods)
    effect.apply(picture(left, right), scene)
    first, second = effect.scene_after(scene).faces
    assert brows(first) < brows(left) - 0.01
    assert brows(second) > brows(right) + 0.01


def test_the_mirror_finds_it_by_name_and_its_stack_asks_for_moods() -> None:
    assert find_effects([]).effects["expression"] is ExpressionEffect
    stack = EffectStack({"expression": ExpressionEffect})
    stack.choose(("expression",))
    assert stack.needs == {"faces", "moods"}
    stack.close()


def test_an_unknown_emotion_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(
        ParameterError, match=r"expression\.emotion = bored is refused: allowed is angry .* opposite"
    ):
        update(ExpressionParameters(), {"emotion": "bored"}, "expression.")
