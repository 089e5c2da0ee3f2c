"""The demo source: an endless reel of one or two people before the mirror, without any camera."""

from __future__ import annotations

from typing import ClassVar

from mirror_camera.pacing import Pacer
from mirror_camera.reel import Reel
from mirror_camera.source import Clock, Grab, Source, SourceClosed, SourceSettings
from mirror_core.frame import Image

__all__ = ["DemoSource"]

DEFAULT_SIZE = (1280, 720)  # px
FOV_DEG = 62.0  # horizontal; with it a face of 106/512 of the reel's portrait stands about 0.8 m away


class DemoSource(Source):
    """Plays the reel; `path` is ignored, size, rate and speed are free.

    A picture that could not be delivered in time is left out, so that the reel stays on time.
    """

    name = "demo"
    default_rate_hz: ClassVar[float] = 30.0

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._size = (self.settings.width, self.settings.height) if self.settings.width else DEFAULT_SIZE
        self._rate_hz = self.settings.rate_hz or self.default_rate_hz
        self._reel: Reel | None = None
        self._next = 0
        self._pacer = Pacer(self.clock, self._closed)

    def open(self) -> None:
        """Prepare the reel, which begins at its first picture.

        Raises:
            SourceError: if scikit-image's portrait is missing.
        """
        if self._reel is None:
            self._reel = Reel(*self._size)
        self._next = 0
        self._closed.clear()
        self._pacer.restart()

    def read(self) -> Grab:
        """The next picture, when it is due.

        Raises:
            SourceClosed: if the source is or becomes closed.
        """
        self._require_open()
        late = self._pacer.lag_s(self._next / self._rate_hz)
        self._next += max(int(late * self._rate_hz), 0)
        number = self._next
        image = self._picture(number)  # before it is due: not late by it
        if not self._pacer.wait(number / self._rate_hz):
            raise SourceClosed(f"The {self.name} source was closed.")
        self._next = number + 1
        return Grab(image, self.clock.now_ns())

    def _picture(self, number: int) -> Image:
        """The picture with this number, from 0 on."""
        if self._reel is None:
            raise SourceClosed(f"The {self.name} source is closed; open it before reading.")
        return self._reel.render(number / self._rate_hz * self.settings.speed)

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
        return self._rate_hz

    @property
    def horizontal_fov_deg(self) -> float:
        """The field of view that makes the people's heads of natural size, about 0.8 m away."""
        return FOV_DEG
