"""Which face belongs to which body."""

from __future__ import annotations

from mirror_core.bodies import BodySet
from mirror_core.body_points import BodyPoint
from mirror_core.testing import synthetic_body, synthetic_face, synthetic_faces
from mirror_tracking.body_faces import with_faces

ONE, OTHER = (
    synthetic_body((200.0, 260.0), 300.0, track_id=1),
    synthetic_body((420.0, 270.0), 300.0, track_id=2),
)
BODIES = BodySet(5, "camera_optical", 640, 480, (ONE, OTHER))


def nose_of(body: object) -> tuple[float, float]:
    x, y = body.landmarks[BodyPoint.NOSE, :2]  # type: ignore[attr-defined]
    return float(x), float(y)


def test_each_body_gets_the_face_at_its_head_in_whatever_order_they_come() -> None:
    faces = synthetic_faces(
        5, synthetic_face(nose_of(OTHER), 60.0, track_id=70), synthetic_face(nose_of(ONE), 55.0, track_id=80)
    )
    assert [body.face_id for body in with_faces(BODIES, faces).bodies] == [80, 70]


def test_a_face_elsewhere_belongs_to_nobody_and_the_bodies_stay_the_same() -> None:
    faces = synthetic_faces(5, synthetic_face((310.0, 100.0), 60.0, track_id=70))
    found = with_faces(BODIES, faces)
    assert [body.face_id for body in found.bodies] == [None, None]
    assert found.bodies[0] is ONE


def test_one_face_between_two_heads_is_given_once_to_the_nearer() -> None:
    near = synthetic_body((230.0, 262.0), 300.0, track_id=3)
    bodies = BodySet(5, "camera_optical", 640, 480, (ONE, near))
    x, y = nose_of(near)
    faces = synthetic_faces(5, synthetic_face((x - 8, y), 120.0, track_id=70))
    assert [body.face_id for body in with_faces(bodies, faces).bodies] == [None, 70]
