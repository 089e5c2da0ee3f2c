"""The judgement of a soak: growth is seen, noise is not taken for it, the report says both."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror.soak.plan import ALL_STACKS, SoakPlan
from mirror.soak.report import as_markdown, verdict, write_report
from mirror.soak.run import SoakResult
from mirror.soak.trends import LONG_LIMITS, Bar, Sample, judged, theil_sen
from mirror.soak.usage import Usage, usage_of
from mirror_core.errors import ShapeError, UsageError
from mirror_effects.names import BUILT_IN

FRAMES = 100_000
READINGS = 800
ROUND = 2_000  # frames in which each stack is on once


def samples(
    mb: float = 0.0, descriptors: float = 0.0, threads: float = 0.0, latency: float = 0.0, restarts: int = 0
) -> list[Sample]:
    """Readings of a run that grows by so much over all frames, with noise, outliers and several stacks."""
    noise = np.random.default_rng(5).normal(0, 1, (READINGS, 4))
    made = []
    for index, frames in enumerate(np.linspace(10_000, 10_000 + FRAMES, READINGS).astype(int)):
        share = index / READINGS
        stack = int(frames) % ROUND // 500
        memory = 900 + mb * share + noise[index, 0] * 3 + (400 if index % 97 == 0 else 0)
        usage = Usage(
            rss_mb=memory + 150,
            anonymous_mb=memory,
            descriptors=round(60 + descriptors * share + abs(noise[index, 1])),
            threads=round(50 + threads * share + abs(noise[index, 2])),
            processes=2,
        )
        p50 = (5.0 + 4 * stack) * (1 + latency * share) + noise[index, 3] * 0.2
        made.append(
            Sample(
                time_s=index * 2.0,
                frames=int(frames),
                usage=usage,
                p50_ms=p50,
                p99_ms=p50 * 3,
                round_number=int(frames) // ROUND,
                stack=f"stack {stack}",
                restarts=restarts if share > 0.5 else 0,
            )
        )
    return made


def missed(bars: list[Bar]) -> list[str]:
    return [bar.what.split(",")[0].split(" (")[0] for bar in bars if not bar.is_held]


def test_a_steady_run_holds_all_bars() -> None:
    assert missed(judged(samples(), LONG_LIMITS)) == []


@pytest.mark.parametrize(
    ("growth", "what"),
    [
        ({"mb": 15.0}, ["memory of its own", "resident memory"]),  # 1.5 MB per 10,000 frames
        ({"descriptors": 6.0}, ["descriptors"]),
        ({"threads": 5.0}, ["threads"]),
        ({"latency": 0.2}, ["latency p50"]),
        ({"restarts": 1}, ["restarts of nodes"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_each_kind_of_growth_misses_its_bar(growth: dict[str, float], what: list[str]) -> None:
    assert missed(judged(samples(**growth), LONG_LIMITS)) == what  # type: ignore[arg-type]


def test_the_slope_is_that_of_most_points() -> None:
    x = np.arange(101.0)
    y = 0.5 * x + 3
    y[10], y[50], y[90] = 1e6, -1e6, np.nan
    assert theil_sen(x.tolist(), y.tolist()) == pytest.approx(0.5)
    assert np.isnan(theil_sen([1.0, 1.0], [2.0, 3.0]))
    with pytest.raises(ShapeError, match="as long as each other"):
        theil_sen([1.0], [1.0, 2.0])


def test_too_few_rounds_tell_no_drift_and_hold_no_bar() -> None:
    few = [dataclasses.replace(sample, round_number=0) for sample in samples()]
    (latency,) = [bar for bar in judged(few, LONG_LIMITS) if bar.what.startswith("latency")]
    assert np.isnan(latency.measured)
    assert not latency.is_held


def test_usage_is_that_of_the_whole_family() -> None:
    child = "import sys; kept = bytearray(50_000_000); print(len(kept), flush=True); sys.stdin.read()"
    before = usage_of(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        during = usage_of(os.getpid())
        process.communicate(b"")
    assert during.processes == before.processes + 1
    assert during.anonymous_mb - before.anonymous_mb > 45
    assert during.threads > before.threads
    assert during.descriptors > before.descriptors
    assert usage_of(2**22 + 1).processes == 0  # no such process


def test_every_effect_has_its_turn() -> None:
    assert {name for stack in ALL_STACKS for name in stack} >= set(BUILT_IN) - {"delay", "then_and_now"}
    words = SoakPlan().words(Path("x.yaml"))
    assert {"mimic:=true", "foxglove:=true", "composed:=true"} <= set(words)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"frames": 10}, "at least 500 frames"),
        ({"stacks": ()}, "at least one stack"),
        ({"stacks": (("blur",),)}, "blur is not an effect"),
    ],
)
def test_a_plan_that_is_none_is_refused(values: dict[str, object], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        SoakPlan(**values)  # type: ignore[arg-type]


def test_the_report_has_figures_tables_and_a_picture(tmp_path: Path) -> None:
    found = samples(mb=100.0)
    result = SoakResult(
        plan=SoakPlan(),
        warm_up=tuple(found[:100]),
        samples=tuple(found[100:]),
        done={"faces captured": 12, "pages that failed": 0},
        refusals={"Come closer.": 2},
        complaints=(),
        nodes=("camera", "web"),
        seconds=4000.0,
        status=0,
    )
    bars = verdict(result, LONG_LIMITS)
    write_report(result, bars, tmp_path)
    content = json.loads((tmp_path / "soak.json").read_text())
    assert len(content["samples"]) == READINGS - 100
    assert [bar["held"] for bar in content["bars"]] == [bar.is_held for bar in bars]
    text = (tmp_path / "soak.md").read_text()
    assert "**missed**" in text
    assert "| faces captured | 12 |" in text
    assert as_markdown(result, bars) == text
    picture = cv2.imread(str(tmp_path / "soak.png"))
    assert picture.shape[0] > 600
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20
