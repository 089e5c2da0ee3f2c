"""Measures gesture recognition on synthetic trajectories (see `head_movements`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from mirror_core.faces import HeadPose
from mirror_core.geometry import CameraIntrinsics, quaternion_from_matrix
from mirror_tracking.gestures import GestureKind, GestureParameters, GestureRecognizer, HeadGesture
from mirror_tracking.head_angles import HeadAngles, head_angles
from mirror_tracking.head_pose import mean_face, solve_head_pose
from mirror_tracking.one_euro import OneEuroFilter
from mirror_tracking.tracker import TrackerParameters
from mirror_training.head_movements import NEGATIVES, POSITIVES, Trajectory, trajectory

__all__ = [
    "EVALUATION_SEED",
    "Score",
    "evaluate",
    "precision",
    "recognised",
    "score",
    "through_tracker",
    "totals",
]

EVALUATION_SEED = 2_000_000  # trajectories from this seed on were not looked at while the recogniser was made
PATIENCE_S = 0.8  # so long after its end a gesture still counts as recognised


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the trajectories of one name.

    Attributes:
        count: trajectories.
        hits: those whose gesture was recognised, as what it is.
        false: the kinds of what was recognised and is not there, or a second time.
        delay_s: mean time from the end of the movement to its recognition, over the hits; 0 without.
    """

    count: int
    hits: int
    false: tuple[GestureKind, ...] = ()
    delay_s: float = 0.0

    @property
    def recall(self) -> float:
        """Share of the gestures that were recognised."""
        return self.hits / self.count if self.count else 0.0


def recognised(path: Trajectory, parameters: GestureParameters | None = None) -> list[HeadGesture]:
    """All gestures that the recogniser finds in a trajectory."""
    recognizer = GestureRecognizer(parameters)
    found = []
    for time_s, (yaw, pitch, roll) in zip(path.times_s, path.angles.tolist(), strict=True):
        found += recognizer.update(round(time_s * 1e9), {1: HeadAngles(yaw, pitch, roll)})
    return found


def through_tracker(path: Trajectory) -> Trajectory:
    """The same trajectory as the tracker's own steps hand it on.

    Each moment's angles turn the mean head 0.8 m before a camera, its landmarks are smoothed by the tracker's
    One-Euro filter as set by default, and the pose is solved from them again.
    """
    settings = TrackerParameters()
    smooth = OneEuroFilter(
        settings.smoothing_min_cutoff, settings.smoothing_beta, settings.smoothing_derivative_cutoff
    )
    camera = CameraIntrinsics.from_field_of_view(1280, 720, settings.field_of_view)
    facing = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])
    place = np.array([0.0, 0.0, 0.8])
    head = mean_face().astype(np.float64)
    seen = []
    for time_s, (yaw, pitch, roll) in zip(path.times_s, path.angles.tolist(), strict=True):
        turn = facing @ Rotation.from_euler("ZYX", [yaw, -pitch, -roll], degrees=True).as_matrix()
        pixels = camera.project(head @ turn.T + place) + 0.5
        size = float(np.ptp(pixels, axis=0).max())
        smoothed = smooth(pixels, round(time_s * 1e9), size)
        pose = solve_head_pose(smoothed, camera) or HeadPose(quaternion_from_matrix(turn), (0.0, 0.0, 0.8))
        angles = head_angles(pose)
        seen.append((angles.yaw, angles.pitch, angles.roll))
    return replace(path, angles=np.array(seen))


def score(paths: Iterable[Trajectory], parameters: GestureParameters | None = None) -> Score:
    """Count hits and false alarms in trajectories."""
    count = hits = 0
    delays: list[float] = []
    false: list[GestureKind] = []
    for path in paths:
        count += 1
        hit = False
        for gesture in recognised(path, parameters):
            at_s = gesture.stamp_ns * 1e-9
            if gesture.kind == path.kind and not hit and path.start_s <= at_s <= path.end_s + PATIENCE_S:
                hit = True
                delays.append(at_s - path.end_s)
            else:
                false.append(gesture.kind)
        hits += hit
    return Score(count, hits, tuple(false), sum(delays) / len(delays) if delays else 0.0)


def evaluate(
    per_name: int = 100,
    first_seed: int = EVALUATION_SEED,
    parameters: GestureParameters | None = None,
    *,
    track: bool = False,
) -> dict[str, Score]:
    """The score on `per_name` trajectories of each name, gestures first; `track`: see `through_tracker`."""
    scores = {}
    for name in (*POSITIVES, *NEGATIVES):
        paths = (trajectory(name, first_seed + index) for index in range(per_name))
        scores[name] = score((through_tracker(path) for path in paths) if track else paths, parameters)
    return scores


def precision(scores: Mapping[str, Score], name: str = "") -> float:
    """Share of what was recognised that is right, over all movements; 1 where nothing was recognised.

    Args:
        scores: of all movements.
        name: a key of `POSITIVES`, to look at that gesture alone; "" for all.
    """
    kinds = {POSITIVES[n][0] for n in ([name] if name else POSITIVES)}
    right = sum(scores[n].hits for n in ([name] if name else POSITIVES))
    wrong = sum(kind in kinds for one in scores.values() for kind in one.false)
    return right / (right + wrong) if right + wrong else 1.0


def totals(scores: Mapping[str, Score]) -> Score:
    """All gestures together, with all false ones."""
    return Score(
        count=sum(scores[name].count for name in POSITIVES),
        hits=sum(scores[name].hits for name in POSITIVES),
        false=tuple(kind for one in scores.values() for kind in one.false),
    )
