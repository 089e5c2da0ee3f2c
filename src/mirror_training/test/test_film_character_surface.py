"""The film character's surface: lofts, skinning, and the depth buffer, with known answers."""

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_training.film_character.angles import SIDES, BodyState
from mirror_training.film_character.coat import SKIRT
from mirror_training.film_character.figure import REST, detective, rest_bones
from mirror_training.film_character.lofts import grid, interpolated, rings, smoothstep
from mirror_training.film_character.mesh import Part, join
from mirror_training.film_character.raster import depth_map, facing, seen
from mirror_training.film_character.skeleton import BONE_INDEX, forward
from mirror_training.film_character.skinning import Skin, vertex_normals

SIZE = 40


def cylinder(ends=True):
    return grid(
        rings(np.array([(0.0, 1.0, 1.0, -1.0), (2.0, 1.0, 1.0, -1.0)]), 48), first_end=ends, last_end=ends
    )


def volume(vertices, triangles):
    """Of a closed surface, positive if its triangles are counter-clockwise from outside."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def test_a_loft_is_closed_and_looks_outwards():
    vertices, triangles, texture = cylinder()
    assert volume(vertices, triangles) == pytest.approx(2.0 * np.pi, rel=0.01)
    assert texture.min() >= 0.0
    assert texture.max() <= 1.0
    assert texture[:49, 1] == pytest.approx(1.0)  # the lowest ring is at the picture's foot


def test_interpolation_meets_its_table_and_does_not_overshoot():
    table = interpolated([(0.0, 1.0), (1.0, 1.0), (2.0, 3.0)], 201)
    assert table[[0, 100, 200], 1] == pytest.approx([1.0, 1.0, 3.0])
    assert table[:101, 1] == pytest.approx(1.0)
    assert smoothstep(1.0, 3.0, np.array([0.0, 2.0, 9.0])) == pytest.approx([0.0, 0.5, 1.0])


def test_normals_of_a_tube_point_away_from_its_axis_across_the_seam_too():
    vertices, triangles, texture = cylinder(ends=False)
    mesh = join([Part(vertices, triangles, texture, {"head": 1.0}, "skin")])
    normals = vertex_normals(mesh, mesh.vertices)
    away = vertices * (1.0, 0.0, 1.0)
    assert normals == pytest.approx(away / np.linalg.norm(away, axis=1, keepdims=True), abs=0.03)


def test_a_part_with_wrong_arrays_is_refused():
    vertices, triangles, texture = cylinder()
    with pytest.raises(ShapeError, match="vertices \\[v, 3\\]"):
        Part(vertices, triangles, texture[:3], {"head": 1.0}, "skin")
    with pytest.raises(ShapeError, match="name vertices below"):
        Part(vertices, triangles + 10**6, texture, {"head": 1.0}, "skin")


# ---- skinning


def test_at_rest_the_skin_is_where_it_was_modelled():
    mesh = detective()
    moved = Skin(mesh, rest_bones()).vertices(rest_bones())
    other = np.ones(len(mesh.vertices), bool)
    other[mesh.parts[SKIRT]] = False  # the skirt is kept off the legs
    assert moved[other] == pytest.approx(mesh.vertices[other], abs=1e-9)
    assert np.abs(moved - mesh.vertices).max() < 0.03


def test_a_body_that_turns_and_goes_away_takes_its_skin_along():
    mesh = detective()
    skin = Skin(mesh, rest_bones())
    angles = {f"{side}_arm_out": 22.0 for side in SIDES} | {"turn": 60.0}
    moved = skin.vertices(forward(BodyState.of(angles, (0.3, REST.position[1], -0.2))))
    still = skin.vertices(rest_bones())
    cos, sin = np.cos(np.radians(60)), np.sin(np.radians(60))
    turned = still @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T + (0.3, 0.0, -0.2)
    assert moved == pytest.approx(turned, abs=1e-6)


def test_a_bent_elbow_keeps_its_sleeve_round():
    mesh = detective()
    skin = Skin(mesh, rest_bones())
    bones = forward(BodyState.of({"left_elbow": 120.0}, tuple(REST.position)))
    hand = (mesh.bones[:, 0] == BONE_INDEX["left_hand"]) & (mesh.shares[:, 0] > 0.999)
    before, after = mesh.vertices[hand], skin.vertices(bones)[hand]
    assert np.linalg.norm(after.std(axis=0)) == pytest.approx(np.linalg.norm(before.std(axis=0)), rel=1e-6)
    near = np.linalg.norm(skin.vertices(bones) - bones.origins[BONE_INDEX["left_forearm"]], axis=1)
    assert np.sort(near)[20] > 0.03  # no part of the sleeve collapses into the joint


def test_the_skirt_keeps_off_a_raised_knee():
    skin = Skin(detective(), rest_bones())
    bones = forward(BodyState.of({"left_thigh_forward": 70.0, "left_knee": 80.0}, tuple(REST.position)))
    cloth = skin.vertices(bones)[detective().parts[SKIRT]]
    hip, knee = bones.origins[BONE_INDEX["left_thigh"]], bones.origins[BONE_INDEX["left_shin"]]
    axis = (knee - hip) / np.linalg.norm(knee - hip)
    along = (cloth - hip) @ axis
    beside = (along > 0.05) & (along < 0.38)
    distance = np.linalg.norm(cloth - hip - along[:, None] * axis, axis=1)
    assert beside.sum() > 50
    assert distance[beside].min() > 0.085


def test_bones_and_shares_of_every_vertex_are_complete():
    mesh = detective()
    assert mesh.shares.sum(axis=1) == pytest.approx(1.0)
    assert (mesh.shares >= 0.0).all()
    assert mesh.texture.min() >= -1e-9
    assert mesh.texture.max() <= 1.0 + 1e-9
    assert len(mesh.material) == len(mesh.triangles) == len(mesh.two_sided)


# ---- the depth buffer


def triangle(z, offset=0.0):
    return np.array([[5.0 + offset, 5.0, z], [5.0 + offset, 35.0, z], [35.0 + offset, 5.0, z]])


def test_the_nearer_triangle_covers_the_farther_one_whatever_their_order():
    for order in ((0, 1), (1, 0)):
        corners = np.stack([triangle(5.0), triangle(3.0)])[list(order)]
        shown = seen(corners, np.arange(2), SIZE)
        assert (corners[shown.triangle, 0, 2] == 3.0).all()
        assert shown.depth == pytest.approx(3.0)
        assert len(shown.index) == pytest.approx(450, abs=20)


def test_crossing_triangles_are_cut_where_they_cross():
    slanted = np.array([[5.0, 5.0, 2.0], [5.0, 35.0, 2.0], [35.0, 5.0, 6.0]])
    shown = seen(np.stack([triangle(4.0), slanted]), np.arange(2), SIZE)
    column = shown.index % SIZE + 0.5
    nearer = np.where(2.0 + 4.0 * (column - 5.0) / 30.0 < 4.0, 1, 0)
    clear = np.abs(column - 20.0) > 0.6
    assert (shown.triangle[clear] == nearer[clear]).all()


def test_corner_weights_give_back_places():
    corners = np.array([[[3.0, 4.0, 2.0], [6.0, 37.0, 2.0], [36.0, 9.0, 2.0]]])
    shown = seen(corners, np.arange(1), SIZE)
    x, y = (shown.corners.T @ corners[0, :, i] for i in range(2))
    assert x == pytest.approx(shown.index % SIZE + 0.5, abs=1e-4)
    assert y == pytest.approx(shown.index // SIZE + 0.5, abs=1e-4)


def test_only_what_is_chosen_is_drawn_and_sides_are_told_apart():
    corners = np.stack([triangle(5.0), triangle(3.0)[::-1]])
    assert (seen(corners, np.array([0]), SIZE).triangle == 0).all()
    assert np.sign(facing(corners)).tolist() == [-1.0, 1.0]
    nothing = depth_map(np.zeros((0, 3, 3)), SIZE)
    assert nothing.shape == (SIZE, SIZE)
    assert np.isinf(nothing).all()
