"""Cutting a face out: what is kept, what is not, and that the landmarks go along."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.errors import ShapeError, UsageError
from mirror_gallery.cut_out import LARGEST_SIDE_PX, cut_out, mesh_mask
from mirror_gallery.testing import posed_face
from mirror_tracking.topology import FACE_OVAL

GREEN, SKIN = (20, 220, 30), (140, 160, 200)


def scene(face, size=(640, 360)):
    """A face of one colour before a green wall."""
    image = np.full((size[1], size[0], 3), GREEN, np.uint8)
    image[mesh_mask(face.landmarks, size) > 0] = SKIN
    return image


def test_the_face_is_kept_and_nothing_of_the_background():
    face = posed_face()
    view = cut_out(scene(face), face.landmarks, (1.0, 2.0, 3.0))
    assert (view.yaw, view.pitch, view.roll) == (1.0, 2.0, 3.0)
    assert (view.image[view.opacity == 255] == SKIN).all()
    assert np.abs(view.image.astype(int) - SKIN).max() <= 2  # outside, too: the face's colours, spread
    height, width = view.opacity.shape
    assert 180 < height < 260
    assert 140 < width < 220
    assert view.opacity[0].max() == view.opacity[:, 0].max() == 0


def test_the_edge_is_soft_and_lies_inside_the_outline():
    face = posed_face()
    view = cut_out(scene(face), face.landmarks)
    assert view.opacity[~(mesh_mask(view.landmarks, view.opacity.shape[::-1]) > 0)].max(initial=0) == 0
    middle = view.opacity[view.opacity.shape[0] // 2]
    rising = middle[: len(middle) // 2]
    assert (np.diff(rising.astype(int)) >= 0).all()
    assert 3 <= ((rising > 0) & (rising < 255)).sum() <= 10


def test_landmarks_move_with_the_crop():
    face = posed_face(yaw=15, centre=(400, 200))
    view = cut_out(scene(face), face.landmarks)
    moved = face.landmarks - view.landmarks
    assert np.ptp(moved[:, :2], axis=0) == pytest.approx([0, 0], abs=1e-3)
    assert view.landmarks[:, 2] == pytest.approx(face.landmarks[:, 2])
    # the same skin lies under them
    x, y = view.landmarks[1, :2].astype(int)
    assert tuple(view.image[y, x]) == SKIN


def test_a_large_face_is_scaled_with_its_landmarks_and_depth():
    face = posed_face(centre=(1500, 1500), height=2000)
    view = cut_out(scene(face, (3000, 3000)), face.landmarks)
    assert max(view.image.shape[:2]) == LARGEST_SIDE_PX
    scale = np.ptp(view.landmarks[:, 0]) / np.ptp(face.landmarks[:, 0])
    assert np.ptp(view.landmarks[:, 1]) == pytest.approx(scale * np.ptp(face.landmarks[:, 1]), rel=0.01)
    assert np.ptp(view.landmarks[:, 2]) == pytest.approx(scale * np.ptp(face.landmarks[:, 2]), rel=0.01)


def test_the_nose_of_a_turned_head_is_not_cut_off():
    face = posed_face(yaw=60)
    mask = mesh_mask(face.landmarks, (640, 360))
    beyond = face.landmarks[1, 0] - face.landmarks[FACE_OVAL, 0].max()
    assert beyond > 3  # the nose stands out over the far cheek
    x, y = face.landmarks[1, :2].astype(int)
    assert mask[y, x - 1] == 255


def test_a_face_without_irises_is_kept_too():
    face = posed_face()
    assert cut_out(scene(face), face.landmarks[:468]).landmarks.shape == (468, 3)


@pytest.mark.parametrize("where", [{"centre": (-500, 100)}, {"height": 6}])
def test_a_face_that_is_not_there_is_a_mistake(where):
    with pytest.raises(UsageError, match="outside the picture or is only a few pixels"):
        cut_out(scene(posed_face()), posed_face(**where).landmarks)


def test_points_on_a_line_are_no_face():
    landmarks = np.zeros((468, 3), np.float32)
    landmarks[:, 0] = landmarks[:, 1] = np.linspace(50, 250, 468)
    with pytest.raises(UsageError, match="do not enclose a face"):
        cut_out(scene(posed_face()), landmarks)


def test_a_grey_picture_is_refused():
    with pytest.raises(ShapeError, match="image must be uint8"):
        cut_out(np.zeros((100, 100), np.uint8), posed_face().landmarks)
