"""The compiled fill draws what numpy draws, and is there where it could be built."""

import os
import shutil

import numpy as np
import pytest

from mirror_effects import mesh_canvas
from mirror_effects.mesh_warp import MeshWarper
from mirror_effects.native_fill import VARIABLE, native_fill
from mirror_effects.uv_chart import UV_POINTS
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FILLED_TRIANGLES

SIZE = (320, 300)


@pytest.fixture
def native():
    fill = native_fill()
    if fill is None:
        pytest.skip("the compiled fill was not built: there is no C compiler, or MIRROR_NATIVE is 0")
    return fill


def test_the_build_has_compiled_the_fill_where_there_is_a_compiler():
    if shutil.which("cc") is None or os.environ.get(VARIABLE) == "0":
        pytest.skip("there is no C compiler, or MIRROR_NATIVE is 0")
    assert native_fill() is not None


def head(yaw: float, roll: float = 0.0, scale: float = 1400.0):
    """The mean head as a camera sees it, float32 [478, 3] in pixels."""
    points = np.stack([mean_face()[:, 1], -mean_face()[:, 2], -mean_face()[:, 0]], axis=1).astype(np.float64)
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    points = points @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T
    cos, sin = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    points = points @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]).T
    return (points * scale + (160, 130, 0)).astype(np.float32)


def both(monkeypatch, warper, points):
    compiled = warper.map(points, SIZE)
    monkeypatch.setattr(mesh_canvas, "native_fill", lambda: None)
    return compiled, warper.map(points, SIZE)


@pytest.mark.parametrize("yaw", [0, 35, -70])
@pytest.mark.parametrize("scale", [300.0, 1400.0, 4000.0])
def test_a_head_is_mapped_as_numpy_maps_it(native, monkeypatch, yaw, scale):
    compiled, plain = both(monkeypatch, MeshWarper(UV_POINTS, FILLED_TRIANGLES), head(yaw, 12.0, scale))
    assert (compiled.x0, compiled.y0) == (plain.x0, plain.y0)
    assert plain.coverage.any()
    differs = np.abs(compiled.coverage.astype(int) - plain.coverage) > 1
    # Where a fold lies in front of the outline, numpy draws the outline's softness last.
    assert differs.sum() <= (0 if abs(yaw) < 60 else 4)
    np.testing.assert_allclose(compiled.map_x, plain.map_x, atol=0.02)
    np.testing.assert_allclose(compiled.map_y, plain.map_y, atol=0.02)


def test_any_triangles_are_mapped_as_numpy_maps_them(native, monkeypatch):
    rng = np.random.default_rng(5)
    for _ in range(40):
        points = rng.uniform(-80, 400, (30, 2))
        points[:6] = np.round(points[:6]) + rng.choice([0.0, 0.5], (6, 2))  # corners on centres and on edges
        triangles = rng.integers(0, 30, (20, 3))
        warper = MeshWarper(rng.uniform(0, 64, (30, 2)), triangles)
        with monkeypatch.context() as context:
            compiled, plain = both(context, warper, points)
        assert compiled.coverage.shape == plain.coverage.shape
        assert ((compiled.coverage > 0) == (plain.coverage > 0)).all()
        np.testing.assert_allclose(compiled.coverage.astype(int), plain.coverage, atol=1)
        # Slivers have texture gradients of thousands of pixels a pixel: relative, as float32 is.
        np.testing.assert_allclose(compiled.map_x, plain.map_x, rtol=1e-3, atol=0.05)
        np.testing.assert_allclose(compiled.map_y, plain.map_y, rtol=1e-3, atol=0.05)
