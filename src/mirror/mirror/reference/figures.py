"""Tables of the measured figures, from what `make bench` wrote."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from mirror.bench.bars import COMPOSED, SETUPS
from mirror.bench.report import ALGORITHMS
from mirror.reference.tables import table

__all__ = ["complete_results", "figures_tables", "stages_table"]


def complete_results(path: Path) -> dict[str, Any] | None:
    """The results of a run that measured everything; None where there are none such."""
    if not path.is_file():
        return None
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    everything = all(setup.name in results["pipelines"] for setup in SETUPS) and results["algorithms"]
    return results if everything else None


def _figure(value: Any, digits: int = 1) -> str:
    number = math.nan if value is None else float(value)
    return f"{number:.{digits}f}" if math.isfinite(number) else "–"


def figures_tables(results: dict[str, Any]) -> str:
    """The pipelines beside each other, and the design's bars."""
    rows = []
    for setup in SETUPS:
        found = results["pipelines"][setup.name]
        rows.append(
            [
                setup.name,
                _figure(found["p50_ms"]),
                _figure(found["p99_ms"]),
                _figure(found["shown_hz"]),
                f"{found['dropped']} of {found['sent']}",
                _figure(found["cpu_percent"], 0),
                _figure(found["rss_mb"], 0),
                _figure(found["first_picture_s"]),
            ]
        )
    alone = results["algorithms"]
    rows.append([ALGORITHMS, _figure(alone["total_ms"]), _figure(alone["total_p99_ms"]), *["–"] * 5])
    headings = ("", "p50 ms", "p99 ms", "shown Hz", "dropped", "CPU %", "RSS MB", "first picture s")
    bars = [
        [
            bar["what"],
            _figure(bar["measured"], 2),
            f"{'≤' if bar['at_most'] else '≥'} {bar['limit']:g}",
            "held" if bar["held"] else "missed",
        ]
        for bar in results["bars"]
    ]
    machine = results["machine"]
    where = f"Measured on {machine['cores']} cores, {machine['system']}, Python {machine['python']}."
    return "\n\n".join([where, table(headings, rows), table(("", "measured", "bar", ""), bars)])


def stages_table(results: dict[str, Any]) -> str:
    """The stages of the composed graph and of its algorithms alone, medians."""
    composed = results["pipelines"][COMPOSED.name]["stages_ms"]
    rows = [[f"composed: {stage}", _figure(value, 2)] for stage, value in sorted(composed.items())]
    rows += [[f"alone: {stage}", _figure(v, 2)] for stage, v in results["algorithms"]["stages_ms"].items()]
    return table(("stage", "p50 ms"), rows)
