"""What is measured in whole graphs, and the numbers that the design must hold."""

from __future__ import annotations

from dataclasses import dataclass

from mirror.bench.algorithms import AlgorithmsResult
from mirror.bench.pipelines import PipelineResult, Setup

__all__ = ["COMPOSED", "FILM", "SETUPS", "UNMASK", "Bar", "bars"]

COMPOSED = Setup("composed, 60 Hz")
TUNED = Setup("separate processes, tuned, 60 Hz", composed=False)
PLAIN = Setup("separate processes, default transport, 60 Hz", composed=False, tuned=False)
TUNED_30 = Setup("separate processes, tuned, 30 Hz", composed=False, rate_hz=30.0)
MASK = Setup("composed, mask, 60 Hz", effects="mask")
SWAP = Setup("composed, swap, 60 Hz", effects="swap")
MASK_FULL_HD = Setup("composed, mask, 1920×1080, 60 Hz", effects="mask", size=(1920, 1080))
COMPOSED_FULL_HD = Setup("composed, 1920×1080, 60 Hz", size=(1920, 1080))
UNMASK = Setup("composed, unmask on a masked face, 60 Hz", effects="unmask", camera="bench_masked")
BOTH_MASKS = Setup("composed, wear_mask + unmask, 60 Hz", effects="wear_mask,unmask")
FILM = Setup("composed, film, 60 Hz", effects="film")
SETUPS = (
    COMPOSED,
    TUNED,
    PLAIN,
    TUNED_30,
    COMPOSED_FULL_HD,
    MASK,
    MASK_FULL_HD,
    SWAP,
    UNMASK,
    BOTH_MASKS,
    FILM,
)

FIGURE_BARS = (
    ("map_ms", "rasterising the warp of a 300 px face [ms]", 1.5, True),
    ("blend_320_ms", "seamless blend of 320 × 320 [ms]", 1.5, True),
    ("clone_over_blend_320", "blend is … × quicker than cv2.seamlessClone, 320 × 320", 10.0, False),
    ("mask_4_ms", "effect mask alone, four faces [ms]", 12.0, True),
    ("swap_1_ms", "effect swap alone, one face [ms]", 4.0, True),
    ("swap_4_ms", "effect swap alone, four faces [ms]", 12.0, True),
    ("expression_1_ms", "effect expression alone, one face [ms]", 4.0, True),
    ("wear_mask_1_ms", "effect wear_mask alone, one face [ms]", 5.0, True),
    ("unmask_int8_2_threads_ms", "mask removal, one look at one face, two cores [ms]", 25.0, True),
    ("unmask_side_px", "mask removal, side of the network's square [px]", 192.0, False),
    ("film_hz", "film scene, pictures a second of one person at 1280 × 720", 20.0, False),
    ("gallery_open_ms", "gallery of 10,000 faces, start [ms]", 1000.0, True),
    ("gallery_page_ms", "gallery of 10,000 faces, page of 50 with thumbnails [ms]", 50.0, True),
    ("mood_network_ms", "mood network, one face [ms]", 5.0, True),
    ("moods_slowest_ms", "mood log of two weeks and a year of roll-ups, slowest question [ms]", 200.0, True),
    ("mood_page_slowest_ms", "Mood page over the same log, slowest button → picture [ms]", 300.0, True),
    ("page_load_20_shown_hz", "20 browsers on the page, pictures a second in the window", 30.0, False),
    ("moods_write_ms", "mood log, five seconds of one person written [ms]", 50.0, True),
)


@dataclass(frozen=True)
class Bar:
    """A number that the design must hold.

    Attributes:
        what: in words.
        measured: the figure; NaN where it was not measured.
        limit: what it must reach.
        at_most: True where smaller is better.
    """

    what: str
    measured: float
    limit: float
    at_most: bool = True

    @property
    def is_held(self) -> bool:
        """Whether the figure reaches the limit; NaN never does."""
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit


def bars(
    results: dict[str, PipelineResult], algorithms: AlgorithmsResult | None, rendering: dict[str, float]
) -> list[Bar]:
    """The bars whose measurements were made."""
    found: list[Bar] = []
    composed = results.get(COMPOSED.name)
    if composed is not None:
        found += [
            Bar("composed 60 Hz, stamp → window, p50 [ms]", composed.p50_ms, 8.0),
            Bar("composed 60 Hz, stamp → window, p99 [ms]", composed.p99_ms, 16.0),
            Bar("composed 60 Hz, frames dropped", composed.dropped, 0),
            Bar("start → first picture [s]", composed.first_picture_s, 5.0),
        ]
        if algorithms is not None:
            overhead = composed.p50_ms - algorithms.total_ms
            found.append(Bar("composed over its algorithms alone, p50 [ms]", overhead, 1.5))
        for setup, factor in ((PLAIN, 5.0), (TUNED, 2.0)):
            if setup.name in results:
                ratio = results[setup.name].p50_ms / composed.p50_ms
                found.append(Bar(f"composed is … × quicker than {setup.name}", ratio, factor, at_most=False))
    if TUNED_30.name in results:
        tuned = results[TUNED_30.name]
        found += [
            Bar(f"{TUNED_30.name}, p50 [ms]", tuned.p50_ms, 25.0),
            Bar(f"{TUNED_30.name}, frames dropped", tuned.dropped, 0),
        ]
    if MASK.name in results:
        mask = results[MASK.name]
        found += [
            Bar("mask, composed 60 Hz, stamp → window, p50 [ms]", mask.p50_ms, 8.0),
            Bar("mask, composed 60 Hz, stamp → window, p99 [ms]", mask.p99_ms, 16.0),
            Bar("mask, composed 60 Hz, frames dropped", mask.dropped, 0),
        ]
    if SWAP.name in results:
        swap = results[SWAP.name]
        found += [
            Bar("swap, composed 60 Hz, stamp → window, p50 [ms]", swap.p50_ms, 10.0),
            Bar("swap, composed 60 Hz, frames dropped", swap.dropped, 0),
        ]
    if UNMASK.name in results:
        shown_hz = results[UNMASK.name].shown_hz
        what = "unmask on a masked face, composed 60 Hz, shown [Hz]"
        found.append(Bar(what, shown_hz, 30.0, at_most=False))
    if FILM.name in results:
        shown_hz = results[FILM.name].shown_hz
        found.append(Bar("film, composed 60 Hz, shown [Hz]", shown_hz, 30.0, at_most=False))
    found += [
        Bar(what, rendering[key], limit, at_most)
        for key, what, limit, at_most in FIGURE_BARS
        if key in rendering
    ]
    return found
