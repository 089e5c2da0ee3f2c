"""Messages of the gallery: there and back, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.errors import UsageError
from mirror_gallery.capture import CaptureProgress, CaptureSession, CaptureSettings, CaptureState
from mirror_gallery.capture_view import Quality
from mirror_gallery.captures import ANY_FACE, Capture
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.conversions import (
    capture_to_feedback,
    capture_to_status,
    consent_to_message,
    face_to_message,
    landmarks_to_points,
    message_to_consent,
    message_to_face,
    points_to_landmarks,
    state_to_message,
)
from mirror_gallery.gallery import ListedFace
from mirror_gallery.hints import HINTS
from mirror_gallery.store import Entry
from mirror_gallery.visitors import EVERYBODY, Present
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, Worn
from mirror_msgs.msg import Consent as ConsentMessage

DAY = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)


def test_everybody_and_any_face_are_the_numbers_of_the_messages() -> None:
    assert ANY_FACE == CaptureFace.Goal.ANY_FACE
    assert EVERYBODY == Worn.EVERYBODY


@pytest.mark.parametrize(
    "consent",
    [
        Consent(Scope.THIS_VISIT),
        Consent(Scope.UNTIL_REVOKED, others_may_wear=True),
        Consent(Scope.UNTIL_DATE, DAY, recognise=True),
    ],
)
def test_a_consent_survives(consent: Consent) -> None:
    assert message_to_consent(consent_to_message(consent)) == consent


def test_a_consent_without_a_scope_is_refused() -> None:
    with pytest.raises(UsageError, match=r"for this visit \(1\), until a date \(2\) .*, not 0"):
        message_to_consent(ConsentMessage())


def test_a_listed_face_survives() -> None:
    consent = Consent(Scope.UNTIL_DATE, DAY, others_may_wear=True)
    face = ListedFace("abc", "Ada", 3, Entry("abc", "Ada", DAY, consent, 3, ""), b"jpeg")
    assert message_to_face(face_to_message(face)) == face
    preset = ListedFace("preset:average", "Average", 1, None)
    message = face_to_message(preset)
    assert message.preset
    assert message.consent.others_may_wear
    assert message_to_face(message) == preset


def test_the_state_is_sorted_and_its_revision_fits() -> None:
    message = state_to_message(2**32 + 5, {7: "b", 2: "a"}, {9: Present("ada", True, 0.75)})
    assert message.revision == 5
    assert [(worn.face_id, worn.gallery_id) for worn in message.worn] == [(2, "a"), (7, "b")]
    (present,) = message.present
    assert (present.face_id, present.gallery_id, present.recognised) == (9, "ada", True)
    assert present.confidence == 0.75


def test_feedback_and_status_say_how_a_capture_stands() -> None:
    capture = Capture(None, "Ada", CaptureSession(CaptureSettings()))
    capture.progress = CaptureProgress(
        CaptureState.RUNNING, 0.25, "turn_left", Quality(0.125, 0.25, 0.5, 0.75, 1.0)
    )
    feedback = capture_to_feedback(capture)
    assert feedback.face_id == ANY_FACE
    assert (feedback.progress, feedback.hint_key, feedback.hint) == (0.25, "turn_left", HINTS["turn_left"])
    qualities = (feedback.pose, feedback.light, feedback.sharpness, feedback.size, feedback.stability)
    assert qualities == (0.125, 0.25, 0.5, 0.75, 1.0)
    capture.track = 4
    status = capture_to_status(capture, CaptureStatus.FAILED, 1_500_000_000, "It was too dark.")
    assert (status.face_id, status.name, status.state) == (4, "Ada", CaptureStatus.FAILED)
    assert (status.header.stamp.sec, status.header.stamp.nanosec) == (1, 500_000_000)
    assert (status.hint_key, status.hint) == ("turn_left", "It was too dark.")
    done = capture_to_status(capture, CaptureStatus.DONE, 0, gallery_id="abc")
    assert (done.hint_key, done.progress, done.gallery_id) == ("done", 1.0, "abc")


def test_points_placed_by_hand_survive() -> None:
    points = {i: (float(i), 0.5 * i) for i in range(468)}
    assert landmarks_to_points(points_to_landmarks(points)) == points
    assert landmarks_to_points([]) is None
    with pytest.raises(UsageError, match="468 × 2 finite numbers, not 10"):
        landmarks_to_points([0.0] * 10)
    with pytest.raises(UsageError, match="468 × 2 finite numbers"):
        landmarks_to_points([float("nan")] * 936)
