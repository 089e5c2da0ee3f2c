"""A gallery that exists only in memory, for tests and for work on the Faces page without ROS."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import MirrorError
from mirror_gallery.consent import Consent, Scope
from mirror_web.faces_control import (
    Added,
    Capture,
    CaptureState,
    Erased,
    FacePage,
    FacesState,
    PersonInView,
    StoredFace,
)

__all__ = ["FakeFaces", "drawn_thumbnail"]

THUMBNAIL_PX = 160


def drawn_thumbnail(seed: int) -> bytes:
    """A drawn face whose colours hang on `seed`, as JPEG."""
    hue = np.array([[[seed * 47 % 180, 90, 90]], [[seed * 47 % 180, 70, 210]]], np.uint8)
    ground, skin = (tuple(map(int, row[0])) for row in cv2.cvtColor(hue, cv2.COLOR_HSV2BGR))
    image = np.full((THUMBNAIL_PX, THUMBNAIL_PX, 3), ground, np.uint8)
    cv2.ellipse(image, (80, 82), (48, 62), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for x in (62, 98):
        cv2.circle(image, (x, 70), 5, (30, 25, 20), -1, cv2.LINE_AA)
    cv2.ellipse(image, (80, 108), (20, 10), 0, 10, 170, (30, 25, 20), 3, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image)[1].tobytes())


class FakeFaces:
    """A `FacesControl` that does everything in memory and remembers what it was asked.

    Attributes:
        stored: the faces by id; tests may fill it.
        people: who stands there.
        refusal: the sentence with which every change is refused, None to accept.
        broken: the sentence with which listing fails, None to answer.
        finds_faces: False: a picture without points is answered with "needs landmarks".
        added: what `add` got, in order.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.revision = 0
        self.clear()

    # ---- what tests arrange

    def clear(self) -> None:
        """Forget everything; pages that are open see an empty gallery and nobody there."""
        with self._lock:
            self.stored: dict[str, StoredFace] = {}
            self.people: tuple[PersonInView, ...] = ()
            self.worn: dict[int, str] = {}
            self.worn_by_everybody = ""
            self.captures: dict[int, Capture] = {}
            self.image_size = (1280, 720)
            self.is_available = True
            self.refusal: str | None = None
            self.broken: str | None = None
            self.finds_faces = True
            self.added: list[tuple[bytes, str, Consent, NDArray[np.float32] | None]] = []
            self._captured: dict[int, Consent] = {}
            self.revision += 1

    def store(
        self, name: str, consent: Consent | None = None, *, preset: bool = False, thumbnail: bytes = b""
    ) -> str:
        """Store a face, drawn where there is no thumbnail (JPEG); returns its id."""
        with self._lock:
            number = len(self.stored) + 1
            face_id = f"preset:{name.lower()}" if preset else f"face-{number}"
            kept = None if preset else consent or Consent(Scope.UNTIL_REVOKED)
            created = datetime(2026, 3, 14, 12, 0, tzinfo=UTC) + timedelta(days=number)
            picture = thumbnail or drawn_thumbnail(number)
            self.stored[face_id] = StoredFace(
                face_id, name, created, kept, 1 if preset else 3, preset, picture
            )
            self.revision += 1
        return face_id

    def stand(self, *boxes: tuple[float, float, float, float]) -> None:
        """Let people stand there, with track ids from 1 on."""
        self.people = tuple(PersonInView(i, i, box) for i, box in enumerate(boxes, start=1))

    def advance(self, track_id: int, progress: float, hint_key: str, hint: str, **quality: float) -> None:
        """Let a capture go on."""
        with self._lock:
            self.captures[track_id] = replace(
                self.captures[track_id], progress=progress, hint_key=hint_key, hint=hint, quality=quality
            )

    def finish(self, track_id: int, state: CaptureState, hint: str) -> None:
        """Let a capture end; a finished one stores its face."""
        with self._lock:
            capture = self.captures[track_id]
            face_id = ""
            if state is CaptureState.DONE:
                face_id = self.store(capture.name, self._captured[track_id])
            progress = 1.0 if face_id else capture.progress
            self.captures[track_id] = replace(
                capture, state=state, progress=progress, hint_key=state, hint=hint, gallery_id=face_id
            )

    # ---- FacesControl

    def state(self) -> FacesState:
        """See `FacesControl`."""
        with self._lock:
            return FacesState(
                self.is_available,
                self.revision,
                self.image_size,
                self.people,
                dict(self.worn),
                self.worn_by_everybody,
                {face.id: face.name for face in self.stored.values()},
                tuple(self.captures.values()),
            )

    def faces(self, name_contains: str, offset: int, limit: int) -> FacePage:
        """See `FacesControl`."""
        if self.broken is not None:
            raise MirrorError(self.broken)
        with self._lock:
            found = [f for f in self.stored.values() if name_contains.lower() in f.name.lower()]
        return FacePage(tuple(found[offset : offset + limit]), len(found))

    def names(self) -> Mapping[str, str]:
        """See `FacesControl`."""
        if self.broken is not None:
            raise MirrorError(self.broken)
        with self._lock:
            return {face.id: face.name for face in self.stored.values()}

    def start_capture(self, track_id: int | None, name: str, consent: Consent) -> str | None:
        """See `FacesControl`."""
        if self.refusal is not None:
            return self.refusal
        with self._lock:
            track = self.people[0].track_id if track_id is None else track_id
            self._captured[track] = consent
            self.captures[track] = Capture(
                track, name, CaptureState.RUNNING, 0.0, "look", "Look into the mirror", can_cancel=True
            )
        return None

    def cancel_capture(self, track_id: int) -> str | None:
        """See `FacesControl`."""
        if self.refusal is None:
            self.finish(track_id, CaptureState.CANCELLED, "Cancelled.")
        return self.refusal

    def wear(self, track_id: int | None, gallery_id: str) -> str | None:
        """See `FacesControl`."""
        if self.refusal is not None:
            return self.refusal
        with self._lock:
            if track_id is None:
                self.worn_by_everybody = gallery_id
            elif gallery_id:
                self.worn[track_id] = gallery_id
            else:
                self.worn.pop(track_id, None)
        return None

    def check_in(self, track_id: int, gallery_id: str) -> str | None:
        """See `FacesControl`."""
        if self.refusal is None:
            self.people = tuple(
                replace(p, person=gallery_id) if p.track_id == track_id else p for p in self.people
            )
        return self.refusal

    def rename(self, gallery_id: str, name: str) -> str | None:
        """See `FacesControl`."""
        if self.refusal is None:
            with self._lock:
                self.stored[gallery_id] = replace(self.stored[gallery_id], name=name)
                self.revision += 1
        return self.refusal

    def erase(self, gallery_id: str) -> Erased:
        """See `FacesControl`."""
        if self.refusal is not None:
            return Erased(self.refusal)
        with self._lock:
            face = self.stored.pop(gallery_id)
            self.worn = {track: worn for track, worn in self.worn.items() if worn != gallery_id}
            self.revision += 1
        return Erased(None, (f"{face.views} pictures", "1 neutral baseline"))

    def export(self, gallery_id: str) -> bytes:
        """See `FacesControl`."""
        if self.refusal is not None:
            raise MirrorError(self.refusal)
        return b"mirrorface of " + gallery_id.encode()

    def add(
        self, data: bytes, name: str, consent: Consent, landmarks: NDArray[np.float32] | None = None
    ) -> Added:
        """See `FacesControl`."""
        self.added.append((data, name, consent, landmarks))
        if self.refusal is not None:
            return Added(self.refusal)
        if not self.finds_faces and landmarks is None:
            return Added("There is no face in this picture that the mirror finds.", needs_landmarks=True)
        return Added(None, self.store(name or "Ada from a file", consent))
