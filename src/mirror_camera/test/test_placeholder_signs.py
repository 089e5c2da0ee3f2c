"""The placeholders' signs: each its own, drawn whole, and the one that fits what the camera says."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from mirror_camera.cameras import find_camera
from mirror_camera.placeholder import ACCENT_COLOUR, placeholder
from mirror_camera.placeholder_signs import Sign, sign_and_title
from mirror_core.errors import SourceError


def inked(sign: Sign) -> np.ndarray:
    """Where a picture without words has the sign: bool [360, 640]."""
    picture = placeholder(640, 360, "", "", sign=sign).astype(int)
    return np.abs(picture - np.array(ACCENT_COLOUR[::-1])).max(axis=2) < 60


def test_the_signs_differ_and_each_fills_its_place():
    drawn = {sign: inked(sign) for sign in Sign}
    for sign, ink in drawn.items():
        assert 0.1 < ink.sum() / (2.8 * 360 / 13) ** 2 < 0.7, sign
    for one, other in combinations(Sign, 2):
        assert (drawn[one] != drawn[other]).sum() > 100, (one, other)


@pytest.mark.parametrize(
    ("reason", "sign", "title"),
    [
        (
            "C920 (/dev/video0) does not open: another program probably uses it; close that.",
            Sign.BUSY,
            "The camera is busy",
        ),
        ("You may not open C920: run `sudo usermod -aG video $USER`.", Sign.LOCKED, "The camera is locked"),
        ("The camera has sent no picture for 3 s: connect it again.", Sign.LOST, "No picture"),
    ],
)
def test_the_sentence_chooses_the_sign(reason, sign, title):
    assert sign_and_title(reason) == (sign, title)


@pytest.mark.parametrize("wanted", ["", "C920"])
def test_a_missing_camera_is_one_that_was_not_found(wanted, tmp_path: Path):
    with pytest.raises(SourceError) as caught:
        find_camera(wanted, (), tmp_path)
    assert sign_and_title(str(caught.value)) == (Sign.MISSING, "No camera")


@pytest.mark.parametrize("size", [(320, 240), (1280, 720), (720, 1280)])
def test_sign_and_words_fit_together(size):
    reason = "The camera 'Logitech HD Pro Webcam C920' was not found, nor any other."
    picture = placeholder(
        *size, "No camera", reason, "Connect it, or use the demo source.", sign=Sign.MISSING
    )
    assert picture.shape == (size[1], size[0], 3)
    rows = np.nonzero((picture.max(axis=2) > 90).any(axis=1))[0]
    assert rows[0] > 0 and rows[-1] < size[1] - 1
