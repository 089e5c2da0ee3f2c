"""Stored faces as textures: laid out straight, completed, hair left out; made in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.settling import settle
from mirror_effects.face_openings import eye_opening, mouth_opening
from mirror_effects.portrait_library import PortraitLibrary
from mirror_effects.portrait_texture import CHART_POINTS, CHART_PX, PortraitTexture
from mirror_effects.testing import SKIN_COLOUR, painted, portrait_of, room, wearer
from mirror_gallery.portrait import FaceView, Portrait

GREEN = (60, 190, 60)
RIGHT_CHEEK, LEFT_CHEEK, FOREHEAD, CHIN = 50, 280, 151, 199


def photograph(*skins: tuple[int, int, int], yaws: tuple[float, ...] = (0.0,)) -> Portrait:
    picture = room(60, (400 * len(yaws), 420))
    faces = []
    for number, (skin, yaw) in enumerate(zip(skins, yaws, strict=True)):
        faces.append(wearer((200.0 + 400 * number, 210.0), 320.0, yaw=yaw))
        picture = painted(picture, [faces[-1]], skin=skin)
    return portrait_of(picture, *faces)


def at(texture: np.ndarray, point: int) -> np.ndarray:
    x, y = CHART_POINTS[point].astype(int)
    return texture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 4).astype(float).mean(axis=0)


def test_a_view_is_laid_out_on_the_chart() -> None:
    texture = PortraitTexture(photograph(SKIN_COLOUR)).views[0].levels[0]
    assert texture.shape == (CHART_PX, CHART_PX, 4)
    for point in (RIGHT_CHEEK, LEFT_CHEEK, FOREHEAD, CHIN):
        np.testing.assert_allclose(at(texture, point), (*SKIN_COLOUR, 255), atol=6)
    lips = at(texture, 17)  # the lower lip's middle, from its redness
    assert lips[2] - lips[1] > 60


def test_a_turned_view_is_completed_by_another_one_and_by_its_own_other_half() -> None:
    yaw = 0.8
    alone = PortraitTexture(photograph(SKIN_COLOUR, yaws=(yaw,))).views[0].levels[0]
    near, far = (RIGHT_CHEEK, LEFT_CHEEK)
    np.testing.assert_allclose(at(alone, near)[:3], SKIN_COLOUR, atol=8)
    np.testing.assert_allclose(at(alone, far)[:3], SKIN_COLOUR, atol=14)
    assert at(alone, far)[3] > 240
    helped = PortraitTexture(photograph(SKIN_COLOUR, SKIN_COLOUR, yaws=(yaw, -yaw))).views[0].levels[0]
    np.testing.assert_allclose(at(helped, far)[:3], SKIN_COLOUR, atol=8)


def test_towards_the_rim_what_no_view_shows_is_left_to_the_wearer() -> None:
    texture = PortraitTexture(photograph(SKIN_COLOUR)).views[0].levels[0]
    opacity = texture[..., 3]
    assert opacity[CHART_PX // 2, 50] < 60  # beside the right ear
    assert opacity[CHART_PX // 2, CHART_PX // 2] == 255


def test_a_fringe_does_not_become_part_of_the_face() -> None:
    face = wearer((200.0, 210.0), 320.0)
    picture = painted(room(60, (400, 420)), [face])
    bare = PortraitTexture(portrait_of(picture, face)).views[0].levels[0]
    picture[: int(face.landmarks[10, 1]) + 40] = (25, 30, 40)
    fringed = PortraitTexture(portrait_of(picture, face)).views[0].levels[0]
    x, y = CHART_PX // 2, int(CHART_POINTS[10, 1]) + 25
    assert bare[y, x, 3] > 200
    assert fringed[y, x, 3] < 80
    assert fringed[CHART_PX // 2, x, 3] == 255


def holed(*points: int) -> np.ndarray:
    """The texture of a portrait in which something is cut out around some points."""
    view = photograph(SKIN_COLOUR).views[0]
    image, opacity = np.array(view.image), np.array(view.opacity)
    for point in points:
        x, y = (int(v) for v in view.landmarks[point, :2])
        cv2.circle(opacity, (x, y), 12, (0,), -1)
        cv2.circle(image, (x, y), 12, (255, 0, 0), -1)
    portrait = Portrait("x", "X", (FaceView(image, opacity, view.landmarks),))
    return PortraitTexture(portrait).views[0].levels[0]


def test_what_the_portrait_cut_away_comes_from_the_other_half_or_is_left_to_the_wearer() -> None:
    np.testing.assert_allclose(at(holed(RIGHT_CHEEK), RIGHT_CHEEK), (*SKIN_COLOUR, 255), atol=8)
    assert at(holed(RIGHT_CHEEK, LEFT_CHEEK), RIGHT_CHEEK)[3] < 60


def test_how_far_mouth_and_eyes_are_open() -> None:
    wide, shut = wearer(mouth=40.0).landmarks, wearer().landmarks.copy()
    shut[159, :2], shut[145, :2] = shut[33, :2], shut[33, :2]
    assert mouth_opening(wide) > mouth_opening(wearer().landmarks) + 0.3
    assert eye_opening(shut) == pytest.approx(0.0, abs=1e-6)
    assert eye_opening(wearer().landmarks) > 0.15


# ---- the library


def test_a_portrait_is_laid_out_once_and_in_the_background(eventually: Callable[..., Any]) -> None:
    library, portrait = PortraitLibrary(), photograph(SKIN_COLOUR)
    assert library.get(portrait) is None
    texture = eventually(lambda: library.get(portrait), "the texture")
    assert library.get(portrait) is texture
    library.close()


def test_the_earlier_version_of_a_face_is_shown_until_the_newer_one_is_ready() -> None:
    library, first, second = PortraitLibrary(), photograph(SKIN_COLOUR), photograph(GREEN)
    library.get(first)
    settle()
    before = library.get(first)
    assert before is not None
    assert library.get(second) is before
    library.wait()
    after = library.get(second)
    assert after is not None
    assert after is not before
    library.close()


def test_the_frontal_view_is_shown_before_all_views_are_ready(
    monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]
) -> None:
    gate = threading.Event()

    def slowly(portrait: Portrait) -> PortraitTexture:
        if len(portrait.views) > 1:
            gate.wait(30)
        return PortraitTexture(portrait)

    monkeypatch.setattr("mirror_effects.portrait_library.PortraitTexture", slowly)
    library, portrait = PortraitLibrary(), photograph(SKIN_COLOUR, SKIN_COLOUR, yaws=(0.0, 0.6))
    library.get(portrait)
    early = eventually(lambda: library.get(portrait), "the frontal view")
    assert len(early.views) == 1
    gate.set()
    library.wait()
    assert len(library.get(portrait).views) == 2  # type: ignore[union-attr]
    library.close()


def test_nothing_is_kept_of_faces_that_nobody_wears() -> None:
    library, portrait = PortraitLibrary(), photograph(SKIN_COLOUR)
    library.get(portrait)
    library.wait()
    library.keep(())
    assert library.get(portrait) is None, "it would have to be made anew"
    library.close()


def test_a_preset_that_cannot_be_read_is_not_worn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(name: str) -> Portrait:
        raise UsageError(f"There is no preset face {name!r}.")

    monkeypatch.setattr("mirror_effects.portrait_library.load_preset", broken)
    library = PortraitLibrary()
    library.get_preset("mean")
    library.wait()
    assert library.get_preset("mean") is None
    assert "The face mean cannot be worn: There is no preset face 'mean'." in caplog.text
    library.close()
