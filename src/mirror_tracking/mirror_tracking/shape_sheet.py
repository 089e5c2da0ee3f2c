"""Pictures about the shape model: its components, and a photograph beside what the model makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from mirror_core.frame import Image
from mirror_tracking.shape_drawing import BACKGROUND, draw_shape
from mirror_tracking.shape_model import POINTS, ShapeModel
from mirror_tracking.topology import CONTOURS, MESH_EDGES

__all__ = ["component_sheet", "photo_sheet"]

SPREAD = 3.0  # standard deviations that components are shown at
TURN_DEG = 35.0  # of the second drawing of each face
FACE_PX, COLUMNS, GAP_PX = 180, 3, 18
TITLE_PX, TEXT_PX = 26, 16
TEXT, FAINT = (235, 238, 240), (160, 166, 170)  # RGB
MESH_LINE, CONTOUR_LINE = (150, 170, 120), (120, 235, 255)  # BGR
LOW_BAR, HIGH_BAR, RULE = (214, 150, 84), (98, 152, 236), (84, 80, 78)  # BGR
PHOTO_PX = 560  # height of the photograph's part
PHOTO_MARGIN = 0.35  # of the face's larger side, around it
BAR_PX, BAR_COLUMNS = 22, 2

Place = tuple[int, int]


def component_sheet(model: ShapeModel, most: int | None = None) -> Image:
    """The mean, and for each component the faces at −3 and +3 standard deviations, straight and turned.

    Args:
        model: any shape model.
        most: only so many components, the first ones.
    """
    count = min(model.count, most or model.count)
    title_height = FACE_PX + 3 * GAP_PX + TITLE_PX
    cell_width, cell_height = 4 * FACE_PX + 2 * GAP_PX, FACE_PX + 2 * TEXT_PX + GAP_PX
    rows = -(-count // COLUMNS)
    sheet = _sheet(COLUMNS * cell_width + GAP_PX, title_height + rows * cell_height)
    texts: list[tuple[Place, str, int, tuple[int, int, int]]] = [
        ((GAP_PX, GAP_PX), f"Shape model: {model.name}, {model.count} components", TITLE_PX, TEXT),
        (
            (2 * FACE_PX + 3 * GAP_PX, GAP_PX + TITLE_PX + 2 * GAP_PX),
            f"Left: the mean face. Below: each component at -{SPREAD:g} and +{SPREAD:g} standard deviations,",
            TEXT_PX,
            FAINT,
        ),
        (
            (2 * FACE_PX + 3 * GAP_PX, GAP_PX + TITLE_PX + 2 * GAP_PX + round(1.5 * TEXT_PX)),
            "from the front and turned; the number on the right is its standard deviation in model units.",
            TEXT_PX,
            FAINT,
        ),
    ]
    _paste(sheet, _pair(model.mean), (GAP_PX, TITLE_PX + 2 * GAP_PX))
    for index in range(count):
        row, column = divmod(index, COLUMNS)
        left, top = GAP_PX + column * cell_width, title_height + row * cell_height
        for step, sign in enumerate((-1, 1)):
            parameters = np.zeros(model.count)
            parameters[index] = sign * SPREAD
            _paste(sheet, _pair(model.shape(parameters)), (left + step * 2 * FACE_PX, top + 2 * TEXT_PX))
        texts.append(((left, top), f"{index + 1}  {model.labels[index]}", TEXT_PX, TEXT))
        deviation = f"{model.deviations[index]:.2f}"
        texts.append(((left + 4 * FACE_PX - 4 * TEXT_PX, top), deviation, TEXT_PX, FAINT))
    return _written(sheet, texts)


def photo_sheet(photo: Image, landmarks: NDArray[np.floating[Any]], model: ShapeModel) -> Image:
    """A photograph, the model's reconstruction on it, its face in clay, and its parameters as bars.

    Args:
        photo: uint8 [h, w, 3], BGR.
        landmarks: [478, 3] or [468, 3] in pixels of the photograph.
        model: any shape model.
    """
    fit = model.fit(landmarks)
    found = model.reconstruct(landmarks, fit)
    error = np.linalg.norm(found[:POINTS, :2] - landmarks[:POINTS, :2], axis=1)
    eyes = float(np.linalg.norm(landmarks[263, :2] - landmarks[33, :2]))
    part, points = _around(photo, found)
    drawn = part.copy()
    _draw_mesh(drawn, points)
    shape = model.shape(fit.parameters)
    half = PHOTO_PX // 2
    clay = np.vstack([draw_shape(shape, half), draw_shape(shape, PHOTO_PX - half, yaw_deg=TURN_DEG)])
    bar_rows = -(-model.count // BAR_COLUMNS)
    width = 2 * part.shape[1] + clay.shape[1] + 4 * GAP_PX
    top = 2 * GAP_PX + TITLE_PX
    bars_top = top + PHOTO_PX + 2 * GAP_PX
    sheet = _sheet(width, bars_top + bar_rows * BAR_PX + GAP_PX)
    _paste(sheet, part, (GAP_PX, top))
    _paste(sheet, drawn, (2 * GAP_PX + part.shape[1], top))
    _paste(sheet, clay, (3 * GAP_PX + 2 * part.shape[1], top))
    turn = ", ".join(
        f"{name} {np.degrees(value):+.0f}°"
        for name, value in (
            ("yaw", fit.placement.yaw),
            ("pitch", fit.placement.pitch),
            ("roll", fit.placement.roll),
        )
    )
    share = f"mean error {error.mean() / eyes:.1%} of the eye distance"
    title = f"{model.name}, {model.count} components: {share}; {turn}"
    texts = [((GAP_PX, GAP_PX), title, TITLE_PX - 6, TEXT)]
    column_width = (width - GAP_PX) // BAR_COLUMNS
    for index, value in enumerate(fit.parameters):
        column, row = divmod(index, bar_rows)
        left, y = GAP_PX + column * column_width, bars_top + row * BAR_PX
        texts.append(((left, y), f"{index + 1}  {model.labels[index]}", TEXT_PX - 2, FAINT))
        _bar(sheet, (left + round(0.62 * column_width), y), round(0.3 * column_width), float(value))
        texts.append(
            ((left + round(0.55 * column_width) - 6 * GAP_PX // 3, y), f"{value:+.1f}", TEXT_PX - 2, TEXT)
        )
    return _written(sheet, texts)


def _sheet(width: int, height: int) -> Image:
    sheet = np.empty((height, width, 3), np.uint8)
    sheet[:] = BACKGROUND
    return sheet


def _pair(shape: NDArray[np.floating[Any]]) -> Image:
    return np.hstack([draw_shape(shape, FACE_PX), draw_shape(shape, FACE_PX, yaw_deg=TURN_DEG)])


def _paste(sheet: Image, picture: Image, place: Place) -> None:
    x, y = place
    sheet[y : y + picture.shape[0], x : x + picture.shape[1]] = picture


def _around(photo: Image, points: NDArray[np.float32]) -> tuple[Image, NDArray[np.float32]]:
    """The part of the photograph around the face at the sheet's size, and the points in it."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = float((high - low).max()) * (1 + 2 * PHOTO_MARGIN)
    corner = (low + high) / 2 - side / 2
    scale = PHOTO_PX / side
    place = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    moved = points.copy()
    moved[:, :2] = (points[:, :2] - corner) * scale
    to_pixels = place.copy()
    to_pixels[:, 2] += 0.5 * scale - 0.5  # OpenCV counts from the centres of pixels
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    part = cv2.warpAffine(photo, to_pixels, (PHOTO_PX, PHOTO_PX), flags=method, borderValue=BACKGROUND)
    return np.asarray(part, np.uint8), moved


def _draw_mesh(picture: Image, points: NDArray[np.float32]) -> None:
    fixed = np.rint((points[:, :2] - 0.5) * 16).astype(int)
    lines = picture.copy()
    for first, second in MESH_EDGES:
        cv2.line(lines, tuple(fixed[first]), tuple(fixed[second]), MESH_LINE, 1, cv2.LINE_AA, 4)
    cv2.addWeighted(lines, 0.5, picture, 0.5, 0, picture)
    for loop in CONTOURS.values():
        if loop.max() < len(fixed):
            cv2.polylines(picture, [fixed[loop].astype(np.int32)], True, CONTOUR_LINE, 1, cv2.LINE_AA, 4)


def _bar(sheet: Image, place: Place, width: int, value: float) -> None:
    """A bar from the middle to the left or right, full at ±`SPREAD`."""
    x, y = place
    middle = x + width // 2
    end = middle + round(np.clip(value / SPREAD, -1, 1) * (width // 2))
    cv2.rectangle(sheet, (x, y + 8), (x + width, y + 9), RULE, -1)
    colour = HIGH_BAR if value >= 0 else LOW_BAR
    cv2.rectangle(sheet, (min(middle, end), y + 3), (max(middle, end), y + 14), colour, -1)
    cv2.line(sheet, (middle, y), (middle, y + 17), RULE, 1)


def _written(sheet: Image, texts: Sequence[tuple[Place, str, int, tuple[int, int, int]]]) -> Image:
    """The sheet with texts: (upper left corner, text, size in pixels, R G B)."""
    picture = PilImage.fromarray(np.ascontiguousarray(sheet[..., ::-1]))
    draw = ImageDraw.Draw(picture)
    for place, text, size, colour in texts:
        draw.text(place, text, font=ImageFont.load_default(size), fill=colour)
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[..., ::-1])
