"""Pose maps: a picture that tells of each pixel which part of a body it shows, and which place on that part.

In the manner of DensePose's I, U, V (Güler, Neverova, Kokkinos, CVPR 2018), but drawn from 33 points
instead of estimated: parts are generalised cylinders, and at each pixel the nearest surface is seen.

- Channel 0: the part's grey level (`body_parts.PART_LEVEL`); 0 where no body is.
- Channel 1, U: along the part: from shoulder to elbow, hip to knee, crotch to neck, chin to crown.
- Channel 2, V: across it. On torso, neck and head from the person's right to the left edge, on limbs from
  the outer edge to the inner one of a body that stands and faces the camera.

Lines of eyes, nose, mouth and hands change channel 0 alone: the place on the part stays readable below. The
map is a table of labels: enlarge or turn the pose, never the map.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError
from mirror_effects.film.body_parts import DETAIL_LINES, PART_LEVEL
from mirror_effects.film.body_surface import body_surface
from mirror_effects.film.pose import HIDDEN, Pose
from mirror_effects.film.tube import ACROSS, STEPS, Tube, inverse_of

__all__ = ["draw"]

Bytes = NDArray[np.uint8]
Float32s = NDArray[np.float32]

LARGEST_PX = 8192  # side of a map
NEVER: Final = np.float32(1e9)  # depth of the background
PERSON = 128  # of a segmentation: from this value on a pixel is the person
FILL_REACH = 0.10  # of the body's height: how far a part is stretched to fill the segmentation
LINE_WIDTH = 0.007  # of the body's height
SUBPIXEL_BITS = 4
COARSE_PX, FINER = (
    1.5,
    8,
)  # pixels to an entry of a tube's table from which its outline is drawn finer, and how much
_HALF: Final = STEPS / 2
_CENTRES: Final = np.arange(LARGEST_PX, dtype=np.float32) + np.float32(0.5)


def draw(pose: Pose, height: int, width: int, segmentation: Bytes | None = None) -> Bytes:
    """The pose map of one body.

    Args:
        pose: in the picture's pixels. What is not seen is left out, by the rule of `body_surface`.
        height, width: of the map, 1 … 8192.
        segmentation: uint8 [height, width], 0 … 255: how much a pixel is this person. With it nothing is
            drawn where it is below 128, and what it shows beyond the parts (hair, a skirt) gets the label
            of the nearest part, up to 0.1 of the body's height away.

    Returns:
        uint8 [height, width, 3].

    Raises:
        ShapeError: if the size or the segmentation is not as stated.
    """
    if not (1 <= height <= LARGEST_PX and 1 <= width <= LARGEST_PX):
        raise ShapeError(f"A pose map has sides of 1 … {LARGEST_PX} pixels, not {width} × {height}.")
    if segmentation is not None and (segmentation.shape != (height, width) or segmentation.dtype != np.uint8):
        raise ShapeError(
            f"The segmentation must be uint8 [{height}, {width}] as the map, "
            f"not {segmentation.dtype} {list(segmentation.shape)}."
        )
    canvas = np.zeros((height, width, 3), np.uint8)
    tubes, size = body_surface(pose)
    if not tubes:
        return canvas
    nearest = np.full((height, width), NEVER, np.float32)
    for tube in tubes:
        _draw_tube(canvas, nearest, tube)
    if segmentation is not None:
        _follow(canvas, segmentation, FILL_REACH * size)
    _draw_lines(canvas, pose, size)
    return canvas


def _line_points() -> tuple[NDArray[np.float32], list[tuple[int, slice]]]:
    """[k, 33], the corners of all strokes from the points; and each stroke's grey level and its corners."""
    rows: list[NDArray[np.float32]] = []
    strokes = []
    for line in DETAIL_LINES:
        for stroke in line.strokes:
            strokes.append((int(PART_LEVEL[line.part]), slice(len(rows), len(rows) + len(stroke))))
            for points in stroke:
                row = np.zeros(len(BodyPoint), np.float32)
                row[list(points)] = 1.0 / len(points)
                rows.append(row)
    return np.array(rows), strokes


_LINE_POINTS, _STROKES = _line_points()
_LINE_OVER: Final = np.zeros(STEPS, np.uint8)
"""By the grey level of a line: that of the part which it lies on."""
for _line in DETAIL_LINES:
    _LINE_OVER[PART_LEVEL[_line.part]] = PART_LEVEL[_line.over]
_BULGE: Final = np.sqrt(1.0 - ACROSS * ACROSS).astype(np.float32)
"""Height of the surface over the axis by place across, as a share of the thickness."""


def _draw_tube(canvas: Bytes, nearest: Float32s, tube: Tube) -> None:
    """Draw one part where its surface is nearer than what is there."""
    box = _box(tube, canvas.shape[1], canvas.shape[0])
    if box is None:
        return
    x0, y0, x1, y1 = box
    (ax, ay), (ox, oy) = tube.axis, tube.origin
    x, y = _CENTRES[x0:x1] - ox, _CENTRES[y0:y1, None] - oy
    step = (STEPS - 1) / tube.length  # table entries per pixel
    place = x * (ax * step) + y * (ay * step)
    across = x * -ay + y * ax
    low, high = tube.slopes
    if low or high:
        tilt = np.clip(place, 0, STEPS - 1)
        tilt *= (high - low) * step / (STEPS - 1)
        tilt += low * step
        tilt *= across
        place += tilt
    _, place = cv2.threshold(place, 0.0, 0.0, cv2.THRESH_TOZERO)  # below 0 the conversion would mirror
    row = cv2.convertScaleAbs(place)
    if tube.length > STEPS * COARSE_PX:
        across *= _finer(tube.inverse)[np.minimum(place * FINER, (STEPS - 1) * FINER).astype(np.int32)]
    else:
        across *= cv2.LUT(row, tube.inverse)
    inside = cv2.inRange(across, -_HALF, _HALF)  # type: ignore[call-overload]  # its stub lacks numbers
    column = cv2.convertScaleAbs(across, None, 1.0, (STEPS - 1) / 2)
    depth = cv2.LUT(row, tube.depth) - cv2.LUT(row, tube.thickness) * cv2.LUT(column, _BULGE)
    below = nearest[y0:y1, x0:x1]
    inside &= cv2.compare(depth, below, cv2.CMP_LT)
    cv2.copyTo(depth, inside, below)
    labels = cv2.merge([cv2.LUT(column, tube.levels), cv2.LUT(row, tube.along), cv2.LUT(column, tube.around)])
    cv2.copyTo(labels, inside, canvas[y0:y1, x0:x1])


def _finer(inverse: Float32s) -> Float32s:
    """float32 [255 · 8 + 1]: the table of a tube's outline with interpolated half widths."""
    places = np.arange((STEPS - 1) * FINER + 1) / FINER
    return inverse_of(np.interp(places, np.arange(STEPS), _HALF / inverse))


def _box(tube: Tube, width: int, height: int) -> tuple[int, int, int, int] | None:
    """The pixels (x0, y0, x1, y1) around a tube inside the picture; None if there are none."""
    half = tube.widest
    begin = -half * abs(tube.slopes[0])
    end = tube.length + half * abs(tube.slopes[1])
    (ax, ay), (ox, oy) = tube.axis, tube.origin
    reach_x, reach_y = half * abs(ay), half * abs(ax)
    left, right = sorted((ox + ax * begin, ox + ax * end))
    top, bottom = sorted((oy + ay * begin, oy + ay * end))
    x0, x1 = max(math.floor(left - reach_x), 0), min(math.ceil(right + reach_x), width)
    y0, y1 = max(math.floor(top - reach_y), 0), min(math.ceil(bottom + reach_y), height)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _follow(canvas: Bytes, segmentation: Bytes, reach: float) -> None:
    """Cut the map to the person, and give the rest of the person the labels of the nearest part."""
    person = segmentation >= PERSON
    canvas[~person] = 0
    bare = (canvas[..., 0] == 0).view(np.uint8)
    covered = np.flatnonzero(bare == 0)
    if not covered.size:
        return
    distance, labels = cv2.distanceTransformWithLabels(bare, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    source = np.zeros(covered.size + 1, np.intp)
    source[labels.ravel()[covered]] = covered
    missing = np.flatnonzero(bare.view(bool) & person & (distance <= reach))
    pixels = canvas.reshape(-1, 3)
    pixels[missing] = pixels[source[labels.ravel()[missing]]]


def _draw_lines(canvas: Bytes, pose: Pose, size: float) -> None:
    """Draw the lines of face and hands into channel 0, where the part that they lie on is seen."""
    width = max(round(LINE_WIDTH * size), 1)
    reach = 2.0 * max(canvas.shape)  # beyond which a line is not drawn: OpenCV's fixed point ends somewhere
    places = _LINE_POINTS @ pose.points[:, :2] - 0.5
    drawable = (np.abs(places).max(axis=1) < reach) & (_LINE_POINTS @ pose.visibility >= HIDDEN)
    fixed = np.rint(np.clip(places, -reach, reach) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    layer = np.zeros(canvas.shape[:2], np.uint8)
    for level, stroke in _STROKES:
        if drawable[stroke].all():
            cv2.polylines(layer, [fixed[stroke]], False, (level,), width, cv2.LINE_8, SUBPIXEL_BITS)
    drawn = np.flatnonzero(layer > 0)  # of bytes it is ten times slower
    levels, lines = canvas.reshape(-1, 3)[:, 0], layer.ravel()[drawn]
    seen = levels[drawn] == _LINE_OVER[lines]
    levels[drawn[seen]] = lines[seen]
