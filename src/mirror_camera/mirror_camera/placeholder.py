"""A calm dark picture that says in words why there is no camera picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from mirror_camera.placeholder_signs import Sign, draw_sign
from mirror_core.errors import ShapeError
from mirror_core.frame import Image
from mirror_core.lettering import SMALLEST_PX, Font, font

__all__ = ["placeholder", "wrap"]

TOP_COLOUR, BOTTOM_COLOUR = (30, 26, 24), (18, 15, 14)  # B, G, R of the ground
TITLE_COLOUR, TEXT_COLOUR, ADVICE_COLOUR = (238, 238, 238), (186, 190, 194), (236, 178, 92)  # R, G, B
ACCENT_COLOUR = (236, 178, 92)  # R, G, B
TITLE_SHARE = 1 / 13  # font height as a share of the picture's shorter side
TEXT_RATIO = 0.68  # of the title's font height: 38 px at 1280×720, read from two metres
SIGN_RATIO, SIGN_GAP = 2.8, 0.3  # side of the sign, and the room below it, in the title's font heights
MARGIN_SHARE = 0.09  # of the width, on each side
LINE_SPACING = 1.3  # line pitch in font heights

_Line = tuple[str, Font, tuple[int, int, int], float]


def placeholder(
    width: int, height: int, title: str, reason: str, advice: str = "", *, sign: Sign | None = None
) -> Image:
    """A picture with a sign, a title, what is wrong, and what to do about it.

    The text shrinks until it fits; what does not fit at the smallest letters is cut at the bottom.

    Args:
        width, height: size in pixels, 1 or more.
        title: a few words, for example "No camera".
        reason: a sentence.
        advice: a sentence, or nothing.
        sign: stands above the title.

    Returns:
        uint8 [height, width, 3].

    Raises:
        ShapeError: on a size below 1 × 1.
    """
    if width < 1 or height < 1:
        raise ShapeError(f"A placeholder's size must be 1 × 1 or more, not {width} × {height}.")
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    ground = np.array(TOP_COLOUR, np.float32) * (1 - down) + np.array(BOTTOM_COLOUR, np.float32) * down
    canvas = np.ascontiguousarray(np.broadcast_to(ground, (height, width, 3)).astype(np.uint8)[..., ::-1])
    if min(width, height) < 2 * SMALLEST_PX:
        return np.ascontiguousarray(canvas[..., ::-1])
    picture = PilImage.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    margin = round(MARGIN_SHARE * width)
    title_px = max(min(width, height) * TITLE_SHARE, SMALLEST_PX)
    lines = _layout(title, reason, advice, title_px, width - 2 * margin)
    sign_share = SIGN_RATIO + SIGN_GAP if sign is not None else 0.0  # of the title's font height
    while _height(lines) + sign_share * title_px > 0.9 * height and title_px > SMALLEST_PX:
        title_px = max(title_px * 0.9, SMALLEST_PX)
        lines = _layout(title, reason, advice, title_px, width - 2 * margin)
    y = max((height - _height(lines) - sign_share * title_px) / 2, 0.0)
    if sign is not None:
        draw_sign(picture, sign, (margin, round(y)), round(SIGN_RATIO * title_px), ACCENT_COLOUR)
        y += sign_share * title_px
    else:
        bar = max(round(title_px / 12), 1)
        draw.rectangle((margin, y - 3 * bar, margin + title_px * 1.6, y - 2 * bar), fill=ACCENT_COLOUR)
    for text, chosen, colour, pitch in lines:
        draw.text((margin, y), text, font=chosen, fill=colour)
        y += pitch
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[..., ::-1])


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break `text` into lines of at most `width`, between words, inside a word only where it is too long.

    Args:
        text: any text; line breaks in it are kept.
        width: in the unit of `measure`.
        measure: length of a text.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}" if line else word
            if measure(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            line = word
            while measure(line) > width and len(line) > 1:
                fitting = next((n for n in range(len(line) - 1, 1, -1) if measure(line[:n]) <= width), 1)
                lines.append(line[:fitting])
                line = line[fitting:]
        lines.append(line)
    return lines


def _layout(title: str, reason: str, advice: str, title_px: float, width: float) -> list[_Line]:
    """The lines with font, colour and pitch in pixels; an empty line between the three texts."""
    text_px = max(title_px * TEXT_RATIO, SMALLEST_PX)
    parts = (
        (title, title_px, TITLE_COLOUR),
        (reason, text_px, TEXT_COLOUR),
        (advice, text_px, ADVICE_COLOUR),
    )
    lines: list[_Line] = []
    for text, size, colour in parts:
        if not text:
            continue
        chosen = font(size)
        if lines:
            lines.append(("", chosen, colour, text_px * 0.6))
        lines += [(line, chosen, colour, size * LINE_SPACING) for line in wrap(text, width, chosen.getlength)]
    return lines


def _height(lines: list[_Line]) -> float:
    return sum(pitch for *_, pitch in lines)
