"""The bench's rows of film scenes: all are there, and mean what they say."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

import mirror.bench.filming
import mirror_effects.film_effect
from mirror.bench.bars import FILM, bars
from mirror.bench.filming import measure_filming
from mirror.bench.pipelines import PipelineResult
from mirror_core.errors import ModelError
from mirror_effects.film.player import Mode
from mirror_effects.film.testing_stage import painted_stage

STAGE = painted_stage()


def load(name: str, threads: int, network: str = "litert"):
    return STAGE


@pytest.fixture
def few(monkeypatch):
    """Measure each only a few times, on a painted scene."""
    monkeypatch.setattr(mirror.bench.filming, "FEWEST", 6)
    monkeypatch.setattr(mirror.bench.filming, "load_stage", load)
    monkeypatch.setattr(mirror_effects.film_effect, "load_stage", load)


@pytest.mark.usefixtures("few")
def test_every_row_is_measured_while_the_person_plays(monkeypatch):
    modes = []
    shown = mirror_effects.film_effect.Playing.shown

    def watched(playing):
        result = shown(playing)
        modes.extend(result.modes if result is not None else ())
        return result

    monkeypatch.setattr(mirror_effects.film_effect.Playing, "shown", watched)
    figures = measure_filming(0.0)
    assert list(figures) == [
        "film_1_thread_ms",
        "film_2_threads_ms",
        "film_hz",
        "film_apply_ms",
        "film_apply_p99_ms",
        "film_side_px",
    ]
    assert all(math.isfinite(value) and value > 0 for value in figures.values())
    assert figures["film_apply_p99_ms"] >= figures["film_apply_ms"]
    assert figures["film_side_px"] == STAGE.network.side
    assert set(modes) == {Mode.PLAYED}


@pytest.mark.usefixtures("few")
def test_a_scene_that_cannot_be_loaded_is_said(monkeypatch):
    def refuse(name: str, threads: int, network: str):
        raise ModelError("The scene is damaged.")

    monkeypatch.setattr(mirror_effects.film_effect, "load_stage", refuse)
    with pytest.raises(ModelError, match="is damaged"):
        measure_filming(0.0)


@pytest.mark.parametrize(
    ("film_hz", "shown_hz", "missed"), [(20.0, 30.0, 0), (19.9, 30.0, 1), (20.0, 29.9, 1)]
)
def test_bars_of_films(film_hz, shown_hz, missed):
    result = PipelineResult(FILM, 12.0, 20.0, shown_hz, 0, 480, 120.0, 800.0, 4.0)
    held = bars({FILM.name: result}, None, {"film_hz": film_hz})
    assert len(held) == 2
    assert sum(not bar.is_held for bar in held) == missed
