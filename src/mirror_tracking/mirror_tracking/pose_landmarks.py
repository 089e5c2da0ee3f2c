"""The 33 points of the one body in a given region, by mediapipe's pose model (full).

Each region is cut out, turned upright and brought to the model's size here, so that only those
256×256 pixels are converted and the result depends on nothing but the picture and the region. What
follows the model is done as in mediapipe's graph `pose_landmark_by_roi_cpu`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BODY_POINT_COUNT
from mirror_core.errors import ModelError
from mirror_core.frame import Image, require_bgr
from mirror_tracking.mesh import INPUT_SIZE as MESH_SIZE
from mirror_tracking.mesh import Region
from mirror_tracking.pose_detector import body_region
from mirror_tracking.pose_models import POSE_LANDMARKS, LiteModel, model_bytes, without_output

__all__ = ["INPUT_SIZE", "PoseLandmarks", "PoseResult", "refined", "to_image"]

INPUT_SIZE = 256  # width and height of the model's input in pixels
SEGMENTATION_OUTPUT = 2  # place of the segmentation among the model's outputs
HEATMAP_WINDOW = 9  # cells of a heat map, around a point, that the point is refined with
HEATMAP_CERTAIN = 0.5  # heat from which on it is

_POINTS = 39  # of the model: 33 of the body, 2 that say where it is, 4 unused
_LANDMARKS, _WORLD, _PRESENCE = (5 * _POINTS,), (3 * _POINTS,), (1,)
_HEATMAP, _SEGMENTATION = (64, 64, _POINTS), (INPUT_SIZE, INPUT_SIZE, 1)


@dataclass(frozen=True, slots=True, eq=False)
class PoseResult:
    """What the model says of one region.

    Attributes:
        landmarks: float32 [33, 3], x, y in pixels of the picture, z in the same scale.
        visibility: float32 [33], 0 … 1.
        world_landmarks: float32 [33, 3] in metres, origin between the hips, axes of the picture.
        presence: 0 … 1, that there is a body.
        hips, rim: float32 [2] each in pixels: what `body_region` needs to follow the body.
        region: what the model looked at.
        mask: float32 [256, 256], 0 … 1, how much each pixel of the crop is this person; None where not
            asked for.
    """

    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    world_landmarks: NDArray[np.float32]
    presence: float
    hips: NDArray[np.float32]
    rim: NDArray[np.float32]
    region: Region
    mask: NDArray[np.float32] | None = None

    @property
    def next_region(self) -> Region:
        """The square in which the body found here should be looked at next."""
        return body_region(self.hips, self.rim)


def to_image(region: Region) -> NDArray[np.float64]:
    """float64 [2, 3]: takes (x, y, 1) in the crop, 0 … 256, to pixels of the picture."""
    matrix = region.to_image
    matrix[:, :2] *= MESH_SIZE / INPUT_SIZE
    return matrix


class PoseLandmarks:
    """mediapipe's pose landmark model (bundled), without memory between calls.

    There are two variants of it in memory: with and, a third quicker, without the segmentation. Each is
    loaded when it is first needed.
    """

    def __init__(self) -> None:
        """Load the variant without segmentation.

        Raises:
            ModelError: if the model does not load.
        """
        self._models: dict[bool, LiteModel] = {}
        self._model(False)

    def _model(self, segmentation: bool) -> LiteModel:
        if segmentation not in self._models:
            content = model_bytes(POSE_LANDMARKS)
            if not segmentation:
                content = without_output(content, SEGMENTATION_OUTPUT)
            self._models[segmentation] = LiteModel(content, "pose_landmark_full")
        return self._models[segmentation]

    def pose(self, image: Image, region: Region, *, segmentation: bool = False) -> PoseResult:
        """The body in a region of a BGR picture.

        Args:
            image: uint8 [height, width, 3], BGR.
            region: as `PersonDetection.region` or `PoseResult.next_region` give it.
            segmentation: whether the mask is wanted too.

        Raises:
            ShapeError: if `image` is not uint8 [height, width, 3].
            ModelError: if the model fails.
        """
        require_bgr(image)
        crop = _cut_out(image, region)
        outputs = self._model(segmentation).run(crop[..., ::-1] * np.float32(1 / 255))
        wanted = (_LANDMARKS, _WORLD, _PRESENCE, _HEATMAP, *((_SEGMENTATION,) if segmentation else ()))
        if any(shape not in outputs or not np.isfinite(outputs[shape]).all() for shape in wanted):
            raise ModelError("The pose model gave outputs that are missing or not finite.")
        values = outputs[_LANDMARKS].reshape(_POINTS, 5)
        points = values[: BODY_POINT_COUNT + 2, :3].copy()
        points[:, :2] = refined(points[:, :2], outputs[_HEATMAP])
        matrix = to_image(region).astype(np.float32)
        placed = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        landmarks = np.empty((BODY_POINT_COUNT, 3), np.float32)
        landmarks[:, :2] = placed[:BODY_POINT_COUNT]
        landmarks[:, 2] = points[:BODY_POINT_COUNT, 2] * (region.side / INPUT_SIZE)
        world = outputs[_WORLD].reshape(_POINTS, 3)[:BODY_POINT_COUNT].copy()
        world[:, :2] = world[:, :2] @ _turn(region.angle_rad).T
        return PoseResult(
            landmarks=landmarks,
            visibility=_sigmoid(values[:BODY_POINT_COUNT, 3]),
            world_landmarks=world,
            presence=min(1.0, max(0.0, float(outputs[_PRESENCE][0]))),
            hips=placed[BODY_POINT_COUNT],
            rim=placed[BODY_POINT_COUNT + 1],
            region=region,
            mask=_sigmoid(outputs[_SEGMENTATION][..., 0]) if segmentation else None,
        )


def refined(points: NDArray[np.float32], heatmap: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points moved to the centre of heat around them (mediapipe's RefineLandmarksFromHeatmapCalculator).

    Args:
        points: float32 [n, 2], x, y in the crop, 0 … 256.
        heatmap: float32 [rows, columns, n or more], logits of each point.

    Returns:
        float32 [n, 2]; points outside the crop, and those of which the map is not certain, as they were.
    """
    rows, columns = heatmap.shape[:2]
    reach = (HEATMAP_WINDOW - 1) // 2
    moved = points.copy()
    for number, (x, y) in enumerate(points):
        column, row = math.floor(x * columns / INPUT_SIZE), math.floor(y * rows / INPUT_SIZE)
        if not (0 <= column < columns and 0 <= row < rows):
            continue
        left, top = max(0, column - reach), max(0, row - reach)
        heat = _sigmoid(heatmap[top : row + reach + 1, left : column + reach + 1, number])
        total = float(heat.sum())
        if float(heat.max()) < HEATMAP_CERTAIN:
            continue
        across = left + np.arange(heat.shape[1])
        down = top + np.arange(heat.shape[0])
        moved[number, 0] = float(heat.sum(axis=0) @ across) / total * INPUT_SIZE / columns
        moved[number, 1] = float(heat.sum(axis=1) @ down) / total * INPUT_SIZE / rows
    return moved


def _cut_out(image: Image, region: Region) -> Image:
    matrix = to_image(region)
    # OpenCV counts from the centres of pixels, regions from their edges: half a pixel on either side.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return np.asarray(
        cv2.warpAffine(
            image,
            matrix,
            (INPUT_SIZE, INPUT_SIZE),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,  # as the model was trained
        ),
        np.uint8,
    )


def _turn(angle_rad: float) -> NDArray[np.float32]:
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[cos, -sin], [sin, cos]], np.float32)


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0))), np.float32)
