"""Messages of the gallery: consents, listed faces, the state, and how captures stand."""

from __future__ import annotations

import array
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sensor_msgs.msg import CompressedImage

from mirror_core.conversions import NANOSECONDS_PER_SECOND, header, time_message
from mirror_core.errors import UsageError
from mirror_gallery.capture import CaptureProgress
from mirror_gallery.captures import ANY_FACE, Capture
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.gallery import ListedFace
from mirror_gallery.hints import HINTS
from mirror_gallery.portrait import SURFACE_POINTS
from mirror_gallery.store import Entry
from mirror_gallery.visitors import Present
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, GalleryFace, GalleryState, Presence, Worn
from mirror_msgs.msg import Consent as ConsentMessage

__all__ = [
    "bytes_field",
    "capture_to_feedback",
    "capture_to_status",
    "consent_to_message",
    "face_to_message",
    "landmarks_to_points",
    "message_to_consent",
    "message_to_face",
    "points_to_landmarks",
    "state_to_message",
    "thumbnail_message",
]

_SCOPES = {
    ConsentMessage.THIS_VISIT: Scope.THIS_VISIT,
    ConsentMessage.UNTIL_DATE: Scope.UNTIL_DATE,
    ConsentMessage.UNTIL_REVOKED: Scope.UNTIL_REVOKED,
}
_SCOPE_NUMBERS = {scope: number for number, scope in _SCOPES.items()}


def bytes_field(data: bytes) -> array.array[int]:
    """Bytes as rclpy takes them at once; a bytes object would be checked number by number."""
    return array.array("B", data)


def _moment_message(moment: datetime) -> Any:
    return time_message(round(moment.timestamp() * NANOSECONDS_PER_SECOND))


def _moment(message: Any) -> datetime:
    return datetime.fromtimestamp(message.sec + message.nanosec * 1e-9, UTC)


def message_to_consent(message: ConsentMessage) -> Consent:
    """A consent from its message.

    Raises:
        UsageError: if its scope is unknown, or scope and date do not go together.
    """
    if message.scope not in _SCOPES:
        raise UsageError(
            "A consent is for this visit (1), until a date (2) or until it is revoked (3), "
            f"not {message.scope}."
        )
    scope = _SCOPES[message.scope]
    until = None
    if scope is Scope.UNTIL_DATE:
        until = _moment(message.until)
    return Consent(scope, until, message.others_may_wear, message.recognise)


def consent_to_message(consent: Consent) -> ConsentMessage:
    """A consent as its message."""
    message = ConsentMessage(
        scope=_SCOPE_NUMBERS[consent.scope],
        others_may_wear=consent.others_may_wear,
        recognise=consent.recognise,
    )
    if consent.until is not None:
        message.until = _moment_message(consent.until)
    return message


def thumbnail_message(jpeg: bytes) -> CompressedImage:
    """A thumbnail as a message; empty without one."""
    return CompressedImage(format="jpeg" if jpeg else "", data=bytes_field(jpeg))


def face_to_message(face: ListedFace) -> GalleryFace:
    """A listed face as its message. A preset has no date, and everybody may wear it."""
    message = GalleryFace(
        id=face.id,
        name=face.name,
        views=face.views,
        preset=face.entry is None,
        thumbnail=thumbnail_message(face.thumbnail),
    )
    if face.entry is None:
        message.consent = ConsentMessage(scope=ConsentMessage.UNTIL_REVOKED, others_may_wear=True)
    else:
        message.created = _moment_message(face.entry.created)
        message.consent = consent_to_message(face.entry.consent)
    return message


def message_to_face(message: GalleryFace) -> ListedFace:
    """A listed face from its message.

    Raises:
        UsageError: if its consent makes no sense.
    """
    entry = None
    if not message.preset:
        consent = message_to_consent(message.consent)
        entry = Entry(message.id, message.name, _moment(message.created), consent, message.views, "")
    return ListedFace(message.id, message.name, message.views, entry, bytes(message.thumbnail.data))


def state_to_message(revision: int, worn: Mapping[int, str], present: Mapping[int, Present]) -> GalleryState:
    """Who wears what and who is there."""
    return GalleryState(
        revision=revision % 2**32,
        worn=[Worn(face_id=track, gallery_id=face_id) for track, face_id in sorted(worn.items())],
        present=[
            Presence(
                face_id=track,
                gallery_id=who.id,
                recognised=who.recognised,
                confidence=who.confidence,
            )
            for track, who in sorted(present.items())
        ],
    )


def _fill(message: Any, capture: Capture, progress: CaptureProgress) -> Any:
    message.face_id = ANY_FACE if capture.track is None else capture.track
    message.progress = progress.progress
    message.hint_key = progress.hint
    message.hint = HINTS[progress.hint]
    quality = progress.quality
    message.pose, message.light, message.sharpness = quality.pose, quality.light, quality.sharpness
    message.size, message.stability = quality.size, quality.stability
    return message


def capture_to_feedback(capture: Capture) -> CaptureFace.Feedback:
    """How a capture stands, for the action's client."""
    return _fill(CaptureFace.Feedback(), capture, capture.progress)


def capture_to_status(
    capture: Capture, state: int, stamp_ns: int, ending: str = "", gallery_id: str = ""
) -> CaptureStatus:
    """How a capture stands, for everybody.

    Args:
        capture: the capture.
        state: of `CaptureStatus`.
        stamp_ns: now.
        ending: how it ended, as a sentence; "" while it runs.
        gallery_id: of the stored face.
    """
    message = _fill(CaptureStatus(header=header(stamp_ns, "")), capture, capture.progress)
    message.name, message.state, message.gallery_id = capture.name, state, gallery_id
    if ending:
        message.hint = ending
    if state == CaptureStatus.DONE:
        message.hint_key, message.progress = "done", 1.0
    return message


def landmarks_to_points(values: Any) -> dict[int, tuple[float, float]] | None:
    """Points placed by hand, from the numbers of a message; None where there are none.

    Raises:
        UsageError: if they are not 468 × 2 finite numbers.
    """
    numbers = np.array(values, np.float32)
    if numbers.size == 0:
        return None
    if numbers.size != 2 * SURFACE_POINTS or not np.isfinite(numbers).all():
        raise UsageError(
            f"Points placed by hand must be {SURFACE_POINTS} × 2 finite numbers, not {numbers.size}."
        )
    return {i: (float(x), float(y)) for i, (x, y) in enumerate(numbers.reshape(SURFACE_POINTS, 2))}


def points_to_landmarks(points: Mapping[int, tuple[float, float]]) -> array.array[float]:
    """A whole mesh placed by hand as the numbers of a message; see `landmarks_to_points`."""
    return array.array("f", [value for i in range(SURFACE_POINTS) for value in points[i]])
