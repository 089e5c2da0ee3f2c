"""Finds people without knowing where they were: mediapipe's pose detector on a view of the picture.

The detector looks for heads with shoulders and says of each where its body is: the middle of the hips and
how far the body reaches from there (BlazePose; Bazarevsky et al., 2020). Anchors and decoding are as in
mediapipe's graph `pose_detection_cpu`; what belongs to one person is told by the shoulders instead of by
boxes, which all have the same size and merge people who stand far away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.faces import Roi
from mirror_core.frame import Image, require_bgr
from mirror_tracking.mesh import Region
from mirror_tracking.pose_models import POSE_DETECTION, LiteModel, model_bytes

__all__ = ["PersonDetection", "PoseDetector", "anchor_centres", "body_region", "distinct_people"]

MIN_VIEW_PX = 8  # a view narrower than this cannot show a person
BODY_MARGIN = 1.25  # side of a body's region over twice its reach, as the landmark model was trained
SAME_PERSON = 0.2  # distance of shoulders, over the reach of the body, below which two are the same person
_STRIDES = ((8, 2), (16, 2), (32, 6))  # pixels of the input from anchor to anchor, anchors at each place
_MOST_LOGIT = 60.0  # beyond which scores are clipped


@dataclass(frozen=True, slots=True, eq=False)
class PersonDetection:
    """One detected person.

    Attributes:
        score: 0 … 1.
        keypoints: float32 [4, 2] in pixels: the middle of the hips, a point on the circle around the whole
            body, the middle of the shoulders, a point on the circle around the upper body.
    """

    score: float
    keypoints: NDArray[np.float32]

    @property
    def region(self) -> Region:
        """The square that holds the whole body."""
        return body_region(self.keypoints[0], self.keypoints[1])


def body_region(hips: NDArray[np.floating[Any]], rim: NDArray[np.floating[Any]]) -> Region:
    """The turned square that holds a body.

    Args:
        hips: (x, y) of the middle of the hips in pixels.
        rim: (x, y) of the point above it on the circle around the body, in pixels.
    """
    dx, dy = float(rim[0] - hips[0]), float(rim[1] - hips[1])
    side = max(2.0 * BODY_MARGIN * math.hypot(dx, dy), 1.0)
    return Region(float(hips[0]), float(hips[1]), side, math.atan2(dx, -dy))


def anchor_centres(side: int) -> NDArray[np.float32]:
    """The places that the detector's outputs are relative to, float32 [n, 2] (x, y), 0 … 1 of the input."""
    places = []
    for stride, count in _STRIDES:
        cells = math.ceil(side / stride)
        y, x = np.mgrid[0:cells, 0:cells]
        grid = (np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) / cells
        places.append(np.repeat(grid, count, axis=0))
    return np.asarray(np.concatenate(places), np.float32)


def distinct_people(detections: list[PersonDetection]) -> list[PersonDetection]:
    """One detection for each person, best first.

    Detections of the same person are averaged by their scores, which is steadier than the best of them.
    """
    left = sorted(detections, key=lambda detection: -detection.score)
    keypoints = np.array([detection.keypoints for detection in left], np.float32)
    scores = np.array([detection.score for detection in left])
    people = []
    while len(scores):
        reach = np.linalg.norm(keypoints[0, 1] - keypoints[0, 0])
        distances = np.linalg.norm(keypoints[:, 2] - keypoints[0, 2], axis=1)
        is_same = distances <= SAME_PERSON * reach
        is_same[0] = True
        mean = np.average(keypoints[is_same], axis=0, weights=scores[is_same])
        people.append(PersonDetection(float(scores[0]), mean.astype(np.float32)))
        keypoints, scores = keypoints[~is_same], scores[~is_same]
    return people


class PoseDetector:
    """mediapipe's pose detector (bundled model), without memory between calls."""

    def __init__(self, min_score: float = 0.5) -> None:
        """Load the model.

        Args:
            min_score: 0 … 1; detections below are dropped.

        Raises:
            ModelError: if the model does not load.
        """
        self._model = LiteModel(model_bytes(POSE_DETECTION), "pose_detection")
        self._min_score = min_score
        self._anchors = anchor_centres(self._model.side)

    def detect(self, image: Image, view: Roi | None = None) -> list[PersonDetection]:
        """The people in a view (default: all) of a BGR picture, in pixels of the whole picture, best first.

        Raises:
            ShapeError: if `image` is not uint8 [height, width, 3].
            ModelError: if the model fails.
        """
        require_bgr(image)
        height, width = image.shape[:2]
        view = (view or Roi(0.0, 0.0, float(width), float(height))).clipped(width, height)
        x0, y0 = round(view.x), round(view.y)
        x1, y1 = round(view.x + view.width), round(view.y + view.height)
        if min(x1 - x0, y1 - y0) < MIN_VIEW_PX:
            return []
        side = self._model.side
        scale = side / max(x1 - x0, y1 - y0)
        size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
        left, top = (side - size[0]) // 2, (side - size[1]) // 2
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(image[y0:y1, x0:x1], size, interpolation=interpolation)
        pixels = np.full((side, side, 3), -1.0, np.float32)  # black beside the view, to keep its proportions
        pixels[top : top + size[1], left : left + size[0]] = small[..., ::-1] * np.float32(2 / 255) - 1
        outputs = self._model.run(pixels)
        count = len(self._anchors)
        if (count, 12) not in outputs or (count, 1) not in outputs:
            raise ModelError(
                "This mediapipe's pose detector has an unknown layout; install mediapipe 0.10.21."
            )
        values, logits = outputs[(count, 12)], outputs[(count, 1)][:, 0]
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits, -_MOST_LOGIT, _MOST_LOGIT)))
        corner = np.array([x0 - left / scale, y0 - top / scale], np.float32)
        found = [
            _decoded(values[place], self._anchors[place] * side, corner, 1 / scale, float(scores[place]))
            for place in np.flatnonzero(scores >= self._min_score)
        ]
        return distinct_people([detection for detection in found if detection is not None])


def _decoded(
    values: NDArray[np.float32],
    anchor: NDArray[np.float32],
    corner: NDArray[np.float32],
    scale: float,
    score: float,
) -> PersonDetection | None:
    """One row of the model's output (a box, four keypoints) in pixels of the picture; None if not finite."""
    points = values.reshape(6, 2)[2:]
    if not np.isfinite(points).all():
        return None
    return PersonDetection(score, (corner + scale * (points + anchor)).astype(np.float32))
