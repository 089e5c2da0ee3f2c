"""Average the meshes of many photos into the mean head that head pose is solved with.

Usage: python average_face.py FACES.tar LANDMARKS.npz
FACES.tar holds square 192×192 pictures, LANDMARKS.npz their `names` and `landmarks` [n, 468, 2]. The
meshes of frontal faces are brought onto each other by generalised Procrustes analysis (Gower 1975),
averaged with their mirror images and scaled to a mean distance between the pupils of 63 mm. The
result, float32 [478, 3] in metres in the head frame (x out of the face, y to the person's left, z up;
origin between the eyes), is written to data/mean_face.npy.
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path, PurePath

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from mirror_tracking.mesh import FaceMesh, region_from_landmarks
from mirror_tracking.topology import (
    LEFT_EYE_OUTER,
    LEFT_IRIS_CENTRE,
    NOSE_TIP,
    RIGHT_EYE_OUTER,
    RIGHT_IRIS_CENTRE,
)

PUPIL_DISTANCE_M = 0.063  # mean of adults (N. A. Dodgson, "Variation and extrema of human IPD", 2004)
MAX_ASYMMETRY = 0.04  # |nose tip − middle of the eyes| sideways over the eye distance of a frontal face
FOREHEAD, CHIN = 10, 152  # landmarks on the middle line
TO_MESH_AXES = np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]])  # head frame (rows x, y, z) to mesh axes
TARGET = Path(__file__).parent.parent / "mirror_tracking" / "data" / "mean_face.npy"
Points = NDArray[np.float64]


def meshes(archive: Path, table: Path) -> list[Points]:
    """The meshes [478, 3] of the frontal faces."""
    arrays = np.load(table)
    names, landmarks = arrays["names"], arrays["landmarks"]
    model, found = FaceMesh(parallel=1), []
    with tarfile.open(archive) as tar:
        members = {PurePath(m.name).name: m for m in tar.getmembers()}
        for name, points in zip(names, landmarks.astype(np.float32), strict=True):
            eyes = points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER], 0]
            if abs(points[NOSE_TIP, 0] - eyes.mean()) > MAX_ASYMMETRY * abs(eyes[1] - eyes[0]):
                continue
            file = tar.extractfile(members[PurePath(str(name)).name])
            assert file is not None
            picture = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
            (result,) = model.landmarks(picture.astype(np.uint8), [region_from_landmarks(points)])
            if result.presence > 0.95:
                found.append(result.landmarks.astype(np.float64))
    return found


def aligned(points: Points, to: Points) -> Points:
    """`points` moved, turned and scaled onto `to` with least squares (Umeyama 1991)."""
    a, b = points - points.mean(0), to - to.mean(0)
    u, s, vt = np.linalg.svd(a.T @ b)
    sign = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    return np.asarray(a @ (u @ sign @ vt) * ((s * np.diag(sign)).sum() / (a * a).sum()) + to.mean(0))


def in_head_frame(mean: Points) -> Points:
    """A mesh (x to the picture's right, y down, z away) in the head frame, in metres."""
    side = mean[LEFT_EYE_OUTER] - mean[RIGHT_EYE_OUTER]
    y = side / np.linalg.norm(side)
    chin_to_brow = mean[FOREHEAD] - mean[CHIN]
    up = chin_to_brow - y * (chin_to_brow @ y)
    z = up / np.linalg.norm(up)
    axes = np.stack([np.cross(y, z), y, z], axis=1)
    head = (mean - (mean[RIGHT_IRIS_CENTRE] + mean[LEFT_IRIS_CENTRE]) / 2) @ axes
    return np.asarray(
        head * PUPIL_DISTANCE_M / np.linalg.norm(head[LEFT_IRIS_CENTRE] - head[RIGHT_IRIS_CENTRE])
    )


def symmetric(head: Points) -> Points:
    """The mean of a head and its mirror image, point by point."""
    for _ in range(10):
        image = head * (1, -1, 1)
        partner = linear_sum_assignment(cdist(head, image, "sqeuclidean"))[1]
        head = (head + aligned(image[partner], head)) / 2
    return head


def main() -> None:
    """Average and write."""
    faces = meshes(Path(sys.argv[1]), Path(sys.argv[2]))
    mean = faces[0]
    for _ in range(4):
        mean = np.mean([aligned(face, mean) for face in faces], axis=0)
        mean *= 100 / np.linalg.norm(mean[LEFT_EYE_OUTER] - mean[RIGHT_EYE_OUTER])
    head = symmetric(in_head_frame(mean))
    np.save(TARGET, in_head_frame(head @ TO_MESH_AXES).astype(np.float32))
    sys.stdout.write(f"mean of {len(faces)} faces written to {TARGET}\n")


if __name__ == "__main__":
    main()
