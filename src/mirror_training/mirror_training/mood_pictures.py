"""Pictures of an evaluation: the confusion matrix and the calibration curve, drawn with OpenCV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.mood_scores import Calibration, Scores
from mirror_training.opencv import cv2

__all__ = ["calibration_picture", "confusion_picture"]

CELL = 76  # side of a cell of the matrix in pixels
LEFT, TOP = 110, 74  # room for words in pixels
PLOT = 420  # side of the calibration plot in pixels
INK, PAPER, FAINT = (40, 34, 30), (255, 255, 255), (205, 200, 196)
BLUE, ORANGE = np.array([160, 84, 24.0]), (40, 110, 225)


def _write(
    picture: NDArray[np.uint8], text: str, place: tuple[float, float], size: float = 0.48, colour: Any = INK
) -> None:
    """Text with its middle at a point."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    corner = (round(place[0] - width / 2), round(place[1] + height / 2))
    cv2.putText(picture, text, corner, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def confusion_picture(scores: Scores, names: Sequence[str]) -> NDArray[np.uint8]:
    """The confusion matrix, each row in per cent of its true class: uint8 [h, w, 3], BGR.

    Args:
        scores: of an evaluation.
        names: of the classes, in their order.
    """
    count = len(names)
    picture = np.full((TOP + count * CELL + 20, LEFT + count * CELL + 20, 3), PAPER, np.uint8)
    _write(
        picture,
        f"answer (accuracy {scores.accuracy:.1%}, macro-F1 {scores.macro_f1:.3f})",
        (LEFT + count * CELL / 2, 20),
    )
    shares = scores.confusion / np.maximum(scores.confusion.sum(1, keepdims=True), 1)
    for row, name in enumerate(names):
        middle = TOP + (row + 0.5) * CELL
        _write(picture, name, (LEFT / 2, middle - 8))
        _write(picture, f"{scores.confusion[row].sum()}", (LEFT / 2, middle + 12), 0.4)
        _write(picture, name, (LEFT + (row + 0.5) * CELL, TOP - 16))
        for column in range(count):
            share = float(shares[row, column])
            corner = (LEFT + column * CELL, TOP + row * CELL)
            other = (corner[0] + CELL - 2, corner[1] + CELL - 2)
            cv2.rectangle(picture, corner, other, tuple(255 + share * (BLUE - 255)), cv2.FILLED)
            colour = PAPER if share > 0.55 else INK
            middle_of_cell = (corner[0] + CELL / 2, corner[1] + CELL / 2)
            _write(picture, f"{100 * share:.0f}", middle_of_cell, 0.55, colour)
    return picture


def calibration_picture(before: Calibration, after: Calibration) -> NDArray[np.uint8]:
    """How often answers are right by how certain they are, before and after: uint8 [h, w, 3], BGR."""
    picture = np.full((PLOT + 110, PLOT + 110, 3), PAPER, np.uint8)

    def place(x: float, y: float) -> tuple[int, int]:
        return round(70 + x * PLOT), round(40 + (1 - y) * PLOT)

    for tick in np.linspace(0, 1, 6):
        cv2.line(picture, place(tick, 0), place(tick, 1), FAINT, 1)
        cv2.line(picture, place(0, tick), place(1, tick), FAINT, 1)
        _write(picture, f"{tick:.1f}", (place(tick, 0)[0], place(0, 0)[1] + 16), 0.42)
        _write(picture, f"{tick:.1f}", (48, place(0, tick)[1]), 0.42)
    cv2.line(picture, place(0, 0), place(1, 1), INK, 1, cv2.LINE_AA)
    for curve, colour, word, row in (
        (before, ORANGE, "before", 0),
        (after, tuple(BLUE), "after", 1),
    ):
        used = curve.counts > 0
        points = [place(x, y) for x, y in zip(curve.certainty[used], curve.accuracy[used], strict=True)]
        cv2.polylines(picture, [np.array(points, np.int32)], False, colour, 2, cv2.LINE_AA)
        for point, pictures in zip(points, curve.counts[used], strict=True):
            radius = round(2 + 10 * np.sqrt(pictures / curve.counts.sum()))
            cv2.circle(picture, point, radius, colour, cv2.FILLED, cv2.LINE_AA)
        _write(picture, f"{word}: ECE {100 * curve.error:.1f} %", (170, 62 + 22 * row), 0.48, colour)
    _write(picture, "certainty", (70 + PLOT / 2, PLOT + 86))
    _write(picture, "share of right answers; a dot's area: how many pictures", (70 + PLOT / 2, 20))
    return picture
