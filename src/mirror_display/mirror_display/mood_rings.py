"""Which moods the window shows now, and where: eased, so that neither ring nor word flickers.

Every value follows what is told like a low pass of first order (exponential smoothing with the time
constant beside its name), whatever the rate at which moods, faces and pictures come.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import FaceSet, Roi
from mirror_core.moods import Mood, MoodLabel, MoodSet

__all__ = ["MoodReading", "MoodRings", "MoodView"]

MOOD_FOLLOW_S = 0.4  # time constant with which the segments follow the probabilities
SURE_FOLLOW_S = 0.3  # time constant with which the ring turns grey, or coloured again
PLACE_FOLLOW_S = 0.04  # time constant with which the ring follows the face
FADE_S = 0.25  # time in which a ring appears and vanishes
ABSENT_S = 0.3  # a face that was not seen for so long has gone
SILENT_S = 2.0  # a mood that nobody renews for so long has gone
READING_S = 0.5  # the words change at most so often: what changes more often cannot be read
STEPS = 720  # to which a turn is rounded; a redraw for less cannot be seen
FADE_STEPS = 32
PLACE_STEPS = 8  # parts of a pixel
LEAST_PERCENT = 1  # a mood with less is not worth a word


@dataclass(frozen=True, slots=True)
class MoodReading:
    """What is written beside a ring.

    Attributes:
        unsure: the mirror does not know.
        shares: (mood, percent) from the most probable on; empty while unsure.
    """

    unsure: bool = False
    shares: tuple[tuple[MoodLabel, int], ...] = ()

    @classmethod
    def of(cls, probabilities: NDArray[np.float64], unsure: bool) -> MoodReading:
        """The words for probabilities [MOOD_COUNT]; the most probable mood is always among them."""
        if unsure:
            return cls(unsure=True)
        order = np.argsort(-probabilities, kind="stable")
        shares = [(MoodLabel(int(i)), round(100 * float(probabilities[i]))) for i in order]
        return cls(False, tuple(s for n, s in enumerate(shares) if n == 0 or s[1] >= LEAST_PERCENT))


@dataclass(frozen=True, slots=True)
class MoodView:
    """What the window shows of one face's mood; two equal ones look the same.

    Attributes:
        track_id: whose face.
        box: of the face, in pixels of the camera's picture.
        probabilities: of the moods in MoodLabel's order, sum 1.
        sureness: 0 (grey) … 1 (in the moods' colours).
        presence: 0 … 1, how far the ring has appeared.
        reading: what is written beside it.
    """

    track_id: int
    box: Roi
    probabilities: tuple[float, ...]
    sureness: float
    presence: float
    reading: MoodReading


@dataclass(slots=True)
class _Entry:
    mood: Mood
    told_s: float
    eased: NDArray[np.float64]
    sureness: float
    drawn_s: float
    box: Roi | None = None
    seen_s: float = -math.inf
    eased_box: Roi | None = None
    presence: float = 0.0
    reading: MoodReading = field(default_factory=MoodReading)
    read_s: float = -math.inf


class MoodRings:
    """Collects what is told about moods and faces; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, _Entry] = {}

    def tell(self, moods: MoodSet, now_s: float) -> None:
        """Take the newest moods.

        Args:
            moods: of the faces of one frame; whoever is not among them keeps the mood for a moment.
            now_s: monotonic seconds.
        """
        with self._lock:
            for mood in moods.moods:
                entry = self._entries.get(mood.track_id)
                if entry is None:
                    eased = mood.probabilities.astype(np.float64)
                    entry = _Entry(mood, now_s, eased, float(not mood.unsure), now_s)
                    self._entries[mood.track_id] = entry
                entry.mood, entry.told_s = mood, now_s

    def see(self, faces: FaceSet, now_s: float) -> None:
        """Take where the faces are."""
        with self._lock:
            for face in faces.faces:
                entry = self._entries.get(face.track_id)
                if entry is not None:
                    entry.box, entry.seen_s = face.roi, now_s

    def clear(self) -> None:
        """Forget everything, as when the rings are switched off."""
        with self._lock:
            self._entries.clear()

    def views(self, now_s: float, hidden: Collection[int] = ()) -> tuple[MoodView, ...]:
        """What to draw now, from left to right in the camera's picture.

        Args:
            now_s: monotonic seconds.
            hidden: track ids of faces that wear another ring.
        """
        with self._lock:
            for track_id, entry in list(self._entries.items()):
                self._advance(entry, now_s, track_id in hidden)
                if entry.presence == 0.0 and now_s - entry.told_s > SILENT_S:
                    del self._entries[track_id]
            views = [_view(entry) for entry in self._entries.values() if entry.presence > 0.0]
        return tuple(sorted(views, key=lambda view: view.box.centre[0]))

    @staticmethod
    def _advance(entry: _Entry, now_s: float, hidden: bool) -> None:
        passed_s = max(now_s - entry.drawn_s, 0.0)
        entry.drawn_s = now_s
        is_new = entry.presence == 0.0
        is_there = now_s - entry.seen_s <= ABSENT_S and now_s - entry.told_s <= SILENT_S
        step = passed_s / FADE_S if is_there else -passed_s / FADE_S
        entry.presence = 0.0 if hidden else min(max(entry.presence + step, 0.0), 1.0)
        follow = 1.0 if is_new else _share(passed_s, MOOD_FOLLOW_S)
        entry.eased += (entry.mood.probabilities - entry.eased) * follow
        sure = float(not entry.mood.unsure)
        entry.sureness += (sure - entry.sureness) * (1.0 if is_new else _share(passed_s, SURE_FOLLOW_S))
        if entry.box is not None:
            nearer = 1.0 if is_new else _share(passed_s, PLACE_FOLLOW_S)
            entry.eased_box = _between(entry.eased_box or entry.box, entry.box, nearer)
        if is_new or now_s - entry.read_s >= READING_S or entry.mood.unsure != entry.reading.unsure:
            entry.reading, entry.read_s = MoodReading.of(entry.eased, entry.mood.unsure), now_s


def _share(passed_s: float, time_constant_s: float) -> float:
    """The part of the way to its target that a value goes in this time."""
    return 1.0 - math.exp(-passed_s / time_constant_s)


def _between(begin: Roi, end: Roi, share: float) -> Roi:
    def mixed(a: float, b: float) -> float:
        return a + (b - a) * share

    return Roi(
        mixed(begin.x, end.x),
        mixed(begin.y, end.y),
        mixed(begin.width, end.width),
        mixed(begin.height, end.height),
    )


def _view(entry: _Entry) -> MoodView:
    box = entry.eased_box
    assert box is not None  # nobody is present without having been seen
    # The ends of the segments are rounded, not their lengths, so that the sum stays 1.
    ends = np.rint(np.cumsum(entry.eased) / entry.eased.sum() * STEPS) / STEPS
    places = [round(v * PLACE_STEPS) / PLACE_STEPS for v in (box.x, box.y, box.width, box.height)]
    return MoodView(
        entry.mood.track_id,
        Roi(*places),
        tuple(np.diff(ends, prepend=0.0).tolist()),
        round(entry.sureness * FADE_STEPS) / FADE_STEPS,
        round(entry.presence * FADE_STEPS) / FADE_STEPS,
        entry.reading,
    )
