"""Where faces should be in the next frame."""

from __future__ import annotations

import numpy as np

from mirror_core.face_prediction import predicted_faces
from mirror_core.testing import synthetic_face, synthetic_faces

FRAME_NS = 16_000_000


def test_a_moving_face_is_expected_where_its_speed_takes_it() -> None:
    earlier = synthetic_faces(FRAME_NS, synthetic_face((100.0, 80.0)))
    latest = synthetic_faces(2 * FRAME_NS, synthetic_face((106.0, 78.0)))
    (face,) = predicted_faces(earlier, latest, 4 * FRAME_NS)
    expected = synthetic_face((118.0, 74.0))
    np.testing.assert_allclose(face.landmarks, expected.landmarks, atol=0.01)
    np.testing.assert_allclose(face.roi.centre, expected.roi.centre, atol=0.01)


def test_each_face_moves_by_its_own_speed_and_a_new_one_stands_still() -> None:
    earlier = synthetic_faces(FRAME_NS, synthetic_face((100.0, 80.0), track_id=1))
    still = synthetic_face((400.0, 200.0), track_id=2)
    latest = synthetic_faces(2 * FRAME_NS, synthetic_face((110.0, 80.0), track_id=1), still)
    moved, new = predicted_faces(earlier, latest, 3 * FRAME_NS)
    np.testing.assert_allclose(moved.roi.centre[0], 120.0, atol=0.5)
    assert new is still


def test_nothing_is_expected_without_faces_of_the_last_moment() -> None:
    latest = synthetic_faces(FRAME_NS, synthetic_face())
    assert predicted_faces(None, None, FRAME_NS) == ()
    assert predicted_faces(None, latest, FRAME_NS) == ()  # not earlier
    assert predicted_faces(None, latest, FRAME_NS + 200_000_000) == ()  # too old
    assert predicted_faces(None, latest, 2 * FRAME_NS) == latest.faces


def test_a_speed_from_another_picture_size_is_not_used() -> None:
    earlier = synthetic_faces(FRAME_NS, synthetic_face((100.0, 80.0)), image_size=(1280, 720))
    latest = synthetic_faces(2 * FRAME_NS, synthetic_face((50.0, 40.0)), image_size=(640, 480))
    assert predicted_faces(earlier, latest, 3 * FRAME_NS) == latest.faces
