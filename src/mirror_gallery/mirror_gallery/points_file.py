"""Reads points placed by hand from JSON or CSV: a whole mesh, or a few named or numbered points.

JSON is one of

    [[x, y], …]                                      468 or 478 points in the order of the face mesh
    {"right_eye_outer": [x, y], "152": [x, y], …}    points by name or number, 6 or more
    {"unit": "share", "points": …either of these…}   shares of width and height instead of pixels

and CSV has lines `x,y` for a whole mesh, or `point,x,y` with a name or number; a first line of column names,
empty lines and lines that begin with # are left out.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirror_core.errors import UsageError
from mirror_core.faces import LANDMARK_COUNT
from mirror_gallery.point_fit import NAMED_POINTS
from mirror_gallery.portrait import SURFACE_POINTS

__all__ = ["parse_points", "read_points"]

MOST_BYTES = 2**20
MESH_SIZES = (SURFACE_POINTS, LANDMARK_COUNT)

Points = dict[int, tuple[float, float]]


def read_points(path: Path, image_size: tuple[int, int]) -> Points:
    """The points in a file.

    Args:
        path: ends in .json or .csv.
        image_size: (width, height) in pixels of the picture that they lie in.

    Returns:
        Index in the mesh → (x, y) in pixels.

    Raises:
        UsageError: if the file cannot be read or holds something else; says where.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"The points file {path} is larger than {MOST_BYTES >> 20} MiB.")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"The points file {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError:
        raise UsageError(f"The points file {path} is no text; it must be JSON or CSV.") from None
    if path.suffix.lower() not in (".json", ".csv"):
        raise UsageError(f"The points file {path} must end in .json or .csv.")
    try:
        return parse_points(text, path.suffix.lower() == ".csv", image_size)
    except UsageError as error:
        raise UsageError(f"The points file {path}: {error}") from None


def parse_points(text: str, is_csv: bool, image_size: tuple[int, int]) -> Points:
    """The points in a text; see `read_points`."""
    if is_csv:
        return _from_csv(text)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is no JSON ({error}).") from None
    unit: Any = "px"
    if isinstance(content, dict) and "points" in content:
        unit, content = content.get("unit", "px"), content["points"]
    if unit not in ("px", "share"):
        raise UsageError(f'the unit must be "px" or "share", not {unit!r}.')
    points = _from_json(content)
    if unit == "px":
        return points
    width, height = image_size
    return {index: (x * width, y * height) for index, (x, y) in points.items()}


def _from_json(content: Any) -> Points:
    if isinstance(content, list):
        _check_count(len(content))
        return {index: _pair(pair, f"point {index}") for index, pair in enumerate(content)}
    if isinstance(content, Mapping):
        points: Points = {}
        for name, pair in content.items():
            _put(points, str(name), _pair(pair, f"point {name}"))
        return points
    raise UsageError("a list of points, or points by name or number, are allowed.")


def _from_csv(text: str) -> Points:
    try:
        rows = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(io.StringIO(text)), start=1)
            if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")
        ]
    except csv.Error as error:
        raise UsageError(f"this is no CSV ({error}).") from None
    if rows and not _is_number(rows[0][1][-1]):  # column names
        rows = rows[1:]
    if not rows:
        raise UsageError("there are no points.")
    columns = len(rows[0][1])
    if columns not in (2, 3):
        raise UsageError(f"line {rows[0][0]} must be x,y or point,x,y.")
    if columns == 2:
        _check_count(len(rows))
    points: Points = {}
    for index, (number, row) in enumerate(rows):
        if len(row) != columns:
            raise UsageError(f"line {number} must have {columns} columns like the first, not {len(row)}.")
        pair = _pair(row[-2:], f"line {number}")
        _put(points, row[0] if columns == 3 else str(index), pair)
    return points


def _check_count(count: int) -> None:
    if count not in MESH_SIZES:
        raise UsageError(
            f"a whole mesh has {MESH_SIZES[0]} or {MESH_SIZES[1]} points, not {count}; "
            "give fewer by name or number."
        )


def _put(points: Points, name: str, pair: tuple[float, float]) -> None:
    known = NAMED_POINTS.get(name)
    if known is None and name.isascii() and name.isdigit() and int(name) < LANDMARK_COUNT:
        known = int(name)
    if known is None:
        raise UsageError(
            f"{name} is no point: allowed are 0 … {LANDMARK_COUNT - 1} and {', '.join(NAMED_POINTS)}."
        )
    if known in points:
        raise UsageError(f"point {name} stands there twice.")
    points[known] = pair


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _pair(values: Any, where: str) -> tuple[float, float]:
    if isinstance(values, list) and len(values) == 2 and not any(isinstance(v, bool) for v in values):
        try:
            x, y = float(values[0]), float(values[1])
        except (TypeError, ValueError):
            pass
        else:
            if math.isfinite(x) and math.isfinite(y):
                return x, y
    raise UsageError(f"{where} must be two finite numbers, x and y.")
