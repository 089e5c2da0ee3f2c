"""A short clip of a simple striped figure whose pose is known, for tests and to try a training out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.testing import spread, tilted, turned
from mirror_training.film.footage import POSES
from mirror_training.film.frames import ARCHIVE
from mirror_training.opencv import cv2

__all__ = ["toy_background", "toy_figure", "toy_pose", "write_toy_clip"]

FPS = 25
ENLARGED = 2  # times that a frame is drawn larger, so that edges are soft
STRIPES = 5  # along a part
LIGHT: Final = 0.55  # of the darker edge of a part


def toy_pose(number: int, side: int) -> Pose:
    """The pose of a frame: arms, legs, turn, tilt and place swing at paces that never meet again."""
    time = number / FPS
    arms = 0.9 + 0.8 * math.sin(1.9 * time)
    legs = 0.22 + 0.2 * math.sin(1.3 * time + 1)
    ears = (side * (0.5 + 0.08 * math.sin(0.7 * time)), side * 0.16)
    pose = spread(0.72 * side, ears, arms, legs)
    return tilted(turned(pose, 0.8 * math.sin(1.1 * time + 2)), 0.12 * math.sin(0.9 * time))


def toy_background(side: int) -> Image:
    """A coarse pattern, uint8 [side, side, 3]."""
    rng = np.random.default_rng(3)
    tiles = rng.integers(40, 140, (6, 6, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(tiles, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def toy_figure(pose: Pose, side: int) -> tuple[Image, NDArray[np.uint8]]:
    """The figure over the background, uint8 [side, side, 3], and its alpha [side, side]."""
    large = ENLARGED * side
    labels = draw(pose.moved(ENLARGED), large, large)
    part, along, across = (labels[..., channel].astype(np.float32) / 255 for channel in range(3))
    hue = np.stack([np.cos(9 * part + phase) for phase in (0.0, 2.1, 4.2)], axis=2)
    light = LIGHT + (1 - LIGHT) * np.sqrt(np.maximum(0, 1 - (2 * across - 1) ** 2))
    striped = np.where(np.sin(2 * np.pi * STRIPES * along) > 0, 1.0, 0.7)
    colour = (140 + 90 * hue) * (light * striped)[..., None]
    inside = (labels[..., 0] > 0).astype(np.float32)
    size = (side, side)
    figure = cv2.resize((colour * inside[..., None]).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    picture = figure + (1 - alpha[..., None]) * toy_background(side)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), np.rint(alpha * 255).astype(np.uint8)


def write_toy_clip(folder: Path, count: int, side: int = 64, *, alpha: bool = True) -> Path:
    """Write a scene folder with frames, poses and the background.

    Args:
        folder: where; made if it does not exist.
        count: frames.
        side: of the pictures in pixels.
        alpha: whether the figure's alpha is in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    poses = [toy_pose(number, side) for number in range(count)]
    drawn = [toy_figure(pose, side) for pose in poses]
    arrays = {"images": np.stack([picture for picture, _ in drawn])}
    if alpha:
        arrays["alpha"] = np.stack([each for _, each in drawn])
    np.savez(folder / ARCHIVE, **arrays)
    np.savez(
        folder / POSES,
        points=np.stack([pose.points for pose in poses]),
        visibility=np.stack([pose.visibility for pose in poses]),
        times=np.arange(count) / FPS,
    )
    (folder / "background.png").write_bytes(cv2.imencode(".png", toy_background(side))[1].tobytes())
    return folder
