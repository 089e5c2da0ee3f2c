"""The mesh's triangles and outlines form one face, and need no mediapipe."""

import subprocess
import sys
from collections import Counter

import numpy as np

from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    CONTOURS,
    FACE_OVAL,
    FILLED_TRIANGLES,
    HOLE_TRIANGLES,
    INNER_LIPS,
    LEFT_EYE,
    LEFT_IRIS_CENTRE,
    MESH_EDGES,
    MESH_TRIANGLES,
    RIGHT_EYE,
    RIGHT_IRIS_CENTRE,
)


def directed_edges(triangles):
    return [(int(t[i]), int(t[(i + 1) % 3])) for t in triangles for i in range(3)]


def test_the_filled_mesh_is_one_disk_bounded_by_the_face_oval():
    edges = Counter(directed_edges(FILLED_TRIANGLES))
    assert set(edges.values()) == {1}, "two triangles run along an edge in the same direction"
    border = {edge for edge in edges if edge[::-1] not in edges}
    assert {point for edge in border for point in edge} == set(FACE_OVAL.tolist())
    undirected = {tuple(sorted(edge)) for edge in edges}
    assert 468 - len(undirected) + len(FILLED_TRIANGLES) == 1  # Euler characteristic of a disk


def test_the_skin_is_open_exactly_at_eyes_and_mouth():
    edges = set(directed_edges(MESH_TRIANGLES))
    border = {point for a, b in edges if (b, a) not in edges for point in (a, b)}
    loops = (FACE_OVAL, RIGHT_EYE, LEFT_EYE, INNER_LIPS)
    assert border == {int(point) for loop in loops for point in loop}
    assert (len(MESH_TRIANGLES), len(HOLE_TRIANGLES), len(MESH_EDGES)) == (852, 46, 1322)


def test_every_triangle_faces_forward_on_the_mean_head():
    corners = mean_face()[MESH_TRIANGLES].astype(float)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normals[:, 0] > 0).all()


def test_outlines_of_the_skin_run_along_its_edges():
    edges = {tuple(edge) for edge in MESH_EDGES.tolist()}
    for name, loop in CONTOURS.items():
        if "iris" in name:
            continue
        for a, b in zip(loop.tolist(), np.roll(loop, -1).tolist(), strict=True):
            assert (min(a, b), max(a, b)) in edges, f"{name}: {a}–{b} is no edge"


def test_left_is_the_persons_left():
    head = mean_face()
    for name, loop in CONTOURS.items():
        side = head[loop, 1].mean()
        if name.startswith("left"):
            assert side > 0.02, name
        elif name.startswith("right"):
            assert side < -0.02, name
        else:
            assert abs(side) < 0.002, name
    assert head[LEFT_IRIS_CENTRE, 1] > 0 > head[RIGHT_IRIS_CENTRE, 1]


def test_the_tables_cannot_be_changed_by_accident():
    for table in (MESH_TRIANGLES, HOLE_TRIANGLES, FILLED_TRIANGLES, MESH_EDGES, *CONTOURS.values()):
        assert not table.flags.writeable


def test_importing_it_loads_no_mediapipe():
    code = (
        "import sys, mirror_tracking.topology; sys.exit('mediapipe' in sys.modules or 'cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=_environment(), check=False).returncode == 0


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
