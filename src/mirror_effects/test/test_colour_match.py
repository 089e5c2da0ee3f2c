"""Whose light a drawn face has: surfaces of skin, outliers, steadiness; and how it is laid in."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_effects.colour_match import ColourMatch
from mirror_effects.face_blend import FaceBlend, blend_face
from mirror_effects.face_cells import FaceCells, enlarged, shrunk
from mirror_effects.testing import wearer

FRAME_NS = 16_666_667
SIZE = (300, 260)  # rows, columns of the drawn part
FACE = wearer((130.0, 150.0), 280.0)
OPACITY = np.full(SIZE, 255, np.uint8)
HOW = FaceBlend(1.0, 210.0, feather=0.06, erosion=0.01)


def plain(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((*SIZE, 3), colour, np.uint8)


def lit(colour: tuple[int, int, int], across: float, down: float = 0.0) -> np.ndarray:
    """A skin that is brighter on one side by these shares."""
    x, y = np.linspace(-1, 1, SIZE[1])[None, :, None], np.linspace(-1, 1, SIZE[0])[:, None, None]
    return np.clip(np.array(colour) * (1 + across * x + down * y), 0, 255).astype(np.uint8)


def cells(target: np.ndarray, drawn: np.ndarray, opacity: np.ndarray = OPACITY) -> FaceCells:
    return FaceCells.of(target, drawn, opacity, FACE.landmarks)


def worn(
    target: np.ndarray, drawn: np.ndarray, opacity: np.ndarray | None = None, how: FaceBlend = HOW
) -> np.ndarray:
    """The drawn face, matched and laid into the target."""
    shape = OPACITY if opacity is None else opacity
    image = cv2.copyMakeBorder(target, 40, 40, 40, 40, cv2.BORDER_REPLICATE)
    grid = cells(target, drawn, shape)
    blend_face(image, drawn, shape.copy(), (40, 40), grid, ColourMatch().skins(grid, 0), how)
    return image[40:-40, 40:-40]


def middle(image: np.ndarray) -> np.ndarray:
    return image[120:180, 100:160].reshape(-1, 3).astype(float).mean(axis=0)


def test_the_drawn_skin_becomes_the_wearers() -> None:
    result = worn(plain((70, 95, 150)), plain((150, 180, 215)))
    np.testing.assert_allclose(middle(result), (70, 95, 150), atol=2)


def test_the_wearers_light_falls_on_it_and_its_own_is_taken_off() -> None:
    target, drawn = lit((110, 140, 190), 0.25), lit((110, 140, 190), -0.25, 0.15)
    result = worn(target, drawn).astype(float)
    np.testing.assert_allclose(result[60:240, 50:210], target[60:240, 50:210], atol=7)


def test_details_stay_darker_ones_by_their_share_of_the_skin() -> None:
    drawn = plain((100, 130, 180))
    drawn[150:154, 60:200] = (50, 65, 90)  # a wrinkle of half the brightness
    for skin in ((50, 65, 90), (100, 130, 180), (135, 175, 243)):
        result = worn(plain(skin), drawn)[151:153, 80:180].reshape(-1, 3).mean(axis=0)
        np.testing.assert_allclose(result, np.array(skin) / 2, rtol=0.12, atol=4)


def test_black_stays_black_on_a_lighter_skin() -> None:
    drawn = plain((58, 80, 120))
    drawn[150:156, 60:200] = 2
    result = worn(plain((100, 140, 210)), drawn)
    assert result[152:154, 80:180].max() < 25


def test_a_beard_does_not_colour_the_rest() -> None:
    target = plain((110, 140, 190))
    chin = int(FACE.landmarks[17, 1])
    target[chin:] = (35, 40, 50)
    result = worn(target, plain((150, 180, 215)))
    np.testing.assert_allclose(middle(result), (110, 140, 190), atol=8)


@pytest.mark.parametrize("covered", [0.3, 0.5])
def test_what_is_hidden_says_nothing(covered: float) -> None:
    target, opacity = plain((110, 140, 190)), OPACITY.copy()
    edge = int(SIZE[1] * covered)
    target[:, :edge], opacity[:, :edge] = (220, 30, 30), 0
    drawn = plain((150, 180, 215))
    skins = ColourMatch().skins(cells(target, drawn, opacity), 0)
    np.testing.assert_allclose(skins.wanted[20:30, 25:32].mean(axis=(0, 1)), (110, 140, 190), atol=3)


def test_without_any_skin_colours_stay_as_they_are() -> None:
    nothing = np.zeros(SIZE, np.uint8)
    skins = ColourMatch().skins(cells(plain((10, 20, 30)), plain((150, 180, 215)), nothing), 0)
    np.testing.assert_array_equal(skins.own, skins.wanted)
    assert skins.detail == 1.0


def test_strength_is_the_share_of_the_correction() -> None:
    grid = cells(plain((60, 80, 120)), plain((150, 180, 215)))
    own, half, whole = (
        ColourMatch().skins(grid, 0, strength).wanted.mean(axis=(0, 1)) for strength in (0.0, 0.5, 1.0)
    )
    np.testing.assert_allclose(whole, (60, 80, 120), atol=2)
    np.testing.assert_allclose(half, ((60 + 150) / 2, (80 + 180) / 2, (120 + 215) / 2), atol=2)
    np.testing.assert_array_equal(own, 128)  # neutral: wanted is what is there


def test_small_changes_are_smoothed_and_large_ones_followed_at_once() -> None:
    match, drawn = ColourMatch(), plain((150, 180, 215))

    def lightness(level: int, frame: int) -> float:
        return float(match.skins(cells(plain((level, level, level)), drawn), frame * FRAME_NS).wanted.mean())

    assert lightness(120, 0) == pytest.approx(120, abs=1)
    assert lightness(123, 1) == pytest.approx(120.4, abs=0.6)
    assert lightness(123, 60) == pytest.approx(123, abs=0.8)  # a second later
    assert lightness(70, 61) == pytest.approx(70, abs=1)
    assert lightness(180, 62) == pytest.approx(180, abs=1)


def test_after_a_pause_the_past_does_not_count() -> None:
    match, drawn = ColourMatch(), plain((150, 180, 215))
    match.skins(cells(plain((120, 120, 120)), drawn), 0)
    later = match.skins(cells(plain((122, 122, 122)), drawn), 10**10).wanted.mean()
    assert later == pytest.approx(122, abs=0.5)


# ---- the border


def test_a_rest_of_light_along_the_border_fades_inwards() -> None:
    """The skin is darker outside one edge only: the face meets it there and keeps its own light inside."""
    target = plain((110, 140, 190))
    target[:, :26] = (95, 121, 164)
    flat = worn(
        target, plain((110, 140, 190)), how=FaceBlend(1.0, 210.0, feather=0.06, erosion=0.01, light=0.0)
    )
    met = worn(target, plain((110, 140, 190)))
    assert met[150, 16, 1] < flat[150, 16, 1] - 4
    assert abs(int(met[150, 130, 1]) - 140) <= 3


def test_things_of_another_kind_at_the_border_do_not_colour_the_face() -> None:
    target = plain((110, 140, 190))
    target[:, :26] = (10, 12, 15)  # hair
    met = worn(target, plain((110, 140, 190)))
    np.testing.assert_allclose(met[150, 30:40].astype(float).mean(axis=0), (110, 140, 190), atol=6)


def test_where_the_picture_ends_there_is_no_border() -> None:
    target, drawn = plain((110, 140, 190)), plain((110, 140, 190))
    drawn[:, :4] = (20, 200, 20)
    grid = cells(target, drawn)
    image = target.copy()
    blend_face(image, drawn, OPACITY.copy(), (0, 0), grid, ColourMatch().skins(grid, 0), HOW)
    assert image[150, 1, 1] > 170, "opaque up to the picture's edge"


def test_feather_and_strength_fade_the_face_in() -> None:
    target = plain((20, 200, 20))
    drawn = plain((110, 140, 190))
    how = FaceBlend(0.5, 210.0, feather=0.2, erosion=0.0, light=0.0)
    image = cv2.copyMakeBorder(target, 40, 40, 40, 40, cv2.BORDER_REPLICATE)
    grid = cells(target, drawn)
    neutral = ColourMatch().skins(grid, 0, 0.0)
    blend_face(image, drawn, OPACITY.copy(), (40, 40), grid, neutral, how)
    row = image[190, 40:-40, 2].astype(int)
    assert np.all(np.diff(row[:42]) >= -2)
    assert row[2] < 30
    assert abs(row[130] - (20 + 190) // 2) <= 2


# ---- the grid


def test_cells_are_means_and_grow_back() -> None:
    picture = np.arange(70 * 50, dtype=np.uint32).reshape(70, 50).astype(np.uint8)
    small = shrunk(picture, 7)
    assert small.shape == (10, 8)
    assert abs(float(small[3, 2]) - picture[21:28, 14:21].mean()) <= 0.5
    assert enlarged(small, 7, (70, 50)).shape == (70, 50)
    flat = np.full((33, 41), 77, np.uint8)
    np.testing.assert_array_equal(enlarged(shrunk(flat, 4), 4, flat.shape), flat)


def test_a_surface_lies_in_the_faces_own_axes() -> None:
    grid = cells(plain((0, 0, 0)), plain((0, 0, 0)))
    across = np.zeros((6, 3))
    across[1] = 1.0
    u = grid.surface(across)[..., 0]
    x, y = FACE.landmarks[454, :2] / grid.step  # the left edge of the face
    assert u[int(y), int(x)] == pytest.approx(1.0, abs=0.2)
    x, y = FACE.landmarks[1, :2] / grid.step
    assert u[int(y), int(x)] == pytest.approx(0.0, abs=0.1)
