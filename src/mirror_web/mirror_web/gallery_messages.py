"""What the gallery's messages mean on the Faces page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mirror_core.conversions import capture_state
from mirror_gallery.consent import Consent
from mirror_msgs.msg import CaptureStatus, GalleryFace
from mirror_web.faces_control import Capture, StoredFace

__all__ = ["capture_of", "consent_message", "stored_face"]

_QUALITIES = ("pose", "light", "sharpness", "size", "stability")


def consent_message(consent: Consent) -> Any:
    """A consent as `mirror_msgs/Consent`."""
    # Brings the store along, half a second that the page's start shall not wait for.
    from mirror_gallery.conversions import consent_to_message

    return consent_to_message(consent)


def stored_face(message: GalleryFace) -> StoredFace:
    """A stored face from `mirror_msgs/GalleryFace`."""
    from mirror_gallery.conversions import message_to_consent

    created = datetime.fromtimestamp(message.created.sec + message.created.nanosec / 1e9, UTC)
    return StoredFace(
        message.id,
        message.name,
        created,
        None if message.preset else message_to_consent(message.consent),
        message.views,
        message.preset,
        bytes(message.thumbnail.data),
    )


def capture_of(message: CaptureStatus, *, can_cancel: bool) -> Capture:
    """A capture from `mirror_msgs/CaptureStatus`."""
    return Capture(
        message.face_id,
        message.name,
        capture_state(message),
        min(max(message.progress, 0.0), 1.0),
        message.hint_key,
        message.hint,
        {name: getattr(message, name) for name in _QUALITIES},
        message.gallery_id,
        can_cancel,
    )
