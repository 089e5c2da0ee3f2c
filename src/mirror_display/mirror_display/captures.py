"""Which captures the window shows now: those that run, and for a moment those that have ended."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace

from mirror_core.capture_state import CaptureState
from mirror_core.faces import FaceSet, Roi

__all__ = ["CaptureState", "CaptureView", "Captures"]

ANY_FACE = 2**32 - 1  # mirror_msgs/CaptureFace.ANY_FACE
SHOWN_S = {"done": 3.0, "failed": 5.0, "cancelled": 2.0}  # for so long an end is shown
SILENT_S = 5.0  # a running capture that says nothing for so long is over
FOLLOW_S = 0.15  # the ring's filling follows the progress with this time constant
STEPS = 240  # steps in which the ring fills; a redraw for less cannot be seen
LOST_S = 1.0  # a ring stays so long where the face was last seen


@dataclass(frozen=True, slots=True)
class CaptureView:
    """What the window shows of one capture; two equal ones look the same.

    Attributes:
        track_id: whose face.
        state: how it stands.
        progress: 0 … 1, how far the ring is filled.
        hint: the one thing to do now, or how it ended, as a sentence.
        box: of the face, in pixels of the camera's picture; None while it is not seen.
    """

    track_id: int
    state: CaptureState = CaptureState.RUNNING
    progress: float = 0.0
    hint: str = ""
    box: Roi | None = None


@dataclass(slots=True)
class _Entry:
    view: CaptureView
    told_s: float
    drawn_s: float
    progress: float = 0.0
    box: Roi | None = None
    seen_s: float = -math.inf


def _is_running(view: CaptureView) -> bool:
    return view.state is CaptureState.RUNNING


class Captures:
    """Collects what is told about captures and faces; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, _Entry] = {}

    def tell(self, capture: CaptureView, now_s: float) -> None:
        """Take how a capture stands (its `box` is not used).

        Args:
            capture: newest status.
            now_s: monotonic seconds.
        """
        with self._lock:
            # A capture of whoever comes first is told without a face until it has found one.
            if capture.track_id != ANY_FACE:
                self._entries.pop(ANY_FACE, None)
            entry = self._entries.get(capture.track_id)
            if entry is None or (_is_running(capture) and not _is_running(entry.view)):
                entry = self._entries[capture.track_id] = _Entry(capture, now_s, now_s)
            entry.view, entry.told_s = capture, now_s

    def see(self, faces: FaceSet, now_s: float) -> None:
        """Take where the faces are."""
        with self._lock:
            for face in faces.faces:
                entry = self._entries.get(face.track_id)
                if entry is not None:
                    entry.box, entry.seen_s = face.roi, now_s

    def is_any(self, now_s: float) -> bool:
        """Whether there is something to show, so that the faces are wanted."""
        with self._lock:
            self._forget(now_s)
            return bool(self._entries)

    def views(self, now_s: float) -> tuple[CaptureView, ...]:
        """What to draw now, from left to right in the camera's picture."""
        with self._lock:
            self._forget(now_s)
            views = [self._view(entry, now_s) for entry in self._entries.values()]
        return tuple(sorted(views, key=lambda view: view.box.centre[0] if view.box is not None else 0.0))

    def _forget(self, now_s: float) -> None:
        for track_id, entry in list(self._entries.items()):
            if now_s - entry.told_s > SHOWN_S.get(entry.view.state, SILENT_S):
                del self._entries[track_id]

    @staticmethod
    def _view(entry: _Entry, now_s: float) -> CaptureView:
        target = 1.0 if entry.view.state is CaptureState.DONE else entry.view.progress
        share = 1.0 - math.exp(-(now_s - entry.drawn_s) / FOLLOW_S)
        entry.progress += (target - entry.progress) * share
        entry.drawn_s = now_s
        box = entry.box if now_s - entry.seen_s <= LOST_S else None
        return replace(entry.view, progress=round(entry.progress * STEPS) / STEPS, box=box)
