"""A node's health: the level, the sentence and the figures that people read."""

from __future__ import annotations

import os

from mirror_core.diagnostics import Level, NodeHealth, Report

PROCESS = {"process", "process CPU [%]", "process memory [MB]"}


def own_values(report: Report) -> dict[str, str]:
    """The node's own figures, without those of its process."""
    return {name: value for name, value in report.values.items() if name not in PROCESS}


def test_a_node_without_conditions_is_running() -> None:
    report = NodeHealth().report()
    assert (report.level, report.message) == (Level.OK, "Running.")
    assert own_values(report) == {"rate [Hz]": "0.0"}


def test_the_worst_condition_gives_the_level_and_stands_first() -> None:
    health = NodeHealth()
    health.set_condition("light", Level.WARN, "It is dark.")
    health.set_condition("camera", Level.ERROR, "The camera is gone.")
    report = health.report()
    assert report.level == Level.ERROR
    assert report.message == "The camera is gone. It is dark."


def test_a_condition_lasts_until_it_is_cleared() -> None:
    health = NodeHealth()
    health.set_condition("camera", Level.ERROR, "Gone.")
    assert health.condition("camera") == "Gone."
    health.clear_condition("camera")
    health.clear_condition("never set")
    assert health.condition("camera") == ""
    assert health.report().level == Level.OK


def test_a_condition_stated_again_replaces_the_earlier_one() -> None:
    health = NodeHealth()
    health.set_condition("camera", Level.ERROR, "Gone.")
    health.set_condition("camera", Level.WARN, "Slow.")
    assert (health.report().level, health.report().message) == (Level.WARN, "Slow.")


def test_figures_are_told_in_milliseconds_and_counters_as_numbers_or_words() -> None:
    health = NodeHealth()
    health.latency.add(0.0125)
    health.stages["warp"].add(0.002)
    health.counters["dropped"] = lambda: 3
    health.counters["effects"] = lambda: "none, mask"
    assert own_values(health.report()) == {
        "rate [Hz]": "0.0",
        "latency p50 [ms]": "12.50",
        "latency p99 [ms]": "12.50",
        "warp p50 [ms]": "2.00",
        "warp p99 [ms]": "2.00",
        "dropped": "3",
        "effects": "none, mask",
    }


def test_a_stage_that_was_cleared_shows_a_dash() -> None:
    health = NodeHealth()
    health.stages["warp"].add(0.1)
    health.stages["warp"].clear()
    assert health.report().values["warp p50 [ms]"] == "–"


def test_each_report_says_in_which_process_the_node_runs_and_what_that_takes() -> None:
    values = NodeHealth().report().values
    assert set(values) >= PROCESS
    assert values["process"].startswith(f"{os.getpid()} on ")
    assert float(values["process memory [MB]"]) > 10
