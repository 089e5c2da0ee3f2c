"""The frames of a scene folder one after the other, whatever they are kept in."""

from __future__ import annotations

import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["ARCHIVE", "FOLDER", "Frame", "Frames", "find_frames"]

ARCHIVE, FOLDER, ALPHAS, CLIP = "frames.npz", "frames", "alpha", "clip"
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm")

Frame = tuple[Image, NDArray[np.uint8] | None]
"""A picture uint8 [h, w, 3], BGR, and its alpha uint8 [h, w], where there is one."""


class Frames(ABC):
    """Frames on disc.

    Attributes:
        files: that hold them.
    """

    files: list[Path]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __iter__(self) -> Iterator[Frame]: ...


class _Archive(Frames):
    def __init__(self, file: Path) -> None:
        self.files = [file]
        try:
            with np.load(file, allow_pickle=False) as archive:
                self._images = archive["images"]
                self._alpha = archive["alpha"] if "alpha" in archive.files else None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UsageError(f"{file} cannot be read as the frames of a scene: {error}") from error
        images, alpha = self._images, self._alpha
        fits = images.ndim == 4 and images.shape[3] == 3 and images.dtype == np.uint8
        if not fits or (alpha is not None and (alpha.shape != images.shape[:3] or alpha.dtype != np.uint8)):
            found = f"{images.dtype} {list(images.shape)}"
            found += "" if alpha is None else f" and {alpha.dtype} {list(alpha.shape)}"
            raise UsageError(
                f"{file} must hold images uint8 [n, h, w, 3] and, if any, alpha uint8 [n, h, w], not {found}."
            )

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[Frame]:
        for number, image in enumerate(self._images):
            yield image, None if self._alpha is None else self._alpha[number]


class _Pictures(Frames):
    def __init__(self, folder: Path, alphas: Path) -> None:
        self.files = _pictures(folder)
        self._alphas = _pictures(alphas) if alphas.is_dir() else []
        if self._alphas and len(self._alphas) != len(self.files):
            raise UsageError(
                f"{folder} has {len(self.files)} pictures but {alphas} has {len(self._alphas)}: as many of "
                "the one as of the other are needed."
            )

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[Frame]:
        for number, file in enumerate(self.files):
            picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            if picture is None or picture.ndim != 3 or picture.dtype != np.uint8:
                raise UsageError(f"{file} cannot be read as a picture in colour.")
            alpha = picture[..., 3] if picture.shape[2] == 4 else None
            if self._alphas:
                alpha = cv2.imread(str(self._alphas[number]), cv2.IMREAD_GRAYSCALE)
                if alpha is None or alpha.shape != picture.shape[:2]:
                    raise UsageError(f"{self._alphas[number]} is no alpha of {file}.")
            yield np.ascontiguousarray(picture[..., :3]), alpha


def _pictures(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in PICTURES)


class _Video(Frames):
    def __init__(self, file: Path) -> None:
        self.files = [file]
        # What a container says of its length is often wrong by a few frames.
        self._count = sum(1 for _ in self)
        if not self._count:
            raise UsageError(f"{file} cannot be read as a video.")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Frame]:
        capture = cv2.VideoCapture(str(self.files[0]))
        try:
            while True:
                read, picture = capture.read()
                if not read:
                    return
                yield np.asarray(picture, np.uint8), None
        finally:
            capture.release()


def find_frames(scene: Path) -> Frames:
    """The frames of a scene folder: frames.npz, else the folder frames, else a video clip.*.

    Raises:
        UsageError: where there are none, or they cannot be read.
    """
    if (scene / ARCHIVE).is_file():
        return _Archive(scene / ARCHIVE)
    if (scene / FOLDER).is_dir():
        pictures = _Pictures(scene / FOLDER, scene / ALPHAS)
        if len(pictures):
            return pictures
    videos = sorted(scene.glob(f"{CLIP}.*")) if scene.is_dir() else []
    for video in videos:
        if video.suffix.lower() in VIDEOS:
            return _Video(video)
    raise UsageError(
        f"{scene} has no frames: a scene needs {ARCHIVE}, a folder {FOLDER} of pictures, or a video "
        f"{CLIP}.mp4."
    )
