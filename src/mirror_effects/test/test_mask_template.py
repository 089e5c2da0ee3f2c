"""The template for masks of one's own: its lines lie where the effect takes the picture from."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mirror_effects.mask_template import FACE, FEATURE, HOLE, OUTSIDE, PAPER, template, write_template
from mirror_effects.mask_texture import read_mask
from mirror_effects.uv_chart import OUTLINES


def colours_along(image: np.ndarray, name: str) -> np.ndarray:
    places = np.rint(OUTLINES[name] * (image.shape[0] / 1024) - 0.5).astype(int)
    return image[places[:, 1], places[:, 0]].astype(int)


def test_outlines_are_drawn_in_their_colours() -> None:
    image = template()
    assert image.shape == (2048, 2048, 3)
    for name, colour in (("face", FACE), ("right_eye", HOLE), ("mouth", HOLE), ("left_brow", FEATURE)):
        assert np.median(np.abs(colours_along(image, name) - colour)) <= 8, name


def test_the_outside_differs_from_the_face() -> None:
    image = template()
    assert tuple(image[4, 4]) == OUTSIDE
    assert (image[400:1800, 300:1700] == PAPER).all(axis=2).mean() > 0.5


def test_template_and_guide_are_written_and_the_template_can_be_worn(tmp_path: Path) -> None:
    picture, guide = write_template(tmp_path / "new" / "folder", Path("/somewhere/masks"))
    assert read_mask(picture).shape == (1024, 1024, 4)
    assert cv2.imread(str(picture)).shape == (2048, 2048, 3)
    text = guide.read_text()
    assert "/somewhere/masks" in text
    assert picture.name in text
    assert "{" not in text
