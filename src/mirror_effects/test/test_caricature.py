"""The effect `caricature`: more of yourself, none of it, or the opposite; no folds, no tear at the rim."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import ParameterError
from mirror_core.faces import Face, Roi
from mirror_core.frame import read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.caricature import CaricatureEffect, CaricatureParameters, OwnShape
from mirror_effects.mask import MaskEffect, MaskParameters
from mirror_effects.stack import EffectStack
from mirror_effects.testing import filled, painted, room, wearer
from mirror_effects.unflipped import turned_over
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.topology import FACE_OVAL, INNER_LIPS, MOUTH_LEFT, MOUTH_RIGHT, NOSE_TIP

FRAME_NS = 16_666_667
MODEL = shared_shape_model()
OWN = np.zeros(MODEL.count, np.float32)
OWN[[2, 4, 8, 11]] = (1.6, -1.4, 1.5, -1.3)  # somebody quite unlike the mean


def person(
    parameters: np.ndarray = OWN, centre: tuple[float, float] = (320.0, 240.0), track_id: int = 1
) -> Face:
    """A face with known parameters in the shape model, 240 px high."""
    mean = wearer(centre, track_id=track_id)
    placement = MODEL.fit(mean.landmarks).placement
    points = mean.landmarks.copy()
    points[:468] = placement.to_image(MODEL.shape(parameters))
    return Face(track_id, 0.9, Roi.around(points), points)


def picture(*faces: Face) -> np.ndarray:
    return read_only(painted(room(), faces))


def drawn(face: Face, frames: int = 1, **parameters: Any) -> tuple[np.ndarray, Face, CaricatureEffect]:
    """The last picture, the face as later effects find it, and the effect."""
    effect = CaricatureEffect()
    effect.parameters = CaricatureParameters(**parameters)
    image = picture(face)
    for frame in range(frames):
        scene = Scene(frame * FRAME_NS, (face,))
        result = effect.apply(image, scene)
    return result, effect.scene_after(scene).faces[0], effect


def difference(face: Face, where: Face) -> np.ndarray:
    """How a face differs from the mean face at the place of another: float [468, 2]."""
    mean = MODEL.fit(where.landmarks).placement.to_image(MODEL.mean)
    return (face.landmarks[:468] - mean)[:, :2].astype(float)


def likeness(face: Face, was: Face) -> float:
    """How much of what made `was` special `face` has: 1 as much, 0 nothing, −1 the opposite."""
    own = difference(was, was)
    return float((difference(face, was) * own).sum() / (own * own).sum())


def test_a_factor_of_one_is_you() -> None:
    face = person()
    effect = CaricatureEffect()
    effect.parameters = CaricatureParameters(factor=1.0)
    image = picture(face)
    scene = Scene(0, (face,))
    assert effect.apply(image, scene) is image
    assert effect.scene_after(scene) is scene


@pytest.mark.parametrize("factor", [2.0, 3.0])
def test_what_is_yours_is_exaggerated_by_the_factor(factor: float) -> None:
    face = person()
    _, after, _ = drawn(face, factor=factor, around="bends")
    assert likeness(after, face) == pytest.approx(factor, rel=0.2)


def test_a_factor_of_zero_is_the_mean_face_and_less_is_the_opposite() -> None:
    face = person()
    towards = [likeness(drawn(face, factor=factor, around="bends")[1], face) for factor in (0.0, -1.0)]
    assert towards[0] == pytest.approx(0.0, abs=0.2)
    assert towards[1] == pytest.approx(-1.0, abs=0.4)


@pytest.mark.parametrize("around", ["stays", "bends"])
@pytest.mark.parametrize("factor", [-2.0, -1.0, 0.0, 2.5, 4.0, 7.0])
def test_nothing_folds_and_no_triangle_turns_over(factor: float, around: str) -> None:
    random = np.random.default_rng(3)
    for parameters in (OWN, *(random.normal(0, 1.2, MODEL.count).astype(np.float32) for _ in range(3))):
        face = person(parameters)
        _, after, effect = drawn(face, factor=factor, around=around)
        (_, bend, _) = effect._bends[0]
        along_x, along_y = (np.gradient(bend.position, axis=axis) for axis in (1, 0))
        area = along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]
        assert area.min() > 0.1
        assert turned_over(face.landmarks, after.landmarks).sum() <= 3, (
            "of 898, and only where it is strongest"
        )
        if -2 < factor < 4:
            assert not turned_over(face.landmarks, after.landmarks).any()


def test_around_the_face_the_picture_stays_unless_it_shall_bend() -> None:
    face = person()
    image = picture(face)
    outside = ~cv2.dilate(filled(face, FACE_OVAL).astype(np.uint8), np.ones((7, 7))).astype(bool)
    stays, rim, _ = drawn(face, factor=5.0)
    np.testing.assert_array_equal(stays[outside], image[outside])
    assert np.abs(rim.landmarks - face.landmarks)[FACE_OVAL].max() < 4
    _, bent, _ = drawn(face, factor=5.0, around="bends")
    assert np.abs(bent.landmarks - face.landmarks)[FACE_OVAL].max() > 12


def test_the_expression_stays_unless_it_shall_be_exaggerated_too() -> None:
    calm = person()
    smiling_parameters = OWN.copy()
    smiling_parameters[0] -= 1.5  # the first component is the mouth, from a kiss to a grin
    smiling = person(smiling_parameters)
    calm_picture, smiling_picture = picture(calm), picture(smiling)

    def widening(expression: bool) -> float:
        effect = CaricatureEffect()
        effect.parameters = CaricatureParameters(factor=3.0, expression=expression)
        for frame in range(60):
            effect.apply(calm_picture, Scene(frame * FRAME_NS, (calm,)))
        for frame in range(60, 72):
            scene = Scene(frame * FRAME_NS, (smiling,))
            effect.apply(smiling_picture, scene)
        after = effect.scene_after(scene).faces[0].landmarks
        before = smiling.landmarks
        return float(
            (after[MOUTH_LEFT, 0] - after[MOUTH_RIGHT, 0]) / (before[MOUTH_LEFT, 0] - before[MOUTH_RIGHT, 0])
        )

    calm_widening = drawn(calm, factor=3.0)[1].landmarks
    usual = float(calm_widening[MOUTH_LEFT, 0] - calm_widening[MOUTH_RIGHT, 0]) / float(
        calm.landmarks[MOUTH_LEFT, 0] - calm.landmarks[MOUTH_RIGHT, 0]
    )
    assert widening(False) == pytest.approx(usual, abs=0.12)
    assert widening(True) > widening(False) + 0.1


def test_a_still_face_stays_still_however_much_it_is_exaggerated() -> None:
    face = person()
    effect = CaricatureEffect()
    effect.parameters = CaricatureParameters(factor=7.0)
    first, second = (effect.apply(picture(face), Scene(i * FRAME_NS, (face,))) for i in range(2))
    np.testing.assert_array_equal(first, second)


def test_trembling_landmarks_tremble_no_more_when_exaggerated() -> None:
    face, random = person(), np.random.default_rng(0)
    image = picture(face)
    effect = CaricatureEffect()
    effect.parameters = CaricatureParameters(factor=5.0)
    noses = []
    for frame in range(100):
        shaky = face.landmarks + random.normal(0, 0.4, face.landmarks.shape).astype(np.float32)
        scene = Scene(frame * FRAME_NS, (Face(1, 0.9, face.roi, shaky.astype(np.float32)),))
        effect.apply(image, scene)
        noses.append(effect.scene_after(scene).faces[0].landmarks[NOSE_TIP, :2] - shaky[NOSE_TIP, :2])
    assert np.std(noses[60:], axis=0).max() < 0.4


def test_several_people_are_each_exaggerated_by_what_is_theirs() -> None:
    left, right = person(centre=(170.0, 240.0)), person(-OWN, (470.0, 240.0), track_id=2)
    effect = CaricatureEffect()
    effect.parameters = CaricatureParameters(factor=2.0)
    scene = Scene(0, (left, right))
    effect.apply(picture(left, right), scene)
    after = effect.scene_after(scene)
    assert [face.track_id for face in after.faces] == [1, 2]
    for face, was in zip(after.faces, (left, right), strict=True):
        assert likeness(face, was) > 1.2


def test_who_left_is_forgotten() -> None:
    effect = CaricatureEffect()
    effect.apply(picture(person()), Scene(0, (person(),)))
    effect.apply(room(), Scene(FRAME_NS))
    assert effect._shapes == {}


def test_a_mask_behind_it_in_the_stack_sits_on_the_exaggerated_face() -> None:
    stack = EffectStack({"caricature": CaricatureEffect, "mask": MaskEffect})
    stack.choose(("caricature", "mask"))
    stack.set_parameters("caricature", CaricatureParameters(factor=4.0, around="bends"))
    stack.set_parameters("mask", MaskParameters(mask="gold", shading=0.0, occlusion=False))
    face = person()
    image = picture(face)
    bare, after, _ = drawn(face, factor=4.0, around="bends")
    result = stack.apply(image, Scene(0, (face,)))
    assert stack.failed == {}
    stack.close()
    changed = (result != bare).any(axis=2)
    oval = filled(after, FACE_OVAL)
    mouth = cv2.dilate(filled(after, INNER_LIPS).astype(np.uint8), np.ones((9, 9))) > 0
    assert not changed[~cv2.dilate(oval.astype(np.uint8), np.ones((7, 7))).astype(bool)].any()
    inner = cv2.erode(oval.astype(np.uint8), np.ones((9, 9))).astype(bool) & ~mouth
    assert changed[inner].mean() > 0.85  # eyes are cut out


@pytest.mark.parametrize("value", [-2.1, 7.1])
def test_a_factor_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(ParameterError, match=r"caricature\.factor = .* is refused: allowed is -2\.0 … 7\.0"):
        update(CaricatureParameters(), {"factor": value}, "caricature.")


# ---- what stays of a face


def test_the_own_shape_is_the_mean_over_time_and_the_moment_follows_quickly() -> None:
    shape = OwnShape()
    for frame in range(301):
        shape.update(np.array([0.0, 1.0]), frame * FRAME_NS)
    for frame in range(301, 331):
        shape.update(np.array([3.0, 1.0]), frame * FRAME_NS)
    np.testing.assert_allclose(shape.own, (3 * 30 / 330, 1.0), atol=0.06)
    np.testing.assert_allclose(shape.now, (3.0, 1.0), atol=0.02)


def test_the_first_moment_counts_at_once_and_a_gap_begins_anew() -> None:
    shape = OwnShape()
    shape.update(np.array([2.0]), 5)
    assert (shape.own, shape.now) == (np.array([2.0]), np.array([2.0]))
    shape.update(np.array([-1.0]), 5 + 3 * 10**9)
    assert (shape.own, shape.now) == (np.array([-1.0]), np.array([-1.0]))
