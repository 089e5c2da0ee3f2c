"""Drawings of shapes: a face in the middle, turned the right way, with its features where the points are."""

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_tracking.shape_drawing import BACKGROUND, HALF_EXTENT, draw_shape, turned
from mirror_tracking.shape_model import ShapeModel, shared_shape_model
from mirror_tracking.shape_sheet import component_sheet, photo_sheet

MODEL = shared_shape_model()
SIZE = 160


def at(picture, point):
    """The colour where a point of the shape is drawn."""
    x, y = (np.asarray(point[:2]) * SIZE / (2 * HALF_EXTENT) + SIZE / 2).astype(int)
    return picture[y, x].astype(int)


def test_a_face_lies_on_the_background_with_its_features_in_their_colours():
    picture = draw_shape(MODEL.mean, SIZE)
    assert picture.shape == (SIZE, SIZE, 3)
    assert tuple(picture[0, 0]) == tuple(picture[-1, -1]) == BACKGROUND
    skin = at(picture, MODEL.mean[5])
    assert skin[2] > skin[0] > 60  # light and warm
    lips = at(picture, (MODEL.mean[0] + MODEL.mean[11]) / 2)
    assert lips[2] - lips[1] > skin[2] - skin[1] + 15  # redder
    pupil = at(picture, (MODEL.mean[33] + MODEL.mean[133]) / 2)
    assert pupil.max() < 120


def test_an_open_mouth_is_dark_inside():
    is_wide_open = max(
        (MODEL.shape(parameters) for parameters in np.concatenate([3 * np.eye(8), -3 * np.eye(8)])),
        key=lambda shape: shape[14, 1] - shape[13, 1],
    )
    middle = (is_wide_open[13] + is_wide_open[14]) / 2
    assert at(draw_shape(is_wide_open, SIZE), middle).max() < 100


def test_a_turn_to_the_left_brings_the_nose_to_the_picture_s_right():
    nose, ear = MODEL.mean[1], MODEL.mean[234]
    left = turned(MODEL.mean, 30)
    assert left[1, 0] > nose[0] + 0.2
    assert left[234, 0] - left[1, 0] < ear[0] - nose[0]  # the right cheek is seen more fully
    assert turned(MODEL.mean, 0, 20)[1, 1] < nose[1] - 0.1  # up
    straight, aside = draw_shape(MODEL.mean, SIZE), draw_shape(MODEL.mean, SIZE, yaw_deg=30)
    assert not np.array_equal(straight, aside)


def test_wires_are_drawn_on_the_face_only():
    plain, wired = draw_shape(MODEL.mean, SIZE), draw_shape(MODEL.mean, SIZE, wires=True)
    changed = (plain != wired).any(axis=2)
    assert 0.05 < changed.mean() < 0.6
    assert not changed[:2].any()


@pytest.mark.parametrize(
    ("shape", "size"), [(MODEL.mean[:400], 100), (MODEL.mean, 8), (np.full((468, 3), np.nan), 64)]
)
def test_what_cannot_be_drawn_is_refused(shape, size):
    with pytest.raises(ShapeError, match="A drawing needs"):
        draw_shape(shape, size)


def test_the_sheet_shows_every_component():
    few = ShapeModel("pca", MODEL.mean, MODEL.components[:4], MODEL.deviations[:4])
    sheet = component_sheet(few)
    assert np.array_equal(component_sheet(MODEL, 4)[160:260, :700], sheet[160:260, :700])  # up to the texts
    assert sheet.shape[0] > 3 * 180  # the mean and two rows
    assert sheet.shape[1] > 3 * 4 * 180
    used = (sheet != BACKGROUND).any(axis=2)
    assert used[-180:].any()  # also the last row
    assert used[:, -200:].any()
    assert not used[-180:, -200:].any()  # the second row has one component only


def test_a_photograph_s_sheet_shows_it_twice_and_its_parameters():
    photo = np.full((400, 400, 3), (10, 200, 30), np.uint8)
    points = MODEL.mean * 80 + (200, 200, 0)
    sheet = photo_sheet(photo, points.astype(np.float32), MODEL)
    green = (sheet == (10, 200, 30)).all(axis=2)
    assert green[:, :560].sum() > 300 * 300
    assert green[:, 620:1100].sum() > 100 * 100  # under the mesh
    assert sheet.shape[0] > 560 + MODEL.count // 2 * 20
