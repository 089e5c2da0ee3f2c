"""The mesh warp: exact inside triangles, no cracks, nothing behind, nothing outside, steady."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_effects.mesh_warp import MeshWarper, WarpMap
from mirror_effects.texture_pyramid import TexturePyramid
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FACE_OVAL, FILLED_TRIANGLES, MESH_TRIANGLES

TEXTURE_PX = 1024


def grid_mesh(columns: int = 5, rows: int = 4, size: float = 100.0) -> tuple[np.ndarray, np.ndarray]:
    """Points of a regular grid over size × size and its triangles."""
    x, y = np.meshgrid(np.linspace(0, size, columns), np.linspace(0, size, rows))
    triangles = []
    for r in range(rows - 1):
        for c in range(columns - 1):
            a, b, d, e = (
                r * columns + c,
                r * columns + c + 1,
                (r + 1) * columns + c,
                (r + 1) * columns + c + 1,
            )
            triangles += [(a, b, d), (b, e, d)]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32), np.array(triangles, np.int32)


def face_points(size: float = 300.0, x: float = 320.0, y: float = 240.0, turn: float = 0.0) -> np.ndarray:
    """float32 [468, 3], the mean face turned by `turn` radians about the vertical axis."""
    head = mean_face()[:468].astype(np.float64)  # x forward, y to the person's left, z up
    points = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1)
    points -= points.mean(axis=0)
    points *= size / np.ptp(points[:, 1])
    cos, sin = np.cos(turn), np.sin(turn)
    across, depth = cos * points[:, 0] + sin * points[:, 2], cos * points[:, 2] - sin * points[:, 0]
    return np.stack([across + x, points[:, 1] + y, depth], axis=1).astype(np.float32)


def texture_points() -> np.ndarray:
    points = face_points(0.9 * TEXTURE_PX, TEXTURE_PX / 2, TEXTURE_PX / 2)
    return np.ascontiguousarray(points[:, :2])


def inside(warp_map: WarpMap) -> np.ndarray:
    return warp_map.map_x > -2


def pixel_centres(warp_map: WarpMap) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = warp_map.coverage.shape
    x, y = np.meshgrid(np.arange(columns) + warp_map.x0 + 0.5, np.arange(rows) + warp_map.y0 + 0.5)
    return x, y


@settings(max_examples=60, deadline=None)
@example(angle=1e-300, zoom=1.0, shear=0.0, shift=(0.0, 0.0), size=(1, 1))  # edges that rise by 1e-298
@given(
    angle=st.floats(-3.1, 3.1),
    zoom=st.floats(0.3, 3.0),
    shear=st.floats(-0.5, 0.5),
    shift=st.tuples(st.floats(-80, 200), st.floats(-80, 200)),
    size=st.tuples(st.integers(1, 160), st.integers(1, 160)),
)
def test_an_affine_motion_of_the_mesh_gives_exactly_that_affine_map(
    angle: float, zoom: float, shear: float, shift: tuple[float, float], size: tuple[int, int]
) -> None:
    texture, triangles = grid_mesh()
    cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
    matrix = np.array([[cos, -sin + shear * zoom], [sin, cos]])
    points = texture @ matrix.T + shift
    warp_map = MeshWarper(texture, triangles).map(points, size)
    x, y = pixel_centres(warp_map)
    chosen = inside(warp_map)
    expected = np.linalg.solve(matrix, np.stack([x[chosen] - shift[0], y[chosen] - shift[1]]))
    np.testing.assert_allclose(warp_map.map_x[chosen] + 0.5, expected[0], atol=2e-3)
    np.testing.assert_allclose(warp_map.map_y[chosen] + 0.5, expected[1], atol=2e-3)
    whole_x, whole_y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    u, v = np.linalg.solve(matrix, np.stack([whole_x.ravel() - shift[0], whole_y.ravel() - shift[1]]))
    margin = 1e-4
    surely = (np.minimum(u, v) > margin) & (np.maximum(u, v) < 100 - margin)
    perhaps = (np.minimum(u, v) > -margin) & (np.maximum(u, v) < 100 + margin)
    assert surely.sum() <= chosen.sum() <= perhaps.sum(), "every pixel whose centre is inside, and no other"


@pytest.mark.parametrize("turn", [0.0, 0.45, -0.45])
def test_the_map_of_a_turned_face_is_the_piecewise_affine_one(turn: float) -> None:
    texture, points = texture_points(), face_points(turn=turn)
    warp_map = MeshWarper(texture, MESH_TRIANGLES).map(points, (640, 480))
    x, y = pixel_centres(warp_map)
    agreements = []
    for corners in MESH_TRIANGLES:
        matrix = np.vstack([points[corners, :2].T.astype(float), np.ones(3)])
        if np.linalg.det(matrix) > -4:  # seen from behind, or a sliver
            continue
        weights = np.einsum("ij,jhw->ihw", np.linalg.inv(matrix), np.stack([x, y, np.ones_like(x)]))
        within = (weights > 0.02).all(axis=0)
        exact = np.einsum("ij,ihw->jhw", texture[corners].astype(float), weights)[:, within] - 0.5
        found = np.stack([warp_map.map_x[within], warp_map.map_y[within]])
        agreements.append(np.abs(found - exact).max(axis=0) < 0.01)
    agrees = np.concatenate(agreements)
    assert agrees.size > 20_000
    assert agrees.mean() > 0.98, "all but what the nose hides"


def test_a_frontal_face_is_covered_without_cracks() -> None:
    warp_map = MeshWarper(texture_points(), FILLED_TRIANGLES).map(face_points(), (640, 480))
    outline = np.zeros((480, 640), np.uint8)
    oval = face_points()[FACE_OVAL, :2]
    cv2.fillPoly(outline, [np.rint((oval - 0.5) * 16).astype(np.int32)], 255, shift=4)
    rows, columns = warp_map.coverage.shape
    expected = outline[warp_map.y0 : warp_map.y0 + rows, warp_map.x0 : warp_map.x0 + columns]
    core = cv2.erode(expected, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    assert (warp_map.coverage[core > 0] == 255).all()
    grown = cv2.dilate(expected, np.ones((3, 3), np.uint8))
    assert not warp_map.coverage[grown == 0].any()


def test_eyes_and_mouth_are_open_in_a_mesh_that_is() -> None:
    points = face_points()
    warp_map = MeshWarper(texture_points(), MESH_TRIANGLES).map(points, (640, 480))
    eye = points[[33, 133, 159, 145], :2].mean(axis=0).astype(int) - (warp_map.x0, warp_map.y0)
    cheek = points[50, :2].astype(int) - (warp_map.x0, warp_map.y0)
    assert warp_map.coverage[eye[1], eye[0]] == 0
    assert warp_map.coverage[cheek[1], cheek[0]] == 255


def test_triangles_that_turn_their_back_are_not_drawn() -> None:
    warper = MeshWarper(texture_points(), FILLED_TRIANGLES)
    seen = int(inside(warper.map(face_points(), (640, 480))).sum())
    mirrored = face_points()
    mirrored[:, 0] = 640 - mirrored[:, 0]
    from_behind = int(inside(warper.map(mirrored, (640, 480))).sum())
    assert seen > 40_000
    assert from_behind < 0.01 * seen


def test_the_nearer_triangle_wins_where_the_mesh_folds_over_itself() -> None:
    texture = np.array([[0, 0], [10, 0], [0, 10], [20, 20], [30, 20], [20, 30]], np.float32)
    triangles = np.array([[0, 1, 2], [3, 4, 5]], np.int32)
    warper = MeshWarper(texture, triangles)
    points = np.array([[0, 0, 0], [40, 0, 0], [0, 40, 0]] * 2, np.float32)
    for near in (0, 1):
        points[3 * near : 3 * near + 3, 2] = -5.0
        points[3 - 3 * near : 6 - 3 * near, 2] = 5.0
        found = warper.map(points, (40, 40))
        drawn = found.map_x[inside(found)]
        assert (drawn >= 19).all() if near else ((drawn > -2) & (drawn <= 10)).all()


def test_hidden_triangles_leave_a_hole() -> None:
    texture, triangles = grid_mesh()
    hidden = np.zeros(len(triangles), np.bool_)
    hidden[8:10] = True
    whole = MeshWarper(texture, triangles).map(texture, (100, 100))
    holed = MeshWarper(texture, triangles).map(texture, (100, 100), hidden=hidden)
    assert inside(whole).sum() - inside(holed).sum() == pytest.approx(25 * 100 / 3, rel=0.05)


def test_a_still_face_gets_the_identical_map() -> None:
    warper, points = MeshWarper(texture_points(), FILLED_TRIANGLES), face_points(turn=0.3)
    first = warper.map(points, (640, 480))
    warper.map(face_points(turn=-0.3), (640, 480))  # nothing of it may be remembered
    second = warper.map(points.copy(), (640, 480))
    for name in ("map_x", "map_y", "coverage"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def rendered(warper: MeshWarper, texture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The texture on the mesh, alone in a picture of 640 × 480."""
    warp_map = warper.map(points, (640, 480))
    picture = np.zeros((480, 640, texture.shape[2]), np.uint8)
    rows, columns = warp_map.coverage.shape
    top, left = warp_map.y0, warp_map.x0
    picture[top : top + rows, left : left + columns] = warper.warp(texture, warp_map)
    return picture


@pytest.mark.parametrize("shift", [(0.25, 0.0), (0.5, 0.5), (3.3, -2.7)])
def test_a_fractional_shift_of_the_points_shifts_the_picture_by_it(shift: tuple[float, float]) -> None:
    texture = np.zeros((TEXTURE_PX, TEXTURE_PX, 3), np.uint8)
    cv2.circle(texture, (512, 512), 150, (255, 255, 255), -1)
    texture = cv2.GaussianBlur(texture, (0, 0), 25)
    warper, points = MeshWarper(texture_points(), FILLED_TRIANGLES), face_points()

    def centroid(offset: tuple[float, float]) -> np.ndarray:
        moved = points + np.array([*offset, 0], np.float32)
        weights = rendered(warper, texture, moved)[..., 0].astype(float)
        rows, columns = np.mgrid[:480, :640]
        return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()

    assert centroid(shift) - centroid((0.0, 0.0)) == pytest.approx(shift, abs=0.03)


def test_the_outline_moves_by_fractions_of_a_pixel() -> None:
    warper, points = MeshWarper(texture_points() / 128, FILLED_TRIANGLES), face_points()
    texture = np.full((8, 8, 4), 255, np.uint8)

    def left_edge(offset: float) -> float:
        opacity = rendered(warper, texture, points + np.float32([offset, 0, 0]))[..., 3]
        return float((255 - opacity[200:280, :320].astype(float)).sum(axis=1).mean() / 255)

    moved = [left_edge(offset) - left_edge(0.0) for offset in (0.2, 0.4, 0.6, 0.8)]
    assert moved == pytest.approx([0.2, 0.4, 0.6, 0.8], abs=0.12)


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    centre=st.tuples(st.floats(-200, 300), st.floats(-200, 300)),
    scale=st.floats(1, 400),
    turn=st.floats(-1.2, 1.2),
)
def test_any_face_in_any_picture_gives_finite_maps_inside_it(
    size: tuple[int, int], centre: tuple[float, float], scale: float, turn: float
) -> None:
    warper = MeshWarper(texture_points(), FILLED_TRIANGLES)
    warp_map = warper.map(face_points(scale, *centre, turn), size)
    rows, columns = warp_map.coverage.shape
    assert 0 <= warp_map.x0 <= warp_map.x0 + columns <= size[0]
    assert 0 <= warp_map.y0 <= warp_map.y0 + rows <= size[1]
    assert np.isfinite(warp_map.map_x).all()
    assert np.isfinite(warp_map.map_y).all()
    assert not warp_map.coverage[~inside(warp_map)].any()
    covered = warp_map.map_x[inside(warp_map)]
    assert ((covered >= -0.6) & (covered <= TEXTURE_PX)).all()
    texture = np.full((TEXTURE_PX, TEXTURE_PX, 3), 9, np.uint8)
    assert warper.warp(texture, warp_map).shape == (rows, columns, 3)


@pytest.mark.parametrize("magnitude", [1e5, 1e12, 3e38])
def test_huge_coordinates_are_clipped_to_the_picture(magnitude: float) -> None:
    points = face_points(2.0, 0.0, 0.0) * np.float32(magnitude / 2)
    warp_map = MeshWarper(texture_points(), FILLED_TRIANGLES).map(points, (64, 48))
    assert warp_map.coverage.shape[0] <= 48
    assert warp_map.coverage.shape[1] <= 64
    assert np.isfinite(warp_map.map_x).all()


def test_a_mesh_folded_everywhere_needs_no_more_memory_than_some_pictures() -> None:
    import tracemalloc

    random = np.random.default_rng(0)
    points = random.uniform(-1e4, 1e4, (468, 3)).astype(np.float32)  # each triangle about covers the picture
    warper = MeshWarper(texture_points(), FILLED_TRIANGLES)
    tracemalloc.start()
    warp_map = warper.map(points, (320, 240))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert inside(warp_map).mean() > 0.5
    assert peak < 60e6, "a batch holds a few pictures, not one for each triangle"


def test_wrong_input_is_refused_with_what_was_expected() -> None:
    warper = MeshWarper(texture_points(), FILLED_TRIANGLES)
    points = face_points()
    with pytest.raises(ShapeError, match=r"468 or more"):
        warper.map(points[:100], (64, 48))
    points[3, 1] = np.nan
    with pytest.raises(ShapeError, match="finite"):
        warper.map(points, (64, 48))
    with pytest.raises(ShapeError, match=r"bool \[898\]"):
        warper.map(face_points(), (64, 48), hidden=np.zeros(3, np.bool_))
    with pytest.raises(ShapeError, match="triangles must name points"):
        MeshWarper(texture_points()[:10], FILLED_TRIANGLES)


def test_opacity_includes_the_coverage() -> None:
    texture, triangles = grid_mesh()
    picture = np.full((100, 100, 4), 200, np.uint8)
    warper = MeshWarper(texture, triangles)
    warp_map = warper.map(texture * 0.5 + 10.5, (80, 80))
    warped = warper.warp(picture, warp_map)
    core = warp_map.coverage == 255
    assert (warped[core, 3] >= 199).mean() > 0.95
    assert not warped[warp_map.coverage == 0, 3].any()


def test_a_small_face_shows_the_mean_of_a_fine_texture() -> None:
    checks = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pyramid = TexturePyramid(np.dstack([checks] * 3))
    texture, triangles = grid_mesh(size=512.0)
    warper = MeshWarper(texture, triangles)
    warped = warper.warp(pyramid, warper.map(texture / 8 + 5.3, (90, 90)))
    core = warped[8:-8, 8:-8]
    assert np.abs(core.astype(int) - 127).max() <= 3


@pytest.mark.parametrize("level_scale", [1.0, 2.0, 4.0])
def test_all_levels_of_a_pyramid_show_a_texture_in_the_same_place(level_scale: float) -> None:
    ramp = np.tile(np.linspace(0, 255, 512), (512, 1)).astype(np.uint8)
    pyramid = TexturePyramid(np.dstack([ramp] * 3))
    level, shrink = pyramid.level_for(level_scale)
    assert shrink == level_scale
    texture, triangles = grid_mesh(size=512.0)
    warper = MeshWarper(texture, triangles)
    warp_map = warper.map(texture / level_scale, (512, 512))
    middle = warper.warp(pyramid, warp_map)[warp_map.coverage.shape[0] // 2, :, 0].astype(float)
    x = (np.arange(len(middle)) + 0.5) * level_scale
    expected = np.interp(x, np.arange(512) + 0.5, ramp[0])
    assert np.abs(middle - expected)[4:-4].max() <= 1.5
    assert level.shape[0] == 512 / level_scale


def test_transparent_places_lend_no_colour_to_the_edges_beside_them() -> None:
    texture = np.zeros((256, 256, 4), np.uint8)
    texture[:, 128:] = (40, 120, 220, 255)
    for level in TexturePyramid(texture).levels:
        visible = level[..., 3] > 0
        assert np.abs(level[visible][:, :3].astype(int) - (40, 120, 220)).max() <= 2
        beside = level[:, max(0, level.shape[1] // 2 - 1), :3].astype(int)
        assert np.abs(beside - (40, 120, 220)).max() <= 4
