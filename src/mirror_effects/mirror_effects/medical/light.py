"""The light on one face, read off its skin: where it comes from, how bright and of which colour it is.

Brightness of matt skin is nearly linear in its normal (the first four spherical harmonics, Basri and
Jacobs 2003): level · (ambient + direction · normal). It is fitted to the skin around the landmarks, with
a leaning to plain light from above, because a beard or a fringe is no shadow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.medical.fitted_head import FittedHead, near_weights
from mirror_effects.medical.head import SURFACE_POINTS, point_normals, skin_points
from mirror_tracking.head_pose import mean_face

__all__ = ["FaceLight", "face_light", "picture_white", "rest_at"]

Array = NDArray[np.float64]

LOOK_SCALE_PX = 56.0  # the skin is looked at as if the face were so many pixels wide
FACE_WIDTH_M = 0.14
USUAL_DIRECTION = np.array([0.26, 0.0, 0.20])  # in the head frame: from the front and a little from above
LEANING = 0.30  # weight of the usual light, as a share of the number of samples
ROUNDS = 2  # of fitting, the later ones without what fits badly
OUTLIER = 0.30  # of the brightness, beyond which a sample counts less
WHITE_OVER_SKIN = 1.22  # white cloth beside the brightest skin
WHITE_STEP = 8  # px, every so many are looked at for the picture's white
LEAST_WHITE, MOST_WHITE, USUAL_WHITE = 50.0, 236.0, 225.0
USUAL_CAST = np.array([0.74, 0.95, 1.31])  # BGR of skin over its mean, in white light
MOST_CAST = 0.30  # of a channel, up or down
CAST_SHARE = 0.25  # the rest of a skin's own colour is its own
USUAL_SATURATION = 0.2  # (max − min) / max of the palest skin in colour pictures
REST_RANGE = (0.55, 1.45)


@dataclass(frozen=True, slots=True, eq=False)
class FaceLight:
    """The light on one face.

    Attributes:
        ambient: share that reaches every side.
        direction: float64 [3], head frame; `ambient + direction @ normal` is 1 in the mean over the skin.
        white: grey level, 0 … 255, that white cloth in this light has.
        cast: float32 [3], BGR factors of a white thing.
        saturation: 0 … 1, of colours against those of a usual picture; 0 in a grey one.
        rest: float64 [468], what is brighter (above 1) or darker at each landmark than the light explains.
    """

    ambient: float
    direction: Array
    white: float
    cast: NDArray[np.float32]
    saturation: float
    rest: Array


def picture_white(image: Image) -> float:
    """The grey level of the brighter twentieth of a picture uint8 [height, width, 3]."""
    some = np.ascontiguousarray(image[WHITE_STEP // 2 :: WHITE_STEP, WHITE_STEP // 2 :: WHITE_STEP])
    if some.size == 0:
        return USUAL_WHITE
    grey = cv2.cvtColor(some, cv2.COLOR_BGR2GRAY).ravel()
    return float(np.partition(grey, grey.size * 19 // 20)[grey.size * 19 // 20])


def face_light(
    image: Image, landmarks: NDArray[np.floating[Any]], head: FittedHead, white: float
) -> FaceLight:
    """The light on a face.

    Args:
        image: uint8 [height, width, 3], BGR.
        landmarks: [468 or more, 2 or more], pixels.
        head: where the head lies, from `fit_head`.
        white: of the whole picture, from `picture_white`.
    """
    colours = _skin_colours(image, landmarks, head)
    normals = point_normals()
    seen = normals @ head.matrix[2] < -0.25 * head.scale  # towards the camera
    use = np.zeros(SURFACE_POINTS)
    use[skin_points()] = 1.0
    use *= seen
    grey = colours @ np.array([0.114, 0.587, 0.299]) + 2.0
    chosen = np.flatnonzero(use)
    if chosen.size < 12:
        return FaceLight(
            1.0 - 0.2, USUAL_DIRECTION, white, np.ones(3, np.float32), 1.0, np.ones(SURFACE_POINTS)
        )
    level = float(np.median(grey[chosen]))
    ambient, direction = _fitted(grey[chosen] / level, normals[chosen])
    mean = float((ambient + normals[chosen] @ direction).mean())
    ambient, direction = ambient / mean, direction / mean
    expected = np.maximum(ambient + normals @ direction, 0.2) * level
    rest = np.where(use > 0, np.clip(grey / expected, *REST_RANGE), 1.0)
    brightest = float(np.partition(grey[chosen], chosen.size * 4 // 5)[chosen.size * 4 // 5])
    face_white = WHITE_OVER_SKIN * brightest
    level_white = min(max(face_white, 0.55 * white + 0.45 * face_white, LEAST_WHITE), MOST_WHITE)
    mean_colour = np.median(colours[chosen], axis=0) + 1.0
    spread = float((mean_colour.max() - mean_colour.min()) / mean_colour.max())
    saturation = min(spread / USUAL_SATURATION, 1.0)
    cast = (mean_colour / mean_colour.mean()) / USUAL_CAST
    cast = np.clip(cast**CAST_SHARE, 1 - MOST_CAST, 1 + MOST_CAST)
    cast = 1 + (cast / cast.mean() - 1) * saturation
    return FaceLight(ambient, direction, level_white, cast.astype(np.float32), saturation, rest)


def _skin_colours(image: Image, landmarks: NDArray[np.floating[Any]], head: FittedHead) -> Array:
    """The picture's colour around each landmark, float64 [468, 3]."""
    points = np.asarray(landmarks[:SURFACE_POINTS, :2], np.float32)
    height, width = image.shape[:2]
    low = np.floor(points.min(axis=0) - 4).astype(int).clip(0, (width - 1, height - 1))
    high = np.ceil(points.max(axis=0) + 4).astype(int).clip(low + 1, (width, height))
    part = image[low[1] : high[1], low[0] : high[0]]
    shrink = min(LOOK_SCALE_PX / (FACE_WIDTH_M * head.scale), 1.0)
    size = (max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink)))
    small = cv2.blur(cv2.resize(part, size, interpolation=cv2.INTER_AREA), (3, 3))
    x = (points[:, 0] - low[0]) * (size[0] / part.shape[1]) - 0.5
    y = (points[:, 1] - low[1]) * (size[1] / part.shape[0]) - 0.5
    read = cv2.remap(
        small.astype(np.float32),
        np.asarray(x, np.float32)[None],
        np.asarray(y, np.float32)[None],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(read[0], np.float64)


def _fitted(brightness: Array, normals: Array) -> tuple[float, Array]:
    """Ambient and direction, by least squares that leans to the usual light."""
    system = np.column_stack([np.ones(len(normals)), normals])
    usual = np.append(1.0 - USUAL_DIRECTION[0] * 0.8, USUAL_DIRECTION)
    weights = np.ones(len(normals))
    found = usual
    lean = np.eye(4) * (LEANING * len(normals) * np.array([0.05, 0.25, 0.12, 0.25]))
    for _ in range(ROUNDS):
        weighted = system * weights[:, None]
        found = np.linalg.solve(system.T @ weighted + lean, weighted.T @ brightness + lean @ usual)
        miss = np.abs(brightness - system @ found)
        weights = 1 / (1 + (miss / OUTLIER) ** 2)
    return float(found[0]), found[1:]


def rest_at(points: NDArray[np.floating[Any]], reach_m: float) -> Array:
    """Weights float64 [n, 468] by which `FaceLight.rest` is carried to points [n, 3] of the head frame."""
    skin = skin_points()
    weights = np.zeros((len(points), SURFACE_POINTS))
    weights[:, skin] = near_weights(points, mean_face()[skin], reach_m)
    return weights
