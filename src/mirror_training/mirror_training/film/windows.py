"""What one step learns from: a frame, the poses up to it, and what the network is shown as the frame before.

Figure and pose are moved alike over the background, which stays. The frame before is true, disturbed, of
another moment or empty, so that the network, which lives on its own frames, finds back from what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.frame import Image
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_training.film.footage import Footage
from mirror_training.film.recipe import Recipe
from mirror_training.opencv import cv2

__all__ = ["Window", "WindowMaker", "place_figure", "pose_with_noise"]

BLUR = (0.5, 2.5)  # standard deviation of a blur, pixels at a side of 256
NOISE = (2.0, 12.0)  # standard deviation of a noise, grey levels
USUAL_SIDE = 256
SOLID = 128  # alpha from which a pixel is the figure
MARGIN = 1 / 32  # beside the figure, in shares of the side
LIMBS = tuple(
    tuple(BodyPoint[f"{side}_{name}"] for name in names)
    for side in ("LEFT", "RIGHT")
    for names in (
        ("ELBOW", "WRIST", "PINKY", "INDEX", "THUMB"),
        ("WRIST", "PINKY", "INDEX", "THUMB"),
        ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX"),
        ("ANKLE", "HEEL", "FOOT_INDEX"),
    )
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A frame to learn and what leads up to it. All arrays are uint8.

    Attributes:
        poses: [k, h, w, 3], pose maps; the last is the frame's, those before it are of the frames before.
        start: [h, w, 3], what is shown as the frame before the first of these poses.
        previous: [h, w, 3], what is shown as the frame before the last pose; without own frames only.
        before: [h, w, 3], the true frame before.
        frame: [h, w, 3], the true frame.
        alpha: [h, w, 1], how much of each pixel is the figure.
        background: [h, w, 3].
    """

    poses: NDArray[np.uint8]
    start: Image
    previous: Image
    before: Image
    frame: Image
    alpha: NDArray[np.uint8]
    background: Image


def place_figure(
    frame: Image, alpha: NDArray[np.uint8], background: Image, matrix: Matrix
) -> tuple[Image, NDArray[np.uint8]]:
    """A frame and its alpha with the figure moved and the background kept.

    A pixel is alpha × figure + (1 − alpha) × background: what the figure adds is moved, not the mixture.

    Args:
        frame: uint8 [h, w, 3].
        alpha: uint8 [h, w].
        background: uint8 [h, w, 3].
        matrix: float64 [2, 3], from pixels (pixel i covers i … i+1) to pixels.
    """
    size = (frame.shape[1], frame.shape[0])
    moved = matrix.copy()
    moved[:, 2] += moved[:, :2] @ (0.5, 0.5) - 0.5  # OpenCV's pixels have their middle at whole numbers
    share = alpha.astype(np.float32) / 255
    still = background.astype(np.float32)
    added = np.dstack([frame.astype(np.float32) - (1 - share[..., None]) * still, share])
    placed = cv2.warpAffine(added, moved, size, flags=cv2.INTER_LINEAR, borderValue=(0.0,) * 4)
    picture = placed[..., :3] + (1 - placed[..., 3:]) * still
    return (
        np.clip(np.rint(picture), 0, 255).astype(np.uint8),
        np.clip(np.rint(placed[..., 3] * 255), 0, 255).astype(np.uint8),
    )


class WindowMaker:
    """Makes windows of a scene.

    Args:
        footage: the scene.
        recipe: how windows are changed and how wide they are.
        frames: that may be shown as a frame of another moment: none that is kept aside.
    """

    def __init__(self, footage: Footage, recipe: Recipe, frames: NDArray[np.int64]) -> None:
        self._footage, self._frames = footage, frames
        self._change, self._rollout, self._width = recipe.augmentation, recipe.rollout, recipe.width

    def make(self, frame: int, seed: tuple[int, ...], *, own: bool) -> Window:
        """The window of a frame.

        Args:
            frame: its number; `rollout` + 1 frames before it belong to the same piece.
            seed: of everything that is drawn by chance.
            own: whether the frames before it will be the network's own.
        """
        rng = np.random.default_rng(seed)
        matrix = self._movement(rng)
        limb = LIMBS[rng.integers(len(LIMBS))] if rng.random() < self._change.drop else ()
        picture, alpha = self._placed(frame, matrix)
        before, _ = self._placed(frame - 1, matrix)
        length = self._rollout + 1 if own else 1
        numbers = range(frame - length + 1, frame + 1)
        poses = np.stack([self._map(number, matrix, limb, rng) for number in numbers])
        start = self._disturbed(numbers[0] - 1, matrix, rng) if own else before
        previous = before if own else self._disturbed(frame - 1, matrix, rng)
        part = self._strip(alpha, rng)
        pictures = (start, previous, before, picture, alpha[..., None], self._footage.background)
        return Window(poses[:, :, part], *(each[:, part] for each in pictures))

    def _strip(self, alpha: NDArray[np.uint8], rng: np.random.Generator) -> slice:
        """Columns in which the figure is, as far as it fits, anywhere in them."""
        side, width = self._footage.side, self._width
        columns = np.flatnonzero((alpha >= SOLID).any(axis=0))
        first, last = (columns[0], columns[-1]) if len(columns) else (0, side - 1)
        edge = MARGIN * side
        ends = (first - edge, last + 1 + edge - width)
        begin = int(np.clip(round(rng.uniform(min(ends), max(ends))), 0, side - width))
        return slice(begin, begin + width)

    def _movement(self, rng: np.random.Generator) -> Matrix:
        """About the middle of the lower edge, where most figures stand."""
        side = self._footage.side
        scale = float(np.exp(rng.normal(0, self._change.scale)))
        shift = rng.normal(0, self._change.shift * side, 2)
        middle = np.array([side / 2, side])
        return np.column_stack([np.eye(2) * scale, middle - scale * middle + shift])

    def _placed(self, frame: int, matrix: Matrix) -> tuple[Image, NDArray[np.uint8]]:
        footage = self._footage
        return place_figure(footage.frames[frame], footage.alpha[frame], footage.background, matrix)

    def _map(
        self, frame: int, matrix: Matrix, limb: tuple[BodyPoint, ...], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        footage = self._footage
        pose = footage.pose(frame)
        moved = pose.moved(float(matrix[0, 0]), (float(matrix[0, 2]), float(matrix[1, 2])))
        noise = rng.normal(0, self._change.noise * footage.side, moved.points.shape)
        visibility = moved.visibility.copy()
        visibility[list(limb)] = 0
        changed = replace(moved, points=np.asarray(moved.points + noise, np.float32), visibility=visibility)
        return draw(changed, footage.side, footage.side)

    def _disturbed(self, frame: int, matrix: Matrix, rng: np.random.Generator) -> Image:
        """What is shown as a frame: true, or in one of the ways that a frame before can be wrong."""
        change, footage = self._change, self._footage
        kinds = ("blurred", "moved", "other", "empty")
        shares = [getattr(change, kind) for kind in kinds]
        kind = rng.choice((*kinds, "true"), p=(*shares, 1 - sum(shares)))
        if kind == "empty":
            return footage.background
        if kind == "other":
            return np.array(footage.frames[rng.choice(self._frames)], np.uint8)
        picture, _ = self._placed(frame, matrix)
        scale = footage.side / USUAL_SIDE
        if kind == "blurred":
            blurred = cv2.GaussianBlur(picture, (0, 0), scale * rng.uniform(*BLUR)).astype(np.float32)
            blurred += rng.normal(0, rng.uniform(*NOISE), picture.shape)
            return np.asarray(np.clip(np.rint(blurred), 0, 255), np.uint8)
        if kind == "moved":
            reach = change.reach * footage.side
            shifted = matrix.copy()
            shifted[:, 2] += rng.uniform(-reach, reach, 2)
            return self._placed(frame, shifted)[0]
        return picture


def pose_with_noise(pose: Pose, deviation: float, rng: np.random.Generator) -> Pose:
    """A pose each point of which is off by chance, as a tracker's are; deviation in pixels."""
    noise = rng.normal(0, deviation, pose.points.shape)
    return replace(pose, points=np.asarray(pose.points + noise, np.float32))
