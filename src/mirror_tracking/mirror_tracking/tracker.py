"""From frames to tracked faces: when to detect, where to run the mesh, and what comes out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mirror_core.faces import Face, FaceSet, Roi
from mirror_core.frame import Frame, Image
from mirror_core.geometry import CameraIntrinsics
from mirror_core.parameters import parameter
from mirror_tracking.appearance import describe
from mirror_tracking.association import Candidate
from mirror_tracking.detector import Detection, FaceDetector, suppress_overlapping, views_of
from mirror_tracking.head_pose import solve_head_pose
from mirror_tracking.mesh import FaceMesh, MeshResult, Region, region_from_detection, region_from_landmarks
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.topology import INNER_LIPS, LEFT_EYE, NOSE_TIP, RIGHT_EYE
from mirror_tracking.tracks import Observation, Track, TrackSet

__all__ = ["FaceTracker", "StageTimes", "TrackerParameters"]

NEW_FACE_PRESENCE = 0.8  # the mesh must be this sure of a face before a track begins
KNOWN_FACE_PRESENCE = 0.7  # and this sure for a track to go on
SMALLEST_KEPT = 0.75  # share of min_face_px below which a tracked face is given up
FAR_VIEWS_PER_NEAR = 2  # views of a part of the picture for each view of all of it
EAGER_VIEWS = 12  # frames with a view each after a new face, enough to see all of a 1280×720 picture
SEARCH_MARGIN = 4.0  # a lost face is looked for in a square of this many face sizes
STAMP_JITTER_S = 0.005  # by so much may a frame come early and still count as on time
REST_AFTER_S = 3.0  # without anybody, after which not every frame is searched any more
EXPLAINED_DISTANCE = 0.45  # face sizes: a detection this near to a tracked face is that face
CERTAIN_SCORE = 0.7  # detections from this score on, and …
CERTAIN_DISAGREEMENT = 0.15  # … this near to the mesh (face sizes), need no second look
MAX_DISAGREEMENT = 0.25  # face sizes: farther apart, detector and mesh do not see the same face
MAX_FILL = 0.95  # share of its region's side that a believable face takes at most …
MIN_FILL = 0.3  # … and at least


@dataclass(frozen=True)
class TrackerParameters:
    """Settings of the face tracker."""

    max_faces: int = parameter(4, "Largest number of faces tracked at once.", minimum=1, maximum=16)
    min_face_px: int = parameter(
        72, "Height in pixels of the smallest face that is taken up.", minimum=16, maximum=2000
    )
    detection_period: float = parameter(
        0.1,
        "While faces are tracked, or nobody has been there for a while, new ones are looked for every so many"
        " seconds.",
        minimum=0.0,
        maximum=10.0,
    )
    detection_score: float = parameter(
        0.5, "Score from which on the detector's faces are checked by the mesh.", minimum=0.1, maximum=0.99
    )
    lost_after_s: float = parameter(
        1.0, "Seconds for which a face may be unseen and keep its id.", minimum=0.0, maximum=10.0
    )
    smoothing_min_cutoff: float = parameter(
        1.0, "Cutoff in Hz for points at rest; lower is smoother.", minimum=0.01, maximum=1000.0
    )
    smoothing_beta: float = parameter(
        20.0, "Hz of cutoff per face size a second; higher follows faster.", minimum=0.0, maximum=1000.0
    )
    smoothing_derivative_cutoff: float = parameter(
        2.0, "Cutoff in Hz for the speed that smoothing adapts to.", minimum=0.01, maximum=1000.0
    )
    refine: bool = parameter(
        False,
        "Calm landmarks by patches of the face's own past (0.7 ms a face), so that they need less smoothing: "
        "then set smoothing_min_cutoff to 5 and smoothing_beta to 80.",
    )
    field_of_view: float = parameter(
        60.0,
        "Horizontal field of view in degrees, for cameras that send no calibration.",
        minimum=10.0,
        maximum=170.0,
    )
    head_pose: bool = parameter(True, "Solve the head pose of each face.")
    shape: bool = parameter(True, "Fit the shape model to each face.")


@dataclass(frozen=True, slots=True)
class StageTimes:
    """What one update took, in seconds.

    Attributes:
        detect_s: looking for faces (0 where it was not due).
        mesh_s: landmarks of all faces.
        associate_s: identities and smoothing.
        pose_s: head poses.
        shape_s: shape parameters and reconstructions.
        detections: views that the detector looked at.
        meshes: regions that the mesh looked at.
    """

    detect_s: float = 0.0
    mesh_s: float = 0.0
    associate_s: float = 0.0
    pose_s: float = 0.0
    shape_s: float = 0.0
    detections: int = 0
    meshes: int = 0


class Detector(Protocol):
    """What the tracker needs of a detector; `FaceDetector` is one."""

    def detect(self, image: Image, view: Roi | None = None) -> list[Detection]:
        """Faces in a view of a picture, in pixels of the whole picture."""


class Mesh(Protocol):
    """What the tracker needs of a face mesh; `FaceMesh` is one."""

    def landmarks(self, image: Image, regions: list[Region]) -> list[MeshResult]:
        """The mesh in each region."""


class FaceTracker:
    """Finds and follows the faces of a sequence of frames.

    State changes only at the end of an update: one that raises leaves the tracks as they were.
    """

    def __init__(
        self,
        parameters: TrackerParameters | None = None,
        *,
        detector: Detector | None = None,
        mesh: Mesh | None = None,
    ) -> None:
        """Load the models.

        Args:
            parameters: settings; the defaults where None.
            detector, mesh: replacements for the bundled models, for tests and other back ends.

        Raises:
            ModelError: if a model does not load.
        """
        self._parameters = parameters or TrackerParameters()
        self._detector = detector if detector is not None else FaceDetector(min_score=0.1)
        self._mesh = mesh if mesh is not None else FaceMesh()
        if self._parameters.shape:
            shared_shape_model()  # read now and not while the first face waits
        self._tracks = TrackSet()
        self._last_stamp_ns = 0
        self._image_size = (0, 0)
        self._last_detection_ns = 0
        self._alone_since_ns: int | None = None  # since when nobody is there
        self._next_view = 0
        self._newest_id = 0
        self._eager_views = 0
        self._postponed: tuple[Image, list[Roi]] | None = None
        self._found_meanwhile: list[Detection] = []
        self._times = StageTimes()

    @property
    def parameters(self) -> TrackerParameters:
        """The settings in force."""
        return self._parameters

    @property
    def times(self) -> StageTimes:
        """What the newest update took."""
        return self._times

    @property
    def lost_ids(self) -> tuple[int, ...]:
        """Ids of faces that are out of sight and may come back."""
        return tuple(track.track_id for track in self._tracks.lost)

    def configure(self, parameters: TrackerParameters) -> None:
        """Change the settings from the next frame on; tracks go on."""
        self._parameters = parameters

    def reset(self) -> None:
        """Forget all faces; their ids are not used again."""
        self._tracks.clear()
        self._last_detection_ns = 0
        self._alone_since_ns = None
        self._next_view = 0
        self._postponed = None
        self._found_meanwhile = []

    def close(self) -> None:
        """Free the models that this tracker loaded."""
        for model in (self._detector, self._mesh):
            if isinstance(model, FaceDetector | FaceMesh):
                model.close()

    def update(
        self, frame: Frame, camera: CameraIntrinsics | None = None, *, look_later: bool = False
    ) -> FaceSet:
        """The faces in the next frame.

        A stamp before the last one (a bag that starts again) or another picture size begins anew. A
        placeholder, or a picture of a few pixels, shows no face and lets the tracks wait.

        Args:
            frame: the picture.
            camera: its intrinsics; where None, or where they are for another picture size, those of
                `TrackerParameters.field_of_view`.
            look_later: while faces are followed, leave the search for new ones, which takes longer than
                all the rest, to `look_around`, so that those who are there do not wait for it.

        Raises:
            ModelError: if a model fails; the tracks stay as they were.
        """
        size = (frame.width, frame.height)
        every_view = views_of(*size, float(self._parameters.min_face_px))
        if frame.stamp_ns < self._last_stamp_ns:
            self.reset()
        self._last_stamp_ns = frame.stamp_ns
        if frame.is_placeholder or not every_view:
            self._times = StageTimes()
            self._postponed, self._found_meanwhile = None, []
            self._take_in([], frame)
            return FaceSet(frame.stamp_ns, frame.frame_id, size)
        if size != self._image_size:
            self.reset()
        self._image_size = size
        started = time.perf_counter()
        known, views = self._known_regions(frame.stamp_ns), self._views(every_view, frame.stamp_ns)
        self._postponed = (frame.image, views) if look_later and known and views else None
        looked_at = [] if self._postponed else views
        seen = [*self._found_meanwhile, *self._detect(frame.image, looked_at)]
        self._found_meanwhile = []
        detections = self._new_faces(seen, frame.stamp_ns)
        regions = known + [region_from_detection(detection) for detection in detections]
        detected = time.perf_counter()
        meshes = self._mesh.landmarks(frame.image, regions) if regions else []
        meshed = time.perf_counter()
        sources: list[Detection | None] = [None] * len(known) + list(detections)
        observations = [
            observation
            for mesh, region, detection in zip(meshes, regions, sources, strict=True)
            if (observation := self._observation(mesh, region, detection)) is not None
        ]
        tracks = self._take_in(observations, frame)
        if views:
            self._last_detection_ns = frame.stamp_ns
        if tracks or self._alone_since_ns is None:
            self._alone_since_ns = frame.stamp_ns
        newest_id = max((track.track_id for track in tracks), default=0)
        if newest_id > self._newest_id:  # people often come together: look everywhere once, at once
            self._newest_id, self._eager_views = newest_id, EAGER_VIEWS
        else:
            self._eager_views = max(0, self._eager_views - 1)
        associated = time.perf_counter()
        if camera is None or (camera.width, camera.height) != size:
            camera = CameraIntrinsics.from_field_of_view(*size, self._parameters.field_of_view)
        faces = tuple(self._face(track, camera) for track in tracks)
        posed = time.perf_counter()
        if self._parameters.shape:
            faces = tuple(_with_shape(face) for face in faces)
        self._times = StageTimes(
            detect_s=detected - started,
            mesh_s=meshed - detected,
            associate_s=associated - meshed,
            pose_s=posed - associated,
            shape_s=time.perf_counter() - posed,
            detections=len(looked_at),
            meshes=len(regions),
        )
        return FaceSet(frame.stamp_ns, frame.frame_id, size, faces)

    def look_around(self) -> None:
        """Search for new faces where the last `update` has left that for later.

        What is found is taken up by the next update. `times` then says what the search took.

        Raises:
            ModelError: if the detector fails.
        """
        if self._postponed is None:
            return
        (image, views), self._postponed = self._postponed, None
        started = time.perf_counter()
        self._found_meanwhile = self._detect(image, views)
        self._times = replace(self._times, detect_s=time.perf_counter() - started, detections=len(views))

    def _take_in(self, observations: list[Observation], frame: Frame) -> list[Track]:
        parameters = self._parameters
        return self._tracks.update(
            observations,
            frame.stamp_ns,
            image=frame.image if parameters.refine else None,
            max_faces=parameters.max_faces,
            lost_after_s=parameters.lost_after_s,
            smoothing=(
                parameters.smoothing_min_cutoff,
                parameters.smoothing_beta,
                parameters.smoothing_derivative_cutoff,
            ),
        )

    def _known_regions(self, stamp_ns: int) -> list[Region]:
        """Where the faces of the last frame should be now."""
        return [
            region_from_landmarks(track.observed.landmarks).moved(*track.shift(stamp_ns))
            for track in self._tracks.active
        ]

    def _views(self, every_view: tuple[Roi, ...], stamp_ns: int) -> list[Roi]:
        """The parts of the picture to look for faces in, this time, out of all that cover it."""
        whole, *tiles = every_view
        active, lost = self._tracks.active, self._tracks.lost
        # What was seen once or a moment ago is looked at more closely, one such place each time.
        missing = self._tracks.pending or [track.predicted(stamp_ns) for track in lost]
        views: list[Roi] = []
        if missing:
            place = missing[self._next_view % len(missing)]
            views.append(_search_square(place, tiles[0].width if tiles else 0.0))
        if not active:
            if missing or not self._is_at_rest(stamp_ns) or self._detection_is_due(stamp_ns):
                views.append(whole)
                if tiles and not missing:
                    views.append(tiles[self._next_view % len(tiles)])
        elif not missing and (self._eager_views > 0 or self._detection_is_due(stamp_ns)):
            # Mostly far faces, which take many views; where all places are taken, only near ones.
            is_full = len(active) >= self._parameters.max_faces
            turn, part = divmod(self._next_view, FAR_VIEWS_PER_NEAR + 1)
            look_far = tiles and not is_full and part > 0
            views.append(tiles[(turn * FAR_VIEWS_PER_NEAR + part) % len(tiles)] if look_far else whole)
        if views:
            self._next_view += 1
        return views

    def _detection_is_due(self, stamp_ns: int) -> bool:
        # Seconds, not frames: a quick camera must not pay for looking around more often than a slow one.
        passed_s = (stamp_ns - self._last_detection_ns) * 1e-9
        return passed_s >= self._parameters.detection_period - STAMP_JITTER_S

    def _is_at_rest(self, stamp_ns: int) -> bool:
        # A mirror is alone most of the day: it need not look at every picture for somebody to come.
        since_ns = self._alone_since_ns
        return since_ns is not None and (stamp_ns - since_ns) * 1e-9 >= REST_AFTER_S

    def _detect(self, image: Image, views: list[Roi]) -> list[Detection]:
        return [detection for view in views for detection in self._detector.detect(image, view)]

    def _new_faces(self, seen: list[Detection], stamp_ns: int) -> list[Detection]:
        """Detected faces that are not those already followed, each once, the largest first."""
        known = [track.predicted(stamp_ns) for track in self._tracks.active]
        smallest = SMALLEST_KEPT * self._parameters.min_face_px  # the mesh then measures exactly
        found: list[Detection] = []
        for detection in seen:
            x, y = detection.roi.centre
            is_known = any(
                max(abs(x - face.x), abs(y - face.y)) < EXPLAINED_DISTANCE * face.size for face in known
            )
            if (
                not is_known
                and detection.score >= self._parameters.detection_score
                and max(detection.roi.width, detection.roi.height) >= smallest
            ):
                found.append(detection)
        best = suppress_overlapping(found)
        best.sort(key=lambda detection: -detection.roi.area)
        return best[: self._parameters.max_faces]

    def _observation(
        self, mesh: MeshResult, region: Region, detection: Detection | None
    ) -> Observation | None:
        """What a mesh shows; None where it is no face's.

        A face is one that the mesh is sure of, large enough, and fills its region as faces do. A new
        one (with its detection) must also lie as the detector saw it: on backs of heads and on
        patterns the two models do not agree.
        """
        width, height = self._image_size
        observation = Observation(mesh.landmarks, mesh.presence)
        extent = max(observation.roi.width, observation.roi.height)
        x, y = observation.roi.centre
        smallest = self._parameters.min_face_px * (SMALLEST_KEPT if detection is None else 1.0)
        if (
            mesh.presence < (KNOWN_FACE_PRESENCE if detection is None else NEW_FACE_PRESENCE)
            or extent < smallest
            or not MIN_FILL * region.side <= extent <= MAX_FILL * region.side
            or not (0 <= x <= width and 0 <= y <= height)
        ):
            return None
        is_certain = True
        if detection is not None:
            difference = _disagreement(mesh, detection)
            if difference > MAX_DISAGREEMENT:
                return None
            is_certain = difference <= CERTAIN_DISAGREEMENT and detection.score >= CERTAIN_SCORE
        return replace(observation, appearance=describe(mesh.crop, mesh.crop_points), is_certain=is_certain)

    def _face(self, track: Track, camera: CameraIntrinsics) -> Face:
        pose = solve_head_pose(track.landmarks, camera) if self._parameters.head_pose else None
        return Face(
            track_id=track.track_id,
            confidence=track.observed.presence,
            roi=track.roi,
            landmarks=track.landmarks,
            head_pose=pose,
        )


def _with_shape(face: Face) -> Face:
    """The face with its shape parameters and reconstruction; 0.15 ms."""
    model = shared_shape_model()
    fit = model.fit(face.landmarks)
    return replace(
        face,
        shape_parameters=fit.parameters,
        shape_reconstruction=model.reconstruct(face.landmarks, fit),
    )


def _search_square(place: Candidate, smallest_side: float) -> Roi:
    side = max(SEARCH_MARGIN * place.size, smallest_side)
    return Roi(place.x - side / 2, place.y - side / 2, side, side)


def _disagreement(mesh: MeshResult, detection: Detection) -> float:
    """Largest distance between the mesh's and the detector's eyes, nose and mouth, in face sizes."""
    points = mesh.landmarks[:, :2]
    own = np.stack(
        [
            points[RIGHT_EYE].mean(axis=0),
            points[LEFT_EYE].mean(axis=0),
            points[NOSE_TIP],
            points[INNER_LIPS].mean(axis=0),
        ]
    )
    distances = np.linalg.norm(own - detection.keypoints[: len(own)], axis=1)
    return float(distances.max()) / max(detection.roi.width, detection.roi.height)
