"""The frames and poses of a scene, brought to the network's size once and then read from disc.

A scene folder holds

- the frames: `frames.npz` (images uint8 [n, h, w, 3], BGR, and perhaps alpha uint8 [n, h, w]), or a folder
  `frames` of pictures in the order of their names, whose alpha is a fourth channel or in a folder `alpha`
  beside it, or a video `clip.*`;
- `poses.npz`: points float32 [n, 33, 3] in the frames' pixels, visibility float32 [n, 33], and perhaps times
  float [n] in seconds and shot int [n], the number of the shot of each frame;
- perhaps `background.png` or `.jpg`: the picture without the figure, which does not move. Without it, it is
  the median of the frames.

Without an alpha the figure is what differs from the background.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_effects.film.pose import Pose
from mirror_training.film.frames import Frames, find_frames
from mirror_training.opencv import cv2

__all__ = ["POSES", "Footage", "guessed_alpha", "open_footage"]

POSES = "poses.npz"
BACKGROUNDS = ("background.png", "background.jpg", "background.webp")
ABOUT = "about.json"
VERSION = 1
MEDIAN_FRAMES = 101  # that the background is made from
SAME, OTHER = 10.0, 30.0  # grey levels off the background up to which a pixel is it, from which it is not
SMOOTHING = 1 / 200  # of the side: standard deviation over which a difference is averaged


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """A scene at the network's size.

    Attributes:
        frames: uint8 [n, side, side, 3], BGR; on disc.
        alpha: uint8 [n, side, side]: how much of each pixel is the figure; on disc.
        alpha_is_true: whether that came with the scene; else it was guessed.
        points: float32 [n, 33, 3] in pixels of the square.
        visibility: float32 [n, 33].
        times: float64 [n], seconds.
        shots: int64 [n], number of each frame's shot.
        background: uint8 [side, side, 3].
        folder: where all that lies.
    """

    frames: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    alpha_is_true: bool
    points: NDArray[np.float32]
    visibility: NDArray[np.float32]
    times: NDArray[np.float64]
    shots: NDArray[np.int64]
    background: Image
    folder: Path

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def side(self) -> int:
        """Height and width of the frames in pixels."""
        return int(self.frames.shape[1])

    def pose(self, frame: int) -> Pose:
        """The figure's pose in a frame."""
        return Pose.of(self.points[frame], self.visibility[frame])

    def has_pose(self) -> NDArray[np.bool_]:
        """In which frames a body was found: bool [n]."""
        return np.asarray(self.visibility.max(axis=1) > 0)

    @classmethod
    def read(cls, folder: Path) -> Footage:
        """Read what `open_footage` prepared."""
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        with np.load(folder / POSES) as poses:
            points, visibility = poses["points"], poses["visibility"]
            times, shots = poses["times"], poses["shots"]
        frames, alpha = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("frames", "alpha"))
        background = np.load(folder / "background.npy")
        return cls(
            frames, alpha, about["alpha_is_true"], points, visibility, times, shots, background, folder
        )


def open_footage(scene: Path, side: int, prepared: Path) -> Footage:
    """Bring a scene to the network's size, or read what was prepared before.

    Pictures that are no squares are squeezed into one, and the poses with them.

    Args:
        scene: the scene folder.
        side: of the network's square in pixels.
        prepared: folder to prepare it in; it holds one scene of one size.

    Raises:
        UsageError: where frames or poses are missing, damaged, or do not belong together.
    """
    frames = find_frames(scene)
    mark = _mark(scene, frames, side)
    about = prepared / ABOUT
    if about.is_file() and json.loads(about.read_text(encoding="utf-8")).get("mark") == mark:
        return Footage.read(prepared)
    poses = _read_poses(scene / POSES)
    count = len(poses["points"])
    if len(frames) != count:
        raise UsageError(
            f"{scene} has {len(frames)} frames but {count} poses: both are needed for each frame."
        )
    partial = prepared.with_name(f"{prepared.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    facts = {"mark": mark, "alpha_is_true": _prepare(scene, frames, poses, side, partial)}
    (partial / ABOUT).write_text(json.dumps(facts), encoding="utf-8")
    shutil.rmtree(prepared, ignore_errors=True)
    partial.replace(prepared)
    return Footage.read(prepared)


def _mark(scene: Path, frames: Frames, side: int) -> str:
    """What tells a scene at one size from every other."""
    files = [*frames.files, scene / POSES, *(scene / name for name in BACKGROUNDS)]
    facts = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return hashlib.sha256(json.dumps([VERSION, side, facts]).encode()).hexdigest()


def _read_poses(file: Path) -> dict[str, NDArray[Any]]:
    if not file.is_file():
        raise UsageError(f"{file} is missing: a scene needs the pose of each frame.")
    try:
        with np.load(file, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
        points, visibility = found["points"], found["visibility"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"{file} cannot be read as the poses of a scene: {error}") from error
    count = len(points)
    times = found.get("times", np.arange(count) / 25.0)
    shots = found.get("shot", np.zeros(count))
    shapes = (points.shape, visibility.shape, times.shape, shots.shape)
    if shapes != ((count, 33, 3), (count, 33), (count,), (count,)) or not np.isfinite(times).all():
        raise UsageError(
            f"{file} must hold points [n, 33, 3], visibility [n, 33] and, if any, times and shot [n], not "
            f"{', '.join(str(list(shape)) for shape in shapes)}."
        )
    known = np.isfinite(points).all(axis=(1, 2)) & np.isfinite(visibility).all(axis=1)
    points = np.where(known[:, None, None], points, 0)
    visibility = np.where(known[:, None], np.clip(visibility, 0, 1), 0)
    return {"points": points, "visibility": visibility, "times": times, "shots": shots.astype(np.int64)}


def _prepare(scene: Path, frames: Frames, poses: dict[str, NDArray[Any]], side: int, folder: Path) -> bool:
    """Write all but ABOUT; whether the scene came with an alpha."""
    count = len(frames)
    on_disc: Any = np.lib.format.open_memmap
    small = on_disc(folder / "frames.npy", "w+", np.uint8, (count, side, side, 3))
    alphas = on_disc(folder / "alpha.npy", "w+", np.uint8, (count, side, side))
    with_alpha = 0
    height = width = side
    for number, (picture, alpha) in enumerate(frames):
        height, width = picture.shape[:2]
        small[number] = _sized(picture, side)
        if alpha is not None:
            alphas[number] = _sized(alpha, side)
            with_alpha += 1
    background = _background(scene, small, side)
    if 0 < with_alpha < count:
        raise UsageError(
            f"Only {with_alpha} of the {count} frames in {scene} have an alpha: all or none is needed."
        )
    if not with_alpha:
        for number in range(count):
            alphas[number] = guessed_alpha(small[number], background)
    small.flush()
    alphas.flush()
    scale = np.array([side / width, side / height, (side / width + side / height) / 2])
    np.savez(folder / POSES, **{**poses, "points": np.asarray(poses["points"] * scale, np.float32)})
    np.save(folder / "background.npy", background)
    return with_alpha > 0


def _sized(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    shrinks = max(picture.shape[:2]) > side
    size = (side, side)
    return np.asarray(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
    )


def _background(scene: Path, frames: NDArray[np.uint8], side: int) -> Image:
    for file in (scene / name for name in BACKGROUNDS):
        if file.is_file():
            picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
            if picture is None:
                raise UsageError(f"{file} cannot be read as a picture.")
            return _sized(picture, side)
    some = np.unique(np.linspace(0, len(frames) - 1, min(MEDIAN_FRAMES, len(frames))).round().astype(int))
    return np.asarray(np.median(frames[some], axis=0).round(), np.uint8)


def guessed_alpha(frame: Image, background: Image) -> NDArray[np.uint8]:
    """What differs from the background, softly: uint8 [h, w] of uint8 [h, w, 3] each.

    A difference is averaged over a few pixels first, so that noise does not count; small holes are closed.
    """
    apart = np.abs(frame.astype(np.float32) - background.astype(np.float32)).max(axis=2)
    sigma = max(0.5, SMOOTHING * frame.shape[0])
    apart = cv2.GaussianBlur(apart, (0, 0), sigma)
    alpha = np.clip((apart - SAME) / (OTHER - SAME), 0, 1)
    size = 2 * round(2 * sigma) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(
        cv2.morphologyEx(np.rint(alpha * 255).astype(np.uint8), cv2.MORPH_CLOSE, kernel), np.uint8
    )
