"""Compares patch experts with the plain and the smoothed mesh: error where it is known, jitter, lag, time.

On stills that move in a known way (`moving_faces`), in percent of the distance between the outer eye corners:

- **error**: how far the landmarks, carried back to the still, are from their mean there; root mean square. A
  constant offset is no error here, for nobody knows the true place.
- **jitter**: second differences of what is left when the known movement is taken away; root mean square.
- **expression**: how much of what mouth and brows do the landmarks do too; a regression, in percent.
- **lag**: the delay that explains most of the error, in milliseconds.

On clips of people, where nothing is known:

- **jitter**: second differences from frame to frame. It holds the person's own movement too.
- **flow**: how far a step of a landmark is from that of the picture under it (pyramidal Lucas-Kanade, kept
  where forward and backward flow agree to 0.2 px).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Frame, Image
from mirror_tracking.one_euro import OneEuroFilter
from mirror_tracking.patch_refinement import PatchRefinement
from mirror_tracking.topology import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from mirror_tracking.tracker import FaceTracker, TrackerParameters
from mirror_training.moving_faces import RATE_HZ, Movement, moving_face
from mirror_training.opencv import cv2
from mirror_training.patch_experts import EXPERT_POINTS, MODES, PatchRefiner

__all__ = [
    "Method",
    "Result",
    "Seen",
    "evaluate_clip",
    "evaluate_stills",
    "follow",
    "methods",
    "moving_clips",
    "read_clip",
]

FIRM, LIGHT = (1.0, 20.0, 2.0), (5.0, 80.0, 2.0)
"""One-Euro settings (least cutoff, beta, cutoff of the speed): as the plain mesh needs them, and as they are
enough after the refinement."""

AGREEMENT_PX = 0.2  # by which forward and backward flow may differ
SETTLED = 15  # frames that are left out at the start of a clip, while templates and filters begin

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One frame as the mesh sees it: picture, time and unsmoothed landmarks float32 [478, 3]."""

    image: Image
    stamp_ns: int
    landmarks: NDArray[np.float32]


Method = Callable[[Seen], Points]
"""Landmarks [468 or more, 2] of a frame; it may remember the frames before."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one method achieved; NaN where it was not measured.

    Attributes:
        error, jitter, flow: see the module, in percent of the distance between the eyes.
        expression: how much of the face's own movement (mouth, brows) is followed, in percent.
        lag_ms: positive where the landmarks come late.
        time_ms: median time of the method itself, mesh not included.
    """

    error: float = float("nan")
    jitter: float = float("nan")
    flow: float = float("nan")
    expression: float = float("nan")
    lag_ms: float = float("nan")
    time_ms: float = float("nan")


def _plain() -> Method:
    return lambda seen: seen.landmarks[:, :2].astype(np.float64)


def _experts(mode: str, filters: Any = None) -> Method:
    refine = PatchRefiner(mode, filters)
    return lambda seen: refine(seen.image, seen.landmarks)


def _refinement() -> Method:
    refine = PatchRefinement()
    return lambda seen: refine(seen.image, seen.landmarks, seen.stamp_ns)[:, :2].astype(np.float64)


def _smoothed(method: Method, settings: tuple[float, float, float]) -> Method:
    smooth = OneEuroFilter(*settings)

    def smoothed(seen: Seen) -> Points:
        size = float(np.ptp(seen.landmarks[:, :2], axis=0).max())
        return smooth(method(seen), seen.stamp_ns, size)

    return smoothed


def methods(filters: Any = None) -> dict[str, Callable[[], Method]]:
    """What is compared, by name; each call makes one without memory. "firm" and "light" are smoothed.

    Args:
        filters: trained experts (see `trained_experts`); None leaves those methods out.
    """
    makers: dict[str, Callable[[], Method]] = {
        "mesh": _plain,
        "mesh, firm": lambda: _smoothed(_plain(), FIRM),
        "mesh, light": lambda: _smoothed(_plain(), LIGHT),
        **{f"template {mode}": partial(_experts, mode) for mode in MODES},
    }
    if filters is not None:
        makers |= {f"trained {mode}": partial(_experts, mode, filters) for mode in MODES}
    makers["template blend, firm"] = lambda: _smoothed(_experts("blend"), FIRM)
    makers["refinement"] = _refinement
    makers["refinement, light"] = lambda: _smoothed(_refinement(), LIGHT)
    return makers


def read_clip(path: Path, limit: int = 10_000) -> Iterator[tuple[Image, int]]:
    """Pictures and stamps of a video.

    Raises:
        UsageError: where it cannot be read.
    """
    video = cv2.VideoCapture(str(path))
    if not video.isOpened():
        raise UsageError(f"{path} cannot be read: give --data a folder that holds it.")
    rate = video.get(cv2.CAP_PROP_FPS)
    for index in range(limit):
        read, picture = video.read()
        if not read:
            return
        yield np.asarray(picture, np.uint8), round(index * 1e9 / rate)


def follow(pictures: Iterable[tuple[Image, int]], tracker: FaceTracker) -> list[Seen]:
    """The unsmoothed mesh of the largest face in each picture; pictures without a face are left out."""
    unsmoothed = TrackerParameters(smoothing_min_cutoff=1000.0, smoothing_beta=1000.0, head_pose=False)
    tracker.configure(unsmoothed)
    tracker.reset()
    seen = []
    for image, stamp_ns in pictures:
        faces = tracker.update(Frame(image, stamp_ns)).faces
        if faces:
            seen.append(Seen(image, stamp_ns, faces[0].landmarks))
    return seen


def _eye_distance(landmarks: NDArray[Any]) -> float:
    return float(np.linalg.norm(landmarks[LEFT_EYE_OUTER, :2] - landmarks[RIGHT_EYE_OUTER, :2]))


def _run(method: Method, frames: Sequence[Seen]) -> tuple[Points, float]:
    """Landmarks [t, 468, 2] and the median time in milliseconds."""
    found, times = [], []
    for seen in frames:
        began = time.thread_time()
        points = method(seen)
        times.append(time.thread_time() - began)
        found.append(points[:468])
    return np.stack(found), float(np.median(times)) * 1e3


def evaluate_clip(make: Callable[[], Method], frames: Sequence[Seen]) -> Result:
    """Jitter, agreement with the flow of the picture, and time, on a clip of a person."""
    points, time_ms = _run(make(), frames)
    eyes = float(np.mean([_eye_distance(p) for p in points]))
    points, frames = points[SETTLED:], frames[SETTLED:]
    second = np.diff(points[:, EXPERT_POINTS], 2, axis=0)
    jitter = float(np.sqrt((second**2).sum(axis=2).mean()))
    squares = [
        _flow_error(a, b, p, q) for a, b, p, q in zip(frames, frames[1:], points, points[1:], strict=False)
    ]
    flow = float(np.sqrt(np.concatenate(squares).mean()))
    return Result(jitter=100 * jitter / eyes, flow=100 * flow / eyes, time_ms=time_ms)


def _flow_error(before: Seen, after: Seen, points: Points, next_points: Points) -> NDArray[np.float64]:
    """Squared differences in pixels between the steps of landmarks and of the picture under them."""
    grey = [cv2.cvtColor(seen.image, cv2.COLOR_BGR2GRAY) for seen in (before, after)]
    start = (points[EXPERT_POINTS] - 0.5).astype(np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 0.001)
    options = {"winSize": (15, 15), "maxLevel": 2, "criteria": criteria}
    there, ok, _ = cv2.calcOpticalFlowPyrLK(grey[0], grey[1], start, None, **options)
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(grey[1], grey[0], there, None, **options)
    agrees = np.linalg.norm(back - start, axis=1) < AGREEMENT_PX
    kept = agrees & (ok.ravel() > 0) & (ok_back.ravel() > 0)
    steps = (next_points - points)[EXPERT_POINTS] - (there - start)
    return np.asarray((steps[kept] ** 2).sum(axis=1), np.float64)


def evaluate_stills(
    make: Callable[[], Method], clips: Sequence[tuple[Sequence[Seen], Sequence[Movement]]]
) -> Result:
    """Error, lag and time on stills that move in a known way."""
    squares, steps, shifts, speeds, gains, times = [], [], [], [], [], []
    for frames, movements in clips:
        points, time_ms = _run(make(), frames)
        times.append(time_ms)
        still = np.stack([m.to_still(p - 0.5) for m, p in zip(movements, points, strict=True)])
        still, kept = still[SETTLED:], movements[SETTLED:]
        mean = still.mean(axis=0)
        truth = np.stack([m.to_clip(mean) for m in kept])
        residual = points[SETTLED:] - 0.5 - truth
        eyes = _eye_distance(truth[0])
        relative = residual[:, EXPERT_POINTS] / eyes
        squares.append((relative**2).sum(axis=2).mean())
        steps.append((np.diff(relative, 2, axis=0) ** 2).sum(axis=2).mean())
        gains.append(_expression_gain(points[SETTLED:] - 0.5, truth, kept, mean))
        velocity = np.gradient(truth, 1 / RATE_HZ, axis=0)
        shifts.append(float((residual * velocity).sum()))
        speeds.append(float((velocity**2).sum()))
    return Result(
        error=100 * float(np.sqrt(np.mean(squares))),
        jitter=100 * float(np.sqrt(np.mean(steps))),
        lag_ms=-1e3 * sum(shifts) / sum(speeds),
        expression=100 * float(np.mean(gains)),
        time_ms=float(np.median(times)),
    )


def _expression_gain(points: Points, truth: Points, movements: Sequence[Movement], still: Points) -> float:
    """The share of what mouth and brows do that landmarks do too: a regression of theirs on the true one."""
    rigid = np.stack([still @ m.place[:, :2].T + m.place[:, 2] for m in movements])
    true, seen = truth - rigid, points - rigid
    true, seen = true - true.mean(axis=0), seen - seen.mean(axis=0)
    moving = np.sqrt((true**2).sum(axis=2).mean(axis=0)) > 0.3  # pixels: where there is something to follow
    if not moving.any():
        return float("nan")
    return float((true[:, moving] * seen[:, moving]).sum() / (true[:, moving] ** 2).sum())


def moving_clips(
    stills: Iterable[Image], tracker: FaceTracker, count: int = 120
) -> list[tuple[list[Seen], list[Movement]]]:
    """Clips of stills that move, with what the mesh sees, as far as the face is followed throughout."""
    clips = []
    for seed, picture in enumerate(stills):
        margin = max(picture.shape[:2]) // 2  # the tracker finds no face that fills the picture
        still = cv2.copyMakeBorder(picture, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        found = follow([(still, 0)], tracker)
        if not found:
            continue
        pictures, movements = zip(*moving_face(still, found[0].landmarks - 0.5, count, seed), strict=True)
        frames = follow(((p, round(i * 1e9 / RATE_HZ)) for i, p in enumerate(pictures)), tracker)
        if len(frames) == count:
            clips.append((frames, list(movements)))
    return clips
