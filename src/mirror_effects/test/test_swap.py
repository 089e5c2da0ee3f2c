"""The effect `swap`: whose face is seen, moved by the wearer, in the wearer's light, without a seam."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import ParameterError
from mirror_core.faces import Face
from mirror_core.frame import read_only
from mirror_core.parameters import update
from mirror_effects import Scene
from mirror_effects import swap as module
from mirror_effects.mask import MaskEffect, MaskParameters
from mirror_effects.portrait_texture import PortraitTexture
from mirror_effects.seam import seam_visibility
from mirror_effects.stack import EffectStack
from mirror_effects.swap import SwapEffect, SwapParameters
from mirror_effects.testing import SKIN_COLOUR, filled, painted, portrait_of, room, wearer
from mirror_gallery.portrait import Portrait
from mirror_tracking.topology import FACE_OVAL, INNER_LIPS, LEFT_EYE, NOSE_TIP, OUTER_LIPS, RIGHT_EYE

FRAME_NS = 16_666_667
DARK, PALE = (45, 62, 92), (175, 195, 228)
SHUT = -12.0  # pixels by which the mean face's lower lip must rise to close the mouth of a stored face
GREEN = (60, 190, 60)  # nobody's skin: tells whose face is seen where colours are not matched
PLAIN: dict[str, Any] = {"occlusion": False, "preset": "none"}
UNMATCHED: dict[str, Any] = {**PLAIN, "colour": 0.0}


def picture_of(*faces: Face, **arguments: Any) -> np.ndarray:
    return read_only(painted(room(), faces, **arguments))


@functools.cache
def stored(skin: tuple[int, int, int] = SKIN_COLOUR, name: str = "Ada", **arguments: Any) -> Portrait:
    face = wearer((200.0, 200.0), 320.0, **arguments)
    return portrait_of(painted(room(90, (400, 420)), [face], skin=skin), face, name=name)


@functools.cache
def texture(portrait: Portrait) -> PortraitTexture:
    return PortraitTexture(portrait)


@pytest.fixture(autouse=True)
def textures_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror_effects.portrait_library.PortraitTexture", texture)


@pytest.fixture
def effect() -> Iterator[Callable[..., SwapEffect]]:
    """`effect(*portraits, **parameters)`: an effect that has these portraits ready."""
    made: list[SwapEffect] = []

    def make(*portraits: Portrait, **parameters: Any) -> SwapEffect:
        made.append(SwapEffect())
        made[-1].parameters = SwapParameters(**{**PLAIN, **parameters})
        made[-1].make_ready(*portraits)
        return made[-1]

    yield make
    for each in made:
        each.close()


def shown(
    effect: SwapEffect,
    image: np.ndarray,
    *faces: Face,
    worn: dict[int, Portrait] | None = None,
    frame: int = 0,
) -> np.ndarray:
    return effect.apply(image, Scene(frame * FRAME_NS, faces, worn=worn or {}))


def mean_inside(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    inner = cv2.erode(where.astype(np.uint8), np.ones((3, 3))) > 0
    return image[inner if inner.any() else where].astype(float).mean(axis=0)


def cheek(image: np.ndarray, face: Face, point: int = 425) -> np.ndarray:
    x, y = face.landmarks[point, :2].astype(int)
    return image[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3).astype(float).mean(axis=0)


# ---- whose face is seen


def test_nobody_wears_anything_without_being_given_it(effect: Callable[..., SwapEffect]) -> None:
    face = wearer()
    image = picture_of(face)
    assert shown(effect(), image, face) is image
    assert shown(effect(stored()), image, worn={1: stored()}) is image, "nobody is there"


def test_different_people_wear_different_faces_at_once(effect: Callable[..., SwapEffect]) -> None:
    left, right = wearer((160.0, 240.0), track_id=7), wearer((480.0, 240.0), track_id=9)
    image = picture_of(left, right)
    green, dark = stored(GREEN, "Green"), stored(DARK, "Dark")
    result = shown(effect(green, dark, **UNMATCHED), image, left, right, worn={7: green, 9: dark})
    np.testing.assert_allclose(cheek(result, left), GREEN, atol=6)
    np.testing.assert_allclose(cheek(result, right), DARK, atol=6)
    again = shown(
        effect(green, dark, **UNMATCHED), image, right, left, worn={7: green, 9: dark}
    )  # the order of the list does not matter
    assert np.abs(result.astype(int) - again).max() <= 1


def test_only_the_face_itself_changes(effect: Callable[..., SwapEffect]) -> None:
    face = wearer()
    image, ada = picture_of(face), stored(GREEN)
    result = shown(effect(ada, **UNMATCHED), image, face, worn={1: ada})
    outside = ~cv2.dilate(filled(face, FACE_OVAL).astype(np.uint8), np.ones((5, 5))).astype(bool)
    np.testing.assert_array_equal(result[outside], image[outside])
    assert image is not result
    np.testing.assert_array_equal(image, picture_of(face), "the shared picture stays as it was")


def test_strength_is_the_opacity(effect: Callable[..., SwapEffect]) -> None:
    face, ada = wearer(), stored(GREEN)
    image = picture_of(face)
    whole, half = (
        cheek(shown(effect(ada, **UNMATCHED, strength=s), image, face, worn={1: ada}), face)
        for s in (1.0, 0.5)
    )
    np.testing.assert_allclose(half, (whole + SKIN_COLOUR) / 2, atol=2)
    assert shown(effect(ada, strength=0.0), image, face, worn={1: ada}) is image


def test_an_erased_face_is_gone_on_the_next_frame(effect: Callable[..., SwapEffect]) -> None:
    face, ada = wearer(), stored(GREEN)
    image = picture_of(face)
    worn = effect(ada, **UNMATCHED)
    assert cheek(shown(worn, image, face, worn={1: ada}), face)[1] > 180
    assert shown(worn, image, face, frame=1) is image
    assert not worn._library._entries, "nothing of it stays in memory"


def test_the_preset_is_worn_by_those_who_were_given_none(
    effect: Callable[..., SwapEffect], monkeypatch: pytest.MonkeyPatch
) -> None:
    dark = stored(DARK, "Dark")
    monkeypatch.setattr(module, "preset_names", lambda: ("mean",))
    monkeypatch.setattr("mirror_effects.portrait_library.load_preset", lambda name: stored(GREEN, "Mean"))
    left, right = wearer((160.0, 240.0), track_id=7), wearer((480.0, 240.0), track_id=9)
    result = shown(
        effect(dark, **{**UNMATCHED, "preset": "mean"}), picture_of(left, right), left, right, worn={7: dark}
    )
    np.testing.assert_allclose(cheek(result, left), DARK, atol=6)
    np.testing.assert_allclose(cheek(result, right), GREEN, atol=6)


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match=r"swap\.preset = nobody is refused: allowed is none"):
        update(SwapParameters(), {"preset": "nobody"}, "swap.")


def test_a_face_appears_when_it_is_ready_and_nothing_waits_for_it(
    effect: Callable[..., SwapEffect], eventually: Callable[..., Any]
) -> None:
    face, ada = wearer(), stored(GREEN)
    image, worn = picture_of(face), effect(**UNMATCHED)
    eventually(lambda: cheek(shown(worn, image, face, worn={1: ada}), face)[1] > 180, "the stored face")


# ---- the wearer drives it


def test_the_face_follows_the_wearer(effect: Callable[..., SwapEffect]) -> None:
    ada = stored()
    worn = effect(ada)
    first = shown(worn, picture_of(wearer()), wearer(), worn={1: ada})
    moved_face = wearer((327.0, 245.0))
    moved = shown(worn, picture_of(moved_face), moved_face, worn={1: ada}, frame=1)
    followed = np.roll(first, (5, 7), axis=(0, 1)).astype(int)
    assert np.abs(moved - followed).mean() < 0.4
    assert np.abs(moved.astype(int) - first).mean() > 1.0


def test_the_lips_open_with_the_wearers_mouth(effect: Callable[..., SwapEffect]) -> None:
    ada = stored()
    worn = effect(ada)

    def height_of_red(face: Face) -> int:
        result = shown(worn, picture_of(face), face, worn={1: ada})
        red = (result[..., 2].astype(int) - result[..., 1] > 60) & filled(face, OUTER_LIPS)
        return int(red.any(axis=1).nonzero()[0].ptp())

    assert height_of_red(wearer(mouth=30.0)) > height_of_red(wearer()) + 22


@pytest.mark.parametrize(("mouth", "source_opens"), [("wearer", True), ("wearer", False), ("source", False)])
def test_in_the_open_mouth_the_wearer_is_seen_unless_the_source_has_one(
    effect: Callable[..., SwapEffect], mouth: str, source_opens: bool
) -> None:
    ada = stored(mouth=45.0 if source_opens else SHUT)
    face = wearer(mouth=34.0)
    image = painted(room(), [face])
    inside = filled(face, INNER_LIPS)
    image[inside] = (200, 40, 40)  # a blue tongue
    result = shown(effect(ada, mouth=mouth), read_only(image), face, worn={1: ada})
    np.testing.assert_allclose(
        mean_inside(result, cv2.erode(inside.astype(np.uint8), np.ones((11, 11))) > 0), (200, 40, 40), atol=3
    )


def test_the_sources_mouth_is_seen_where_that_is_wanted_and_open(effect: Callable[..., SwapEffect]) -> None:
    ada = stored(mouth=45.0)
    face = wearer(mouth=34.0)
    image = painted(room(), [face])
    inside = filled(face, INNER_LIPS)
    image[inside] = (200, 40, 40)
    result = shown(effect(ada, mouth="source"), read_only(image), face, worn={1: ada})
    core = cv2.erode(inside.astype(np.uint8), np.ones((11, 11))) > 0
    assert mean_inside(result, core)[0] < 90, "the source's dark mouth"


def test_eyes_are_the_wearers_or_the_sources(effect: Callable[..., SwapEffect]) -> None:
    ada = stored()
    face = wearer(height=400.0)
    image = painted(room(), [face])
    eyes = filled(face, RIGHT_EYE) | filled(face, LEFT_EYE)
    image[eyes] = (30, 200, 30)
    core = cv2.erode(eyes.astype(np.uint8), np.ones((7, 7))) > 0
    own = shown(effect(ada), read_only(image), face, worn={1: ada})
    other = shown(effect(ada, eyes="source"), read_only(image), face, worn={1: ada})
    np.testing.assert_allclose(mean_inside(own, core), (30, 200, 30), atol=4)
    assert mean_inside(other, core)[2] > 150, "white"


def test_a_turned_head_gets_the_view_that_fits(effect: Callable[..., SwapEffect]) -> None:
    front, side = wearer((200.0, 200.0), 320.0), wearer((600.0, 200.0), 320.0, yaw=0.5)
    picture = painted(room(90, (800, 420)), [front], skin=GREEN)
    picture = painted(picture, [side], skin=DARK)
    both = portrait_of(picture, front, side)
    straight, turned = wearer(), wearer(yaw=0.55)
    for face, colour in ((straight, GREEN), (turned, DARK)):
        result = shown(effect(both, **UNMATCHED), picture_of(face), face, worn={1: both})
        np.testing.assert_allclose(cheek(result, face, 50), colour, atol=12)


# ---- colour and light


@pytest.mark.parametrize("worn_skin", [DARK, SKIN_COLOUR, PALE])
@pytest.mark.parametrize("own_skin", [DARK, SKIN_COLOUR, PALE])
def test_every_skin_takes_on_the_wearers_tone(
    effect: Callable[..., SwapEffect], worn_skin: tuple[int, int, int], own_skin: tuple[int, int, int]
) -> None:
    ada, face = stored(worn_skin), wearer()
    result = shown(effect(ada), picture_of(face, skin=own_skin), face, worn={1: ada})
    for point in (425, 50, 151, NOSE_TIP):
        np.testing.assert_allclose(cheek(result, face, point), own_skin, atol=9)


def test_brows_stay_darker_than_the_skin_on_every_skin(effect: Callable[..., SwapEffect]) -> None:
    face = wearer(height=400.0)
    for worn_skin, own_skin in ((PALE, DARK), (SKIN_COLOUR, PALE)):
        ada = stored(worn_skin)
        result = shown(effect(ada), picture_of(face, skin=own_skin), face, worn={1: ada})
        brow = cheek(result, face, 105).mean()
        assert 0 <= brow < 0.75 * np.mean(own_skin)


def test_a_step_of_the_light_is_followed_in_the_same_frame(effect: Callable[..., SwapEffect]) -> None:
    ada, face = stored(), wearer()
    worn = effect(ada)
    levels = (1.0, 0.6, 1.0, 1.3)
    for frame, light in enumerate(levels):
        image = picture_of(face, light=light)
        result = shown(worn, image, face, worn={1: ada}, frame=frame)
        np.testing.assert_allclose(
            cheek(result, face), cheek(image, face), rtol=0.05, err_msg=f"light {light}"
        )


def test_the_side_that_is_lit_stays_lit(effect: Callable[..., SwapEffect]) -> None:
    ada, face = stored(), wearer(height=300.0)
    image = picture_of(face, sideways=1.4)
    result = shown(effect(ada), image, face, worn={1: ada})
    for point in (50, 280):
        np.testing.assert_allclose(cheek(result, face, point), cheek(image, face, point), rtol=0.1)
    assert cheek(result, face, 280)[1] > 1.3 * cheek(result, face, 50)[1]


def test_a_still_picture_stays_still(effect: Callable[..., SwapEffect]) -> None:
    ada, face = stored(), wearer()
    worn, image = effect(ada), picture_of(face)
    first, second, third = (shown(worn, image, face, worn={1: ada}, frame=i) for i in range(3))
    assert np.abs(second.astype(int) - first).max() <= 1
    assert np.abs(third.astype(int) - second).max() <= 1


def test_noise_on_the_picture_hardly_moves_the_colours(effect: Callable[..., SwapEffect]) -> None:
    ada, face = stored(), wearer()
    worn, random = effect(ada), np.random.default_rng(1)
    clean = painted(room(), [face])
    tones = []
    for frame in range(12):
        noisy = np.clip(clean + random.normal(0, 6, clean.shape), 0, 255).astype(np.uint8)
        tones.append(cheek(shown(worn, read_only(noisy), face, worn={1: ada}, frame=frame), face))
    assert np.ptp(tones, axis=0).max() < 1.5


# ---- the seam


def test_no_border_is_seen(effect: Callable[..., SwapEffect]) -> None:
    ada, face = stored(PALE), wearer(height=300.0)
    image = picture_of(face, skin=SKIN_COLOUR, sideways=0.3)
    mask = filled(face, FACE_OVAL).astype(np.uint8) * 255
    matched = shown(effect(ada), image, face, worn={1: ada})
    pasted = shown(effect(ada, colour=0.0, feather=0.0), image, face, worn={1: ada})
    flat = read_only(np.broadcast_to(np.array(SKIN_COLOUR, np.uint8), image.shape).copy())
    assert seam_visibility(matched, image, flat, mask) < 0.6
    assert seam_visibility(pasted, image, flat, mask) > 4


def test_hair_beside_the_border_does_not_colour_the_face(effect: Callable[..., SwapEffect]) -> None:
    """Dark hair over a third of the border: the middle of the face stays skin-coloured."""
    ada, face = stored(), wearer(height=300.0)
    image = painted(room(), [face])
    image[: int(face.landmarks[10, 1]) + 40] = (20, 25, 30)
    result = shown(effect(ada), read_only(image), face, worn={1: ada})
    np.testing.assert_allclose(cheek(result, face, NOSE_TIP), SKIN_COLOUR, atol=8)
    np.testing.assert_allclose(cheek(result, face), SKIN_COLOUR, atol=8)


# ---- exchange


def two_people(x: float, **arguments: Any) -> tuple[Face, Face, np.ndarray]:
    """A green and a dark person, the green one (track 3) smaller and `x` to the right of the middle."""
    green, dark = wearer((320.0 + x, 240.0), 170.0, track_id=3), wearer((320.0 - x, 240.0), 230.0, track_id=8)
    picture = painted(room(), [green], skin=GREEN, **arguments)
    return green, dark, read_only(painted(picture, [dark], skin=DARK, **arguments))


def test_two_people_exchange_their_faces(effect: Callable[..., SwapEffect]) -> None:
    green, dark, image = two_people(150.0)
    result = shown(effect(mode="exchange", **UNMATCHED), image, dark, green)
    np.testing.assert_allclose(cheek(result, green), DARK, atol=6)
    np.testing.assert_allclose(cheek(result, dark), GREEN, atol=6)


def test_whoever_is_alone_keeps_the_own_face(effect: Callable[..., SwapEffect]) -> None:
    face = wearer()
    image = picture_of(face)
    assert shown(effect(mode="exchange"), image, face, worn={1: stored(GREEN)}) is image


def test_three_people_pass_their_faces_on(effect: Callable[..., SwapEffect]) -> None:
    skins = {2: GREEN, 5: DARK, 9: PALE}
    faces = [wearer((110.0 + 210 * i, 240.0), 190.0, track_id=track) for i, track in enumerate(skins)]
    image = room()
    for face in faces:
        image = painted(image, [face], skin=skins[face.track_id])
    result = shown(effect(mode="exchange", **UNMATCHED), read_only(image), *faces)
    for face, source in zip(faces, (5, 9, 2), strict=True):
        np.testing.assert_allclose(cheek(result, face), skins[source], atol=6)


def test_people_who_cross_keep_each_others_faces(effect: Callable[..., SwapEffect]) -> None:
    worn = effect(mode="exchange", **UNMATCHED)
    for frame, x in enumerate(np.linspace(200, -200, 41)):
        green, dark, image = two_people(float(x))
        hidden = abs(x) < 60  # the smaller one is behind the other: the tracker has lost it
        faces = (dark,) if hidden else (dark, green)
        result = shown(worn, image, *faces, frame=frame)
        np.testing.assert_allclose(cheek(result, dark, NOSE_TIP), GREEN, atol=8, err_msg=f"at {x}")
        if abs(x) > 120:
            np.testing.assert_allclose(cheek(result, green, NOSE_TIP), DARK, atol=8, err_msg=f"at {x}")


def test_who_has_left_is_forgotten_after_a_while(effect: Callable[..., SwapEffect]) -> None:
    worn = effect(mode="exchange", **UNMATCHED)
    green, dark, image = two_people(150.0)
    shown(worn, image, dark, green)
    assert shown(worn, image, dark, frame=60) is not image
    assert shown(worn, image, dark, frame=200) is image


# ---- in a stack


def test_what_is_in_front_of_the_face_stays_in_front(
    effect: Callable[..., SwapEffect], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mirror_effects.occlusion import Visibility

    class RightHalfCovered:
        def visibility(self, image: np.ndarray, landmarks: Any, track: int, stamp_ns: int) -> Visibility:
            seen = np.full((480, 640), 255, np.uint8)
            seen[:, 320:] = 0
            return Visibility(0, 0, seen)

    monkeypatch.setattr(module, "shared_occlusion_layer", RightHalfCovered)
    ada, face = stored(GREEN), wearer()
    image = picture_of(face)
    result = shown(effect(ada, occlusion=True, colour=0.0), image, face, worn={1: ada})
    np.testing.assert_array_equal(result[:, 321:], image[:, 321:])
    assert cheek(result, face, 50)[1] > 180


@pytest.mark.parametrize("order", [("swap", "mask"), ("mask", "swap")])
def test_it_stands_in_a_stack_with_the_mask_in_either_order(order: tuple[str, str]) -> None:
    stack = EffectStack({"swap": SwapEffect, "mask": MaskEffect})
    stack.choose(order)
    stack.set_parameters("swap", SwapParameters(**UNMATCHED))
    stack.set_parameters("mask", MaskParameters(mask="gold", shading=0.0, occlusion=False, strength=0.5))
    ada, face = stored(GREEN), wearer()
    image = picture_of(face)
    swap = stack._instance("swap")
    swap.make_ready(ada)  # type: ignore[attr-defined]
    result = stack.apply(image, Scene(0, (face,), worn={1: ada}))
    assert stack.failed == {}
    stack.close()
    seen = cheek(result, face)
    if order[-1] == "swap":
        np.testing.assert_allclose(seen, GREEN, atol=6)
    else:
        assert np.abs(seen - GREEN).max() > 20, "the mask lies on it"
        assert np.abs(seen - SKIN_COLOUR).max() > 20
