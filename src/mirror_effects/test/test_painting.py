"""The painters: the committed presets are what they paint, at any size, every time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.mask_names import PRESETS
from mirror_effects.mask_texture import read_preset
from mirror_effects.painting import paint
from mirror_effects.painting.noise import cells, clouds, flow_lines, grain
from mirror_effects.painting.relief import diffuse, relief
from mirror_effects.painting.shapes import depth_inside, fill, stroke
from mirror_effects.uv_chart import FACE_OUTLINE

SMALL = 256
SQUARE = ((200.0, 200.0), (800.0, 200.0), (800.0, 600.0), (200.0, 600.0))


def on_grey(texture: np.ndarray) -> np.ndarray:
    opacity = texture[..., 3:].astype(np.float32) / 255
    return texture[..., :3] * opacity + 128 * (1 - opacity)


@pytest.mark.parametrize("name", ["kabuki", "gold", "robot"])
def test_painting_again_gives_the_committed_mask(name: str) -> None:
    small = on_grey(paint(name, SMALL))
    committed = cv2.resize(on_grey(read_preset(name)), (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    # A small painting has coarser grain; shapes and colours are the same.
    near = [cv2.GaussianBlur(picture, (0, 0), 3) for picture in (small, committed)]
    assert np.abs(near[0] - near[1]).mean() < 6
    assert np.corrcoef(near[0].ravel(), near[1].ravel())[0, 1] > 0.97


def test_painting_twice_gives_the_same() -> None:
    np.testing.assert_array_equal(paint("marble", 128), paint("marble", 128))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_end_at_the_face_and_are_painted_within(name: str) -> None:
    opacity = read_preset(name)[..., 3]
    depth = depth_inside(1024, FACE_OUTLINE)
    assert (opacity[depth < -6] <= 2).all()
    assert opacity[depth > 60].mean() > 240


def test_presets_are_all_different() -> None:
    small = {
        name: cv2.resize(on_grey(read_preset(name)), (16, 16), interpolation=cv2.INTER_AREA)
        for name in PRESETS
    }
    assert len(small) >= 8
    for name, picture in small.items():
        nearest = min(np.abs(picture - other).mean() for key, other in small.items() if key != name)
        assert nearest > 10, name


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(UsageError, match=r"plumber is not a preset mask: allowed are gold, "):
        paint("plumber", 64)


def test_relief_has_the_nose_in_front_and_is_lit_from_above() -> None:
    head = relief(SMALL)
    tip = head.position[518 * SMALL // 1024, SMALL // 2, 2]
    assert tip > head.position[518 * SMALL // 1024, SMALL // 8, 2] + 20
    np.testing.assert_allclose(np.linalg.norm(head.normal[2:-2, 2:-2], axis=2), 1, atol=1e-3)
    light = diffuse(head.normal)
    assert (
        light[SMALL // 8, SMALL // 2] > light[590 * SMALL // 1024, SMALL // 2] + 0.3
    )  # forehead, under the nose


def test_shapes_have_the_stated_size_at_every_resolution() -> None:
    for size in (128, 512):
        unit = 1024 / size
        assert fill(size, SQUARE).sum() * unit**2 == pytest.approx(600 * 400, rel=0.03)
        line = stroke(size, ((200, 500), (800, 500)), 40.0)
        assert line.sum() * unit**2 == pytest.approx(600 * 40 + np.pi * 400, rel=0.11)
        depth = depth_inside(size, SQUARE)
        assert depth[round(400 / unit), size // 2] == pytest.approx(200, abs=2 * unit)
        assert depth[round(900 / unit), size // 2] == pytest.approx(-300, abs=2 * unit)


def test_clouds_are_the_same_at_every_resolution() -> None:
    small, large = clouds(128, 5, 300, 2), clouds(512, 5, 300, 2)
    np.testing.assert_allclose(small, cv2.resize(large, (128, 128), interpolation=cv2.INTER_AREA), atol=0.03)


def test_cells_meet_where_their_seeds_are_equally_far() -> None:
    first, border, owner = cells(256, 3, 120)
    differs = owner[:, 1:] != owner[:, :-1]
    assert border[:, 1:][differs].max() < 8
    assert (first >= 0).all()
    assert (border >= 0).all()


def test_flow_lines_smear_along_the_flow_only() -> None:
    one, zero = np.ones((256, 256), np.float32), np.zeros((256, 256), np.float32)
    lines = flow_lines(grain(256, 1), one, zero, 40)
    assert np.abs(np.diff(lines, axis=1)).mean() < 0.3 * np.abs(np.diff(lines, axis=0)).mean()
