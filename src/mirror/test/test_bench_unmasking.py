"""The bench's rows of mask removal: all are there, each is what it says, and the bars hold what they say."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

import mirror.bench.unmasking
import mirror_effects.unmask
from mirror.bench import report
from mirror.bench.bars import UNMASK, bars
from mirror.bench.pipelines import PipelineResult, Setup
from mirror.bench.reference_unet import Layout
from mirror.bench.report import run_bench
from mirror.bench.unmasking import measure_unmasking
from mirror_core.errors import ModelError
from mirror_tracking.mask_reading import load_card
from mirror_tracking.unmask_files import card_file, load_unmask_model

SMALL = Layout(side=16, filters=(4, 6), kernels=(3, 3))


@pytest.fixture
def few(monkeypatch):
    """Measure each only a few times."""
    monkeypatch.setattr(mirror.bench.unmasking, "FEWEST", 3)


@pytest.mark.usefixtures("few")
def test_every_row_is_measured():
    figures = measure_unmasking(0.0, SMALL)
    looks = [
        "unmask_int8_1_thread_ms",
        "unmask_int8_2_threads_ms",
        "unmask_float16_1_thread_ms",
        "unmask_float16_2_threads_ms",
    ]
    effect = [
        f"unmask_{count}_{what}" for count in (1, 4) for what in ("ms", "p99_ms", "at_rest_ms", "answers_hz")
    ]
    sizes = ["unmask_side_px", "unmask_million_parameters"]
    reference = ["reference_side_px", "reference_million_parameters", "reference_ms", "reference_over_unmask"]
    assert list(figures) == [*looks, *effect, *sizes, *reference]
    assert all(math.isfinite(value) and value > 0 for value in figures.values())
    assert all(figures[f"unmask_{count}_p99_ms"] >= figures[f"unmask_{count}_ms"] for count in (1, 4))
    assert figures["unmask_side_px"] == load_card(card_file()).side == load_unmask_model("int8", 1).side
    assert 0.5 < figures["unmask_million_parameters"] < 10
    assert figures["reference_side_px"] == 16
    assert figures["reference_over_unmask"] == pytest.approx(
        figures["reference_ms"] / figures["unmask_int8_2_threads_ms"]
    )


@pytest.mark.usefixtures("few")
def test_a_network_that_sees_no_mask_is_not_measured(monkeypatch):
    class Blind:
        side = load_card(card_file()).side

        def look(self, square):
            return np.zeros(square.shape, np.float32), np.zeros(square.shape[:2], np.float32)

    monkeypatch.setattr(mirror_effects.unmask, "load_unmask_model", lambda precision, threads: Blind())
    with pytest.raises(ModelError, match="takes a drawn mask for none"):
        measure_unmasking(0.0, SMALL)


def pipeline(setup: Setup, shown_hz: float) -> PipelineResult:
    return PipelineResult(setup, 12.0, 20.0, shown_hz, 0, 480, 120.0, 800.0, 4.0)


FIGURES = {"unmask_int8_2_threads_ms": 24.0, "unmask_side_px": 192.0, "reference_ms": 1234.5}


@pytest.mark.parametrize(
    ("figures", "shown_hz", "missed"),
    [
        ({}, 30.0, []),
        ({}, 29.9, ["shown [Hz]"]),
        ({"unmask_int8_2_threads_ms": 25.1}, 60.0, ["one look at one face"]),
        ({"unmask_side_px": 96.0}, 60.0, ["side of the network's square"]),
    ],
)
def test_bars_of_mask_removal(figures, shown_hz, missed):
    held = bars({UNMASK.name: pipeline(UNMASK, shown_hz)}, None, {**FIGURES, **figures})
    assert len(held) == 3
    found = [bar.what for bar in held if not bar.is_held]
    assert len(found) == len(missed)
    assert all(part in what for part, what in zip(missed, found, strict=True))


def measure_as(monkeypatch, figures: dict[str, float]) -> None:
    groups = [
        replace(group, measures=(lambda seconds: figures,)) if group.name == "unmasking" else group
        for group in report.GROUPS
    ]
    monkeypatch.setattr(report, "GROUPS", tuple(groups))


def test_only_unmask_measures_the_effect_and_the_graph_with_it(monkeypatch, tmp_path: Path, capsys):
    measured = []

    def measure_pipeline(setup: Setup, seconds: float) -> PipelineResult:
        measured.append(setup)
        return pipeline(setup, 59.0)

    monkeypatch.setattr(report, "measure_pipeline", measure_pipeline)
    measure_as(monkeypatch, FIGURES)
    out = tmp_path / "results.json"
    assert run_bench(2.0, "unmask", str(out)) == 0
    assert [(setup.camera, setup.effects) for setup in measured] == [
        ("bench_masked", "unmask"),
        ("bench", "wear_mask,unmask"),
    ]
    results = json.loads(out.read_text("utf-8"))
    assert results["unmasking"] == FIGURES
    assert all(bar["held"] for bar in results["bars"])
    printed = capsys.readouterr().out
    assert "reference ms" in printed
    assert "1234" in printed
    assert "about 900 ms in TensorFlow" in printed
    assert "one look at one face, two cores [ms]" in printed
    measure_as(monkeypatch, {"unmask_int8_2_threads_ms": 26.0})
    assert run_bench(2.0, "unmask", str(out)) == 1
