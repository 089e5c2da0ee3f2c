"""The search for people who are not followed yet: when, in which part of the picture, who is no news.

The detector mostly names one person of a view, the nearest: in 38 pictures of a far person beside a near
one it named the far one 9 times. So people who are known are painted over before it looks (then it named
the far one 38 times), and it looks at the picture as a whole and in squares in turn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from mirror_core.faces import Roi
from mirror_core.frame import Image
from mirror_tracking.body_observation import BodyObservation
from mirror_tracking.body_parameters import BodyTrackerParameters
from mirror_tracking.body_shape import shoulder_centre
from mirror_tracking.body_silhouette import hidden
from mirror_tracking.body_tracks import BodyTracks
from mirror_tracking.pose_detector import MIN_VIEW_PX, PersonDetection

__all__ = ["Detector", "PeopleSearch", "new_people", "views_for_bodies"]

EXPLAINED_DISTANCE = 0.4  # sizes: a detection this near to a tracked body is that body
FULL_PATIENCE = 2.0  # where all places are taken, people are looked for by so much more seldom
EAGER_VIEWS = 3  # frames with a view each after a new person: people often come together
SQUARE_ASPECT = 1.25  # a picture longer than this is also looked at in squares
STAMP_JITTER_S = 0.005  # by so much may a frame come early and still count as on time


class Detector(Protocol):
    """What the search needs of a detector; `PoseDetector` is one."""

    def detect(self, image: Image, view: Roi | None = None) -> list[PersonDetection]:
        """People in a view of a picture, in pixels of the whole picture."""


def views_for_bodies(width: int, height: int) -> tuple[Roi, ...]:
    """The parts of a picture to look for people in, in turn: all of it, and squares along its longer side.

    Empty for a picture too small to show anybody.
    """
    if min(width, height) < MIN_VIEW_PX:
        return ()
    whole = Roi(0.0, 0.0, float(width), float(height))
    side, length = float(min(width, height)), float(max(width, height))
    if length < SQUARE_ASPECT * side:
        return (whole,)
    starts = np.linspace(0.0, length - side, max(2, math.ceil(length / side - 1e-9)))
    corners = [(float(start), 0.0) if width >= height else (0.0, float(start)) for start in starts]
    return (whole, *(Roi(x, y, side, side) for x, y in corners))


class PeopleSearch:
    """Looks for new people.

    Attributes:
        views: how often the detector has looked.
    """

    def __init__(self, detector: Detector) -> None:
        """Look with a detector, which has no memory of its own."""
        self._detector = detector
        self.views = 0
        self._newest_id = 0
        self.reset()

    def reset(self) -> None:
        """Begin anew with the whole picture, at once."""
        self._last_ns: int | None = None
        self._next_view = self._eager_views = 0
        self.forget()

    def forget(self) -> None:
        """Drop what was found or left for later: the picture has nothing to do with the last one."""
        self._postponed: tuple[Image, Roi] | None = None
        self._found_meanwhile: list[PersonDetection] = []

    def people(
        self,
        image: Image,
        stamp_ns: int,
        tracks: BodyTracks,
        parameters: BodyTrackerParameters,
        *,
        later: bool,
    ) -> list[PersonDetection]:
        """Who is seen in a picture, as far as a search is due, and who was found since the last one.

        Args:
            image: uint8 [height, width, 3], of a size that has views.
            stamp_ns: its time.
            tracks: those who are known.
            parameters: settings of the tracker.
            later: while somebody is followed, leave the search to `look_around`.
        """
        view = self._view(image, stamp_ns, tracks, parameters)
        self._postponed = None
        seen, self._found_meanwhile = self._found_meanwhile, []
        if view is None:
            return seen
        self._last_ns = stamp_ns
        if later and tracks.active:
            self._postponed = (image, view)
            return seen
        return [*seen, *self._detect(image, view, stamp_ns, tracks)]

    def look_around(self, stamp_ns: int, tracks: BodyTracks) -> bool:
        """Search where that was left for later; whether it was."""
        if self._postponed is None:
            return False
        (image, view), self._postponed = self._postponed, None
        self._found_meanwhile = self._detect(image, view, stamp_ns, tracks)
        return True

    def _detect(self, image: Image, view: Roi, stamp_ns: int, tracks: BodyTracks) -> list[PersonDetection]:
        self.views += 1
        known = [track.outline(stamp_ns) for track in tracks.active]
        return self._detector.detect(hidden(image, known), view)

    def _view(
        self, image: Image, stamp_ns: int, tracks: BodyTracks, parameters: BodyTrackerParameters
    ) -> Roi | None:
        """The part of the picture to look at, this time; None where no search is due."""
        newest_id = max((track.track_id for track in tracks.active), default=0)
        if newest_id > self._newest_id:
            self._newest_id, self._eager_views = newest_id, EAGER_VIEWS
        period = parameters.detection_period
        if len(tracks.active) >= parameters.max_bodies:
            period *= FULL_PATIENCE
        elif self._eager_views > 0 or tracks.pending:
            period = 0.0
        passed_s = (stamp_ns - self._last_ns) * 1e-9 if self._last_ns is not None else math.inf
        if passed_s < period - STAMP_JITTER_S:
            return None
        views = views_for_bodies(image.shape[1], image.shape[0])
        view = views[self._next_view % len(views)]
        self._next_view += 1
        self._eager_views = max(0, self._eager_views - 1)
        return view


def new_people(
    seen: Sequence[PersonDetection], observed: Sequence[BodyObservation], parameters: BodyTrackerParameters
) -> list[PersonDetection]:
    """Detected people that are not those observed already, the largest first, as many as may be tracked."""
    known = [(np.array(shoulder_centre(body.landmarks)), body.size) for body in observed]
    found = [
        detection
        for detection in seen
        if detection.score >= parameters.detection_score
        and all(
            np.linalg.norm(detection.keypoints[2] - centre) > EXPLAINED_DISTANCE * size
            for centre, size in known
        )
    ]
    found.sort(key=lambda detection: -detection.region.side)
    return found[: parameters.max_bodies]
