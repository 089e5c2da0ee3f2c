"""A real face in every test run: scikit-image's public-domain astronaut, pasted into larger pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from mirror_core.frame import Image
from mirror_tracking.detector import FaceDetector
from mirror_tracking.mesh import FaceMesh

FACE_CENTRE = (224.0, 123.0)  # of the mesh's box in the portrait, pixels
FACE_HEIGHT = 110.0  # of that box, pixels
SHARED_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

Paste = Callable[..., Image]


@cache
def _portrait() -> tuple[Image, Image]:
    """The head (BGR) and an ellipse around it as a mask, in the portrait's pixels."""
    picture = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(mask, (224, 118), (75, 95), 0, 0, 360, 255, -1)
    return picture, mask


@cache
def _background() -> Image:
    y, x = np.mgrid[0:720, 0:1280]
    waves = np.stack(
        [90 + 40 * np.sin(x / 97), 100 + 30 * np.cos(y / 71), 120 + 30 * np.sin((x + y) / 130)], 2
    )
    return np.asarray(waves, np.uint8)


@pytest.fixture(scope="session")
def paste() -> Paste:
    """paste((x, y, face height in pixels), …) → a 1280×720 picture with that many copies of the face."""

    def _paste(*places: tuple[float, float, float], roll: float = 0.0) -> Image:
        picture, mask = _portrait()
        canvas = _background().copy()
        for x, y, height in places:
            scale = height / FACE_HEIGHT
            source, source_mask, step = picture, mask, 1.0
            if scale < 1:  # average first: a warp alone would alias
                source = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                source_mask = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                step = source.shape[0] / picture.shape[0]
            turn = cv2.getRotationMatrix2D(
                (FACE_CENTRE[0] * step, FACE_CENTRE[1] * step), -np.degrees(roll), scale / step
            )
            turn[:, 2] += (x - FACE_CENTRE[0] * step, y - FACE_CENTRE[1] * step)
            face = cv2.warpAffine(source, turn, (1280, 720))
            alpha = cv2.warpAffine(source_mask, turn, (1280, 720))[..., None] / 255.0
            canvas = (canvas * (1 - alpha) + face * alpha).astype(np.uint8)
        return canvas

    return _paste


@pytest.fixture(scope="session")
def detector() -> FaceDetector:
    """One loaded detector for all tests; it has no memory."""
    return FaceDetector(min_score=0.1)


@pytest.fixture(scope="session")
def mesh() -> FaceMesh:
    """One loaded face mesh for all tests; it has no memory."""
    return FaceMesh()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with clips of real faces; tests that need it are skipped where it is missing."""
    if not (SHARED_DATA / "talking_face_dev.mp4").is_file():
        pytest.skip("needs the clips of ../shared/data, which are not part of the repository")
    return SHARED_DATA
