"""The Health page in headless Chromium: every part in plain words, latency, messages."""

from __future__ import annotations

import pytest


@pytest.fixture
def served(served_once):
    return served_once


def report(served, name: str, level: int, message: str, **figures: str) -> None:
    names = {"rate": "rate [Hz]", "p50": "latency p50 [ms]", "p99": "latency p99 [ms]"}
    values = {names.get(key, key): value for key, value in figures.items()}
    served.health.take_status(f"mirror/{name}", level, message, values)


def test_health_says_how_every_part_is_doing_in_plain_words(open_page, served):
    page = open_page("/health")
    report(served, "camera", 0, "C920 at 1280 × 720.", rate="30.0", source="v4l2", dropped="2")
    report(served, "effects", 0, "Running.", rate="29.9", p50="7.5", p99="12.25", dropped="0")
    page.get_by_text("Everything works.").wait_for()
    page.get_by_text("Pictures come from a camera of this machine, 30 a second.").wait_for()
    row = page.locator("[data-node=effects]")
    page.wait_for_selector("[data-node=effects][data-state=ok]")
    assert row.inner_text().split() == ["Effects", "Works", "29.9/s", "7.5", "ms", "12.2", "ms", "0"]
    page.get_by_text("Effects: p50 7.5 ms, p99 12.2 ms now").wait_for()
    page.wait_for_function("document.querySelector('.m-chart-live canvas')")
    report(served, "camera", 1, "The camera was unplugged; the mirror goes on trying.", rate="0.0")
    page.wait_for_selector("[data-node=camera][data-state=warn]")
    page.get_by_text("Needs attention: Camera.").wait_for()


def test_health_shows_messages_and_those_that_matter(open_page, served):
    served.health.take_log("mirror.camera", "info", "Pictures come from the source demo.", 0.0)
    served.health.take_log("mirror.gallery", "warn", "The disk is nearly full.", 1.0)
    page = open_page("/health")
    page.get_by_text("The disk is nearly full.").wait_for()
    page.get_by_text("Pictures come from the source demo.").wait_for()
    page.get_by_role("combobox", name="Which messages").select_option("troubles")
    page.get_by_text("Pictures come from the source demo.").wait_for(state="detached")
    assert page.locator(".m-message").count() == 1
