"""The captures that run at one time: each follows one person by track id, none mixes with another."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from mirror_core.errors import UsageError
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Frame
from mirror_gallery.capture import CaptureProgress, CaptureSession, CaptureSettings, CaptureState

__all__ = ["ANY_FACE", "Capture", "Captures"]

ANY_FACE = 2**32 - 1  # mirror_msgs/CaptureFace.ANY_FACE: the largest face that nobody captures


@dataclass(eq=False)
class Capture:
    """One capture.

    Attributes:
        track: id of the face, None until one is found for `ANY_FACE`.
        name: under which the face will be stored.
        session: what has been collected.
        progress: the newest state; may be read from any thread.
    """

    track: int | None
    name: str
    session: CaptureSession
    progress: CaptureProgress = field(init=False)

    def __post_init__(self) -> None:
        self.progress = self.session.progress

    @property
    def is_running(self) -> bool:
        """Whether it still wants pictures."""
        return self.progress.state is CaptureState.RUNNING


class Captures:
    """Begins, feeds and ends captures. `feed` may run in a thread of its own, the rest in others."""

    def __init__(self) -> None:
        self._captures: list[Capture] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._captures)

    @property
    def all(self) -> tuple[Capture, ...]:
        """Those that have begun and not ended."""
        with self._lock:
            return tuple(self._captures)

    def begin(self, track: int, name: str, settings: CaptureSettings) -> Capture:
        """Begin to capture the person of a track.

        Args:
            track: id, or `ANY_FACE`.
            name: under which the face will be stored.
            settings: how patient it is.

        Raises:
            UsageError: if this track is being captured already.
        """
        capture = Capture(None if track == ANY_FACE else track, name, CaptureSession(settings))
        with self._lock:
            if any(other.track == track for other in self._captures):
                raise UsageError(
                    f"Face {track} is being captured already; wait until that is done, or cancel it."
                )
            self._captures.append(capture)
        return capture

    def end(self, capture: Capture) -> None:
        """The capture is over: stored, failed or cancelled; one that has ended already is ignored."""
        with self._lock:
            if capture in self._captures:
                self._captures.remove(capture)

    def feed(self, frame: Frame, faces: FaceSet) -> None:
        """Give all captures a picture and the faces in it."""
        by_track = {face.track_id: face for face in faces.faces}
        for capture in self.all:
            if capture.track is None:
                self._choose(capture, faces.faces)
            face = by_track.get(capture.track) if capture.track is not None else None
            if capture.is_running:
                capture.progress = capture.session.update(frame.stamp_ns, frame.image, face)

    def pass_time(self, stamp_ns: int) -> None:
        """No picture has come for a while."""
        for capture in self.all:
            if capture.is_running:
                capture.progress = capture.session.update(stamp_ns)

    def _choose(self, capture: Capture, faces: tuple[Face, ...]) -> None:
        """Bind a capture of any face to the largest one that is free."""
        with self._lock:
            taken = {other.track for other in self._captures}
            capture.track = next((face.track_id for face in faces if face.track_id not in taken), None)
