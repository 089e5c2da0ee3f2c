"""Finds faces without knowing where they were: mediapipe's full-range detector on views of the picture.

The model looks at 192×192 pixels. In all of a 1280×720 picture an 80 px face is 12 px of that, and is
found one time in five; in a square of 480 px it is 32 px, and is found (39 of 40 pasted photos). So
there are several views: the whole picture for near faces, overlapping squares for far ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Roi
from mirror_core.frame import Image, require_bgr
from mirror_tracking.mediapipe_graphs import MediapipeGraph

__all__ = ["Detection", "FaceDetector", "suppress_overlapping", "views_of"]

INPUT_SIZE = 192  # width and height of the model's input in pixels
SMALLEST_FACE_IN_INPUT = 25.6  # pixels of the model's input from which on faces are found reliably
TILE_OVERLAP = 0.3  # share of a tile that its neighbour sees too, so that no face is cut by both
MIN_VIEW_PX = 8  # a view narrower than this cannot show a face
MAX_ASPECT = 6.0  # a picture longer than this is looked at in tiles only
SAME_FACE_IOU = 0.3  # overlap from which on two detections are the same face

_GRAPH = """
num_threads: 1
input_stream: "image"
output_stream: "detections"
node {
  calculator: "FaceDetectionFullRangeCpu"
  input_stream: "IMAGE:image"
  output_stream: "DETECTIONS:detections"
  options { [mediapipe.FaceDetectionOptions.ext] { min_score_thresh: %f } }
}
"""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One detected face.

    Attributes:
        roi: box from above the brows to the chin, in pixels; may reach beyond the picture.
        score: 0 … 1.
        keypoints: float32 [6, 2] in pixels: the person's right eye, left eye, nose tip, mouth,
            right ear, left ear.
    """

    roi: Roi
    score: float
    keypoints: NDArray[np.float32]

    @property
    def roll_rad(self) -> float:
        """Angle of the line from the right to the left eye against the picture's x axis, radians."""
        right, left = self.keypoints[0], self.keypoints[1]
        return math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))


@lru_cache(maxsize=8)
def views_of(width: int, height: int, smallest_face_px: float) -> tuple[Roi, ...]:
    """The regions of a picture in which every face from `smallest_face_px` on is large enough to be found.

    Args:
        width, height: size of the picture in pixels.
        smallest_face_px: height of the smallest face that shall be found, in pixels.

    Returns:
        The whole picture first, then overlapping squares row by row (none where the whole suffices).
        Empty for a picture too small to show a face.
    """
    if min(width, height) < MIN_VIEW_PX:
        return ()
    whole = Roi(0.0, 0.0, float(width), float(height))
    tile = smallest_face_px * INPUT_SIZE / SMALLEST_FACE_IN_INPUT
    aspect = max(width, height) / min(width, height)
    if max(width, height) <= tile * (1 + TILE_OVERLAP) and aspect <= MAX_ASPECT:
        return (whole,)
    side = min(tile, float(width), float(height))

    def starts(length: float) -> NDArray[np.float64]:
        count = 1 + math.ceil(max(length - side, 0.0) / (side * (1 - TILE_OVERLAP)) - 1e-9)
        return np.linspace(0.0, length - side, count)

    tiles = tuple(Roi(float(x), float(y), side, side) for y in starts(height) for x in starts(width))
    return tiles if aspect > MAX_ASPECT else (whole, *tiles)


def suppress_overlapping(detections: list[Detection]) -> list[Detection]:
    """The best of each group of detections that overlap by `SAME_FACE_IOU` or more, best first."""
    kept: list[Detection] = []
    for candidate in sorted(detections, key=lambda detection: -detection.score):
        if all(candidate.roi.iou(other.roi) < SAME_FACE_IOU for other in kept):
            kept.append(candidate)
    return kept


class FaceDetector:
    """mediapipe's full-range face detection (bundled model) on a view of a picture."""

    def __init__(self, min_score: float = 0.5) -> None:
        """Load the model.

        Args:
            min_score: 0 … 1; detections below are dropped.

        Raises:
            ModelError: if the model does not load.
        """
        self._graph = MediapipeGraph(_GRAPH % min_score, "detections")

    def detect(self, image: Image, view: Roi | None = None) -> list[Detection]:
        """The faces in a view (default: all) of a BGR picture, in pixels of the whole picture, best first.

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
        scale = INPUT_SIZE / max(x1 - x0, y1 - y0)
        size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
        resized = cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
        small = np.asarray(resized, np.uint8)
        self._graph.send(small)
        packet = self._graph.receive()
        if packet is None:
            return []
        corner, extent = np.array([x0, y0], np.float64), np.array([x1 - x0, y1 - y0], np.float64)
        return suppress_overlapping(
            [
                detection
                for proto in self._graph.protos(packet)
                if (detection := _from_proto(proto, corner, extent)) is not None
            ]
        )

    def close(self) -> None:
        """Free the model."""
        self._graph.close()


def _from_proto(proto: object, corner: NDArray[np.float64], extent: NDArray[np.float64]) -> Detection | None:
    """A mediapipe Detection message with relative coordinates, moved to pixels of the whole picture."""
    location = proto.location_data  # type: ignore[attr-defined]
    box = location.relative_bounding_box
    x, y = corner + extent * (box.xmin, box.ymin)
    width, height = extent * (box.width, box.height)
    points = corner + extent * np.array([(point.x, point.y) for point in location.relative_keypoints])
    if not (width > 0 and height > 0 and np.isfinite(points).all()):
        return None
    score = min(1.0, float(proto.score[0]))  # type: ignore[attr-defined]
    return Detection(Roi(float(x), float(y), float(width), float(height)), score, points.astype(np.float32))
