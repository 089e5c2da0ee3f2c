"""The effect `mask`: where it draws, what stays visible, whose light it takes, who wears what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ParameterError
from mirror_core.faces import Face, Roi
from mirror_core.frame import read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects.mask import MaskEffect, MaskParameters
from mirror_effects.mask_names import PRESETS
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FACE_OVAL, INNER_LIPS, LEFT_EYE, NOSE_TIP, RIGHT_EYE

GREY = 120
RED = (20, 30, 230)
PLAIN: dict[str, Any] = {"shading": 0.0, "occlusion": False}


def wearer(
    centre: tuple[float, float] = (320.0, 240.0), height: float = 240.0, yaw: float = 0.0, track_id: int = 1
) -> Face:
    """The mean head before the camera; a positive yaw turns it to its left."""
    head = mean_face().astype(np.float64)
    points = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1)
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    points = points @ turn.T
    points *= height / np.ptp(points[FACE_OVAL, 1])
    middle = (points[:, :2].max(axis=0) + points[:, :2].min(axis=0)) / 2
    points[:, :2] += np.asarray(centre) - middle
    return Face(track_id, 0.9, Roi.around(points), points.astype(np.float32))


def room(level: int = GREY) -> np.ndarray:
    return read_only(np.full((480, 640, 3), level, np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "red.png"), np.full((64, 64, 3), RED, np.uint8))
    halves = np.full((256, 256, 3), RED, np.uint8)
    halves[:, 128:] = (230, 30, 20)
    cv2.imwrite(str(tmp_path / "halves.png"), halves)
    return tmp_path


@pytest.fixture
def worn(folder: Path) -> Iterator[Callable[..., np.ndarray]]:
    """`worn(image, *faces, **parameters)`: the picture with the red mask."""
    effects: list[MaskEffect] = []

    def apply(image: np.ndarray, *faces: Face, **parameters: Any) -> np.ndarray:
        effect = MaskEffect()
        effects.append(effect)
        effect.parameters = MaskParameters(**{"mask": "red", "folder": str(folder), **PLAIN, **parameters})
        return effect.apply(image, Scene(0, faces))

    yield apply
    for effect in effects:
        effect.close()


def filled(face: Face, loop: np.ndarray, shape: tuple[int, int] = (480, 640)) -> np.ndarray:
    image = np.zeros(shape, np.uint8)
    cv2.fillPoly(image, [np.rint(face.landmarks[loop, :2]).astype(np.int32)], 1)
    return image.astype(bool)


def at(image: np.ndarray, face: Face, *loop: int) -> np.ndarray:
    x, y = face.landmarks[list(loop), :2].mean(axis=0)
    return image[int(y), int(x)].astype(int)


# ---- where it draws


def test_without_faces_or_strength_the_picture_itself_comes_back(worn: Callable[..., np.ndarray]) -> None:
    image = room()
    assert worn(image) is image
    assert worn(image, wearer(), strength=0.0) is image


def test_a_face_outside_the_picture_leaves_it_alone(worn: Callable[..., np.ndarray]) -> None:
    image = room()
    assert worn(image, wearer((-500.0, 240.0))) is image


def test_the_shared_picture_stays_as_it_was(worn: Callable[..., np.ndarray]) -> None:
    image = room()
    shown = worn(image, wearer())
    assert (image == GREY).all()
    assert not np.shares_memory(image, shown)


def test_a_picture_without_transparency_covers_the_face_and_nothing_else(
    worn: Callable[..., np.ndarray],
) -> None:
    face = wearer()
    shown = worn(room(), face, eyes=False, mouth=False)
    oval = filled(face, FACE_OVAL)
    inside = cv2.erode(oval.astype(np.uint8), np.ones((7, 7))).astype(bool)
    outside = ~cv2.dilate(oval.astype(np.uint8), np.ones((7, 7))).astype(bool)
    assert np.abs(shown[inside].astype(int) - RED).max() <= 1
    assert (shown[outside] == GREY).all()


@settings(deadline=None, max_examples=25)
@given(st.floats(-60, 700), st.floats(-60, 540), st.floats(30, 420), st.floats(-0.9, 0.9))
def test_it_draws_only_near_the_face_wherever_that_is(x: float, y: float, height: float, yaw: float) -> None:
    effect = MaskEffect()
    effect.parameters = MaskParameters(mask="robot", occlusion=False)
    face = wearer((x, y), height, yaw)
    shown = effect.apply(room(), Scene(0, (face,)))
    effect.close()
    rows, columns = np.nonzero((shown != GREY).any(axis=2))
    if rows.size:
        assert face.roi.x - 2 <= columns.min() <= columns.max() <= face.roi.x + face.roi.width + 2
        assert face.roi.y - 2 <= rows.min() <= rows.max() <= face.roi.y + face.roi.height + 2


def test_strength_is_the_opacity(worn: Callable[..., np.ndarray]) -> None:
    face = wearer()
    half = at(worn(room(), face, strength=0.5), face, NOSE_TIP)
    assert np.abs(half - (np.array(RED) + GREY) / 2).max() <= 1


def test_eyes_and_mouth_are_the_wearers_unless_asked_otherwise(worn: Callable[..., np.ndarray]) -> None:
    face = wearer(height=400.0)
    shown = worn(room(), face)
    for loop in (RIGHT_EYE, LEFT_EYE, INNER_LIPS):
        assert (at(shown, face, *loop) == GREY).all()
    closed = worn(room(), face, eyes=False, mouth=False)
    for loop in (RIGHT_EYE, LEFT_EYE, INNER_LIPS):
        assert np.abs(at(closed, face, *loop) - RED).max() <= 1


def test_the_mouths_hole_opens_with_the_mouth(worn: Callable[..., np.ndarray]) -> None:
    closed = wearer(height=400.0)
    points = closed.landmarks.copy()
    lower = [95, 88, 178, 87, 14, 317, 402, 318, 324]
    points[lower, 1] += 40
    opened = Face(1, 0.9, Roi.around(points), points)
    seen = [
        int((worn(room(), face)[filled(face, INNER_LIPS)] == GREY).all(axis=1).sum())
        for face in (closed, opened)
    ]
    assert seen[1] > 2.0 * seen[0]


def test_the_far_cheek_of_a_turned_head_is_hidden(worn: Callable[..., np.ndarray]) -> None:
    def share_of_red(yaw: float) -> float:
        shown = worn(room(), wearer(yaw=yaw), mask="halves")
        red, blue = (shown[..., 2] > 200).sum(), (shown[..., 0] > 200).sum()
        return float(red / (red + blue))

    assert share_of_red(0.0) == pytest.approx(0.5, abs=0.02)
    shares = [share_of_red(yaw) for yaw in (-0.9, 0.9)]
    assert min(shares) < 0.3
    assert max(shares) > 0.7


def test_feather_softens_the_edge(worn: Callable[..., np.ndarray]) -> None:
    face = wearer(height=400.0)
    x, y = face.landmarks[234, :2]
    near_edge = [
        worn(room(), face, feather=feather)[int(y), int(x) + 4].astype(int) for feather in (0.0, 0.2)
    ]
    assert np.abs(near_edge[0] - RED).max() < 15
    assert np.abs(near_edge[1] - GREY).max() < 30


def test_a_photo_is_joined_without_a_seam_on_request(worn: Callable[..., np.ndarray]) -> None:
    face = wearer()
    assert (
        np.abs(at(worn(room(), face, seamless=True), face, 50) - GREY).max() < 12
    )  # takes the colour around
    assert np.abs(at(worn(room(), face), face, 50) - RED).max() <= 1


# ---- steady, and moving with the face


def test_a_still_picture_stays_still_and_a_moving_face_takes_the_mask_along(folder: Path) -> None:
    effect = MaskEffect()
    effect.parameters = MaskParameters(mask="tiger", occlusion=False)
    first, again = (effect.apply(room(), Scene(i, (wearer(),))) for i in range(2))
    moved = effect.apply(room(), Scene(2, (wearer((327.0, 245.0)),)))
    effect.close()
    np.testing.assert_array_equal(first, again)
    shifted = np.roll(first, (5, 7), axis=(0, 1)).astype(int)
    assert np.abs(moved.astype(int) - shifted).mean() < 0.3
    assert np.abs(moved.astype(int) - first).mean() > 2


# ---- light


def test_the_light_on_the_wearer_falls_on_the_mask(worn: Callable[..., np.ndarray]) -> None:
    light = np.linspace(1.5, 0.5, 640)[None, :, None] * np.ones((480, 1, 3)) * GREY
    image = read_only(light.astype(np.uint8))
    face = wearer(height=300.0)
    lit, flat = worn(image, face, shading=1.0), worn(image, face, shading=0.0)
    assert (
        at(lit, face, 50)[2] > at(lit, face, 280)[2] + 40
    )  # the right cheek, left in the picture, is the lit one
    assert abs(at(flat, face, 50)[2] - at(flat, face, 280)[2]) <= 1


def test_the_mask_follows_a_change_of_light_within_one_frame(folder: Path) -> None:
    effect = MaskEffect()
    effect.parameters = MaskParameters(mask="red", folder=str(folder), shading=1.0, occlusion=False)
    face = wearer()
    red = [
        at(effect.apply(room(level), Scene(i, (face,))), face, NOSE_TIP)[2]
        for i, level in enumerate((180, 108, 180))
    ]
    effect.close()
    assert red[1] < 0.85 * red[0]
    assert red[2] == red[0]


# ---- who wears what


def test_different_people_get_different_masks_and_keep_them(eventually: Callable[..., Any]) -> None:
    effect = MaskEffect()
    effect.parameters = MaskParameters(mask="kabuki", per_person=True, occlusion=False)
    left, right = wearer((160.0, 240.0), track_id=7), wearer((480.0, 240.0), track_id=9)

    def cheeks(*faces: Face) -> list[tuple[int, ...]] | None:
        shown = effect.apply(room(), Scene(0, faces))
        found = [tuple(at(shown, face, NOSE_TIP)) for face in faces]
        return found if all(value != (GREY,) * 3 for value in found) else None

    both = eventually(lambda: cheeks(left, right), "both masks")
    assert both[0] != both[1]
    swapped = eventually(lambda: cheeks(right, left), "both masks")  # the order of the list does not matter
    assert swapped == both[::-1]
    effect.parameters = MaskParameters(mask="kabuki", occlusion=False)
    alike = eventually(lambda: cheeks(left, right), "both masks")
    assert alike[0] == alike[1] == both[0]
    effect.close()


def test_the_old_mask_is_worn_until_the_new_one_is_ready(
    folder: Path, eventually: Callable[..., Any]
) -> None:
    effect = MaskEffect()
    face = wearer()
    seen = []
    effect.parameters = MaskParameters(mask="red", folder=str(folder), **PLAIN)
    seen.append(tuple(at(effect.apply(room(), Scene(0, (face,))), face, NOSE_TIP)))
    effect.parameters = MaskParameters(mask="gold", folder=str(folder), **PLAIN)

    def is_gold() -> bool:
        seen.append(tuple(at(effect.apply(room(), Scene(0, (face,))), face, NOSE_TIP)))
        return seen[-1] not in (RED, (GREY,) * 3)

    eventually(is_gold, "gold")
    effect.close()
    assert (GREY,) * 3 not in seen


def test_an_unreadable_mask_leaves_the_face_bare(tmp_path: Path, worn: Callable[..., np.ndarray]) -> None:
    (tmp_path / "torn.png").write_text("no picture")
    image = room()
    assert worn(image, wearer(), mask="torn") is image


# ---- parameters


def test_an_unknown_mask_is_refused_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(
        ParameterError, match=r"mask = plumber is refused: allowed is gold \| .* \| halves \| red\.$"
    ):
        update(MaskParameters(folder=str(folder)), {"mask": "plumber"}, "mask.")


def test_a_removed_file_does_not_block_other_changes(folder: Path) -> None:
    parameters = MaskParameters(mask="red", folder=str(folder))
    (folder / "red.png").unlink()
    assert update(parameters, {"strength": 0.5}).strength == 0.5


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_worn(name: str, worn: Callable[..., np.ndarray]) -> None:
    face = wearer()
    shown = worn(room(), face, mask=name)
    assert np.abs(shown[filled(face, FACE_OVAL)].astype(int) - GREY).mean() > 25


# ---- occlusion


def test_what_is_in_front_of_the_face_stays_in_front(
    monkeypatch: pytest.MonkeyPatch, worn: Callable[..., np.ndarray]
) -> None:
    from mirror_effects import mask as module
    from mirror_effects.occlusion import Visibility

    face = wearer()

    asked: list[tuple[int, int]] = []

    class HalfCovered:
        def visibility(self, image: np.ndarray, _: Any, track_id: int, stamp_ns: int) -> Visibility:
            asked.append((track_id, stamp_ns))
            seen = np.full((360, 640), 255, np.uint8)  # another rectangle than the mask's own
            seen[:, 320:] = 0
            return Visibility(0, 100, seen)

    monkeypatch.setattr(module, "shared_occlusion_layer", HalfCovered)
    shown = worn(room(), face, occlusion=True)
    assert (shown[:, 320:][100:460] == GREY).all()
    assert (shown[:, :318] == RED).all(axis=2).sum() > 8000
    effect = MaskEffect()
    effect.prepare(room(), Scene(5, (face,)))  # looks ahead, draws nothing
    assert asked[-1] == (1, 5)
    uncovered = worn(room(), face, occlusion=False)
    assert (uncovered[:, 322:] == RED).all(axis=2).sum() > 8000
