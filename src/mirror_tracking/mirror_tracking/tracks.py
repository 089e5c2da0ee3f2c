"""The lives of tracks: born with a new face, kept through short losses, ended, their ids never used again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Roi
from mirror_core.frame import Image
from mirror_tracking.appearance import blended
from mirror_tracking.association import Candidate, assign, association_costs, distinct
from mirror_tracking.one_euro import OneEuroFilter
from mirror_tracking.patch_refinement import PatchRefinement

__all__ = ["Observation", "Track", "TrackSet"]

COASTING_S = 0.35  # time constant in which the speed that an unseen face is credited with dies away
VELOCITY_TIME_S = 0.08  # time constant over which a track's speed is averaged
MAX_STEP_S = 0.5  # a longer pause between observations says nothing about speed
PENDING_S = 0.3  # time in which the second look at an uncertain face must succeed
PENDING_DISTANCE = 0.5  # face sizes that it may have moved until then
HIDING_S = 0.3  # time for which a face that vanished may still be in front of another
HIDDEN_SHARE = 0.25  # share of a new face that a known one may cover
TAKEOVER_SIZE = 1.3  # a face must be this much larger to take a tracked face's place when all are taken


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One face seen in one frame.

    Attributes:
        landmarks: float32 [478, 3] in pixels.
        presence: 0 … 1, that there is a face.
        appearance: float32 [k] of unit length, or None.
        roi: bounding box of the landmarks in pixels.
        is_certain: False where it takes a second look before a new track begins with it.
    """

    landmarks: NDArray[np.float32]
    presence: float
    appearance: NDArray[np.float32] | None = None
    is_certain: bool = True
    roi: Roi = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roi", Roi.around(self.landmarks))

    def candidate(self) -> Candidate:
        """This observation as the association sees it."""
        return _candidate(self.roi, self.appearance)


def _hides(known: Roi, new: Roi) -> bool:
    """Whether a known face covers so much of a new one that the new one may be a part of it."""
    width = min(known.x + known.width, new.x + new.width) - max(known.x, new.x)
    height = min(known.y + known.height, new.y + new.height) - max(known.y, new.y)
    return width > 0 and height > 0 and width * height > HIDDEN_SHARE * new.area


def _candidate(roi: Roi, appearance: NDArray[np.float32] | None) -> Candidate:
    x, y = roi.centre
    return Candidate(x, y, max(roi.width, roi.height, 1.0), appearance)


class Track:
    """One person's face over time.

    Attributes:
        track_id: unique for the life of the `TrackSet`.
        observed: the newest observation as it was measured.
        landmarks: its landmarks, refined and smoothed, float32 [478, 3].
        roi: their bounding box in pixels.
        stamp_ns: when it was observed.
    """

    def __init__(
        self,
        track_id: int,
        observed: Observation,
        stamp_ns: int,
        smoother: OneEuroFilter,
        image: Image | None = None,
    ) -> None:
        """Begin with the first observation; `smoother` has no past; see `observe`."""
        self.track_id = track_id
        self.observed = observed
        self.stamp_ns = stamp_ns
        self.smoother = smoother
        self._refinement = PatchRefinement()
        self._velocity = np.zeros(2)
        self._appearance = observed.appearance
        self.landmarks = self._smooth(observed, stamp_ns, image)
        self.roi = Roi.around(self.landmarks)

    def unseen_s(self, stamp_ns: int) -> float:
        """Seconds since the last observation."""
        return max(0.0, (stamp_ns - self.stamp_ns) * 1e-9)

    def shift(self, stamp_ns: int) -> tuple[float, float]:
        """How far (x, y) in pixels the face should have moved since it was last observed."""
        reach = COASTING_S * (1.0 - math.exp(-self.unseen_s(stamp_ns) / COASTING_S))
        return float(self._velocity[0] * reach), float(self._velocity[1] * reach)

    def predicted(self, stamp_ns: int) -> Candidate:
        """Where the face should be at a time."""
        dx, dy = self.shift(stamp_ns)
        here = _candidate(self.observed.roi, self._appearance)
        return Candidate(here.x + dx, here.y + dy, here.size, here.appearance, self.unseen_s(stamp_ns))

    def observe(self, observed: Observation, stamp_ns: int, image: Image | None = None) -> None:
        """Take the next observation in; where `image` is given, its landmarks are refined with it."""
        dt = self.unseen_s(stamp_ns)
        if 0.0 < dt <= MAX_STEP_S:
            step = np.subtract(observed.roi.centre, self.observed.roi.centre) / dt
            share = 1.0 - math.exp(-dt / VELOCITY_TIME_S)
            self._velocity = self._velocity + share * (step - self._velocity)
        elif dt > MAX_STEP_S:
            self._velocity = np.zeros(2)
        if observed.appearance is not None:
            self._appearance = blended(self._appearance, observed.appearance)
        self.landmarks = self._smooth(observed, stamp_ns, image)
        self.roi = Roi.around(self.landmarks)
        self.observed, self.stamp_ns = observed, stamp_ns

    def _smooth(self, observed: Observation, stamp_ns: int, image: Image | None) -> NDArray[np.float32]:
        size = max(observed.roi.width, observed.roi.height, 1.0)
        landmarks = observed.landmarks
        if image is not None:
            landmarks = self._refinement(image, landmarks, stamp_ns)
        return self.smoother(landmarks, stamp_ns, size).astype(np.float32)


class TrackSet:
    """All tracks: those seen in the newest frame and those lost a short while ago."""

    def __init__(self) -> None:
        """Begin without tracks; ids count from 1."""
        self._tracks: list[Track] = []
        self._next_id = 1
        self._stamp_ns = 0
        self._pending: list[tuple[Candidate, int]] = []

    @property
    def pending(self) -> list[Candidate]:
        """Faces that were seen once, without certainty, and wait for a second look; newest first."""
        return [candidate for candidate, _ in self._pending]

    @property
    def active(self) -> list[Track]:
        """Tracks observed in the newest frame, the largest first."""
        seen = [track for track in self._tracks if track.stamp_ns == self._stamp_ns]
        return sorted(seen, key=lambda track: -track.roi.area)

    @property
    def lost(self) -> list[Track]:
        """Tracks that may come back, the most recently seen first."""
        unseen = [track for track in self._tracks if track.stamp_ns != self._stamp_ns]
        return sorted(unseen, key=lambda track: -track.stamp_ns)

    def clear(self) -> None:
        """End all tracks; their ids are not used again."""
        self._tracks = []
        self._pending = []
        self._stamp_ns = 0

    def update(
        self,
        observations: Sequence[Observation],
        stamp_ns: int,
        *,
        max_faces: int,
        lost_after_s: float,
        smoothing: tuple[float, float, float],
        image: Image | None = None,
    ) -> list[Track]:
        """Take in what one frame shows.

        Args:
            observations: the faces seen, in any order; those of the same face are merged.
            stamp_ns: time of the frame, not before the last one.
            max_faces: how many are tracked at most; tracked faces stay unless a clearly larger one
                needs their place.
            lost_after_s: a track unseen for longer ends.
            smoothing: settings of the landmarks' One-Euro filter (see `OneEuroFilter`).
            image: the frame's picture, to refine landmarks with (see `PatchRefinement`); None: do not.

        Returns:
            The tracks seen in this frame, the largest first.
        """
        self._tracks = [track for track in self._tracks if track.unseen_s(stamp_ns) <= lost_after_s]
        for track in self._tracks:
            track.smoother.configure(*smoothing)
        ranked = sorted(observations, key=lambda observation: -observation.presence)
        candidates = [observation.candidate() for observation in ranked]
        kept = distinct(candidates)
        costs = association_costs(
            [track.predicted(stamp_ns) for track in self._tracks], [candidates[j] for j in kept]
        )
        owner = {kept[j]: self._tracks[i] for i, j in assign(costs)}
        new_pending: list[tuple[Candidate, int]] = []
        hiding = [track for track in self._tracks if track.unseen_s(stamp_ns) <= HIDING_S]
        # Largest first, tracked faces with a bonus: then the first max_faces stay.
        kept.sort(key=lambda j: -candidates[j].size * (TAKEOVER_SIZE if j in owner else 1.0))
        taken = 0
        for j in kept:
            if taken == max_faces:
                break
            if j in owner:
                owner[j].observe(ranked[j], stamp_ns, image)
            elif any(_hides(track.roi, ranked[j].roi) for track in hiding):
                continue  # half behind a known face nobody can be told; the next frames will show more
            elif ranked[j].is_certain or self._is_second_look(candidates[j]):
                smoother = OneEuroFilter(*smoothing)
                self._tracks.append(Track(self._next_id, ranked[j], stamp_ns, smoother, image))
                self._next_id += 1
            else:
                new_pending.append((candidates[j], stamp_ns))
                continue
            taken += 1
        fresh = [entry for entry in self._pending if (stamp_ns - entry[1]) * 1e-9 <= PENDING_S]
        self._pending = (new_pending + fresh)[: 2 * max_faces]
        self._stamp_ns = stamp_ns
        return self.active

    def _is_second_look(self, seen: Candidate) -> bool:
        """Whether a face was pending where `seen` is; it is taken off the list."""
        for index, (pending, _) in enumerate(self._pending):
            if np.hypot(seen.x - pending.x, seen.y - pending.y) < PENDING_DISTANCE * pending.size:
                del self._pending[index]
                return True
        return False
