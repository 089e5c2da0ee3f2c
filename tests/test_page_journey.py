"""A person's way through the pages of a running mirror, from the first look to the last trace erased."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE_MS = 90_000
WORDS = ("camera:=demo", "effects:=none", "display:=false")
# The demo reel's person hardly turns the head, and a busy machine needs time.
PATIENT = {"gallery": {"turn_patience": 1.0, "away_patience": 100.0, "capture_timeout": 300.0}}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def mirror(start_mirror: Callable[..., Any], state: Path) -> Any:
    return start_mirror(*WORDS, parameters=PATIENT, XDG_STATE_HOME=str(state), XDG_DATA_HOME=str(state))


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    observer = observe(mirror)
    observer.until(lambda: mirror.page, "the page's address")
    return observer


@pytest.fixture(scope="module")
def page(mirror: Any, observer: Any) -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
        page.set_default_timeout(PATIENCE_MS)
        yield page
        browser.close()


def test_the_terminal_says_what_was_found(mirror: Any, observer: Any) -> None:
    observer.until(lambda: "\n  Storage  " in mirror.messages, "the greeting in the terminal")
    assert f"\n  Page     {mirror.page}\n" in mirror.messages
    assert "\n  People   no face is stored\n" in mirror.messages
    assert "\n  Screen   no window runs\n" in mirror.messages


def press(page: Any, name: str, within: str = "body") -> None:
    page.locator(within).get_by_role("button", name=name, exact=True).last.click()


def go_to(page: Any, name: str) -> None:
    """Open a page by the menu of a phone."""
    press(page, "Menu")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
    page.get_by_role("heading", level=1, name=name).wait_for()


@pytest.mark.timeout(400)  # a capture and eight pages, on a machine that may be busy
def test_a_face_is_captured_worn_exaggerated_and_erased(mirror: Any, observer: Any, page: Any) -> None:
    page.goto(mirror.page, wait_until="domcontentloaded")
    page.get_by_role("heading", level=1, name="Live").wait_for()
    go_to(page, "Faces")
    page.locator("[data-person]").first.wait_for()

    press(page, "Keep a face")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("dialog").get_by_text("Until I revoke it").click()
    page.get_by_text("Others may wear this face").click()
    press(page, "Start", "[role=dialog]")
    page.locator("[data-capture=done]").get_by_text("Ada is stored.").wait_for()
    press(page, "Close", "[data-capture=done]")

    page.locator("[data-face]").filter(has_text="Ada").click()
    press(page, "Wear it: Everybody", "[role=dialog]")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    press(page, "Switch it on")
    observer.until(lambda: "swap" in observer.parameter("/mirror/effects", "effects"), "the effect")

    go_to(page, "Effects")
    page.locator("[data-card=swap]").wait_for()
    page.locator("[data-add=caricature]").click()
    page.locator("[data-card=caricature]").wait_for()
    factor = page.locator("[data-effect=caricature][data-parameter=factor] input[type=range]")
    factor.fill("4")
    observer.until(
        lambda: observer.parameter("/mirror/effects", "caricature.factor") == 4.0, "the caricature's factor"
    )
    assert observer.parameter("/mirror/effects", "effects") == ["swap", "caricature"]

    go_to(page, "Mood")
    press(page, "Switch it on")
    page.get_by_text("The mood log is on").wait_for()
    page.locator("[data-track]").first.wait_for()
    observer.until(lambda: observer.number("/mirror/mood_log", "rows written") >= 1, "moods in the log")
    page.get_by_text("The mood log is still empty").wait_for(state="hidden")

    go_to(page, "Privacy")
    page.locator("[data-face]").filter(has_text="Ada").wait_for()
    page.get_by_text("Nothing leaves this machine.").wait_for()
    press(page, "Erase everything …")
    page.get_by_role("dialog").get_by_text("Yes, everybody’s faces").click()
    press(page, "Erase for good", "[role=dialog]")
    page.get_by_text("Faces erased: 1.").wait_for()
    page.get_by_text(re.compile(r"Seconds of moods erased: [1-9]\d*\.")).wait_for()
    page.get_by_text("No face of anybody is stored.").wait_for()
    go_to(page, "Faces")
    page.locator("[data-face]").first.wait_for()
    assert page.locator("[data-face]").filter(has_text="Ada").count() == 0


@pytest.fixture
def restart(
    mirror: Any, start_mirror: Callable[..., Any], observe: Callable[..., Any], state: Path
) -> Callable[[], tuple[Any, Any]]:
    """Ends the mirror and starts it again; gives it and who observes it."""

    def again() -> tuple[Any, Any]:
        mirror.interrupt()
        mirror.assert_clean_end()
        started = start_mirror(
            *WORDS, parameters=PATIENT, XDG_STATE_HOME=str(state), XDG_DATA_HOME=str(state)
        )
        observer = observe(started)
        observer.until(lambda: started.page, "the page's address")
        return started, observer

    return again


@pytest.mark.timeout(300)
def test_what_is_set_is_there_after_a_restart(
    mirror: Any, observer: Any, page: Any, restart: Callable[[], tuple[Any, Any]]
) -> None:
    page.goto(f"{mirror.page}/settings", wait_until="domcontentloaded")
    before = observer.parameter("/mirror/camera", "width")
    assert before != 640
    page.get_by_label("Picture size", exact=True).select_option("640x480")
    page.get_by_label("Name of this mirror", exact=True).fill("Hall")
    page.keyboard.press("Tab")
    observer.until(lambda: observer.parameter("/mirror/camera", "width") == 640, "the picture's size")
    page.get_by_text("Settings that were changed here: 4.").wait_for()
    again, other = restart()
    found = [other.parameter("/mirror/camera", name) for name in ("source", "width", "height")]
    assert found == ["demo", 640, 480]
    assert other.parameter("/mirror/mood_log", "mirror_id") == "Hall"
    page.goto(f"{again.page}/settings", wait_until="domcontentloaded")
    page.get_by_role("heading", level=1).wait_for()
    assert page.title() == "Settings · Hall"
    page.get_by_label("Picture size", exact=True).wait_for()
    press(page, "Reset to defaults …")
    press(page, "Reset", "[role=dialog]")
    page.get_by_text("Settings that were changed here: 0.").wait_for()
    other.until(lambda: other.parameter("/mirror/camera", "width") == before, "the parameter file's")
