"""The camera source `bench`: pictures of the demo reel from memory, so that making them costs nothing."""

from __future__ import annotations

from typing import ClassVar

from mirror_camera.demo import DemoSource
from mirror_camera.reel import Reel
from mirror_camera.source import Clock, SourceSettings
from mirror_core.frame import Image

__all__ = ["BenchSource"]

STILL_COUNT = 48  # pictures kept in memory, played forth and back
REEL_START_S = 1.0  # one person, moving
REEL_STEP_S = 1 / 30


class BenchSource(DemoSource):
    """Plays a short piece of the demo reel from memory, forth and back."""

    name = "bench"
    default_rate_hz: ClassVar[float] = 60.0

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._pictures: list[Image] = []

    def open(self) -> None:
        """Render the pictures once."""
        if not self._pictures:
            reel = Reel(*self.size)
            self._pictures = [reel.render(REEL_START_S + index * REEL_STEP_S) for index in range(STILL_COUNT)]
        super().open()

    def _picture(self, number: int) -> Image:
        place = number % (2 * STILL_COUNT - 2)
        return self._pictures[min(place, 2 * STILL_COUNT - 2 - place)]
