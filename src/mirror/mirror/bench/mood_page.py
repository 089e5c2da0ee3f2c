"""Times of the Mood page in headless Chromium, from the press of a button to the new picture.

The log has two weeks of seconds (1.2 million rows) and a year of roll-ups. Every question is a new one:
each run asks for another number of points, so that no answer is remembered.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from mirror.bench.moods import END_S, fill_log
from mirror_mood.log.store import MoodStore

__all__ = ["measure_mood_page"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PATIENCE_MS = 60_000
SETTLE_MS = 1000  # in which the first pictures are drawn
FEWEST_RUNS = 3
MOST_RUNS = 20
POINTS = 500  # and one more with each run
SIZE = {"width": 1280, "height": 900}

# What is pressed, and what then has to change: the curves' key, or the words of an element.
STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "hour": ("[data-scale=hour]", ""),
    "day": ("[data-scale=day]", ""),
    "week": ("[data-scale=week]", ""),
    "two_weeks": ("[data-scale=two_weeks]", ""),
    "month": ("[data-scale=month]", ""),
    "year": ("[data-scale=year]", ""),
    "all": ("[data-scale=all]", ""),
    "earlier": ("[aria-label=Earlier]", ""),
    "other_month": ("[aria-label='The month before']", ".m-month-name"),
    "calendar_day": ("[data-day]:not([disabled]):not(.m-absent)", ""),
}
# Milliseconds from a press to the picture that answers it.
PRESS = """async ([pressed, watched]) => {
  const state = () => (watched ? document.querySelector(watched).innerText : mirrorMood.shown);
  const before = state();
  const start = performance.now();
  document.querySelector(pressed).click();
  while (state() === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def measure_mood_page(seconds: float) -> dict[str, float]:
    """Measure for about so many seconds, and half a minute more for filling the log.

    Returns:
        Medians in milliseconds: `mood_page_<step>_ms` for each of STEPS, and `mood_page_slowest_ms`, the
        slowest of them; nothing where Chromium or Playwright is missing.
    """
    browser_path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser_path is None or importlib.util.find_spec("playwright") is None:
        return {}
    playwright: Any = importlib.import_module("playwright.sync_api")
    runs: list[dict[str, float]] = []
    with _served() as url, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=list(ARGUMENTS))
        context = browser.new_context(viewport=SIZE, timezone_id="Europe/Berlin")
        end = time.perf_counter() + seconds
        while len(runs) < FEWEST_RUNS or (time.perf_counter() < end and len(runs) < MOST_RUNS):
            runs.append(_run(context.new_page(), url, POINTS + len(runs)))
        browser.close()
    found = {f"mood_page_{name}_ms": float(np.median([run[name] for run in runs])) for name in STEPS}
    found["mood_page_slowest_ms"] = max(found.values())
    return found


@contextmanager
def _served() -> Iterator[str]:
    """The address of a page over the filled log."""
    from mirror_web.mood_testing import FakeMoods
    from mirror_web.parameters import WebParameters
    from mirror_web.server import PageServer
    from mirror_web.stream import FrameBroadcaster
    from mirror_web.testing import FakeControl

    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        database = str(Path(folder, "moods.sqlite"))
        MoodStore(database).close()  # makes the tables
        fill_log(database)
        moods = FakeMoods(database, END_S)
        server = PageServer(WebParameters(port=0), FrameBroadcaster(), FakeControl(), None, moods)
        server.start()
        try:
            server.wait_ready(PATIENCE_MS / 1000)
            yield server.url
        finally:
            server.stop()
            moods.log.close()


def _run(page: Any, url: str, points: int) -> dict[str, float]:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/mood?scale=six_hours&points={points}", wait_until="domcontentloaded")
    page.wait_for_function("window.mirrorMood?.shown")
    page.wait_for_selector("[data-day]:not([disabled])")
    page.wait_for_selector(".m-words li")
    page.wait_for_timeout(SETTLE_MS)
    found = {name: float(page.evaluate(PRESS, list(step))) for name, step in STEPS.items()}
    page.close()
    return found
