"""Photographs fit to be averaged: in colour, sharp, from the front, whole, few of one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.shape_model import POINTS, Placement, shared_shape_model
from mirror_training.face_photos import IDENTITY, FacePhoto, load_faces
from mirror_training.face_textures import FRONT, PortraitPhoto, texture
from mirror_training.opencv import cv2
from mirror_training.shape_data import find_meshes, person_of

__all__ = ["ARCHIVE", "load_portrait_photos", "without_repetitions"]

ARCHIVE = "colour_faces_dev"
LARGEST_TURN_DEG = 18.0  # to the side; beyond, one half of the face is hidden
LARGEST_NOD_DEG = 20.0  # from the mean
USUAL_NOD_DEG = -6.0  # people hold their heads like this before a camera
LEAST_INSIDE = 0.96  # share of the points that lie in the photograph and not in the padding around it
LEAST_SHARPNESS = 0.025  # variance of the Laplacian over the variance of the face's brightness
MOST_OF_ONE_PERSON = 4  # pictures, as far as file names tell people apart
ALIKE = 0.7  # correlation of two faces' details from which on they are taken for the same picture


def load_portrait_photos(data: Path, report: Callable[[str], None] = lambda _: None) -> list[PortraitPhoto]:
    """The good photographs of a data folder, the sharpest first, without repetitions.

    Raises:
        UsageError: where a file is missing.
    """
    photos = load_faces(data, ARCHIVE)
    with np.load(data / f"{ARCHIVE}_landmarks.npz") as table:
        if "valid_box" not in table:
            raise UsageError(f"{data / ARCHIVE}_landmarks.npz lacks valid_box, the part that is no padding.")
        boxes = dict(zip(table["names"].tolist(), table["valid_box"].tolist(), strict=True))
    meshes, good = find_meshes(photos, report)
    model = shared_shape_model()
    found = []
    for photo, points, is_good in zip(photos, meshes, good, strict=True):
        box = boxes[photo.name]
        if not is_good or photo.is_grey or _share_inside(points, box) < LEAST_INSIDE:
            continue
        fit = model.fit(points)
        sharpness = _sharpness(photo, points)
        if sharpness < LEAST_SHARPNESS or not _is_frontal(fit.placement):
            continue
        found.append(
            PortraitPhoto(
                photo.name,
                photo.image,
                points,
                (box[0], box[1], box[2], box[3]),
                fit.parameters,
                IDENTITY.match(photo.name) is None,
                sharpness,
            )
        )
    found.sort(key=lambda photo: -photo.sharpness)
    kept = without_repetitions(_few_of_each(found))
    report(f"{len(kept)} photographs to average, of {len(photos)}")
    return kept


def _is_frontal(placement: Placement) -> bool:
    yaw, pitch = np.degrees((placement.yaw, placement.pitch))
    return bool(abs(yaw) <= LARGEST_TURN_DEG and abs(pitch - USUAL_NOD_DEG) <= LARGEST_NOD_DEG)


def _share_inside(points: NDArray[np.float32], box: list[float]) -> float:
    x, y = points[:POINTS, 0], points[:POINTS, 1]
    return float(((x >= box[0]) & (y >= box[1]) & (x <= box[2]) & (y <= box[3])).mean())


def _sharpness(photo: FacePhoto, points: NDArray[np.float32]) -> float:
    low = np.maximum(points[:POINTS, :2].min(axis=0), 0).astype(int)
    high = points[:POINTS, :2].max(axis=0).astype(int)
    grey = cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY)[low[1] : high[1], low[0] : high[0]]
    grey = grey.astype(np.float32)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var() / max(float(grey.var()), 1.0))


def _few_of_each(photos: list[PortraitPhoto]) -> list[PortraitPhoto]:
    taken: Counter[str] = Counter()
    kept = []
    for photo in photos:
        person = person_of(photo.name)
        if taken[person] < MOST_OF_ONE_PERSON:
            kept.append(photo)
        taken[person] += 1
    return kept


def without_repetitions(photos: list[PortraitPhoto]) -> list[PortraitPhoto]:
    """The photographs without those that look like an earlier one, background and all."""
    if not photos:
        return []
    details = np.array([_details(photo) for photo in photos])
    details -= details.mean(axis=0)  # what all faces have in common says nothing
    details /= np.maximum(np.linalg.norm(details, axis=1, keepdims=True), 1e-9)
    kept: list[int] = []
    for number in range(len(photos)):
        if not kept or float((details[kept] @ details[number]).max()) < ALIKE:
            kept.append(number)
    return [photos[number] for number in kept]


def _details(photo: PortraitPhoto) -> NDArray[np.float32]:
    """A small picture of the face's features: brightness without its slow changes, float32 [1360]."""
    laid_out, _ = texture(photo, FRONT.points, FRONT.size)
    grey = cv2.cvtColor(laid_out, cv2.COLOR_BGR2GRAY).astype(np.float32)
    grey -= cv2.GaussianBlur(grey, (0, 0), grey.shape[0] / 20)
    inside = cv2.erode(FRONT.coverage, np.ones((41, 41), np.uint8)) > 0
    small = cv2.resize(grey * inside, (34, 40), interpolation=cv2.INTER_AREA).ravel()
    small -= small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-9), np.float32)
