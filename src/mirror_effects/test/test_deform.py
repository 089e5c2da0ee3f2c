"""The effect `deform`: sliders and presets pull faces; the picture follows smoothly and only near them."""

from __future__ import annotations

import itertools
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import ParameterError
from mirror_core.faces import Face
from mirror_core.frame import read_only
from mirror_core.parameters import specs_of, update
from mirror_effects import Scene
from mirror_effects.deform import NONE, SLIDERS, DeformEffect, DeformParameters
from mirror_effects.deform_presets import PRESETS, preset_parameters
from mirror_effects.mask import MaskEffect, MaskParameters
from mirror_effects.stack import EffectStack
from mirror_effects.testing import filled, painted, room, wearer
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.topology import FACE_OVAL, LEFT_EYE, MOUTH_LEFT, MOUTH_RIGHT, RIGHT_EYE

MODEL = shared_shape_model()


def picture(*faces: Face) -> np.ndarray:
    """People before a wall with a fine pattern, on which every shift is seen."""
    image = room()
    image[::2, ::3] = 90
    return read_only(painted(image, faces))


def deformed(*faces: Face, **parameters: Any) -> tuple[np.ndarray, tuple[Face, ...], DeformEffect]:
    effect = DeformEffect()
    effect.parameters = DeformParameters(**{"preset": NONE, **parameters})
    scene = Scene(0, faces)
    return effect.apply(picture(*faces), scene), effect.scene_after(scene).faces, effect


def moved(face: Face, **parameters: Any) -> np.ndarray:
    """How far each point goes, float [478, 2]."""
    return (deformed(face, **parameters)[1][0].landmarks - face.landmarks)[:, :2]


def test_without_preset_and_sliders_the_picture_itself_comes_back() -> None:
    face = wearer()
    effect, image = DeformEffect(), picture(face)
    for parameters in ({"preset": NONE}, {"preset": "owl", "strength": 0.0}):
        effect.parameters = DeformParameters(**parameters)
        assert effect.apply(image, Scene(0, (face,))) is image


def test_there_is_a_slider_for_each_component_of_three_standard_deviations() -> None:
    sliders = [spec for spec in specs_of(DeformParameters) if spec.name.startswith("component_")]
    assert len(sliders) == SLIDERS == MODEL.count
    for spec, label in zip(sliders, MODEL.labels, strict=True):
        assert (spec.minimum, spec.maximum, spec.default) == (-3.0, 3.0, 0.0)
        assert label in spec.description
    with pytest.raises(
        ParameterError, match=r"deform\.component_4 = 3\.5 is refused: allowed is -3\.0 … 3\.0"
    ):
        update(DeformParameters(), {"component_4": 3.5}, "deform.")


@pytest.mark.parametrize("number", [1, 3, 5, 9, 12])
def test_a_slider_pulls_along_its_component(number: int) -> None:
    face = wearer(height=300.0)
    placement = MODEL.fit(face.landmarks).placement
    step = 3 * MODEL.deviations[number - 1] * MODEL.components[number - 1]
    wanted = (step @ placement.rotation.T * placement.scale)[:, :2]
    got = moved(face, **{f"component_{number}": 3.0})[:468]
    assert float((got * wanted).sum() / (wanted**2).sum()) == pytest.approx(1.0, abs=0.3)
    back = moved(face, **{f"component_{number}": -3.0})[:468]
    assert float((back * wanted).sum()) < 0


def test_strength_is_a_factor_of_sliders_and_preset() -> None:
    face = wearer()
    whole, half = (moved(face, component_3=3.0, strength=strength) for strength in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2, atol=0.5)
    assert (
        np.abs(moved(face, preset="moon", strength=1.5)).max()
        > 1.2 * np.abs(moved(face, preset="moon")).max()
    )


def test_ten_presets_or_more_each_of_its_own() -> None:
    face = wearer()
    assert len(PRESETS) >= 10
    movements = {name: moved(face, preset=name) for name in PRESETS}
    for name, movement in movements.items():
        assert np.abs(movement).max() > 6, f"{name} is hardly seen"
    for one, other in itertools.combinations(movements.values(), 2):
        likeness = float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))
        assert likeness < 0.9


def test_presets_do_what_their_names_promise() -> None:
    face = wearer()

    def eyes(points: np.ndarray) -> float:
        return float(sum(np.ptp(points[loop, 1]) for loop in (RIGHT_EYE, LEFT_EYE)))

    def chin(points: np.ndarray) -> float:
        return float(points[152, 1] - points[10, 1])

    def mouth(points: np.ndarray) -> float:
        return float(points[MOUTH_LEFT, 0] - points[MOUTH_RIGHT, 0])

    def after(name: str) -> np.ndarray:
        return np.asarray(deformed(face, preset=name)[1][0].landmarks)

    own = face.landmarks
    assert eyes(after("owl")) > 1.25 * eyes(own) > 1.25 * 1.05 * eyes(after("giant"))
    assert chin(after("horse")) > 1.1 * chin(own)
    assert mouth(after("frog")) > 1.2 * mouth(own) > 1.2 * 1.1 * mouth(after("mouse"))
    assert np.ptp(after("moon")[FACE_OVAL, 0]) > 1.15 * np.ptp(own[FACE_OVAL, 0])
    with pytest.raises(KeyError):
        preset_parameters("nobody", MODEL)


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_folds_the_picture_even_at_three_times_its_strength(name: str) -> None:
    _, _, effect = deformed(wearer(yaw=0.3), preset=name, strength=3.0)
    ((_, bend, _),) = effect._bends
    along_x, along_y = (np.gradient(bend.position, axis=axis) for axis in (1, 0))
    assert (along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]).min() > 0.1


def test_far_from_the_face_the_picture_is_the_same_bit_for_bit() -> None:
    face = wearer(height=160.0)
    image = picture(face)
    result, _, _ = deformed(face, preset="moon", strength=2.0)
    distance = cv2.distanceTransform(1 - filled(face, FACE_OVAL).astype(np.uint8), cv2.DIST_L2, 5)
    far = distance > 0.9 * 160
    assert far.sum() > 30_000
    np.testing.assert_array_equal(result[far], image[far])


def test_the_deformation_fades_out_without_an_edge() -> None:
    """From the face outwards neighbouring pixels are shifted alike, and less and less."""
    face = wearer(height=200.0)
    _, _, effect = deformed(face, preset="moon")
    ((_, bend, _),) = effect._bends
    rows, columns = bend.position.shape[:2]
    grid = np.dstack(np.meshgrid(np.arange(columns) + bend.x0, np.arange(rows) + bend.y0)).astype(np.float32)
    shift = bend.position - grid
    border = np.concatenate([shift[0], shift[-1], shift[:, 0], shift[:, -1]])
    assert np.abs(border).max() < 0.02
    outside = cv2.distanceTransform(1 - filled(face, FACE_OVAL).astype(np.uint8), cv2.DIST_L2, 5)[
        bend.rows, bend.columns
    ]
    for axis in (0, 1):
        steps = np.linalg.norm(np.gradient(shift, axis=axis), axis=2)
        assert steps[outside > 3].max() < 0.6
    size = np.linalg.norm(shift, axis=2)
    rings = [size[(outside > r) & (outside <= r + 15)].mean() for r in (5, 35, 65, 95)]
    assert all(inner > outer for inner, outer in itertools.pairwise(rings))


def test_several_faces_are_deformed_each_in_its_place() -> None:
    left, right = wearer((160.0, 240.0), 180.0), wearer((480.0, 240.0), 180.0, track_id=2)
    _, faces, _ = deformed(left, right, preset="moon")
    for face, was in zip(faces, (left, right), strict=True):
        assert face.track_id == was.track_id
        assert np.ptp(face.landmarks[FACE_OVAL, 0]) > 1.15 * np.ptp(was.landmarks[FACE_OVAL, 0])


def test_the_deformation_turns_with_the_head() -> None:
    straight = moved(wearer(), preset="moon")
    turned = moved(wearer(yaw=0.6), preset="moon")
    assert np.ptp(turned[FACE_OVAL, 0]) < 0.92 * np.ptp(straight[FACE_OVAL, 0])


def test_the_shared_picture_stays_as_it_was() -> None:
    face = wearer()
    image = picture(face)
    before = image.copy()
    effect = DeformEffect()
    effect.parameters = DeformParameters(preset="pear")
    result = effect.apply(image, Scene(0, (face,)))
    np.testing.assert_array_equal(image, before)
    assert (result != before).any()


@pytest.mark.parametrize("order", [("deform", "mask"), ("mask", "deform")])
def test_mask_and_deformation_stand_in_either_order(order: tuple[str, str]) -> None:
    """A mask that is deformed and a mask on a deformed face cover the same place."""
    stack = EffectStack({"deform": DeformEffect, "mask": MaskEffect})
    stack.choose(order)
    stack.set_parameters("deform", DeformParameters(preset="moon"))
    stack.set_parameters(
        "mask", MaskParameters(mask="gold", shading=0.0, occlusion=False, eyes=False, mouth=False)
    )
    face = wearer()
    bare, (after,), _ = deformed(face, preset="moon")
    result = stack.apply(picture(face), Scene(0, (face,)))
    assert stack.failed == {}
    stack.close()
    changed = (np.abs(result.astype(int) - bare) > 12).any(axis=2)
    oval = filled(after, FACE_OVAL)
    assert changed[cv2.erode(oval.astype(np.uint8), np.ones((9, 9))).astype(bool)].mean() > 0.97
    assert changed[~cv2.dilate(oval.astype(np.uint8), np.ones((9, 9))).astype(bool)].mean() < 0.002


def test_what_is_in_front_of_a_deformed_face_is_found_in_the_picture_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The occlusion layer is asked about the camera's picture, and its answer is deformed like the face."""
    from mirror_effects import mask as module
    from mirror_effects.occlusion import Visibility

    asked: list[np.ndarray] = []

    class ChinCovered:
        def visibility(self, image: np.ndarray, landmarks: Any, track: int, stamp_ns: int) -> Visibility:
            asked.append(landmarks)
            seen = np.full((480, 640), 255, np.uint8)
            seen[int(face.landmarks[17, 1]) :] = 0  # from the lower lip on
            return Visibility(0, 0, seen)

    monkeypatch.setattr(module, "shared_occlusion_layer", ChinCovered)
    face = wearer()
    stack = EffectStack({"deform": DeformEffect, "mask": MaskEffect})
    stack.choose(("deform", "mask"))
    stack.set_parameters("deform", DeformParameters(preset="horse"))
    stack.set_parameters("mask", MaskParameters(mask="gold", shading=0.0, eyes=False, mouth=False))
    bare, (after,), _ = deformed(face, preset="horse")
    result = stack.apply(picture(face), Scene(0, (face,), camera=picture(face)))
    assert stack.failed == {}
    stack.close()
    np.testing.assert_array_equal(asked[0], face.landmarks)
    changed = (np.abs(result.astype(int) - bare) > 12).any(axis=2)
    x, lip, chin = int(after.landmarks[17, 0]), after.landmarks[17, 1], after.landmarks[152, 1]
    assert after.landmarks[17, 1] > face.landmarks[17, 1] + 5, "the lip has moved"
    assert changed[int(lip) - 8 : int(lip) - 4, x].all()
    assert not changed[int(lip) + 5 : int(chin) - 3, x].any()
