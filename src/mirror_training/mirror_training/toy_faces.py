"""Drawn faces with known landmarks: to try a training without photographs, and for tests."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FACE_OVAL, LEFT_BROW, LEFT_EYE, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE
from mirror_training.opencv import cv2

__all__ = ["toy_face", "write_toy_archive"]

POINTS = 468
FACE_SHARE = 0.62  # height of the face, of the picture's side
SHADES = ((150, 180, 225), (110, 140, 195), (70, 95, 150), (45, 60, 95))  # BGR


def toy_face(seed: int, side: int = 128, *, grey: bool = False) -> tuple[Image, NDArray[np.float32]]:
    """A drawn face: one of four shades of skin, lit from one side, mouth and eyes where landmarks are.

    Args:
        seed: decides shade, light, place and size.
        side: of the picture in pixels.
        grey: whether it has no colour.

    Returns:
        uint8 [side, side, 3], BGR, and landmarks float32 [468, 2], pixels.
    """
    rng = np.random.default_rng([seed, 77])
    head = mean_face()[:POINTS].astype(np.float64)  # metres: forward, to the person's left, up
    plane = np.column_stack([head[:, 1], -head[:, 2]])
    plane -= (plane.min(axis=0) + plane.max(axis=0)) / 2
    scale = FACE_SHARE * side / np.ptp(plane[:, 1]) * rng.uniform(0.92, 1.08)
    turn = rng.normal(0, 0.06)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = (plane * scale) @ rotation.T + side / 2 + rng.normal(0, 0.02 * side, 2)
    landmarks = points.astype(np.float32)

    def outline(part: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.asarray(np.rint(landmarks[part] * 16), np.int32)

    image = np.full((side, side, 3), rng.integers(60, 200, 3), np.float32)
    skin = np.array(SHADES[int(rng.integers(len(SHADES)))], np.float32) * rng.uniform(0.9, 1.1)
    neck = landmarks[152]
    width = 0.19 * side
    left, right, top = int(neck[0] - width), int(neck[0] + width), int(neck[1] - 4)
    cv2.rectangle(image, (left, top), (right, side), (skin * 0.8).tolist(), -1)
    cv2.fillPoly(image, [outline(FACE_OVAL)], skin.tolist(), cv2.LINE_AA, 4)
    for part, colour in (
        (LEFT_BROW, skin * 0.35),
        (RIGHT_BROW, skin * 0.35),
        (LEFT_EYE, np.full(3, 235.0)),
        (RIGHT_EYE, np.full(3, 235.0)),
        (OUTER_LIPS, skin * (0.6, 0.5, 0.9)),
    ):
        cv2.fillPoly(image, [outline(part)], np.asarray(colour).tolist(), cv2.LINE_AA, 4)
    x = (np.arange(side) - side / 2) / side
    image *= (1 + rng.normal(0, 0.3) * x)[None, :, None]
    image = cv2.GaussianBlur(image, (0, 0), 0.8) + rng.normal(0, 1.5, image.shape)
    if grey:
        image = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), landmarks


def write_toy_archive(folder: Path, count: int, side: int = 128, name: str = "toy_faces") -> Path:
    """Write toy faces as an archive that `mirror train unmask --data FOLDER` takes; every fourth is grey.

    Args:
        folder: made if it does not exist.
        count: of faces, each of a person of its own.
        side: of the pictures in pixels.
        name: of the archive.

    Returns:
        the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names, landmarks = [], []
    with tarfile.open(folder / f"{name}.tar", "w") as tar:
        for number in range(count):
            image, points = toy_face(number, side, grey=number % 4 == 3)
            names.append(f"Toy_{chr(97 + number // 26 % 26)}{chr(97 + number % 26)}_0001.png")
            content = cv2.imencode(".png", image)[1].tobytes()
            member = tarfile.TarInfo(names[-1])
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            landmarks.append(points)
    np.savez(folder / f"{name}_landmarks.npz", names=np.array(names), landmarks=np.stack(landmarks))
    return folder
