"""The Live page in headless Chromium: the picture moves, the switches reach the graph, errors are shown."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator

import pytest

from mirror_web.control import CameraState, Status

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, moving) -> Iterator:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(30_000)
    # The stream never ends, so the page never finishes loading.
    page.goto(moving.url, wait_until="domcontentloaded")
    page.wait_for_selector("[data-effect=landmarks]")
    page.wait_for_function("document.getElementById('mirror-picture').naturalWidth > 0")
    yield page
    page.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 s in vain"
        time.sleep(0.02)


def test_the_picture_moves(page):
    picture = page.locator("#mirror-picture")
    first = picture.screenshot()
    wait_until(lambda: picture.screenshot() != first)
    size = page.evaluate(
        "(i => [i.naturalWidth, i.naturalHeight])(document.getElementById('mirror-picture'))"
    )
    assert size == [640, 360]


def test_choosing_an_effect_reaches_the_graph_and_is_marked(page, served):
    page.click("[data-effect=landmarks]")
    page.wait_for_selector("[data-effect=landmarks][aria-pressed=true]")
    assert served.control.asked == [("landmarks",)]
    assert page.get_attribute("[data-effect=none]", "aria-pressed") == "false"


def test_effects_are_combined_and_put_in_order(page, served):
    page.get_by_role("switch", name="Combine").click()
    page.click("[data-effect=caricature]")
    page.wait_for_selector("[data-effect=caricature][aria-pressed=true]")
    page.click("[data-effect=landmarks]")
    page.get_by_role("button", name="Apply Landmarks earlier").click()
    wait_until(lambda: len(served.control.asked) == 3)
    assert served.control.asked == [
        ("caricature",),
        ("caricature", "landmarks"),
        ("landmarks", "caricature"),
    ]


def test_a_refusal_is_shown_in_its_own_words_and_goes_with_the_next_success(page, served):
    served.control.refusal = "caricature needs a face model that is missing."
    page.click("[data-effect=caricature]")
    error = page.get_by_role("alert").filter(has_text="caricature needs a face model that is missing.")
    error.wait_for()
    assert page.get_attribute("[data-effect=caricature]", "aria-pressed") == "false"
    served.control.refusal = None
    page.click("[data-effect=landmarks]")
    error.wait_for(state="hidden")


def test_the_camera_is_switched_off_and_on(page, served):
    switch = page.get_by_role("switch", name="Camera")
    switch.click()
    wait_until(lambda: served.control.current.camera is CameraState.OFF)
    page.get_by_text("Camera off", exact=True).wait_for()
    switch.click()
    wait_until(lambda: served.control.current.camera is CameraState.RUNNING)


def test_changes_made_elsewhere_appear_by_themselves(page, served):
    served.control.active = ("caricature",)
    served.control.current = Status(CameraState.LOST, "The camera was unplugged.", 0.0)
    page.wait_for_selector("[data-effect=caricature][aria-pressed=true]")
    page.get_by_text("The camera was unplugged.").wait_for()
    page.get_by_text("Camera lost", exact=True).wait_for()


def test_the_picture_comes_back_after_a_short_stop(page, served):
    wait_until(lambda: served.broadcaster.watchers == 1)
    served.server.stop()
    served.server.start()
    served.server.wait_ready(60)
    wait_until(lambda: served.broadcaster.watchers == 1)
    picture = page.locator("#mirror-picture")
    first = picture.screenshot()
    wait_until(lambda: picture.screenshot() != first)


def test_leaving_the_page_ends_the_stream(page, served):
    wait_until(lambda: served.broadcaster.watchers == 1)
    page.goto("about:blank")
    wait_until(lambda: served.broadcaster.watchers == 0)


def test_on_a_phone_everything_fits_the_width(browser, moving):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(moving.url, wait_until="domcontentloaded")
    page.wait_for_selector("[data-effect=landmarks]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#mirror-stage").bounding_box()["width"] == 390
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Live").wait_for()
    page.close()


def test_the_page_asks_no_other_host(browser, served):
    page = browser.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2] if "://" in request.url else ""))
    page.goto(served.url, wait_until="domcontentloaded")
    page.wait_for_selector("[data-effect=landmarks]")
    page.close()
    assert hosts - {""} == {served.url.split("/")[2]}
