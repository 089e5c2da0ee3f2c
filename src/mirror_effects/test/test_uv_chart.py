"""The UV chart: nothing overlaps, and it looks like a face."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mirror_effects.uv_chart import FACE_OUTLINE, HOLES, OUTLINES, TEXTURE_SIZE, UV_POINTS
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FILLED_TRIANGLES

LEAST_AREA_PX = 15.0  # the smallest triangle, in a nostril


def doubled_areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, i]].astype(np.float64) for i in range(3))
    return (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]


def test_no_triangle_is_flipped_or_without_area() -> None:
    # All counter-clockwise as seen (y points down), so that the chart folds nowhere.
    assert (doubled_areas(UV_POINTS, FILLED_TRIANGLES) < -2 * LEAST_AREA_PX).all()


def test_triangles_do_not_overlap() -> None:
    # Folded nowhere and filling exactly what the outline encloses: no pixel is used twice.
    x, y = FACE_OUTLINE.astype(np.float64).T
    enclosed = abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    filled = -doubled_areas(UV_POINTS, FILLED_TRIANGLES).sum()
    assert filled == pytest.approx(enclosed, rel=1e-4)


def test_the_face_fills_most_of_the_texture_and_stays_inside_it() -> None:
    assert UV_POINTS.shape == (468, 2)
    assert UV_POINTS.dtype == np.float32
    assert UV_POINTS.min() >= 24
    assert UV_POINTS.max() <= TEXTURE_SIZE - 24
    assert -doubled_areas(UV_POINTS, FILLED_TRIANGLES).sum() / 2 > 0.7 * TEXTURE_SIZE**2


def test_both_halves_mirror_each_other() -> None:
    swapped = UV_POINTS * (-1, 1) + (TEXTURE_SIZE, 0)
    distance = np.linalg.norm(swapped[:, None] - UV_POINTS[None], axis=2).min(axis=1)
    assert distance.max() < 0.01


def test_sides_keep_their_share_of_the_surface() -> None:
    # A cheek seen from the front is squeezed; on the chart no region loses more than two thirds.
    head = mean_face()[:468].astype(np.float64)
    a, b, c = (head[FILLED_TRIANGLES[:, i]] for i in range(3))
    surface = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    ratio = -doubled_areas(UV_POINTS, FILLED_TRIANGLES) / surface
    beside = np.abs(UV_POINTS[FILLED_TRIANGLES, 0].mean(axis=1) - 512) > 380
    assert np.median(ratio[beside]) > np.median(ratio) / 3


def test_outlines_lie_as_the_camera_sees_them() -> None:
    right, left = (OUTLINES[name].mean(axis=0) for name in ("right_eye", "left_eye"))
    mouth, brow = OUTLINES["mouth"].mean(axis=0), OUTLINES["right_brow"].mean(axis=0)
    assert right[0] < 512 < left[0]
    assert brow[1] < right[1] < mouth[1]
    assert {name: len(parts) for name, parts in HOLES.items()} == {"eyes": 2, "mouth": 1}
    assert OUTLINES["mouth"][:, 1].max() - OUTLINES["mouth"][:, 1].min() > 30  # room to paint teeth


def test_the_tool_makes_the_committed_chart() -> None:
    path = Path(__file__).parents[1] / "tools" / "make_uv_chart.py"
    spec = importlib.util.spec_from_file_location("make_uv_chart", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    np.testing.assert_allclose(tool.unrolled(mean_face()[:468]), UV_POINTS, atol=0.01)
