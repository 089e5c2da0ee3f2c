"""The camera of a replay frame by frame: a bag's next picture when somebody asks for it, none left out."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace

from mirror_camera.bag import BagSource
from mirror_camera.calibration import Calibration
from mirror_camera.camera_node import CameraNode
from mirror_camera.source import STAMPS_OF_BAG, Clock, EndOfStream
from mirror_core.frame import Frame

__all__ = ["SteppedCamera"]


class SteppedCamera(CameraNode):
    """Publishes what `CameraNode` publishes, one picture for each call of `show_next`."""

    def start(self) -> None:
        """Open the bag at its first picture.

        Raises:
            SourceError: if it cannot be played.
        """
        settings = replace(self.source_settings(), loop=False, stamps=STAMPS_OF_BAG)
        self._bag = BagSource(settings, _impatient_clock())
        self._bag.open()

    def stop(self) -> None:
        """Close the bag."""
        self._bag.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is damaged, and which other image topics there are."""
        return self._bag.notes

    def show_next(self) -> Frame | None:
        """Publish the next picture and return it; None at the end of the bag.

        Raises:
            SourceError: where the bag is damaged.
        """
        try:
            grab = self._bag.read()
        except EndOfStream:
            return None
        return self._publish(replace(grab, acquired_ns=time.monotonic_ns()))

    def _follow_demand(self) -> None:
        """Pictures come when they are asked for, whoever looks."""

    def _source_calibration(self) -> Calibration | None:
        return self._bag.calibration


def _impatient_clock() -> Clock:
    """A clock that moves on as soon as somebody waits: all is in time, and nothing takes any."""
    now_ns = 0

    def wait(event: threading.Event, seconds: float) -> bool:
        nonlocal now_ns
        now_ns += math.ceil(seconds * 1e9)
        return event.is_set()

    return Clock(lambda: now_ns, wait)
