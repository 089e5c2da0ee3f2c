"""Drawing on the picture so that it also reads right in a mirror: labels, axes, tinted lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image

__all__ = ["Colour", "draw_axes", "draw_label", "draw_polylines"]

Colour = tuple[int, int, int]
"""Blue, green, red, each 0 … 255."""

SUBPIXEL_BITS = 4  # OpenCV draws at 1/16 pixel, so that a slow movement does not jump
FONT = cv2.FONT_HERSHEY_SIMPLEX
AXIS_COLOURS: tuple[Colour, Colour, Colour] = ((60, 60, 235), (70, 200, 70), (235, 130, 50))


def _fixed_point(points: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    # OpenCV puts the centre of pixel 0 at 0; Mirror's pixel 0 covers 0 … 1.
    scaled = (np.asarray(points, np.float64) - 0.5) * (1 << SUBPIXEL_BITS)
    return np.rint(np.clip(scaled, -(2**26), 2**26)).astype(np.int32)


def draw_polylines(
    image: Image,
    lines: Sequence[NDArray[np.floating[Any]]] | NDArray[np.floating[Any]],
    colour: Colour,
    thickness: int = 1,
    *,
    closed: bool = False,
    smooth: bool = True,
) -> None:
    """Draw lines in place.

    Args:
        image: writable, uint8 [height, width, 3].
        lines: each [n, 2] in pixels; one array [k, n, 2] draws k lines.
        colour: BGR.
        thickness: in pixels.
        closed: join the last point of each line with the first.
        smooth: anti-aliased; slower.
    """
    if len(lines) == 0:
        return
    fixed = list(_fixed_point(lines)) if isinstance(lines, np.ndarray) else [_fixed_point(p) for p in lines]
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    cv2.polylines(image, fixed, closed, colour, thickness, kind, SUBPIXEL_BITS)


def draw_axes(
    image: Image,
    origin: tuple[float, float],
    rotation: NDArray[np.floating[Any]],
    length: float,
    thickness: int = 2,
) -> None:
    """Draw the three axes of a rotation in place: x red, y green, z blue, the nearest on top.

    Args:
        image: writable, uint8 [height, width, 3].
        origin: in pixels.
        rotation: [3, 3]; columns are the axes in the camera's optical frame (x right, y down, z away).
        length: of an axis parallel to the image, in pixels.
        thickness: in pixels.
    """
    start = np.array(origin, np.float64)
    for axis in sorted(range(3), key=lambda a: -float(rotation[2, a])):
        end = start + length * np.asarray(rotation[:2, axis], np.float64)
        tip = _fixed_point(np.stack([start, end]))
        cv2.arrowedLine(
            image,
            tip[0].tolist(),
            tip[1].tolist(),
            AXIS_COLOURS[axis],
            thickness,
            cv2.LINE_AA,
            SUBPIXEL_BITS,
            tipLength=0.2,
        )


def draw_label(
    image: Image,
    text: str,
    centre_bottom: tuple[float, float],
    colour: Colour,
    height: float,
    *,
    mirrored: bool,
) -> None:
    """Write a label in place on a darkened plate.

    Args:
        image: writable, uint8 [height, width, 3].
        text: ASCII.
        centre_bottom: middle of the plate's lower edge in pixels; moved so that the plate is inside.
        colour: BGR.
        height: of the plate in pixels.
        mirrored: write it the wrong way round, for a picture that is shown mirrored.
    """
    plate_height = max(12, round(height))
    thickness = max(1, plate_height // 16)
    scale = cv2.getFontScaleFromHeight(FONT, max(6, plate_height // 2), thickness)
    (text_width, text_height), _ = cv2.getTextSize(text, FONT, scale, thickness)
    plate_width = text_width + plate_height
    rows, columns = image.shape[:2]
    if plate_width > columns or plate_height > rows:
        return
    x = round(min(max(centre_bottom[0] - plate_width / 2, 0), columns - plate_width))
    y = round(min(max(centre_bottom[1] - plate_height, 0), rows - plate_height))
    part = image[y : y + plate_height, x : x + plate_width]
    plate = (part * 0.35).astype(np.uint8)
    if mirrored:
        plate = np.ascontiguousarray(plate[:, ::-1])
    corner = (plate_height // 2, (plate_height + text_height) // 2)
    cv2.putText(plate, text, corner, FONT, scale, colour, thickness, cv2.LINE_AA)
    part[:] = plate[:, ::-1] if mirrored else plate
