"""The lives of bodies: born with a new person, kept through short losses, ended; ids are never used again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mirror_core.body_points import BodyPoint
from mirror_tracking.appearance import blended
from mirror_tracking.association import Candidate, assign
from mirror_tracking.body_observation import BodyObservation, body_costs
from mirror_tracking.body_shape import SIZE_M, shoulder_centre
from mirror_tracking.body_silhouette import Outline
from mirror_tracking.mesh import Region
from mirror_tracking.one_euro import OneEuroFilter
from mirror_tracking.pose_detector import body_region

__all__ = ["BodyTrack", "BodyTracks", "Smoothing"]

COASTING_S = 0.35  # time constant in which the speed that an unseen body is credited with dies away
VISIBILITY_TIME_S = 0.12  # time constant over which visibilities are averaged
MAX_GAP_S = 0.5  # after a longer pause the past says nothing about the present
PENDING_S = 1.0  # time in which the second look at an uncertain person must succeed
PENDING_DISTANCE = 0.6  # sizes that they may have moved until then
TAKEOVER_SIZE = 1.3  # a person must be this much larger to take a tracked one's place when all are taken
REGION_SMOOTHING = (0.3, 15.0, 1.0)  # of where to look next: steadier than the points (see OneEuroFilter)
_SHOULDERS = [BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER]


@dataclass(frozen=True, slots=True)
class Smoothing:
    """Settings of the landmarks' One-Euro filter; see `OneEuroFilter`."""

    min_cutoff: float = 1.0
    beta: float = 10.0
    derivative_cutoff: float = 1.0

    def filter(self) -> OneEuroFilter:
        """A filter without a past."""
        return OneEuroFilter(self.min_cutoff, self.beta, self.derivative_cutoff)


class BodyTrack:
    """One person's body over time.

    Attributes:
        track_id: unique for the life of the `BodyTracks`.
        observed: the newest observation as it was measured.
        landmarks, world_landmarks: its points, smoothed, float32 [33, 3].
        visibility: smoothed, float32 [33].
        stamp_ns: when it was observed.
    """

    def __init__(self, track_id: int, observed: BodyObservation, stamp_ns: int, smoothing: Smoothing) -> None:
        """Begin with the first observation."""
        self.track_id = track_id
        self.stamp_ns = stamp_ns
        self._points, self._world = smoothing.filter(), smoothing.filter()
        self._place = OneEuroFilter(*REGION_SMOOTHING)
        self._appearance = observed.appearance
        self.visibility = observed.visibility
        self._take(observed, stamp_ns)

    def configure(self, smoothing: Smoothing) -> None:
        """Change the smoothing and keep the past."""
        for points in (self._points, self._world):
            points.configure(smoothing.min_cutoff, smoothing.beta, smoothing.derivative_cutoff)

    def unseen_s(self, stamp_ns: int) -> float:
        """Seconds since the last observation."""
        return max(0.0, (stamp_ns - self.stamp_ns) * 1e-9)

    def shift(self, stamp_ns: int) -> tuple[float, float]:
        """How far (x, y) in pixels the body should have moved since it was last observed."""
        velocity = self._points.velocity
        if velocity is None:
            return 0.0, 0.0
        reach = COASTING_S * (1.0 - math.exp(-self.unseen_s(stamp_ns) / COASTING_S))
        x, y = velocity[_SHOULDERS, :2].mean(axis=0) * reach
        return float(x), float(y)

    def predicted(self, stamp_ns: int) -> Candidate:
        """Where the body should be at a time."""
        x, y = shoulder_centre(self.observed.landmarks)
        dx, dy = self.shift(stamp_ns)
        return Candidate(x + dx, y + dy, self.observed.size, self._appearance, self.unseen_s(stamp_ns))

    def region(self, stamp_ns: int) -> Region:
        """Where to look for the body at a time."""
        return body_region(self._alignment[0], self._alignment[1]).moved(*self.shift(stamp_ns))

    def outline(self, stamp_ns: int) -> Outline:
        """What the body should look like at a time, roughly."""
        return Outline(self.observed.landmarks, self.observed.size).moved(*self.shift(stamp_ns))

    def observe(self, observed: BodyObservation, stamp_ns: int) -> None:
        """Take the next observation in."""
        passed = self.unseen_s(stamp_ns)
        share = 1.0 - math.exp(-passed / VISIBILITY_TIME_S) if passed <= MAX_GAP_S else 1.0
        self.visibility = (self.visibility + share * (observed.visibility - self.visibility)).astype(
            np.float32
        )
        if observed.appearance is not None:
            self._appearance = blended(self._appearance, observed.appearance)
        self._take(observed, stamp_ns)

    def _take(self, observed: BodyObservation, stamp_ns: int) -> None:
        self.landmarks = self._points(observed.landmarks, stamp_ns, observed.size).astype(np.float32)
        self.world_landmarks = self._world(observed.world_landmarks, stamp_ns, SIZE_M).astype(np.float32)
        alignment = np.stack([observed.hips, observed.rim])
        self._alignment = self._place(alignment, stamp_ns, observed.size)
        self.observed, self.stamp_ns = observed, stamp_ns


class BodyTracks:
    """All tracks: those seen in the newest frame and those lost a short while ago."""

    def __init__(self) -> None:
        """Begin without tracks; ids count from 1."""
        self._tracks: list[BodyTrack] = []
        self._next_id = 1
        self._stamp_ns = 0
        self._pending: list[tuple[Candidate, int]] = []

    @property
    def pending(self) -> list[Candidate]:
        """People who were seen once, without certainty, and wait for a second look."""
        return [candidate for candidate, _ in self._pending]

    @property
    def active(self) -> list[BodyTrack]:
        """Tracks observed in the newest frame, in the order of their ids."""
        return [track for track in self._tracks if track.stamp_ns == self._stamp_ns]

    @property
    def lost(self) -> list[BodyTrack]:
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
        observations: Sequence[BodyObservation],
        stamp_ns: int,
        *,
        max_bodies: int,
        lost_after_s: float,
        smoothing: Smoothing,
    ) -> list[BodyTrack]:
        """Take in what one frame shows.

        Args:
            observations: the bodies seen, those of known people first; those of the same person are merged.
            stamp_ns: time of the frame, not before the last one.
            max_bodies: how many are tracked at most; tracked people stay unless a clearly larger one needs
                their place.
            lost_after_s: a track unseen for longer ends.
            smoothing: of the landmarks.

        Returns:
            The tracks seen in this frame, in the order of their ids.
        """
        self._tracks = [track for track in self._tracks if track.unseen_s(stamp_ns) <= lost_after_s]
        for track in self._tracks:
            track.configure(smoothing)
        kept: list[BodyObservation] = []
        for observation in observations:
            if not any(observation.is_same(other) for other in kept):
                kept.append(observation)
        costs = body_costs(
            [track.predicted(stamp_ns) for track in self._tracks], [seen.candidate() for seen in kept]
        )
        owner = {j: self._tracks[i] for i, j in assign(costs)}
        order = sorted(range(len(kept)), key=lambda j: -kept[j].size * (TAKEOVER_SIZE if j in owner else 1.0))
        new_pending: list[tuple[Candidate, int]] = []
        taken = 0
        for j in order:
            if taken == max_bodies:
                break
            if j in owner:
                owner[j].observe(kept[j], stamp_ns)
            elif kept[j].is_certain or self._is_second_look(kept[j].candidate()):
                self._tracks.append(BodyTrack(self._next_id, kept[j], stamp_ns, smoothing))
                self._next_id += 1
            else:
                new_pending.append((kept[j].candidate(), stamp_ns))
                continue
            taken += 1
        fresh = [entry for entry in self._pending if (stamp_ns - entry[1]) * 1e-9 <= PENDING_S]
        self._pending = (new_pending + fresh)[: 2 * max_bodies]
        self._stamp_ns = stamp_ns
        return self.active

    def _is_second_look(self, seen: Candidate) -> bool:
        """Whether a person was pending where `seen` is; they are taken off the list."""
        for index, (pending, _) in enumerate(self._pending):
            if math.hypot(seen.x - pending.x, seen.y - pending.y) < PENDING_DISTANCE * pending.size:
                del self._pending[index]
                return True
        return False
