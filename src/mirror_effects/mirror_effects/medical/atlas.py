"""Where the parts of a mask lie in its texture: the mask itself, up to three round parts, four bands.

All in shares of the texture's side; the mask takes the upper three quarters.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BAND_CELLS", "BODY", "CAP", "CREASE", "DISC_CELLS", "NOWHERE", "Cell"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle of the texture, in shares of its side."""

    x: float
    y: float
    width: float
    height: float

    def slices(self, side: int) -> tuple[slice, slice]:
        """Rows and columns of a texture of `side` pixels, a multiple of 64."""
        return (
            slice(round(self.y * side), round((self.y + self.height) * side)),
            slice(round(self.x * side), round((self.x + self.width) * side)),
        )


BODY = Cell(0.0, 0.0, 1.0, 0.75)
DISC_CELLS = (Cell(0.0, 0.75, 0.25, 0.25), Cell(0.25, 0.75, 0.25, 0.25), Cell(0.5, 0.75, 0.25, 0.25))
BAND_CELLS = tuple(Cell(0.75, 0.75 + i / 16, 0.25, 1 / 16) for i in range(4))
CAP, CREASE = 0.70, 0.74
"""Of a round part, in shares of its cell's half side: where its face ends and where its wall begins."""
NOWHERE = (-4.0, -4.0)
"""Texture place of what is not the mask's but hides it."""
