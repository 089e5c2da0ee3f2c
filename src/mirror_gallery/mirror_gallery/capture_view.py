"""One view that a capture collects: where the head must be, and the best picture of it so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_gallery.quality import Light, pose_quality

__all__ = ["TURNED_FROM_DEG", "Candidate", "Quality", "Seen", "View", "better", "views_to_collect"]

HOLD_FRONTAL_S, HOLD_TURNED_S = 0.8, 0.4  # good pictures of a view, in seconds, until it is complete
FRONTAL_YAW_DEG, HIGHEST_PITCH_DEG = 10.0, 20.0
TURNED_FROM_DEG, TURNED_BEST_DEG, TURNED_TO_DEG = 12.0, 22.0, 36.0
RAISED_FROM_DEG, RAISED_TO_DEG = 10.0, 30.0  # above the frontal view's pitch
OPEN_MOUTH = 0.15  # gap between the lips over the face's height that counts as wide open
CLOSED_EYES_FACTOR = 0.2  # of a picture's score
KEPT_MARGIN = 0.3  # of a face's box that is kept around a candidate, until it is cut out


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one picture, each 0 … 1; see `mirror_gallery.quality`."""

    pose: float = 0.0
    light: float = 0.0
    sharpness: float = 0.0
    size: float = 0.0
    stability: float = 0.0

    @property
    def worst(self) -> float:
        """Of those that make a picture good, whatever the pose."""
        return min(self.light, self.sharpness, self.size, self.stability)


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a face, measured.

    Attributes:
        quality: `pose` is against the view that is asked for.
        light: what is wrong with the light, if anything.
        is_too_large: what is wrong with the size, if anything.
        is_covered: it wears a medical mask.
        are_eyes_open: as far as this person's eyes open.
        mouth: gap between the lips over the face's height.
        yaw, pitch, roll: degrees, as in `FaceView`.
    """

    quality: Quality
    light: Light
    is_too_large: bool
    is_covered: bool
    are_eyes_open: bool
    mouth: float
    yaw: float
    pitch: float
    roll: float


@dataclass(slots=True, eq=False)
class Candidate:
    """The best picture of a view so far.

    Attributes:
        score: 0 … 1, for comparing.
        image: uint8 [h, w, 3], the face and what is around it.
        landmarks: float32 [478, 3], pixels of `image`.
        angles: yaw, pitch, roll.
    """

    score: float
    image: Image
    landmarks: NDArray[np.float32]
    angles: tuple[float, float, float]


def better(best: Candidate | None, seen: Seen, image: Image, face: Face, wanted_yaw: float) -> Candidate:
    """This picture, if it is better than the best so far, else that one.

    A calm face with open eyes is preferred: what is captured is worn with other expressions.
    """
    quality = seen.quality
    score = quality.light * quality.sharpness * quality.size * math.sqrt(quality.stability)
    score *= 0.1 + 0.9 * pose_quality(seen.yaw, seen.pitch, seen.roll, wanted_yaw)
    score *= max(0.0, math.cos(math.radians(seen.yaw - wanted_yaw)))  # decides among the well posed ones
    score *= 1.0 if seen.are_eyes_open else CLOSED_EYES_FACTOR
    score *= 1.0 - 0.5 * min(1.0, seen.mouth / OPEN_MOUTH)
    if best is not None and best.score >= score:
        return best
    height, width = image.shape[:2]
    roi, margin = face.roi, KEPT_MARGIN * max(face.roi.width, face.roi.height)
    x0, y0 = max(0, int(roi.x - margin)), max(0, int(roi.y - margin))
    x1, y1 = min(width, int(roi.x + roi.width + margin)), min(height, int(roi.y + roi.height + margin))
    landmarks = face.landmarks - np.array([x0, y0, 0], np.float32)
    return Candidate(score, image[y0:y1, x0:x1].copy(), landmarks, (seen.yaw, seen.pitch, seen.roll))


@dataclass(slots=True, eq=False)
class View:
    """One view to collect.

    Attributes:
        name: frontal, left, right (the person's own), or up.
        yaw_from, yaw_to: where the head must be turned to, in degrees.
        wanted_yaw: where it is best.
        hold_s: seconds of good pictures that complete it.
        best: the best picture so far.
        held_s: seconds of good pictures so far.
        asked_s: seconds for which it has been asked for.
        reached: 0 … 1, how much of the turn has been made at most.
        given_up: it is not waited for any more.
    """

    name: str
    yaw_from: float
    yaw_to: float
    wanted_yaw: float
    hold_s: float
    best: Candidate | None = None
    held_s: float = 0.0
    asked_s: float = 0.0
    reached: float = 0.0
    given_up: bool = False

    def accepts(self, seen: Seen) -> bool:
        """Whether the head is turned so."""
        return self.yaw_from <= seen.yaw <= self.yaw_to and abs(seen.pitch) <= HIGHEST_PITCH_DEG

    def accepts_raised(self, seen: Seen, frontal: Candidate) -> bool:
        """Whether the head is raised, beside how this person and this camera see straight."""
        raised = seen.pitch - frontal.angles[1]
        return self.yaw_from <= seen.yaw <= self.yaw_to and RAISED_FROM_DEG <= raised <= RAISED_TO_DEG

    @property
    def held(self) -> float:
        """0 … 1, share of the time for which the view must be held."""
        return min(1.0, self.held_s / self.hold_s)

    @property
    def is_due(self) -> bool:
        """Whether it is still to be collected."""
        return not self.given_up and (self.best is None or self.held < 1.0)


def views_to_collect() -> tuple[View, View, View]:
    """The frontal view, then the turned ones in the order in which they are asked for."""
    return (
        View("frontal", -FRONTAL_YAW_DEG, FRONTAL_YAW_DEG, 0.0, HOLD_FRONTAL_S),
        View("left", TURNED_FROM_DEG, TURNED_TO_DEG, TURNED_BEST_DEG, HOLD_TURNED_S),
        View("right", -TURNED_TO_DEG, -TURNED_FROM_DEG, -TURNED_BEST_DEG, HOLD_TURNED_S),
    )
