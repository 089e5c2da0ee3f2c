"""Averages of faces: in one shape, sharp, without what does not belong, and nobody is in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_drawing import HALF_EXTENT, draw_shape
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import LEFT_EYE, LEFT_IRIS_CENTRE, RIGHT_EYE, RIGHT_IRIS_CENTRE
from mirror_training.face_average import average_face, robust_mean
from mirror_training.face_textures import (
    FACE_PX,
    FRONT,
    HEIGHT,
    PortraitPhoto,
    placed,
    symmetric_parameters,
    target_of,
    texture,
)
from mirror_training.portrait_photos import load_portrait_photos, without_repetitions
from mirror_training.preset_groups import CLOSED, GROUP_SIZE, GROUPS, Group, Look, looks, members
from mirror_training.presets import (
    MOST_BYTES,
    PAINTED,
    SHAPES,
    YAWS_DEG,
    _write,
    lengthened,
    make_presets,
    portrait_of,
)

MODEL = shared_shape_model()
SIZE = 192


def made_photo(seed: int, skin: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> PortraitPhoto:
    """A drawn face with known landmarks, its irises in the middle of its eyes."""
    rng = np.random.default_rng(seed)
    parameters = symmetric_parameters(MODEL, rng.normal(size=MODEL.count) * 0.5)
    shape = MODEL.shape(parameters)
    picture = draw_shape(shape, SIZE, background=(200, 60, 60)).astype(np.float32) * skin
    scale = SIZE / (2 * HALF_EXTENT)
    points = np.zeros((478, 3), np.float32)
    points[:468] = Placement(np.eye(3), scale, np.array([SIZE / 2, SIZE / 2, 0.0])).to_image(shape)
    points[:468, 0] += SIZE / 2 - (points[:468, 0].min() + points[:468, 0].max()) / 2
    for eye, iris in ((RIGHT_EYE, RIGHT_IRIS_CENTRE), (LEFT_EYE, LEFT_IRIS_CENTRE)):
        corners = points[eye[[0, len(eye) // 2]]]
        middle, radius = corners.mean(axis=0), 0.23 * np.linalg.norm(corners[0] - corners[1])
        points[iris : iris + 5] = middle + radius * np.array(
            [[0, 0, 0], [1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 1, 0]]
        )
    image = np.clip(picture, 0, 255).astype(np.uint8)
    return PortraitPhoto(
        f"{seed}.jpg", image, points, (0.0, 0.0, float(SIZE), float(SIZE)), parameters, True, 1.0
    )


@pytest.fixture(scope="module")
def photos() -> list[PortraitPhoto]:
    """A dozen drawn faces."""
    return [made_photo(seed) for seed in range(12)]


def test_a_target_is_symmetric_in_the_middle_and_of_the_size_that_is_promised() -> None:
    target = placed(MODEL, np.linspace(-1, 1, MODEL.count))
    assert np.ptp(target.points[:, 1]) == pytest.approx(FACE_PX, abs=2)
    assert target.size[1] == HEIGHT
    mirrored = target.points[opposite_points()[:468]] * (-1, 1, 1) + (target.size[0], 0, 0)
    assert np.allclose(mirrored, target.points, atol=0.5)
    left = placed(MODEL, np.zeros(1), 25.0)
    assert left.points[1, 0] - left.size[0] / 2 > 30  # the nose points to the picture's right
    assert left.points[:, 0].min() > 10
    assert left.points[:, 0].max() < left.size[0] - 10


def test_a_photograph_is_brought_into_another_shape(photos: list[PortraitPhoto]) -> None:
    picture, valid = texture(photos[0], FRONT.points, FRONT.size)
    assert picture.shape == (FRONT.size[1], FRONT.size[0], 3)
    assert valid[FRONT.coverage == 255].mean() > 0.97
    assert not picture[~valid & (FRONT.coverage == 0)].any()
    assert (abs(picture[valid].astype(int) - (200, 60, 60)).sum(axis=1) < 30).mean() < 0.02  # no background

    def at(point: np.ndarray) -> np.ndarray:
        return picture[int(point[1]), int(point[0])].astype(int)

    lips, skin = at((FRONT.points[0] + FRONT.points[11]) / 2), at(FRONT.points[5])
    assert lips[2] - lips[1] > skin[2] - skin[1] + 10
    assert at((FRONT.points[33] + FRONT.points[133]) / 2).max() < 130  # the pupil lies on the pupil


def test_padding_around_a_photograph_does_not_count(photos: list[PortraitPhoto]) -> None:
    half = replace(photos[0], valid_box=(SIZE / 2, 0.0, float(SIZE), float(SIZE)))
    _, valid = texture(half, FRONT.points, FRONT.size)
    middle = FRONT.size[0] // 2
    assert not valid[:, : middle - 30].any()
    assert valid[200:400, middle + 30 : middle + 100].all()


def test_eyes_that_look_aside_are_made_to_look_ahead(photos: list[PortraitPhoto]) -> None:
    straight = photos[1]
    points, image = straight.landmarks.copy(), straight.image.copy()
    corner, other = points[33, :2], points[133, :2]
    shift = 0.15 * (other - corner)
    moved = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(points[RIGHT_EYE, :2]).astype(np.int32)], 255)
    image[mask > 0] = cv2.warpAffine(straight.image, moved, (SIZE, SIZE))[mask > 0]
    points[RIGHT_IRIS_CENTRE : RIGHT_IRIS_CENTRE + 5, :2] += shift
    aside = replace(straight, image=image, landmarks=points)
    place = (FRONT.points[33] + FRONT.points[133]) / 2
    x, y = int(place[0]), int(place[1])
    unknown = aside.landmarks.copy()
    unknown[468:473] = unknown[468]  # an iris without size is left where it is
    eye = np.s_[y - 6 : y + 7, x - 40 : x + 41]
    expected, ahead, left = (
        texture(photo, FRONT.points, FRONT.size)[0][eye].astype(int)
        for photo in (straight, aside, replace(aside, landmarks=unknown))
    )
    assert np.abs(ahead - expected).mean() < 0.4 * np.abs(left - expected).mean()


def test_the_mean_leaves_out_what_is_far_from_the_median_and_what_is_hidden() -> None:
    pictures = [np.full((40, 20, 3), 100 + n % 3, np.uint8) for n in range(11)]
    valid = [np.ones((40, 20), bool) for _ in pictures]
    pictures[0][:20] = 250  # hair
    pictures[1][:20] = 0
    valid[2][:, :10] = False
    pictures[2][:, :10] = 7
    valid_nowhere = [mask.copy() for mask in valid]
    for mask in valid_nowhere:
        mask[39, 19] = False
    mean = robust_mean(pictures, valid_nowhere)
    assert np.abs(mean[:20] - 101).max() < 0.5
    assert np.abs(mean[20:39] - 101).max() < 0.5
    assert mean[39, 19].tolist() == [0, 0, 0]


def test_an_average_is_symmetric_in_natural_colours_and_sharp(photos: list[PortraitPhoto]) -> None:
    target = target_of(photos)
    picture = average_face(photos, target)
    inside = target.coverage == 255
    assert np.abs(picture.astype(int) - picture[:, ::-1]).max() <= 1
    assert not picture[target.coverage == 0].any()
    single, _ = texture(photos[0], target.points, target.size)
    assert picture[inside].mean(axis=0) == pytest.approx(single[inside].mean(axis=0), abs=8)
    edges = [cv2.Laplacian(cv2.GaussianBlur(one, (0, 0), 2), cv2.CV_32F)[inside] for one in (picture, single)]
    assert edges[0].std() > 0.5 * edges[1].std()


def test_what_one_photograph_shows_is_not_in_the_average(photos: list[PortraitPhoto]) -> None:
    target = target_of(photos)
    marked = photos[3].image.copy()
    place = photos[3].landmarks[205].astype(int)  # a cheek
    cv2.circle(marked, (int(place[0]), int(place[1])), 6, (0, 255, 0), -1)
    clean = average_face(photos, target)
    with_mark = average_face([*photos[:3], replace(photos[3], image=marked), *photos[4:]], target)
    x, y = target.points[205, :2].astype(int)
    around = np.s_[y - 12 : y + 13, x - 12 : x + 13]
    assert np.abs(clean[around].astype(int) - with_mark[around]).mean() < 4


def test_the_same_picture_counts_once(photos: list[PortraitPhoto]) -> None:
    brighter = replace(photos[0], name="again.jpg", image=cv2.convertScaleAbs(photos[0].image, alpha=0.9))
    kept = without_repetitions([*photos, brighter])
    assert "again.jpg" not in {photo.name for photo in kept}
    assert photos[0].name in {photo.name for photo in kept}
    assert without_repetitions([]) == []


def test_looks_measure_tone_and_mouth(photos: list[PortraitPhoto]) -> None:
    dark = made_photo(0, (0.6, 0.6, 0.6))
    usual, darker = looks([photos[0], dark])
    assert darker.tone < usual.tone - 30
    assert darker.mouth == usual.mouth
    points = photos[0].landmarks
    assert usual.mouth == pytest.approx(
        np.linalg.norm(points[14, :2] - points[13, :2]) / np.linalg.norm(points[308, :2] - points[78, :2])
    )
    assert usual.lips > 3


def test_groups_take_the_extreme_of_what_they_are_named_for() -> None:
    names = [made_photo(0)] * 400
    seen = [
        Look(mouth=0.5 if n % 4 == 0 else 0.0, tone=float(n), lips=float(-n), beard=0.0) for n in range(400)
    ]
    numbered = [replace(photo, name=str(n)) for n, photo in enumerate(names)]

    def chosen(group: Group) -> list[int]:
        return [int(photo.name) for photo in members(numbered, seen, group)]

    assert chosen(Group("all", "All")) == [n for n in range(400) if n % 4]
    light = chosen(Group("light", "Light", "tone"))
    assert len(light) == GROUP_SIZE
    assert all(seen[n].mouth < CLOSED for n in light)
    assert min(light) >= 400 - GROUP_SIZE * 4 // 3 - 4
    assert max(chosen(Group("dark", "Dark", "tone", lowest=True))) <= GROUP_SIZE * 4 // 3 + 4
    assert {n % 4 for n in chosen(Group("smile", "Smile", "mouth", mouth_closed=False))[:100]} == {0}


def test_a_longer_face_is_longer_and_its_mouth_stays_as_it_was() -> None:
    def ratios(parameters: np.ndarray) -> tuple[float, float]:
        shape = MODEL.shape(parameters)
        length = np.linalg.norm(shape[10] - shape[152]) / np.linalg.norm(shape[234] - shape[454])
        return float(length), float(np.linalg.norm(shape[13] - shape[14]))

    usual = ratios(np.zeros(MODEL.count))
    longer, shorter = ratios(lengthened(MODEL, 3.0)), ratios(lengthened(MODEL, -3.0))
    assert longer[0] > usual[0] * 1.05
    assert shorter[0] < usual[0] * 0.95
    assert longer[1] == pytest.approx(usual[1], abs=0.04)
    assert np.linalg.norm(lengthened(MODEL, 3.0)) == pytest.approx(3)


def test_a_portrait_has_three_views_whose_landmarks_lie_on_what_they_show() -> None:
    points = np.asarray(FRONT.points, np.float32)
    picture = np.zeros((FRONT.size[1], FRONT.size[0], 3), np.uint8)
    picture[:] = (120, 150, 190)
    x, y = points[1, :2].astype(int)
    cv2.circle(picture, (int(x), int(y)), 12, (0, 0, 255), -1)
    portrait = portrait_of("test", "Test", picture, points, np.zeros(MODEL.count))
    assert (portrait.id, portrait.name, portrait.preset) == ("preset:test", "Test", True)
    assert [view.yaw for view in portrait.views] == list(YAWS_DEG)
    for view in portrait.views:
        x, y = view.landmarks[1, :2].astype(int)
        assert abs(view.image[y, x].astype(int) - (0, 0, 255)).sum() < 40  # the nose's tip
        assert view.opacity[y, x] == 255
        assert view.opacity[0].max() == 0
        assert view.image[2, 2] == pytest.approx([120, 150, 190], abs=6)  # colours go on outside
    front, left, right = portrait.views
    assert left.landmarks[1, 0] / left.image.shape[1] > 0.55
    assert right.landmarks[1, 0] / right.image.shape[1] < 0.45
    assert front.landmarks[1, 0] / front.image.shape[1] == pytest.approx(0.5, abs=0.01)


def test_a_file_that_would_be_too_large_is_written_with_less_quality(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (FRONT.size[1], FRONT.size[0], 3)).astype(np.uint8)
    said: list[str] = []
    portrait = portrait_of("noise", "Noise", cv2.GaussianBlur(noise, (0, 0), 1.5), FRONT.points, np.zeros(1))
    path = _write(portrait, tmp_path, said.append)
    assert path.name == "noise.mirrorface"
    assert path.stat().st_size <= MOST_BYTES
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="cannot be written"):
        _write(portrait, tmp_path / "file", said.append)


def test_too_few_photographs_and_missing_data_are_said(
    tmp_path: Path, photos: list[PortraitPhoto], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="is missing"):
        load_portrait_photos(tmp_path)
    monkeypatch.setattr("mirror_training.presets.load_portrait_photos", lambda data, report: photos)
    with pytest.raises(UsageError, match=f"needs {GROUP_SIZE} photographs, not "):
        make_presets(tmp_path, tmp_path, report=lambda _: None)


# ---- the faces that ship


@pytest.mark.parametrize("name", [group.name for group in GROUPS] + list(SHAPES) + list(PAINTED))
def test_every_preset_of_the_recipe_ships(name: str) -> None:
    from mirror_gallery.presets import FOLDER, load_preset

    portrait = load_preset(name)
    assert portrait.preset
    assert [view.yaw for view in portrait.views] == list(YAWS_DEG)
    assert (FOLDER / f"{name}.mirrorface").stat().st_size <= MOST_BYTES
    front = portrait.views[0]
    assert front.image.shape[0] == HEIGHT
    mirrored = front.landmarks[opposite_points()[:468]] * (-1, 1, 1) + (front.image.shape[1], 0, 0)
    assert np.allclose(mirrored, front.landmarks, atol=0.6)
    inside = cv2.erode((front.opacity == 255).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert 0.5 < inside.mean() < 0.9
    if name not in PAINTED:
        blue, green, red = front.image[inside].mean(axis=0)
        assert red > green > blue  # skin, without a grey cast
        assert red - blue > 20
        eye = front.image[tuple(((front.landmarks[33] + front.landmarks[133]) / 2)[:2][::-1].astype(int))]
        assert eye.mean() < 0.5 * front.image[inside].mean()  # a pupil that is not blurred away
        halves = np.abs(front.image.astype(int) - front.image[:, ::-1])[inside]
        assert halves.mean() < 3
