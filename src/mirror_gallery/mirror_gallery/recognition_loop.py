"""Looks at the people in front of the mirror, twice a second, to see whether they are known.

The frame path only leaves pictures here; all looking and all reading of the store is done in a thread of its
own. Only people whose consent says so are compared, and nobody is enrolled but those who are stored with that
consent: an embedding is made of their stored pictures, once, and is erased with them.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Frame, Image
from mirror_core.joiner import StampJoiner
from mirror_core.model_runner import ModelResult, ModelRunner
from mirror_core.tracing import Quantiles
from mirror_gallery.consent import utc_now
from mirror_gallery.embeddings import Match
from mirror_gallery.portrait import Portrait
from mirror_gallery.quality import face_patch, light_quality, sharpness_quality, size_quality
from mirror_gallery.recognition_policy import PolicySettings, RecognitionPolicy
from mirror_gallery.store import FaceStore
from mirror_gallery.visitors import Present
from mirror_tracking.head_angles import head_angles

__all__ = ["EMBEDDING", "FaceRecogniser", "RecognitionLoop", "is_worth_looking"]

logger = logging.getLogger("mirror.gallery")

EMBEDDING = "embedding"  # kind of derived data in the store
LOOK_PERIOD_S = 0.5
FIRST_REST_S, LONGEST_REST_S = 1.0, 60.0  # after a failure; each next rest is twice as long
MOST_AT_ONCE = 2  # faces in one look: more would take more than a third of a core
PATIENCE_S = 1.0  # for which a frame waits for its faces; nobody waits for the frame
MOST_YAW_DEG, MOST_PITCH_DEG = 35.0, 30.0  # a face turned further away is not judged
LEAST_QUALITY = 0.25  # of light, sharpness and size
MASK_PROBABILITY = 0.5


class FaceRecogniser(Protocol):
    """What the loop needs of `mirror_gallery.recognition.Recogniser`."""

    def close(self) -> None:
        """See `Recogniser.close`."""

    def enrol(self, portrait: Portrait) -> bytes:
        """See `Recogniser.enrol`."""

    def is_current(self, enrolled: bytes) -> bool:
        """See `Recogniser.is_current`."""

    def identify(
        self, image: Image, landmarks: NDArray[np.floating[Any]], known: Mapping[str, bytes]
    ) -> Match | None:
        """See `Recogniser.identify`."""


def is_worth_looking(image: Image, face: Face) -> bool:
    """Whether a face is turned to the mirror, large, lit, sharp and bare enough to be judged.

    Args:
        image: uint8 [h, w, 3], BGR.
        face: in pixels of `image`.
    """
    if face.head_pose is None or face.mask_probability >= MASK_PROBABILITY:  # NaN: nothing judged it
        return False
    yaw, pitch, _ = head_angles(face.head_pose)
    if abs(yaw) > MOST_YAW_DEG or abs(pitch) > MOST_PITCH_DEG:
        return False
    if size_quality(face.landmarks, (image.shape[1], image.shape[0]))[0] < LEAST_QUALITY:
        return False
    patch = face_patch(image, face.landmarks)
    if patch is None:
        return False
    return min(light_quality(patch).value, sharpness_quality(patch)) >= LEAST_QUALITY


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    frame: Frame
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What came of a look."""

    matches: tuple[tuple[int, Match | None], ...]
    known: frozenset[str]


class RecognitionLoop:
    """Recognises people for the gallery node. Its methods are called in the node's thread.

    Args:
        store: whose people are recognised.
        create: makes the recogniser; called in the loop's own thread.
        on_error: called in the loop's own thread with what went wrong.
        settings: of the policy.
        clock: seconds on a steady clock.

    Attributes:
        durations: seconds that a look takes.
    """

    def __init__(
        self,
        store: FaceStore,
        create: Callable[[], FaceRecogniser],
        on_error: Callable[[Exception], None],
        settings: PolicySettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._create = create
        self._on_error = on_error
        self._clock = clock
        self._policy = RecognitionPolicy(settings)
        self._joiner = StampJoiner(frozenset({"faces"}), PATIENCE_S)
        self._results: SimpleQueue[ModelResult[_Seen]] = SimpleQueue()
        self._known: frozenset[str] = frozenset()
        self._themselves: dict[int, str] = {}
        self._looked_s = -LOOK_PERIOD_S
        self._read_s = -math.inf
        self._stamp_ns = 0
        self._closed = False
        self._erased: set[str] = set()  # what a look that has begun may still report
        self._is_stale = threading.Event()
        self._is_look_waiting = threading.Event()
        # ---- of the runner's thread
        self._recogniser: FaceRecogniser | None = None
        self._enrolled: dict[str, bytes] = {}
        self._to_enrol: list[str] = []
        self._read_rest_s = self._look_rest_s = 0.0  # after failures; the node's thread reads them
        self._runner: ModelRunner[_Look | None, _Seen] = ModelRunner(
            self._look, self._take, self._tell, "gallery recognition"
        )
        self.refresh()

    @property
    def durations(self) -> Quantiles:
        """Seconds that a look takes."""
        return self._runner.durations

    @property
    def known(self) -> frozenset[str]:
        """Gallery ids of the people who are recognised."""
        return self._known

    @property
    def wants_faces(self) -> bool:
        """Whether there is anybody to recognise; looks, too, whether that has changed."""
        self.poll()
        return bool(self._known)

    @property
    def wants_frames(self) -> bool:
        """Whether somebody is in view who may be looked at."""
        return self.wants_faces and self._policy.is_busy

    @property
    def present(self) -> dict[int, Present]:
        """Whom the mirror has recognised, by track id, as `Visitors.recognise` takes it."""
        return {
            track: Present(who.id, recognised=True, confidence=who.confidence)
            for track, who in self._policy.present.items()
        }

    # ---- what the node tells

    def refresh(self) -> None:
        """The stored faces or their consents have changed."""
        self._is_stale.set()
        self._read_s = self._clock()
        if not self._is_look_waiting.is_set():
            self._runner.submit(self._stamp_ns, None)

    def forget_faces(self, face_ids: Collection[str]) -> None:
        """These faces are erased: from now on nobody is recognised as them."""
        self._erased.update(face_ids)
        self._known -= set(face_ids)
        self._policy.see((), self._stamp_ns, self._themselves, self._known)

    def refuse(self, track: int) -> None:
        """The person of this track checked out: they are not to be recognised any more."""
        self._policy.refuse(track)

    def on_frame(self, frame: Frame) -> None:
        """Take a frame; its faces may be here or come later."""
        if not frame.is_placeholder and self._clock() - self._looked_s >= LOOK_PERIOD_S + self._look_rest_s:
            self._joiner.add_frame(frame, self._clock())
            self._submit()

    def on_faces(self, faces: FaceSet, themselves: Mapping[int, str]) -> None:
        """Take the faces of a frame, and what has been seen until now; `present` may be another after it.

        Args:
            faces: of the newest frame.
            themselves: gallery ids of those who said themselves who they are, by track id.
        """
        self._stamp_ns, self._themselves = faces.stamp_ns, dict(themselves)
        self.poll()
        in_view = [face.track_id for face in faces.faces]
        self._policy.see(in_view, faces.stamp_ns, themselves, self._known)
        self._joiner.add_result("faces", faces.stamp_ns, faces, self._clock())
        self._submit()

    def poll(self) -> None:
        """Take in what has been seen and learned until now; to be called now and then without faces too."""
        if self._is_stale.is_set() and self._clock() - self._read_s > self._read_rest_s > 0:
            self.refresh()  # it failed, and has rested
        while True:
            try:
                result = self._results.get_nowait()
            except Empty:
                return
            self._known = result.value.known - self._erased
            for track, match in result.value.matches:
                if match is None or match.id in self._known:
                    self._policy.look(track, match, result.stamp_ns)

    def close(self) -> None:
        """End the thread, and the recogniser with it."""
        self._closed = True
        recogniser = self._recogniser
        if recogniser is not None:
            recogniser.close()
        self._runner.close()
        if self._recogniser not in (None, recogniser):
            self._recogniser.close()

    # ---- in the node's thread

    def _submit(self) -> None:
        joint = self._joiner.pop(self._clock())
        if joint is None or joint.results["faces"].is_stale:
            return
        faces: FaceSet = joint.results["faces"].value
        by_track = {face.track_id: face for face in faces.faces}
        due = self._policy.due(by_track, faces.stamp_ns)
        if due and self._known:
            self._looked_s = self._clock()
            self._is_look_waiting.set()
            self._runner.submit(faces.stamp_ns, _Look(joint.frame, tuple(by_track[track] for track in due)))

    # ---- in the runner's thread

    def _take(self, result: ModelResult[_Seen]) -> None:
        self._results.put(result)
        # Enrolling goes on, one person at a time; a look that waits is not to be replaced, and does it too.
        if self._to_enrol and not self._is_look_waiting.is_set():
            self._runner.submit(result.stamp_ns, None)

    def _tell(self, error: Exception) -> None:
        if not self._closed:
            self._on_error(error)

    def _look(self, look: _Look | None) -> _Seen:
        if look is not None:
            self._is_look_waiting.clear()
        try:
            self._learn()
        except Exception:
            self._is_stale.set()
            self._read_rest_s = _longer(self._read_rest_s)
            raise
        self._read_rest_s = 0.0
        if look is None or not self._enrolled:
            return _Seen((), frozenset(self._enrolled))
        try:
            matches = self._matches(look)
        except Exception:
            self._look_rest_s = _longer(self._look_rest_s)
            raise
        self._look_rest_s = 0.0
        return _Seen(matches, frozenset(self._enrolled))

    def _learn(self) -> None:
        if self._is_stale.is_set():
            self._is_stale.clear()
            self._the_recogniser()  # what it lacks is said at once, not when the first person comes
            self._read_store()
        if self._to_enrol:
            self._enrol(self._to_enrol.pop())

    def _matches(self, look: _Look) -> tuple[tuple[int, Match | None], ...]:
        image = look.frame.image
        worth = (face for face in look.faces if is_worth_looking(image, face))
        return tuple((face.track_id, self._identify(image, face)) for face in islice(worth, MOST_AT_ONCE))

    def _identify(self, image: Image, face: Face) -> Match | None:
        try:
            return self._the_recogniser().identify(image, face.landmarks, self._enrolled)
        except UsageError:  # too small or at the border, after all
            return None

    def _read_store(self) -> None:
        now = utc_now()
        allowed = {
            entry.id
            for entry in self._store.entries()[0]
            if entry.consent.recognise and not entry.consent.has_expired(now)
        }
        stored = self._store.derived_of_kind(EMBEDDING) if allowed else {}
        current = {i: data for i, data in stored.items() if i in allowed and self._is_current(data)}
        self._enrolled = current
        self._to_enrol = sorted(allowed - current.keys())

    def _is_current(self, data: bytes) -> bool:
        return self._the_recogniser().is_current(data)

    def _enrol(self, face_id: str) -> None:
        try:
            data = self._the_recogniser().enrol(self._store.get(face_id))
            self._store.put_derived(face_id, EMBEDDING, data)
        except UsageError as error:  # erased meanwhile, consent withdrawn, or no picture can be used
            logger.warning("A stored face is not recognised: %s", error)
            return
        self._enrolled = {**self._enrolled, face_id: data}

    def _the_recogniser(self) -> FaceRecogniser:
        if self._recogniser is None:
            self._recogniser = self._create()
        return self._recogniser


def _longer(rest_s: float) -> float:
    return min(max(FIRST_REST_S, 2 * rest_s), LONGEST_REST_S)
