"""The cameras `bench` and `bench_masked`: the demo reel from memory; making pictures costs nothing."""

from __future__ import annotations

from typing import ClassVar

from mirror_camera.demo import DemoSource
from mirror_camera.reel import Reel
from mirror_camera.source import Clock, SourceSettings
from mirror_core.frame import Frame, Image
from mirror_effects import Scene
from mirror_effects.wear_mask import WearMaskEffect
from mirror_tracking.tracker import FaceTracker

__all__ = ["BenchSource", "MaskedBenchSource"]

STILL_COUNT = 48  # pictures kept in memory, played forth and back
REEL_START_S = 1.0  # one person, moving
REEL_STEP_S = 1 / 30


class BenchSource(DemoSource):
    """Plays a short piece of the demo reel from memory, forth and back."""

    name = "bench"
    default_rate_hz: ClassVar[float] = 60.0

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._pictures: dict[int, Image] = {}  # made when they are first due: a start is measured, too

    def _picture(self, number: int) -> Image:
        place = number % (2 * STILL_COUNT - 2)
        place = min(place, 2 * STILL_COUNT - 2 - place)
        if place not in self._pictures:
            self._pictures[place] = self._made(place, number)
        return self._pictures[place]

    def _made(self, place: int, _number: int) -> Image:
        reel = self._reel or Reel(*self.size)
        return reel.render(REEL_START_S + place * REEL_STEP_S)


class MaskedBenchSource(BenchSource):
    """The same piece with a medical mask on the face: for what happens to people who come with one."""

    name = "bench_masked"

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._tracker, self._effect = FaceTracker(), WearMaskEffect()

    def _made(self, place: int, number: int) -> Image:
        picture = super()._made(place, number)
        stamp_ns = int((number + 1) * REEL_STEP_S * 1e9)
        faces = self._tracker.update(Frame(picture, stamp_ns)).faces
        return self._effect.apply(picture, Scene(stamp_ns, faces))
