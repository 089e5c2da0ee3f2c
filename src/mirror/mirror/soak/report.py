"""`mirror soak`: run, judge, and write down what was found as JSON, as Markdown and as a picture."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from mirror.soak.plan import SoakPlan
from mirror.soak.plot import draw_soak
from mirror.soak.run import SoakResult, soak
from mirror.soak.trends import LONG_LIMITS, Bar, Limits, judged
from mirror_core.errors import MirrorError, UsageError

__all__ = ["as_markdown", "run_soak", "verdict", "write_report"]

GIGABYTE = 1e9
HELD, MISSED = "held", "**missed**"


def verdict(result: SoakResult, limits: Limits) -> list[Bar]:
    """The bars of a soak, with those that are not slopes."""
    return [
        *judged(result.samples, limits),
        Bar("pages that were not answered", float(result.done.get("pages that failed", 0)), 0.0),
        Bar("exit status at the end", float(abs(result.status)), 0.0),
        Bar("lines that tell of an error", float(len(result.errors)), 0.0),
    ]


def run_soak(frames: int, warm_up: int, output: Path) -> int:
    """Run a soak, print it and write it down.

    Args:
        frames, warm_up: see `SoakPlan`.
        output: folder of soak.json, soak.md and soak.png.

    Returns:
        The exit status: 0 where all bars are held, 1 where not, or where the mirror stood still.

    Raises:
        UsageError: if the numbers make no soak.
    """
    console = Console(highlight=False)
    try:
        result = soak(SoakPlan(frames=frames, warm_up_frames=warm_up), console.print)
    except UsageError:
        raise
    except MirrorError as error:
        console.print(str(error))
        return 1
    bars = verdict(result, LONG_LIMITS)
    _print(console, bars)
    write_report(result, bars, output)
    console.print(f"Written to {output / 'soak.json'}, {output / 'soak.md'} and {output / 'soak.png'}.")
    return 0 if all(bar.is_held for bar in bars) else 1


def _print(console: Console, bars: Sequence[Bar]) -> None:
    table = Table(title="Soak", title_justify="left")
    for heading in ("", "measured", "bar", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for bar in bars:
        held = "[green]held[/]" if bar.is_held else "[red]missed[/]"
        table.add_row(bar.what, f"{bar.measured:.2f}", f"≤ {bar.limit:g}", held)
    console.print(table)


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / GIGABYTE, 1),
        "python": platform.python_version(),
    }


def write_report(result: SoakResult, bars: Sequence[Bar], folder: Path) -> None:
    """Write soak.json (every reading), soak.md (the tables) and soak.png."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "machine": _machine(),
        "bars": [{**dataclasses.asdict(bar), "held": bar.is_held} for bar in bars],
        **dataclasses.asdict(result),
        "frames": result.frames,
        "frames_per_s": result.frames_per_s,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / "soak.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / "soak.md").write_text(as_markdown(result, bars), encoding="utf-8")
    draw_soak(result, folder / "soak.png")


def as_markdown(result: SoakResult, bars: Sequence[Bar]) -> str:
    """The tables of a soak, for a document."""
    width, height = result.plan.size
    lines = [
        f"{result.frames:,} frames of {width}×{height} after {result.plan.warm_up_frames:,} of warm-up, in "
        f"{result.seconds / 60:.0f} minutes, {result.frames_per_s:.0f} a second, on {os.cpu_count()} cores.",
        "",
        "| what | measured | bar | |",
        "| --- | ---: | ---: | --- |",
        *(
            f"| {bar.what} | {bar.measured:.2f} | ≤ {bar.limit:g} | {HELD if bar.is_held else MISSED} |"
            for bar in bars
        ),
        "",
        *_counts("done", result.done),
        "",
        f"Nodes: {', '.join(result.nodes)}.",
    ]
    if result.refusals:
        lines += ["", *_counts("what the mirror refused", result.refusals)]
    return "\n".join(lines) + "\n"


def _counts(title: str, counts: Mapping[str, int]) -> list[str]:
    return [f"| {title} | times |", "| --- | ---: |", *(f"| {name} | {n:,} |" for name, n in counts.items())]
