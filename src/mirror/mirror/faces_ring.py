"""A capture as a terminal shows it: a ring that fills, what to do, and how good the picture is."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

__all__ = ["capture_view", "ring"]

ROWS, COLUMNS = 9, 19  # characters; a cell is twice as high as wide
SEGMENTS = 32
BAR_CELLS = 12
GOOD, FAIR = 0.5, 0.25  # quality from which on a bar is green, or yellow


def ring(progress: float) -> Text:
    """A circle of dots that fills clockwise from the top.

    Args:
        progress: 0 … 1.
    """
    cells: dict[tuple[int, int], bool] = {}
    for segment in range(SEGMENTS):
        angle = 2 * math.pi * segment / SEGMENTS
        row = round((ROWS - 1) / 2 * (1 - math.cos(angle)))
        column = round((COLUMNS - 1) / 2 * (1 + math.sin(angle)))
        is_filled = segment < round(progress * SEGMENTS)
        cells[row, column] = cells.get((row, column), False) or is_filled
    text = Text()
    label = f"{progress:.0%}"
    start = (COLUMNS - len(label)) // 2
    for row in range(ROWS):
        for column in range(COLUMNS):
            if (row, column) in cells:
                filled = cells[row, column]
                text.append("●" if filled else "·", "bold green" if filled else "dim")
            elif row == ROWS // 2 and start <= column < start + len(label):
                text.append(label[column - start], "bold")
            else:
                text.append(" ")
        text.append("\n")
    return text


def capture_view(progress: float, hint: str, quality: Mapping[str, float]) -> Table:
    """The ring with the hint and the qualities beside it.

    Args:
        progress: 0 … 1.
        hint: a sentence.
        quality: by name, each 0 … 1.
    """
    beside = Text("\n")
    beside.append(f"{hint}\n\n", "bold")
    for name, value in quality.items():
        filled = round(value * BAR_CELLS)
        colour = "green" if value >= GOOD else "yellow" if value >= FAIR else "red"
        beside.append(f"{name:<10}")
        beside.append("━" * filled, colour)
        beside.append("━" * (BAR_CELLS - filled) + "\n", "dim")
    table = Table.grid(padding=(0, 4))
    table.add_row(ring(progress), beside)
    return table
