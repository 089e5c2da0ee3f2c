"""Portraits from photographs: the public-domain astronaut in many files, and what is no portrait."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_gallery import photo
from mirror_gallery.photo import NoFaceError, find_faces, read_photograph, view_of_photograph
from mirror_gallery.point_fit import NAMED_POINTS
from mirror_gallery.quality import face_height
from mirror_gallery.testing import posed_face

pytest.importorskip("skimage", reason="scikit-image, with the portrait, is not installed")

FACE_CENTRE, FACE_HEIGHT = (224.0, 123.0), 110.0  # of the mesh's box in the photograph, pixels


@pytest.fixture(scope="module")
def astronaut() -> Image:
    from skimage import data

    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


def encoded(image: Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    PilImage.fromarray(np.ascontiguousarray(image[..., ::-1])).save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`no_search(face, …)`: the models find these faces."""

    def replace(*landmarks: np.ndarray) -> None:
        monkeypatch.setattr(photo, "find_faces", lambda image: list(landmarks))

    return replace


# ---- reading


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_the_usual_files_are_read(astronaut: Image, kind: str) -> None:
    found = read_photograph(encoded(astronaut, kind))
    assert (found.size, found.scale) == ((512, 512), 1.0)
    assert np.abs(found.image.astype(int) - astronaut).mean() < 4


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photograph_is_turned_as_its_camera_was_held(orientation: int) -> None:
    upright = np.zeros((60, 90, 3), np.uint8)
    upright[:20, :30] = (30, 200, 90)
    turns = {3: 2, 6: 1, 8: 3}  # quarter turns counter-clockwise that undo what the orientation says
    exif = PilImage.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(np.rot90(upright, turns[orientation]))
    found = read_photograph(encoded(stored, "JPEG", quality=95, exif=exif))
    assert found.size == (90, 60)
    assert np.abs(found.image.astype(int) - upright).mean() < 4


def test_a_huge_photograph_is_scaled_down(monkeypatch: pytest.MonkeyPatch, astronaut: Image) -> None:
    monkeypatch.setattr(photo, "LARGEST_SIDE_PX", 128)
    found = read_photograph(encoded(astronaut[:256]))
    assert found.size == (512, 256)
    assert found.image.shape == (64, 128, 3)
    assert found.scale == 0.25


def test_what_is_too_large_to_be_read_is_refused(monkeypatch: pytest.MonkeyPatch, astronaut: Image) -> None:
    monkeypatch.setattr(PilImage, "MAX_IMAGE_PIXELS", 100_000)
    with pytest.raises(UsageError, match="megapixels; scale it down"):
        read_photograph(encoded(astronaut))


def test_grey_transparent_and_indexed_pictures_become_plain_colour(astronaut: Image) -> None:
    grey = PilImage.fromarray(astronaut[..., 0])
    clear = PilImage.fromarray(np.dstack([astronaut, np.zeros(astronaut.shape[:2], np.uint8)]), "RGBA")
    indexed = PilImage.fromarray(astronaut).quantize(16)
    for picture in (grey, clear, indexed):
        stream = io.BytesIO()
        picture.save(stream, "PNG")
        assert read_photograph(stream.getvalue()).image.shape == (512, 512, 3)
    stream = io.BytesIO()
    clear.save(stream, "PNG")
    assert (read_photograph(stream.getvalue()).image == 128).all()


def test_what_is_no_picture_is_told_so(astronaut: Image) -> None:
    with pytest.raises(UsageError, match=r"no picture that can be read; JPEG, PNG and WebP are allowed\."):
        read_photograph(b"print('hello')")
    with pytest.raises(UsageError, match="cannot be read"):
        read_photograph(encoded(astronaut)[:20_000])


# ---- finding


@pytest.fixture(scope="module")
def found(astronaut: Image) -> list[np.ndarray]:
    return find_faces(astronaut)


def test_the_face_is_found_where_it_is(found: list[np.ndarray]) -> None:
    (landmarks,) = found
    low, high = landmarks[:468, :2].min(axis=0), landmarks[:468, :2].max(axis=0)
    assert (low + high) / 2 == pytest.approx(FACE_CENTRE, abs=4)
    assert high[1] - low[1] == pytest.approx(FACE_HEIGHT, abs=5)


def test_a_face_that_fills_the_picture_is_found(astronaut: Image, found: list[np.ndarray]) -> None:
    tight = np.ascontiguousarray(astronaut[66:182, 176:272])
    (landmarks,) = find_faces(tight)
    assert landmarks[:468, :2] + (176, 66) == pytest.approx(found[0][:468, :2], abs=6)


def test_the_view_of_a_photograph_is_cut_out(astronaut: Image) -> None:
    view = view_of_photograph(read_photograph(encoded(astronaut)))
    assert face_height(view.landmarks) == pytest.approx(FACE_HEIGHT, abs=6)
    assert abs(view.yaw) < 6
    assert abs(view.roll) < 8
    assert view.opacity.max() == 255
    x, y = view.landmarks[1, :2].astype(int)
    assert view.opacity[y, x] == 255


def test_a_picture_without_a_face_asks_for_points(astronaut: Image) -> None:
    with pytest.raises(NoFaceError, match=r"No face was found in the picture; .* place the points by hand"):
        view_of_photograph(read_photograph(encoded(astronaut[300:])))


def test_two_faces_are_counted(astronaut: Image) -> None:
    with pytest.raises(UsageError, match="shows 2 faces; crop it to one"):
        view_of_photograph(read_photograph(encoded(np.hstack([astronaut, astronaut]))))


def test_a_small_face_behind_a_large_one_does_not_count(
    astronaut: Image, no_search: Callable[..., None]
) -> None:
    near = posed_face(centre=(200, 200), height=200).landmarks
    no_search(near, posed_face(centre=(450, 60), height=60).landmarks)
    assert view_of_photograph(read_photograph(encoded(astronaut))).landmarks.shape == (478, 3)
    no_search(near, posed_face(centre=(400, 120), height=110).landmarks)
    with pytest.raises(UsageError, match="2 faces"):
        view_of_photograph(read_photograph(encoded(astronaut)))


def test_too_small_a_face_is_told_with_what_it_has_and_needs(
    astronaut: Image, no_search: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    no_search(posed_face(centre=(200, 200), height=63).landmarks)
    with pytest.raises(UsageError, match=r"face is 63 px high .* and 96 px or more are needed"):
        view_of_photograph(read_photograph(encoded(astronaut)))
    monkeypatch.setattr(photo, "LARGEST_SIDE_PX", 256)  # in pixels of the person's own file
    no_search(posed_face(centre=(100, 100), height=63).landmarks)
    with pytest.raises(UsageError, match=r"face is 126 px high .* and 192 px or more are needed"):
        view_of_photograph(read_photograph(encoded(astronaut)))


# ---- points placed by hand


def drawing() -> tuple[Image, dict[int, tuple[float, float]]]:
    """A drawn face that no detector finds, and some points on it."""
    face = posed_face(10, centre=(200, 180), height=220)
    picture = np.full((400, 400, 3), 240, np.uint8)
    for index in NAMED_POINTS.values():
        x, y = face.landmarks[index, :2]
        cv2.circle(picture, (int(x), int(y)), 4, (30, 30, 200), -1)
    return picture, {i: tuple(map(float, face.landmarks[i, :2])) for i in NAMED_POINTS.values()}  # type: ignore[misc]


def test_a_drawing_is_stored_by_its_points() -> None:
    picture, points = drawing()
    view = view_of_photograph(read_photograph(encoded(picture)), points)
    assert view.landmarks.shape == (468, 3)
    assert view.yaw == pytest.approx(10, abs=4)
    moved = np.array(points[1]) - view.landmarks[1, :2]
    assert np.array(points[152]) - view.landmarks[152, :2] == pytest.approx(moved, abs=0.1)


def test_points_are_meant_in_pixels_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, points = drawing()
    monkeypatch.setattr(photo, "LARGEST_SIDE_PX", 200)
    view = view_of_photograph(read_photograph(encoded(picture)), points)
    assert face_height(view.landmarks) == pytest.approx(110, rel=0.03)


def test_points_outside_the_picture_are_refused() -> None:
    picture, points = drawing()
    points[10] = (200.0, -3.0)
    points[152] = (200.0, 401.0)
    with pytest.raises(UsageError, match="2 of 17 points lie outside the picture, which has 400 × 400 px"):
        view_of_photograph(read_photograph(encoded(picture)), points)
