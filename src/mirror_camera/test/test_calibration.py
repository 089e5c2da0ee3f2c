"""Calibration files and assumed intrinsics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_camera.calibration import calibration_from_fov, load_calibration
from mirror_core.errors import ShapeError, UsageError

GOOD = """
image_width: 640
image_height: 480
camera_name: narrow_stereo
camera_matrix: {rows: 3, cols: 3, data: [500.0, 0, 320, 0, 510.0, 240, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0.1, -0.2, 0.001, 0.002, 0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [490.0, 0, 321, 0, 0, 505.0, 241, 0, 0, 0, 1, 0]}
"""


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "camera.yaml"
    file.write_text(text)
    return file


def test_a_file_of_ros_is_read_whole(tmp_path: Path) -> None:
    calibration = load_calibration("file://" + str(_file(tmp_path, GOOD)))
    assert (calibration.width, calibration.height, calibration.model) == (640, 480, "plumb_bob")
    assert calibration.camera_name == "narrow_stereo"
    assert calibration.camera_matrix.tolist() == [[500, 0, 320], [0, 510, 240], [0, 0, 1]]
    assert calibration.distortion.tolist() == [0.1, -0.2, 0.001, 0.002, 0]
    assert calibration.projection[1].tolist() == [0, 505, 241, 0]


def test_rectification_and_projection_may_be_absent(tmp_path: Path) -> None:
    text = "\n".join(line for line in GOOD.splitlines() if "rectif" not in line and "proj" not in line)
    calibration = load_calibration(_file(tmp_path, text))
    assert np.array_equal(calibration.rectification, np.eye(3))
    assert np.array_equal(calibration.projection[:, :3], calibration.camera_matrix)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("image_width: 640", "image_width: wide", "image_width must be a whole number, not 'wide'"),
        ("image_height: 480", "", "image_height must be a whole number, not None"),
        ("image_height: 480", "image_height: 0", "image size must be 1 × 1 or more, not 640 × 0"),
        ("camera_matrix", "camera", "camera_matrix must have rows, cols and data"),
        ("data: [500.0, 0, ", "data: [500.0, ", "must hold 3 × 3 numbers, not 8"),
        ("data: [500.0,", "data: [far,", "camera_matrix.data must be a list of numbers"),
        ("data: [500.0,", "data: [-5,", "focal lengths above 0"),
        ("data: [500.0,", "data: [.nan,", "finite numbers"),
        ("plumb_bob", "fisheye9", "one of plumb_bob, rational_polynomial, equidistant, not fisheye9"),
        ("plumb_bob", "equidistant", "equidistant takes 4 distortion coefficients, not 5"),
        ("image_width: 640", "{", "is not a YAML file"),
    ],
)
def test_a_bad_entry_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        load_calibration(_file(tmp_path, GOOD.replace(old, new, 1)))


@pytest.mark.parametrize("text", ["", "just words", "- 1\n- 2\n"])
def test_a_file_without_entries_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no entries"):
        load_calibration(_file(tmp_path, text))


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.yaml cannot be read \(No such file or directory\)"):
        load_calibration(tmp_path / "none.yaml")


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(5, 170))
def test_the_assumed_camera_has_the_field_of_view_asked_for(width: int, height: int, fov: float) -> None:
    calibration = calibration_from_fov(width, height, fov)
    assert calibration.horizontal_fov_deg == pytest.approx(fov)
    assert calibration.camera_matrix[:2, 2].tolist() == [(width - 1) / 2, (height - 1) / 2]
    assert not calibration.distortion.any()


@given(st.floats(0.2, 5.0), st.floats(-1, 1), st.floats(-1, 1))
def test_scaling_keeps_every_ray(factor: float, x: float, y: float) -> None:
    whole = calibration_from_fov(1280, 720)
    scaled = whole.scaled_to(round(1280 * factor), round(720 * factor))
    ray = np.array([x, y, 1.0])
    u, v, _ = whole.camera_matrix @ ray
    expected_u = (u + 0.5) * scaled.width / 1280 - 0.5
    expected_v = (v + 0.5) * scaled.height / 720 - 0.5
    assert (scaled.camera_matrix @ ray)[:2] == pytest.approx([expected_u, expected_v])
    assert (scaled.projection @ [*ray, 1.0])[:2] == pytest.approx([expected_u, expected_v])


@pytest.mark.parametrize("fov", [0.0, 180.0, float("nan")])
def test_an_impossible_field_of_view_is_refused(fov: float) -> None:
    with pytest.raises(UsageError, match="allowed is 1 … 179 degrees"):
        calibration_from_fov(640, 480, fov)


def test_an_impossible_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="not 0 × 480"):
        calibration_from_fov(0, 480)
