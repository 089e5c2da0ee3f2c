"""Writes texts of any European language as pixels, for pictures that are not drawn by a window."""

from __future__ import annotations

import importlib.util
import math
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

__all__ = ["SMALLEST_PX", "Font", "font", "font_file", "letters"]

SYSTEM_FONTS = Path("/usr/share/fonts/truetype/dejavu")
SMALLEST_PX = 7.0  # below, letters are no letters any more

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font_file() -> Path | None:
    """DejaVu Sans, which has every European letter; matplotlib brings it, as does nearly every system."""
    spec = importlib.util.find_spec("matplotlib")
    places = (spec.submodule_search_locations if spec is not None else None) or ()
    folders = [Path(place) / "mpl-data" / "fonts" / "ttf" for place in places]
    files = [folder / "DejaVuSans.ttf" for folder in (*folders, SYSTEM_FONTS)]
    return next((file for file in files if file.is_file()), None)


@lru_cache(maxsize=64)
def font(size_px: float) -> Font:
    """The font whose letters are `size_px` high."""
    file = font_file()
    if file is None:  # Pillow's own font lacks ä and é, but is always there
        return ImageFont.load_default(size_px)
    return ImageFont.truetype(str(file), size_px)


def letters(text: str, size_px: float) -> NDArray[np.uint8]:
    """One line of text: uint8 [h, w], 255 where a letter is, 0 beside it; all lines of a size are as high.

    Args:
        text: the line; what cannot be printed becomes a space.
        size_px: height of the letters in pixels, 7 or more.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    chosen = font(max(size_px, SMALLEST_PX))
    left, _, right, _ = chosen.getbbox(printable or " ")
    start = max(-math.floor(left), 0)  # some letters begin before their place
    size = (max(start + math.ceil(right), 1), max(math.ceil(chosen.getbbox("Ägj")[3]), 1))
    line = PilImage.new("L", size)
    ImageDraw.Draw(line).text((start, 0), printable, font=chosen, fill=255)
    return np.array(line, np.uint8)
