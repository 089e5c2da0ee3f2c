"""The points that a person places on a photo: where they start, and files of points."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_gallery.point_fit import fit_mesh
from mirror_tracking.topology import CONTOURS
from mirror_web.face_points import KEY_POINTS, mesh_lines, mesh_of_file, point_name, start_points


def key_points(size: tuple[int, int]) -> dict[int, tuple[float, float]]:
    return {point.index: (point.x, point.y) for point in start_points(size)}


@pytest.mark.parametrize("size", [(640, 480), (300, 900)])
def test_the_points_start_as_an_upright_face_in_the_middle(size):
    points = key_points(size)
    placed = np.array(list(points.values()))
    assert (placed > 0).all() and (placed < size).all()
    middle = (placed.min(axis=0) + placed.max(axis=0)) / 2
    assert np.abs(middle - np.array(size) / 2).max() < 0.05 * min(size)
    assert points[10][1] < points[159][1] < points[145][1] < points[1][1] < points[0][1] < points[152][1]
    assert points[234][0] < points[33][0] < points[133][0] < points[362][0] < points[454][0]


def test_eyes_nose_mouth_chin_and_outline_have_points():
    names = [point_name(index) for index in KEY_POINTS]
    words = " ".join(names).lower()
    for part in ("eye", "nose", "mouth", "lip", "chin", "jaw", "forehead", "edge of the face"):
        assert part in words
    assert len(set(names)) == len(KEY_POINTS)


def test_the_whole_mesh_goes_through_the_points_that_were_placed():
    points = key_points((640, 480))
    points[61] = (points[61][0] - 12.0, points[61][1] + 9.0)
    mesh = fit_mesh(points)
    for index, place in points.items():
        assert mesh[index, :2] == pytest.approx(place, abs=0.5)


def test_the_lines_are_the_meshs_outlines_without_irises():
    mesh = fit_mesh(key_points((640, 480)))
    lines = mesh_lines(mesh)
    assert len(lines) == len(CONTOURS) - 2
    assert lines[0] == np.round(mesh[CONTOURS["face_oval"], :2], 1).tolist()


def test_a_file_of_points_follows_the_photo_where_it_was_shrunk():
    points = key_points((640, 480))
    text = json.dumps({str(index): place for index, place in points.items()})
    mesh = mesh_of_file(text, "ada.json", (640, 480), (320, 240))
    assert mesh.shape == (468, 2) and mesh.dtype == np.float32
    assert mesh[152] == pytest.approx(np.array(points[152]) / 2, abs=0.5)


def test_a_whole_mesh_in_a_file_is_taken_as_it_is():
    whole = np.random.default_rng(1).uniform(0, 400, (468, 2)).round(2)
    text = "x,y\n" + "\n".join(f"{x},{y}" for x, y in whole)
    assert mesh_of_file(text, "mesh.CSV", (400, 400), (400, 400)) == pytest.approx(whole, abs=1e-3)


@pytest.mark.parametrize("text", ["", "{", '{"chin": [1, 2]}', "[[1, 2]]"])
def test_a_file_that_holds_something_else_is_refused_by_name(text):
    with pytest.raises(UsageError, match=r"^The points file ada\.json: "):
        mesh_of_file(text, "ada.json", (640, 480), (640, 480))
