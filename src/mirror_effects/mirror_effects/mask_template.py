"""The template that people paint masks on: the chart with mesh, outlines, labels and the safe area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.overlay import Colour, draw_polylines
from mirror_effects.uv_chart import FACE_OUTLINE, OUTLINES, TEXTURE_SIZE, UV_POINTS
from mirror_tracking.topology import MESH_EDGES, NOSE_TIP

__all__ = ["GUIDE", "GUIDE_NAME", "TEMPLATE_NAME", "TEMPLATE_SIZE", "template", "write_template"]

TEMPLATE_SIZE = 2048
TEMPLATE_NAME, GUIDE_NAME = "mask-template.png", "mask-guide.txt"
SAFE_INSET_PX = 56.0  # chart pixels inside the outline that a turned head soon hides
FONT = cv2.FONT_HERSHEY_DUPLEX

PAPER: Colour = (255, 255, 255)
OUTSIDE: Colour = (214, 208, 204)
MESH: Colour = (226, 208, 190)
MIDDLE: Colour = (200, 170, 150)
FACE: Colour = (60, 50, 40)
SAFE: Colour = (90, 160, 60)
HOLE: Colour = (60, 50, 220)
FEATURE: Colour = (190, 110, 30)

GUIDE = f"""\
How to make a mask for the mirror
=================================

1. Open {TEMPLATE_NAME} in a painting program (GIMP, Krita, Photoshop, Procreate, ...), on a layer
   of its own.
2. Paint on a new layer above it. Keep the picture square; 1024 x 1024 pixels are enough, 4096 x 4096 is
   the most.
3. Hide the template's layer and export as PNG:
   - with transparency: what is transparent shows the wearer's skin;
   - without transparency: the mask covers the whole face.
4. Put the file into the folder

       {{folder}}

   The mirror finds it within two seconds, also when you save it again; there is no need to restart.
5. Wear it: a file dragon.png is the mask "dragon":

       ros2 param set /mirror/effects mask.mask dragon

What the lines mean
-------------------
- Black, "face": the edge of the face. What lies outside is never shown.
- Green, dashed, "safe area": what matters should lie inside; beyond it a turned head hides it, and hair
  may cover it.
- Red, "eye" and "mouth": cut out by default, so that the wearer's own eyes and mouth are seen. What you
  paint there appears when the parameters mask.eyes or mask.mouth are false. Paint teeth into the mouth:
  they show when it opens.
- Blue, "brow" and "lips": where the wearer's brows and lips are. Lips move with the wearer's.
- Thin lines: the mesh that carries the picture. Around eyes, nose and mouth it is fine and moves much;
  the forehead and cheeks move little.

The template shows the face as a camera does: the wearer's right eye is on the left. A mirror swaps it, so
text must be painted the wrong way round to read right in the mirror.
"""


def _scaled(points: NDArray[np.floating[Any]], size: int) -> NDArray[np.float32]:
    return np.asarray(points, np.float32) * np.float32(size / TEXTURE_SIZE)


def _label(image: Image, text: str, x: float, y: float, colour: Colour) -> None:
    """Write a word centred at a place given in chart pixels."""
    scale = image.shape[0] / TEXTURE_SIZE
    size, thickness = 0.42 * scale, max(1, round(0.6 * scale))
    (width, height), _ = cv2.getTextSize(text, FONT, size, thickness)
    corner = (round(x * scale - width / 2), round(y * scale + height / 2))
    cv2.putText(image, text, corner, FONT, size, PAPER, thickness + max(2, round(3 * scale)), cv2.LINE_AA)
    cv2.putText(image, text, corner, FONT, size, colour, thickness, cv2.LINE_AA)


def _safe_area() -> NDArray[np.float32]:
    """The face's outline moved inwards, float32 [n, 2]."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    cv2.fillPoly(image, [np.rint(FACE_OUTLINE).astype(np.int32)], (255,))
    depth = cv2.distanceTransform(image, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inner = (depth > SAFE_INSET_PX).astype(np.uint8)
    (outline, *_), _ = cv2.findContours(inner, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(outline[:, 0], np.float32)


def template(size: int = TEMPLATE_SIZE) -> Image:
    """The template: uint8 [size, size, 3], BGR."""
    image = np.full((size, size, 3), OUTSIDE, np.uint8)
    width = max(1, size // TEXTURE_SIZE)
    face = np.rint(_scaled(FACE_OUTLINE, size)).astype(np.int32)
    cv2.fillPoly(image, [face], PAPER, cv2.LINE_AA)
    draw_polylines(image, _scaled(UV_POINTS, size)[MESH_EDGES], MESH, width)
    middle = _scaled(np.array([[512, 40], [512, 984]]), size)
    draw_polylines(image, [middle], MIDDLE, width)
    safe = _scaled(_safe_area(), size)
    dash = 14
    draw_polylines(image, [safe[i : i + dash] for i in range(0, len(safe), 2 * dash)], SAFE, 2 * width)
    for name in ("right_brow", "left_brow", "lips"):
        draw_polylines(image, [_scaled(OUTLINES[name], size)], FEATURE, 2 * width, closed=True)
    for name in ("right_eye", "left_eye", "mouth"):
        draw_polylines(image, [_scaled(OUTLINES[name], size)], HOLE, 2 * width, closed=True)
    draw_polylines(image, [_scaled(FACE_OUTLINE, size)], FACE, 3 * width, closed=True)
    nose = _scaled(UV_POINTS[NOSE_TIP], size) - 0.5
    cv2.circle(image, np.rint(nose).astype(int).tolist(), 6 * width, FEATURE, 2 * width, cv2.LINE_AA)
    for name, text, colour, above in (
        ("right_eye", "right eye", HOLE, 20),
        ("left_eye", "left eye", HOLE, 20),
        ("right_brow", "right brow", FEATURE, 16),
        ("left_brow", "left brow", FEATURE, 16),
        ("mouth", "mouth", HOLE, -30),
        ("lips", "lips", FEATURE, 26),
    ):
        outline = OUTLINES[name]
        y = outline[:, 1].min() - above if above > 0 else outline[:, 1].mean()
        _label(image, text, float(outline[:, 0].mean()), float(y), colour)
    _label(image, "nose tip", 512, float(UV_POINTS[NOSE_TIP, 1]) - 22, FEATURE)
    _label(image, "face: nothing outside is shown", 512, 15, FACE)
    _label(image, "safe area", 512, 928, SAFE)
    _label(image, "wearer's right", 120, 1008, FACE)
    _label(image, "wearer's left", 904, 1008, FACE)
    return image


def write_template(out: Path, masks_folder: Path) -> tuple[Path, Path]:
    """Write template and guide.

    Args:
        out: folder, made if missing.
        masks_folder: that the guide names.

    Returns:
        The two files.

    Raises:
        OSError: if they cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    picture, guide = out / TEMPLATE_NAME, out / GUIDE_NAME
    encoded = cv2.imencode(".png", template(), [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    picture.write_bytes(encoded.tobytes())
    guide.write_text(GUIDE.format(folder=masks_folder), encoding="utf-8")
    return picture, guide
