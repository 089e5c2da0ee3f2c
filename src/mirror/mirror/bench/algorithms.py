"""The graph's algorithms alone, one after the other in one loop: the baseline of its overhead."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from mirror.bench.source import BenchSource
from mirror_core.frame import Frame
from mirror_core.tracing import Quantiles

__all__ = ["AlgorithmsResult", "measure_algorithms"]

WARM_UP_FRAMES = 30


@dataclass(frozen=True)
class AlgorithmsResult:
    """Medians in milliseconds; `total_ms` is the median of the sums, not the sum of the medians."""

    total_ms: float
    total_p99_ms: float
    stages_ms: Mapping[str, float] = field(default_factory=dict)


def measure_algorithms(seconds: float) -> AlgorithmsResult:
    """Track, draw the landmarks and compose the window's picture, paced as the graph is (60 Hz)."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    from mirror_display.window import MirrorWindow
    from mirror_effects import Scene
    from mirror_effects.landmarks import LandmarksEffect
    from mirror_tracking.tracker import FaceTracker

    source, tracker, effect, window = BenchSource(), FaceTracker(), LandmarksEffect(), MirrorWindow()
    names = ("track", "effects", "window", "total")
    durations = {name: Quantiles(100_000) for name in names}
    source.open()
    window.open()
    count, end = 0, float("inf")
    while time.monotonic() < end:
        grab = source.read()
        marks = [time.perf_counter()]
        frame = Frame(grab.image, time.time_ns())
        faces = tracker.update(frame)
        marks.append(time.perf_counter())
        shown = frame.with_image(effect.apply(frame.image, Scene(frame.stamp_ns, faces.faces)), "effects")
        marks.append(time.perf_counter())
        window.submit(shown)
        window.step(0.0)
        marks.append(time.perf_counter())
        count += 1
        if count == WARM_UP_FRAMES:
            end = time.monotonic() + seconds
        if count > WARM_UP_FRAMES:
            for name, start, stop in zip(names[:3], marks, marks[1:], strict=False):
                durations[name].add(stop - start)
            durations["total"].add(marks[-1] - marks[0])
    window.close()
    tracker.close()
    source.close()
    return AlgorithmsResult(
        total_ms=durations["total"].p50 * 1e3,
        total_p99_ms=durations["total"].p99 * 1e3,
        stages_ms={name: durations[name].p50 * 1e3 for name in names[:3]},
    )
