"""The images source: the pictures of a folder in natural order, at a steady rate."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from mirror_camera.letterbox import letterbox
from mirror_camera.pacing import Pacer
from mirror_camera.source import Clock, EndOfStream, Grab, Source, SourceClosed, SourceSettings
from mirror_core.errors import EncodingError, SourceError
from mirror_core.frame import Image
from mirror_core.picture_size import can_be_decoded

__all__ = ["SUFFIXES", "ImagesSource", "list_pictures", "natural_key"]

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
DEFAULT_RATE_HZ = 10.0
NAMED_SKIPPED = 3  # unreadable files named in the note; the others are counted


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which picture2 comes before picture10, whatever the case."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts if part)


def list_pictures(folder: Path) -> tuple[Path, ...]:
    """The picture files of `folder`, in natural order.

    Raises:
        SourceError: if the folder is missing, no folder, not readable, or holds no picture.
    """
    if not folder.exists():
        raise SourceError(f"The folder {folder} does not exist: give the path of a folder with pictures.")
    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder: give a folder with pictures, or use the video source.")
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()]
    except OSError as error:
        raise SourceError(
            f"The folder {folder} cannot be read ({error.strerror}): check its rights."
        ) from error
    if not files:
        kinds = ", ".join(suffix[1:] for suffix in SUFFIXES)
        raise SourceError(f"The folder {folder} holds no picture: put files of type {kinds} into it.")
    return tuple(sorted(files, key=lambda file: natural_key(file.name)))


class ImagesSource(Source):
    """Shows the pictures of the folder `path`; all are letterboxed to the first one's (or the set) size."""

    name = "images"

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._rate_hz = self.settings.rate_hz or DEFAULT_RATE_HZ
        self._files: tuple[Path, ...] = ()
        self._size = (0, 0)
        self._next = 0
        self._shown = 0
        self._skipped: dict[str, None] = {}
        self._pacer = Pacer(self.clock, self._closed, self.settings.speed)

    def open(self) -> None:
        """List the folder and start at its first readable picture.

        Raises:
            SourceError: if there is no folder, no picture in it, or none that can be read.
        """
        if not self.settings.path:
            raise SourceError("The images source needs a folder: set path to a folder with pictures.")
        folder = Path(self.settings.path).expanduser()
        self._files = list_pictures(folder)
        self._skipped.clear()
        self._next = self._shown = 0
        first = self._next_picture(once=True)
        if first is None:
            raise SourceError(
                f"None of the {len(self._files)} pictures in {folder} can be read: replace them."
            )
        self._size = (self.settings.width, self.settings.height)
        if not self.settings.width:
            self._size = (first.shape[1], first.shape[0])
        self._next = 0
        self._closed.clear()
        self._pacer.restart()

    def read(self) -> Grab:
        """The next picture, when it is due.

        Raises:
            EndOfStream: after the last picture, unless looped.
            SourceClosed: if the source is or becomes closed.
            SourceError: if no picture of the folder can be read any more.
        """
        self._require_open()
        picture = self._next_picture(once=not self.settings.loop)
        if picture is None:
            if not self.settings.loop:
                raise EndOfStream(
                    f"All pictures of {self.settings.path} have been shown: set loop to repeat."
                )
            raise SourceError(f"No picture in {self.settings.path} can be read any more: check the folder.")
        late = self._pacer.lag_s(self._shown / self._rate_hz)
        self._shown += max(
            int(late * self._rate_hz), 0
        )  # a late picture is shown now, not followed by a burst
        if not self._pacer.wait(self._shown / self._rate_hz):
            raise SourceClosed("The images source was closed.")
        self._shown += 1
        return Grab(letterbox(picture, *self._size), self.clock.now_ns())

    def close(self) -> None:
        """End a waiting read."""
        self._closed.set()

    @property
    def is_pausing(self) -> bool:
        """Whether the next picture is not due yet."""
        return self._pacer.is_waiting

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    @property
    def rate_hz(self) -> float:
        """Pictures per second."""
        return self._rate_hz * self.settings.speed

    @property
    def notes(self) -> tuple[str, ...]:
        """Which files could not be read."""
        if not self._skipped:
            return ()
        names = list(self._skipped)
        more = f" and {len(names) - NAMED_SKIPPED} more" if len(names) > NAMED_SKIPPED else ""
        return (f"Not readable as pictures and left out: {', '.join(names[:NAMED_SKIPPED])}{more}.",)

    def _next_picture(self, once: bool) -> Image | None:
        """The next readable picture; None after the last one (`once`) or when all fail."""
        for _ in range(len(self._files)):
            if self._next >= len(self._files):
                if once:
                    return None
                self._next = 0
            file = self._files[self._next]
            self._next += 1
            picture = _read_picture(file)
            if picture is not None:
                return picture
            self._skipped[file.name] = None
        return None


def _read_picture(file: Path) -> Image | None:
    """The picture in `file`, or None; reads the bytes itself so that any file name works."""
    try:
        content = file.read_bytes()
        is_picture = can_be_decoded(content, file.name)
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if is_picture else None
    except (OSError, cv2.error, EncodingError):
        return None
    return None if picture is None else np.asarray(picture, np.uint8)
