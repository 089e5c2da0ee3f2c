"""Runs the measurements, prints one table with the bars, and writes the figures as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mirror.bench.algorithms import AlgorithmsResult, measure_algorithms
from mirror.bench.bars import COMPOSED, SETUPS, Bar, bars
from mirror.bench.effects import measure_effects
from mirror.bench.filming import measure_filming
from mirror.bench.gallery import measure_gallery
from mirror.bench.mood_page import measure_mood_page
from mirror.bench.mood_reading import measure_mood_reading
from mirror.bench.moods import measure_moods
from mirror.bench.network import measure_network
from mirror.bench.page_load import VISITORS, measure_page_load
from mirror.bench.pipelines import PipelineResult, measure_pipeline
from mirror.bench.rendering import measure_rendering
from mirror.bench.unmasking import measure_unmasking
from mirror_core.errors import MirrorError, UsageError

__all__ = ["GROUPS", "Group", "run_bench"]

WIDTH = 140  # characters of a table that goes to a file
ALGORITHMS = "algorithms alone, 60 Hz"
MASK2FACE_MS = (
    900  # for 256 × 256 pixels in TensorFlow on two cores; what its network takes, not measured here
)


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are measured one by one, without a graph.

    Attributes:
        name: to choose it by.
        title: of its table.
        measures: each from seconds to some of the figures by name.
    """

    name: str
    title: str
    measures: tuple[Callable[[float], dict[str, float]], ...]


GROUPS = (
    Group("rendering", "Rendering, medians on one core", (measure_rendering, measure_effects)),
    Group("gallery", "Gallery of 10,000 faces, medians", (measure_gallery,)),
    Group(
        "moods",
        "Moods: reading one face; a log of two weeks by the second and a year of roll-ups; medians",
        (measure_mood_reading, measure_moods, measure_mood_page),
    ),
    Group(
        "unmasking",
        f"Faces beneath masks, and a network of Mask2Face's size, whose own takes about {MASK2FACE_MS} ms in "
        "TensorFlow on two cores; medians",
        (measure_unmasking,),
    ),
    Group(
        "two hosts",
        "A camera of 1280 × 720 at 30 Hz seen from another host, over an open cable and one of 100 Mbit/s",
        (measure_network,),
    ),
    Group(
        "page_load",
        f"The mirror at 60 Hz with nobody and with {VISITORS} browsers on its page, which share its cores",
        (measure_page_load,),
    ),
    Group("filming", "A film scene that is played; medians", (measure_filming,)),
)


def run_bench(seconds: float, only: str, output: str) -> int:
    """Measure, print and write; returns 0 when every bar is held, else 1.

    Args:
        seconds: length of each measurement.
        only: part of the names to measure; empty: all.
        output: path of the JSON file.

    Raises:
        UsageError: if `only` names nothing.
    """
    names = [*(setup.name for setup in SETUPS), ALGORITHMS, *(group.name for group in GROUPS)]
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
    figures: dict[str, dict[str, float]] = {group.name: {} for group in GROUPS}
    for group in GROUPS:
        if only in group.name:
            with console.status(f"Measuring {group.name} …"):
                for measure in group.measures:
                    figures[group.name] |= measure(seconds)
    _print(console, results, algorithms)
    for group in GROUPS:
        _print_figures(console, group.title, figures[group.name])
    held = bars(
        results, algorithms, {name: each for group in figures.values() for name, each in group.items()}
    )
    _print_bars(console, held)
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
