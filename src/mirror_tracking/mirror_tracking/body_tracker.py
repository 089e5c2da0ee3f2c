"""From frames to tracked bodies: where to run the pose model, what is believed, what comes out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mirror_core.bodies import Body, BodySet
from mirror_core.frame import Frame, Image
from mirror_tracking.body_appearance import describe_body
from mirror_tracking.body_observation import BodyObservation, body_costs
from mirror_tracking.body_parameters import BodyTrackerParameters
from mirror_tracking.body_search import Detector, PeopleSearch, new_people, views_for_bodies
from mirror_tracking.body_shape import SIZE_M, body_roi, body_size, shoulder_centre
from mirror_tracking.body_silhouette import hidden, mask_in_roi, without_nearer
from mirror_tracking.body_tracks import BodyTrack, BodyTracks, Smoothing
from mirror_tracking.mesh import Region
from mirror_tracking.pose_detector import PersonDetection, PoseDetector
from mirror_tracking.pose_landmarks import PoseLandmarks, PoseResult

__all__ = ["BodyTimes", "BodyTracker", "BodyTrackerParameters", "PoseModel"]

PERSON_M = 1.7  # height of the person that `min_body_px` speaks of
NEW_PRESENCE = 0.8  # the pose model must be this sure of a body before a track begins
KNOWN_PRESENCE = 0.5  # and this sure for a track to go on
SMALLEST_KEPT = 0.75  # share of min_body_px below which a tracked body is given up
CERTAIN_SCORE = 0.7  # detections from this score on need no second look
MAX_DISAGREEMENT = 0.6  # sizes: farther apart, detector and pose model do not see the same shoulders
RETRY_S = 0.3  # for which a body that was lost is still looked for where it should be
LEAST_SEEN = 5  # points that must be visible
SEEN = 0.5  # visibility from which on a point counts as such


@dataclass(frozen=True, slots=True)
class BodyTimes:
    """What one update took, in seconds.

    Attributes:
        detect_s: looking for people (0 where it was not due).
        pose_s: points of all bodies.
        associate_s: identities, smoothing and what is made of it.
        detections: views that the detector looked at.
        poses: regions that the pose model looked at.
    """

    detect_s: float = 0.0
    pose_s: float = 0.0
    associate_s: float = 0.0
    detections: int = 0
    poses: int = 0


class PoseModel(Protocol):
    """What the tracker needs of a pose model; `PoseLandmarks` is one."""

    def pose(self, image: Image, region: Region, *, segmentation: bool = False) -> PoseResult:
        """The body in a region."""


class BodyTracker:
    """Finds and follows the bodies of a sequence of frames.

    State changes only at the end of an update: one that raises leaves the tracks as they were.
    """

    def __init__(
        self,
        parameters: BodyTrackerParameters | None = None,
        *,
        detector: Detector | None = None,
        model: PoseModel | None = None,
    ) -> None:
        """Load the models.

        Args:
            parameters: settings; the defaults where None.
            detector, model: replacements for the bundled models, for tests and other back ends.

        Raises:
            ModelError: if a model does not load.
        """
        self._parameters = parameters or BodyTrackerParameters()
        self._search = PeopleSearch(detector if detector is not None else PoseDetector(min_score=0.1))
        self._model = model if model is not None else PoseLandmarks()
        self._tracks = BodyTracks()
        self._last_stamp_ns = 0
        self._image_size = (0, 0)
        self._times = BodyTimes()

    @property
    def parameters(self) -> BodyTrackerParameters:
        """The settings in force."""
        return self._parameters

    @property
    def times(self) -> BodyTimes:
        """What the newest update took."""
        return self._times

    def configure(self, parameters: BodyTrackerParameters) -> None:
        """Change the settings from the next frame on; tracks go on."""
        self._parameters = parameters

    def reset(self) -> None:
        """Forget all bodies; their ids are not used again."""
        self._tracks.clear()
        self._search.reset()

    def update(self, frame: Frame, *, segmentation: bool = False, look_later: bool = False) -> BodySet:
        """The bodies in the next frame.

        A stamp before the last one (a bag that starts again) or another picture size begins anew. A
        placeholder, or a picture of a few pixels, shows nobody and lets the tracks wait.

        Args:
            frame: the picture.
            segmentation: whether bodies shall have their segmentation; the pose model then takes half as
                long again.
            look_later: while people are followed, leave the search for new ones to `look_around`.

        Raises:
            ModelError: if a model fails; the tracks stay as they were.
        """
        size = (frame.width, frame.height)
        if frame.stamp_ns < self._last_stamp_ns:
            self.reset()
        self._last_stamp_ns = frame.stamp_ns
        if frame.is_placeholder or not views_for_bodies(*size):
            self._times = BodyTimes()
            self._search.forget()
            self._take_in([], frame.stamp_ns)
            return BodySet(frame.stamp_ns, frame.frame_id, *size)
        if size != self._image_size:
            self.reset()
        self._image_size = size
        views = self._search.views
        started = time.perf_counter()
        seen = self._search.people(
            frame.image, frame.stamp_ns, self._tracks, self._parameters, later=look_later
        )
        detected = time.perf_counter()
        known = self._known(frame.stamp_ns)
        observations = self._observe_known(frame, known, segmentation)
        new = new_people(seen, observations, self._parameters)
        for detection in new:
            observation = self._observed(frame.image, detection.region, detection, segmentation)
            if observation is not None:
                observations.append(observation)
        posed = time.perf_counter()
        tracks = self._take_in(observations, frame.stamp_ns)
        bodies = tuple(_body(track, *size) for track in tracks)
        if segmentation:
            bodies = without_nearer(bodies, [track.observed.size for track in tracks])
        self._times = BodyTimes(
            detect_s=detected - started,
            pose_s=posed - detected,
            associate_s=time.perf_counter() - posed,
            detections=self._search.views - views,
            poses=len(known) + len(new),
        )
        return BodySet(frame.stamp_ns, frame.frame_id, *size, bodies)

    def look_around(self) -> None:
        """Search for new people where the last `update` has left that for later.

        What is found is taken up by the next update. `times` then says what the search took.

        Raises:
            ModelError: if the detector fails.
        """
        started = time.perf_counter()
        if self._search.look_around(self._last_stamp_ns, self._tracks):
            self._times = replace(self._times, detect_s=time.perf_counter() - started, detections=1)

    def _take_in(self, observations: list[BodyObservation], stamp_ns: int) -> list[BodyTrack]:
        parameters = self._parameters
        return self._tracks.update(
            observations,
            stamp_ns,
            max_bodies=parameters.max_bodies,
            lost_after_s=parameters.lost_after_s,
            smoothing=Smoothing(
                parameters.smoothing_min_cutoff,
                parameters.smoothing_beta,
                parameters.smoothing_derivative_cutoff,
            ),
        )

    def _known(self, stamp_ns: int) -> list[BodyTrack]:
        """The people of the last frames, also those who were lost a moment ago."""
        lost = [track for track in self._tracks.lost if track.unseen_s(stamp_ns) <= RETRY_S]
        return [*self._tracks.active, *lost][: self._parameters.max_bodies]

    def _observe_known(
        self, frame: Frame, known: list[BodyTrack], segmentation: bool
    ) -> list[BodyObservation]:
        """Those of the known people who are seen, first who is most where and as they should be."""
        regions = [track.region(frame.stamp_ns) for track in known]
        outlines = [track.outline(frame.stamp_ns) for track in known]
        observations: list[tuple[float, BodyObservation]] = []
        for own, region in enumerate(regions):
            # Where two people are near each other the model would take parts of one for the other's.
            near = [
                outlines[other]
                for other in range(len(known))
                if other != own and _meet(region, regions[other])
            ]
            image = hidden(frame.image, near, outlines[own])
            if (observation := self._observed(image, region, None, segmentation)) is not None:
                expected = known[own].predicted(frame.stamp_ns)
                misfit = body_costs([expected], [observation.candidate()])[0, 0]
                observations.append((float(misfit), observation))
        observations.sort(key=lambda entry: entry[0])
        return [observation for _, observation in observations]

    def _observed(
        self, image: Image, region: Region, detection: PersonDetection | None, segmentation: bool
    ) -> BodyObservation | None:
        """What the pose model sees in a region; None where it is no body.

        A body is one that the model is sure of, large enough, and shows some of its points. The shoulders
        of a new one (with its detection) must also be about where the detector saw them.
        """
        result = self._model.pose(image, region, segmentation=segmentation)
        if result.presence < (KNOWN_PRESENCE if detection is None else NEW_PRESENCE):
            return None
        width, height = self._image_size
        x, y = result.landmarks[:, 0], result.landmarks[:, 1]
        is_inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
        observation = BodyObservation(
            landmarks=result.landmarks,
            visibility=(result.visibility * is_inside).astype(np.float32),
            world_landmarks=result.world_landmarks,
            presence=result.presence,
            hips=result.hips,
            rim=result.rim,
            appearance=describe_body(image, result.landmarks, body_size(result.hips, result.rim)),
            is_certain=detection is None or detection.score >= CERTAIN_SCORE,
            source=result if segmentation else None,
        )
        smallest = self._parameters.min_body_px * (SMALLEST_KEPT if detection is None else 1.0)
        if (
            np.count_nonzero(observation.visibility >= SEEN) < LEAST_SEEN
            or observation.size * PERSON_M / SIZE_M < smallest
        ):
            return None
        if detection is not None:
            shoulders = np.array(shoulder_centre(observation.landmarks))
            if np.linalg.norm(detection.keypoints[2] - shoulders) > MAX_DISAGREEMENT * observation.size:
                return None
        return observation


def _meet(one: Region, other: Region) -> bool:
    reach = (one.side + other.side) / 2
    return max(abs(one.x - other.x), abs(one.y - other.y)) < reach


def _body(track: BodyTrack, width: int, height: int) -> Body:
    observed = track.observed
    roi = body_roi(track.landmarks, track.visibility, observed.size, width, height)
    result, segmentation = observed.source, None
    if result is not None and result.mask is not None:
        segmentation = mask_in_roi(result.mask, result.region, roi)
    return Body(
        track_id=track.track_id,
        roi=roi,
        landmarks=track.landmarks,
        visibility=track.visibility,
        confidence=observed.presence,
        world_landmarks=track.world_landmarks,
        segmentation=segmentation,
    )
