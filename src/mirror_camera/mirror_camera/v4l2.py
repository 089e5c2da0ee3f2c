"""The v4l2 source: a camera on this machine, through OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mirror_camera.cameras import DEVICES, Camera, find_camera, find_cameras
from mirror_camera.capture import CaptureFactory, GuardedCapture
from mirror_camera.source import Clock, Grab, Source, SourceClosed, SourceSettings
from mirror_core.errors import ShapeError, SourceError

__all__ = ["V4l2Source"]

DEFAULT_SIZE = (1280, 720)  # px
DEFAULT_RATE_HZ = 30.0
RATE_TOLERANCE = 0.05  # share by which the obtained rate may differ before it is noted


class V4l2Source(Source):
    """Reads the camera named by `path`, the newest picture each time.

    Size, rate and pixel format are asked of the camera; what it chose instead stands in `notes`.
    A read that hangs in the driver cannot be interrupted: `close` returns, the read ends when the
    driver lets it (OpenCV waits up to 10 s).

    Args:
        settings: what to open and how.
        clock: replaced in tests.
        capture_factory: replaces cv2.VideoCapture in tests.
        cameras: replaces `find_cameras` in tests.
        devices: folder of the device files.
    """

    name = "v4l2"

    def __init__(
        self,
        settings: SourceSettings | None = None,
        clock: Clock | None = None,
        capture_factory: CaptureFactory = cv2.VideoCapture,
        cameras: Callable[[], tuple[Camera, ...]] = find_cameras,
        devices: Path = DEVICES,
    ) -> None:
        super().__init__(settings, clock)
        self._capture_factory = capture_factory
        self._cameras = cameras
        self._devices = devices
        self._camera: Camera | None = None
        self._capture: GuardedCapture | None = None
        self._size = (0, 0)
        self._rate_hz = 0.0
        self._notes: tuple[str, ...] = ()

    def open(self) -> None:
        """Open the camera and agree on size, rate and pixel format.

        Raises:
            SourceError: if it is missing (lists those found), not permitted, or busy.
        """
        self.close()
        camera = find_camera(self.settings.path, self._cameras(), self._devices)
        if not camera.accessible:
            raise SourceError(
                f"You may not open {camera}: run `sudo usermod -aG video $USER`, then log out and in again."
            )
        capture = self._capture_factory(camera.number, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                f"{camera} does not open: another program probably uses it; close that "
                f"(`fuser {camera.device}` shows it), or choose another camera."
            )
        guarded = GuardedCapture(capture)
        self._agree(guarded)
        self._camera, self._capture = camera, guarded
        self._closed.clear()

    def read(self) -> Grab:
        """The camera's newest picture.

        Raises:
            SourceClosed: if the source is or becomes closed.
            SourceError: if the camera was unplugged or stopped delivering.
            ShapeError: on a picture that cannot be decoded; the next one may be well.
        """
        self._require_open()
        capture, camera = self._capture, self._camera
        if capture is None or camera is None:
            raise SourceClosed("The v4l2 source is closed; open it before reading.")
        grabbed = capture.grab()
        acquired_ns = self.clock.now_ns()
        if self._closed.is_set():
            raise SourceClosed("The v4l2 source was closed.")
        if not grabbed:
            if not camera.device.exists():
                raise SourceError(f"{camera} was unplugged: connect it again.")
            raise SourceError(
                f"{camera} delivers no pictures: another program may use it, or its cable is loose; "
                "close the program or connect the camera again."
            )
        picture = capture.retrieve()
        if picture is None:
            raise ShapeError(f"{camera} sends pictures that cannot be decoded: try another fourcc.")
        if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or 0 in picture.shape:
            raise ShapeError(f"{camera} sends {picture.dtype} {list(picture.shape)}: try another fourcc.")
        if picture.ndim == 2:  # a grey camera
            picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        grab = Grab(np.asarray(picture, np.uint8), acquired_ns)
        self._size = (grab.image.shape[1], grab.image.shape[0])
        return grab

    def close(self) -> None:
        """Release the camera."""
        self._closed.set()
        if self._capture is not None:
            self._capture.close()
            self._capture = None

    @property
    def camera(self) -> Camera | None:
        """The camera opened last."""
        return self._camera

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) that the camera delivers, in pixels."""
        return self._size

    @property
    def rate_hz(self) -> float:
        """Pictures per second that the camera promised, 0 where it does not say."""
        return self._rate_hz

    @property
    def notes(self) -> tuple[str, ...]:
        """What the camera chose instead of what was asked."""
        return self._notes

    def _agree(self, capture: GuardedCapture) -> None:
        width, height = DEFAULT_SIZE
        if self.settings.width:
            width, height = self.settings.width, self.settings.height
        rate_hz = self.settings.rate_hz or DEFAULT_RATE_HZ
        if self.settings.fourcc:  # before the size: the format decides which sizes there are
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*self.settings.fourcc))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, rate_hz)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 1)
        got = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        self._size, self._rate_hz = got, capture.get(cv2.CAP_PROP_FPS)
        fourcc = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=False)
        notes = []
        if got != (width, height):
            notes.append(f"Asked for {width}×{height}, the camera delivers {got[0]}×{got[1]}.")
        if self._rate_hz > 0 and abs(self._rate_hz - rate_hz) > RATE_TOLERANCE * rate_hz:
            notes.append(f"Asked for {rate_hz:g} pictures a second, the camera delivers {self._rate_hz:g}.")
        if self.settings.fourcc and any(fourcc) and fourcc != self.settings.fourcc.encode():
            obtained = fourcc.decode("ascii", "replace").strip()
            notes.append(f"Asked for {self.settings.fourcc}, the camera delivers {obtained}.")
        self._notes = tuple(notes)
