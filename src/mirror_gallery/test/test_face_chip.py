"""Face chips: the same face in the same place, whatever its place, size, tilt and background."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_core.frame import Image
from mirror_gallery.dlib_network import CHIP_PX
from mirror_gallery.face_chip import POINTS, TARGET, bare_face_chip, face_chip
from mirror_tracking.head_pose import mean_face


def mesh(centre: tuple[float, float], height: float, tilt_deg: float = 0.0) -> NDArray[np.float32]:
    """The mean face, seen from the front: float32 [468, 3], pixels."""
    head = mean_face()[:468]
    flat = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1) * height / np.ptp(head[:, 2])
    cos, sin = math.cos(math.radians(tilt_deg)), math.sin(math.radians(tilt_deg))
    turned = flat[:, :2] @ np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turned + centre, flat[:, 2]]).astype(np.float32)


def picture(points: NDArray[np.float32], size: tuple[int, int], background: int = 90) -> Image:
    """A smooth face with dark eyes on a plain background."""
    width, height = size
    image = np.full((height, width, 3), background, np.uint8)
    across = float(np.ptp(points[:, 0]))

    def disc(centre: NDArray[np.floating], radius: float, colour: tuple[int, int, int]) -> None:
        at = tuple(int(v) for v in np.rint((centre - 0.5) * 16))
        cv2.circle(image, at, round(radius * 16), colour, -1, cv2.LINE_AA, 4)

    hull = cv2.convexHull(np.rint((points[:, :2] - 0.5) * 16).astype(np.int32))
    cv2.fillConvexPoly(image, hull, (120, 150, 190), cv2.LINE_AA, 4)
    for corners in ((33, 133), (362, 263)):
        disc(points[list(corners), :2].mean(axis=0), across * 0.07, (30, 30, 40))
    disc(points[13, :2], across * 0.12, (60, 60, 160))
    return image


def centres(chip: Image) -> NDArray[np.float64]:
    """Where the two eyes are in a chip: float64 [2, 2], the left one in the picture first."""
    count, _, stats, where = cv2.connectedComponentsWithStats((chip.max(axis=2) < 80).astype(np.uint8))
    eyes = [where[i] + 0.5 for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 40]
    assert len(eyes) == 2
    return np.array(sorted(map(tuple, eyes)))


EYES = np.array([TARGET[[2, 3]].mean(axis=0), TARGET[[0, 1]].mean(axis=0)])


@pytest.mark.parametrize("tilt_deg", [0.0, 20.0, -45.0, 180.0])
@pytest.mark.parametrize("height", [60.0, 127.3, 900.0])
def test_the_eyes_lie_where_the_network_expects_them(height: float, tilt_deg: float) -> None:
    points = mesh((700.4, 600.8), height, tilt_deg)
    chip = face_chip(picture(points, (1400, 1200)), points)
    assert chip.shape == (CHIP_PX, CHIP_PX, 3)
    # The mean face is not dlib's: the five points fit it as well as a similarity can.
    assert np.abs(centres(chip) - EYES).max() < 3.0


def test_size_place_and_tilt_make_no_difference() -> None:
    first, *others = (
        face_chip(picture(points, (1400, 1200)), points)
        for points in (mesh((700, 600), 200), mesh((690.3, 600.7), 640, 30), mesh((900, 700), 150, -15))
    )
    for other in others:
        assert np.abs(centres(first) - centres(other)).max() < 0.3
        assert np.abs(first.astype(int) - other).mean() < 2.0


def test_a_large_face_is_not_sampled_with_gaps() -> None:
    points = mesh((1000, 1000), 1500)
    stripes = np.zeros((2000, 2000, 3), np.uint8)
    stripes[:, ::2] = 255  # one pixel wide: in a chip of a tenth they are even grey
    chip = face_chip(stripes, points)[20:-20, 20:-20]
    assert abs(float(chip.mean()) - 127.5) < 2
    assert chip.std() < 12


def test_a_face_at_the_pictures_border_is_continued() -> None:
    points = mesh((20, 60), 100)
    image = np.full((120, 160, 3), 77, np.uint8)
    assert (face_chip(image, points) == 77).all()


def test_a_bare_chip_is_the_same_before_any_background() -> None:
    points = mesh((300, 300), 240, 10)
    dark, bright = (picture(points, (600, 600), background) for background in (0, 255))
    assert np.abs(face_chip(dark, points).astype(int) - face_chip(bright, points)).mean() > 20
    bare = [bare_face_chip(image, points).astype(int) for image in (dark, bright)]
    assert np.abs(bare[0] - bare[1]).mean() < 0.5
    assert np.abs(centres(bare[0].astype(np.uint8)) - EYES).max() < 3.0


def test_a_bare_chip_of_a_bare_chip_is_nearly_the_same() -> None:
    points = mesh((300, 300), 240, 10)
    chip = bare_face_chip(picture(points, (600, 600)), points)
    upright = points.copy()
    source, target = points[POINTS, :2].astype(np.float64), TARGET
    a, _ = cv2.estimateAffinePartial2D(source, target, method=cv2.LMEDS)
    upright[:, :2] = points[:, :2] @ a[:, :2].T + a[:, 2]
    assert np.abs(bare_face_chip(chip, upright).astype(int) - chip).mean() < 2.0


@pytest.mark.parametrize("points", [mesh((50, 50), 8), np.full((468, 3), np.nan, np.float32)])
def test_a_speck_is_refused(points: NDArray[np.float32]) -> None:
    with pytest.raises(UsageError, match="too small"):
        face_chip(np.zeros((100, 100, 3), np.uint8), points)


def test_a_face_outside_the_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="outside the picture"):
        face_chip(np.zeros((100, 100, 3), np.uint8), mesh((900, 900), 100))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"\[68, 2\]"):
        face_chip(np.zeros((100, 100, 3), np.uint8), np.zeros((68, 2), np.float32))
