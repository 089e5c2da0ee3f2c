"""Pictures of what an unmasking network does: rows of input, truth, output and alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["MARGIN_PX", "Shown", "alpha_picture", "sheet", "write_picture"]

MARGIN_PX = 2
HEADING_PX = 18
BACKGROUND, INK = 255, (40, 40, 40)


def alpha_picture(alpha: NDArray[np.float32]) -> Image:
    """An alpha 0 … 1, [h, w], as a grey picture."""
    return np.repeat(np.clip(np.rint(alpha * 255), 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def sheet(rows: Sequence[Sequence[Image]], headings: Sequence[str] = ()) -> Image:
    """Pictures of one size in rows, with a heading over each column, where given.

    Args:
        rows: uint8 [h, w, 3] each, as many in every row.
        headings: one for each column.
    """
    across = np.full((rows[0][0].shape[0], MARGIN_PX, 3), BACKGROUND, np.uint8)
    lines: list[Image] = []
    for row in rows:
        parts = [part for picture in row for part in (across, picture)][1:]
        line = np.concatenate(parts, axis=1)
        lines += [np.full((MARGIN_PX, line.shape[1], 3), BACKGROUND, np.uint8), line]
    whole = np.concatenate(lines[1:], axis=0)
    if not headings:
        return whole
    top = np.full((HEADING_PX, whole.shape[1], 3), BACKGROUND, np.uint8)
    step = rows[0][0].shape[1] + MARGIN_PX
    for number, text in enumerate(headings):
        place = (number * step + 2, HEADING_PX - 5)
        cv2.putText(top, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    return np.concatenate([top, whole], axis=0)


def write_picture(file: Path, picture: Image) -> Path:
    """Write a picture by its file's ending; makes the folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(cv2.imencode(file.suffix, picture)[1].tobytes())
    return file


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture that a notebook shows when it is the last value of a cell.

    Attributes:
        picture: uint8 [h, w, 3], BGR.
    """

    picture: Image

    def _repr_png_(self) -> bytes:
        content: bytes = cv2.imencode(".png", self.picture)[1].tobytes()
        return content
