"""Where faces lie in FER2013's pictures, so that a live face can be cut out in the same way.

`python -m mirror_training.mood_layout fer2013.npz` prints the table LAYOUT of `mirror_mood.face_input`: the
mean places of some steady points of the face, found by the mirror's own mesh in enlarged pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_mood.face_input import SIDE, STEADY_POINTS
from mirror_tracking.mesh import FaceMesh, Region, region_from_landmarks
from mirror_training.mood_files import load_npz
from mirror_training.opencv import cv2

__all__ = ["landmarks_of", "layout"]

ENLARGED = 4  # times, before the mesh looks at a picture
WHOLE = 1.15  # side of the first region over the picture's: the model wants a margin around a face
PRESENCE = 0.9  # of a face, below which a picture does not count
PICTURES = 1500
SEED = 5


def landmarks_of(mesh: FaceMesh, image: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The landmarks of the face that fills a small grey picture; None where the mesh sees none.

    Args:
        mesh: which finds them.
        image: uint8 [SIDE, SIDE].

    Returns:
        float32 [478, 2], pixels of `image`.
    """
    large = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    large = cv2.cvtColor(large, cv2.COLOR_GRAY2BGR)
    side = SIDE * ENLARGED
    first = mesh.landmarks(large, [Region(side / 2, side / 2, WHOLE * side)])[0]
    second = mesh.landmarks(large, [region_from_landmarks(first.landmarks)])[0]
    if min(first.presence, second.presence) < PRESENCE:
        return None
    return np.asarray(second.landmarks[:, :2] / ENLARGED, np.float32)


def layout(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], int]:
    """Mean places of STEADY_POINTS, float64 [k, 2] in pixels, and the number of pictures that counted."""
    mesh = FaceMesh(parallel=1)
    found = [points for image in images if (points := landmarks_of(mesh, image)) is not None]
    return np.mean([points[list(STEADY_POINTS)] for points in found], axis=0), len(found)


def _main(file: str) -> None:
    data = load_npz(Path(file), "train")
    rows = np.random.default_rng(SEED).permutation(len(data))[:PICTURES]
    places, count = layout(data.images[rows])
    print(f"{count} of {len(rows)} pictures")
    for number, (x, y) in zip(STEADY_POINTS, places, strict=True):
        print(f"    {number}: ({x:.2f}, {y:.2f}),")


if __name__ == "__main__":
    _main(*sys.argv[1:])
