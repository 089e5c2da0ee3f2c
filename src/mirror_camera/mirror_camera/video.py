"""The video source: any file or stream that OpenCV opens, paced by its own time stamps."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from mirror_camera.capture import CaptureFactory, GuardedCapture
from mirror_camera.letterbox import letterbox
from mirror_camera.pacing import Pacer
from mirror_camera.source import Clock, EndOfStream, Grab, Source, SourceClosed, SourceSettings
from mirror_core.errors import SourceError
from mirror_core.frame import Image

__all__ = ["VideoSource", "is_url"]

FALLBACK_RATE_HZ = 25.0  # for clips that name neither time stamps nor a rate
HIGHEST_RATE_HZ = 1000.0  # a rate above is a container's time base, not a rate
TIMEOUT_MS = 5000  # for opening a stream and for each picture of it


def is_url(path: str) -> bool:
    """Whether `path` is a URL rather than a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path) is not None


class VideoSource(Source):
    """Plays the file or URL `path`.

    Files follow their time stamps (or the set `rate_hz`), times `speed`. A player that falls behind
    leaves pictures out to stay on time; after a stall of over a second it goes on from where it is.
    Live streams come as they arrive.

    Args:
        settings: what to open and how.
        clock: replaced in tests.
        capture_factory: replaces cv2.VideoCapture in tests.
    """

    name = "video"

    def __init__(
        self,
        settings: SourceSettings | None = None,
        clock: Clock | None = None,
        capture_factory: CaptureFactory = cv2.VideoCapture,
    ) -> None:
        super().__init__(settings, clock)
        self._capture_factory = capture_factory
        self._capture: GuardedCapture | None = None
        self._pacer = Pacer(self.clock, self._closed, self.settings.speed)
        self._size = (0, 0)
        self._clip_rate_hz = 0.0
        self._live = False
        self._position_s = -1.0  # of the picture taken last, in this pass
        self._number = -1  # of the picture taken last, in this pass
        self._skipped = 0

    def open(self) -> None:
        """Open the clip or stream at its beginning.

        Raises:
            SourceError: if the file is missing, unreadable or no video, or the stream does not answer.
        """
        self.close()
        if not self.settings.path:
            raise SourceError("The video source needs a clip: set path to a video file or URL.")
        self._skipped = 0
        self._open_capture()
        self._closed.clear()

    def read(self) -> Grab:
        """The next picture, when it is due.

        Raises:
            EndOfStream: after the last picture of a file, unless looped.
            SourceClosed: if the source is or becomes closed.
            SourceError: if a stream stops, or a file has no picture that can be decoded.
        """
        self._require_open()
        if not self._advance_on_time():
            if self._live:
                raise SourceError(f"The stream {self.settings.path} has stopped: check the sender.")
            if self._number < 0:
                raise SourceError(
                    f"{self.settings.path} holds no picture that can be read: use another clip."
                )
            if not self.settings.loop:
                raise EndOfStream(f"The clip {self.settings.path} has ended: set loop to repeat it.")
            self._open_capture()
            self._pacer.restart(delay_s=1 / self.rate_hz)  # the last picture stays as long as any other
            if not self._advance():
                raise SourceError(f"{self.settings.path} cannot be read from its beginning again.")
        if not self._live and not self._pacer.wait(self._position_s):
            raise SourceClosed("The video source was closed.")
        picture = self._picture()
        acquired_ns = self.clock.now_ns()
        if self._closed.is_set():
            raise SourceClosed("The video source was closed.")
        if picture is None:
            raise SourceError(
                f"A picture of {self.settings.path} cannot be decoded: the clip may be damaged."
            )
        self._size = (picture.shape[1], picture.shape[0])
        return Grab(picture, acquired_ns)

    def close(self) -> None:
        """End a waiting read and release the clip."""
        self._closed.set()
        if self._capture is not None:
            self._capture.close()
            self._capture = None

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
        """Pictures per second, as the clip says, times the speed."""
        return (self.settings.rate_hz or self._clip_rate_hz) * (1.0 if self._live else self.settings.speed)

    @property
    def skipped(self) -> int:
        """Pictures left out since `open` to stay on time."""
        return self._skipped

    def _open_capture(self) -> None:
        path = self.settings.path
        if is_url(path):
            timeouts = [
                cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
                TIMEOUT_MS,
                cv2.CAP_PROP_READ_TIMEOUT_MSEC,
                TIMEOUT_MS,
            ]
            capture = self._capture_factory(path, cv2.CAP_FFMPEG, timeouts)
            refusal = f"The stream {path} does not answer as a video: check the address and the network."
        else:
            file = _readable_file(path)
            capture = self._capture_factory(str(file), cv2.CAP_ANY)
            refusal = (
                f"{file} is not a video that OpenCV reads: use another file, or convert it to H.264 MP4."
            )
        if not capture.isOpened():
            capture.release()
            raise SourceError(refusal)
        if self._capture is not None:
            self._capture.close()
        self._capture = guarded = GuardedCapture(capture)
        rate_hz = guarded.get(cv2.CAP_PROP_FPS)
        self._clip_rate_hz = rate_hz if 0 < rate_hz <= HIGHEST_RATE_HZ else FALLBACK_RATE_HZ
        self._live = is_url(path) and guarded.get(cv2.CAP_PROP_FRAME_COUNT) <= 0
        self._size = (self.settings.width, self.settings.height)
        if not self.settings.width:
            self._size = (
                int(guarded.get(cv2.CAP_PROP_FRAME_WIDTH)),
                int(guarded.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            )
        self._position_s, self._number = -1.0, -1
        self._pacer.restart()

    def _advance(self) -> bool:
        """Take the next picture without decoding it; False at the end."""
        capture = self._capture
        grabbed = capture is not None and capture.grab()
        if self._closed.is_set() or capture is None:
            raise SourceClosed("The video source was closed.")
        if not grabbed:
            return False
        self._number += 1
        self._position_s = self._stamp(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        return True

    def _stamp(self, stamp_s: float) -> float:
        """Position of the picture just taken; from the rate where the stamps stand still or run back."""
        if self.settings.rate_hz:
            return self._number / self.settings.rate_hz
        if self._position_s < 0:
            return max(stamp_s, 0.0)
        return stamp_s if stamp_s > self._position_s else self._position_s + 1 / self._clip_rate_hz

    def _advance_on_time(self) -> bool:
        """Take the next picture, or the first after it that is not late; False at the end."""
        if not self._advance():
            return False
        while not self._live and self._pacer.lag_s(self._position_s) > 1 / self.rate_hz:
            if not self._advance():
                return False
            self._skipped += 1
        return True

    def _picture(self) -> Image | None:
        capture = self._capture
        picture = capture.retrieve() if capture is not None else None
        if picture is None:
            return None
        if picture.ndim == 2:  # a grey clip
            picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        image = np.asarray(picture, np.uint8)
        if self.settings.width:
            image = letterbox(image, self.settings.width, self.settings.height)
        return image


def _readable_file(path: str) -> Path:
    """The file `path` names.

    Raises:
        SourceError: if it is missing, a folder, empty, or not readable.
    """
    file = Path(path.removeprefix("file://")).expanduser()
    try:
        with file.open("rb") as stream:
            if stream.read(1):
                return file
    except FileNotFoundError as error:
        raise SourceError(f"The video {file} does not exist: check the path.") from error
    except IsADirectoryError as error:
        raise SourceError(f"{file} is a folder: give a video file, or use the images source.") from error
    except OSError as error:
        raise SourceError(f"The video {file} cannot be read ({error.strerror}): check its rights.") from error
    raise SourceError(f"The video {file} is empty: use another file.")
