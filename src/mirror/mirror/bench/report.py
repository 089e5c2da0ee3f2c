"""Runs the measurements, prints one table with the bars, and writes the figures as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mirror.bench.algorithms import AlgorithmsResult, measure_algorithms
from mirror.bench.effects import measure_effects
from mirror.bench.gallery import measure_gallery
from mirror.bench.mood_page import measure_mood_page
from mirror.bench.mood_reading import measure_mood_reading
from mirror.bench.moods import measure_moods
from mirror.bench.pipelines import PipelineResult, Setup, measure_pipeline
from mirror.bench.rendering import measure_rendering
from mirror.bench.unmasking import measure_unmasking
from mirror_core.errors import MirrorError, UsageError

__all__ = ["Bar", "bars", "run_bench"]

COMPOSED = Setup("composed, 60 Hz")
TUNED = Setup("separate processes, tuned, 60 Hz", composed=False)
PLAIN = Setup("separate processes, default transport, 60 Hz", composed=False, tuned=False)
TUNED_30 = Setup("separate processes, tuned, 30 Hz", composed=False, rate_hz=30.0)
MASK = Setup("composed, mask, 60 Hz", effects="mask")
SWAP = Setup("composed, swap, 60 Hz", effects="swap")
MASK_FULL_HD = Setup("composed, mask, 1920×1080, 60 Hz", effects="mask", size=(1920, 1080))
COMPOSED_FULL_HD = Setup("composed, 1920×1080, 60 Hz", size=(1920, 1080))
UNMASK = Setup("composed, wear_mask + unmask, 60 Hz", effects="wear_mask,unmask")
SETUPS = (COMPOSED, TUNED, PLAIN, TUNED_30, COMPOSED_FULL_HD, MASK, MASK_FULL_HD, SWAP, UNMASK)
WIDTH = 140  # characters of a table that goes to a file
ALGORITHMS = "algorithms alone, 60 Hz"
RENDERING = "rendering"
GALLERY = "gallery"
MOODS = "moods"
UNMASKING = "unmasking"
MASK2FACE_MS = (
    900  # for 256 × 256 pixels in TensorFlow on two cores; what its network takes, not measured here
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
    ("gallery_open_ms", "gallery of 10,000 faces, start [ms]", 1000.0, True),
    ("gallery_page_ms", "gallery of 10,000 faces, page of 50 with thumbnails [ms]", 50.0, True),
    ("mood_network_ms", "mood network, one face [ms]", 5.0, True),
    ("moods_slowest_ms", "mood log of two weeks and a year of roll-ups, slowest question [ms]", 200.0, True),
    ("mood_page_slowest_ms", "Mood page over the same log, slowest button → picture [ms]", 300.0, True),
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
        found.append(Bar("wear_mask + unmask, composed 60 Hz, shown [Hz]", shown_hz, 30.0, at_most=False))
    found += [
        Bar(what, rendering[key], limit, at_most)
        for key, what, limit, at_most in FIGURE_BARS
        if key in rendering
    ]
    return found


def run_bench(seconds: float, only: str, output: str) -> int:
    """Measure, print and write; returns 0 when every bar is held, else 1.

    Args:
        seconds: length of each measurement.
        only: part of the names to measure; empty: all.
        output: path of the JSON file.

    Raises:
        UsageError: if `only` names nothing.
    """
    names = [*(setup.name for setup in SETUPS), ALGORITHMS, RENDERING, GALLERY, MOODS, UNMASKING]
    if not any(only in name for name in names):
        raise UsageError(f"--only {only} names no measurement: there are {'; '.join(names)}.")
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    results: dict[str, PipelineResult] = {}
    algorithms: AlgorithmsResult | None = None
    for setup in SETUPS:
        if only in setup.name:
            with console.status(f"Measuring {setup.name} …"):
                try:
                    results[setup.name] = measure_pipeline(setup, seconds)
                except MirrorError as error:
                    console.print(f"[red]{setup.name}: {error}[/]")
    if only in ALGORITHMS:
        with console.status(f"Measuring {ALGORITHMS} …"):
            algorithms = measure_algorithms(seconds)
    rendering: dict[str, float] = {}
    if only in RENDERING:
        with console.status(f"Measuring {RENDERING} …"):
            rendering = {**measure_rendering(seconds), **measure_effects(seconds)}
    gallery: dict[str, float] = {}
    if only in GALLERY:
        with console.status(f"Measuring {GALLERY} …"):
            gallery = measure_gallery(seconds)
    moods: dict[str, float] = {}
    if only in MOODS:
        with console.status(f"Measuring {MOODS} …"):
            moods = {
                **measure_mood_reading(seconds),
                **measure_moods(seconds),
                **measure_mood_page(seconds),
            }
    unmasking: dict[str, float] = {}
    if only in UNMASKING:
        with console.status(f"Measuring {UNMASKING} …"):
            unmasking = measure_unmasking(seconds)
    _print(console, results, algorithms)
    _print_figures(console, "Rendering, medians on one core", rendering)
    _print_figures(console, "Gallery of 10,000 faces, medians", gallery)
    _print_figures(
        console,
        "Moods: reading one face; a log of two weeks by the second and a year of roll-ups; medians",
        moods,
    )
    _print_figures(console, "Faces beneath masks, and a network of Mask2Face's size; medians", unmasking)
    if unmasking:
        console.print(f"Mask2Face's own network takes about {MASK2FACE_MS} ms in TensorFlow on two cores.")
    held = bars(results, algorithms, {**rendering, **gallery, **moods, **unmasking})
    _print_bars(console, held)
    figures = {RENDERING: rendering, GALLERY: gallery, MOODS: moods, UNMASKING: unmasking}
    _write(Path(output), results, algorithms, figures, held)
    console.print(f"Written to {output}.")
    return 0 if all(bar.is_held for bar in held) else 1


def _print(console: Console, results: dict[str, PipelineResult], algorithms: AlgorithmsResult | None) -> None:
    table = Table(
        title="Camera stamp → frame handed to the window, effect landmarks, one face", title_justify="left"
    )
    for heading in ("", "p50 ms", "p99 ms", "shown Hz", "dropped", "CPU %", "RSS MB", "first picture s"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, r in results.items():
        table.add_row(
            name,
            f"{r.p50_ms:.1f}",
            f"{r.p99_ms:.1f}",
            f"{r.shown_hz:.1f}",
            f"{r.dropped} of {r.sent}",
            f"{r.cpu_percent:.0f}",
            f"{r.rss_mb:.0f}",
            f"{r.first_picture_s:.1f}",
        )
    if algorithms is not None:
        table.add_row(ALGORITHMS, f"{algorithms.total_ms:.1f}", f"{algorithms.total_p99_ms:.1f}", *[""] * 5)
    console.print(table)
    stages = Table(title="Stages, p50 ms", title_justify="left")
    stages.add_column("")
    stages.add_column("ms", justify="right")
    if COMPOSED.name in results:
        for stage, value in sorted(results[COMPOSED.name].stages_ms.items()):
            stages.add_row(f"composed: {stage}", f"{value:.2f}")
    if algorithms is not None:
        for stage, value in algorithms.stages_ms.items():
            stages.add_row(f"alone: {stage}", f"{value:.2f}")
    if stages.row_count:
        console.print(stages)


def _print_figures(console: Console, title: str, figures: dict[str, float]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:.3g}" if value < 1000 else f"{value:.0f}")
    if figures:
        console.print(table)


def _print_bars(console: Console, held: list[Bar]) -> None:
    table = Table(title="Bars", title_justify="left")
    for heading in ("", "measured", "bar", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for bar in held:
        sign = "≤" if bar.at_most else "≥"
        verdict = "[green]held[/]" if bar.is_held else "[red]missed[/]"
        table.add_row(escape(bar.what), f"{bar.measured:.2f}", f"{sign} {bar.limit:g}", verdict)
    if held:
        console.print(table)


def _write(
    path: Path,
    results: dict[str, PipelineResult],
    algorithms: AlgorithmsResult | None,
    figures: dict[str, dict[str, float]],
    held: list[Bar],
) -> None:
    content: dict[str, Any] = {
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "pipelines": {name: dataclasses.asdict(result) for name, result in results.items()},
        **figures,
        "algorithms": None if algorithms is None else dataclasses.asdict(algorithms),
        "bars": [{**dataclasses.asdict(bar), "held": bar.is_held} for bar in held],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
