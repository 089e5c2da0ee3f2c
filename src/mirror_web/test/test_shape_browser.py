"""The Shape page in headless Chromium: sliders move the mean face, the photograph and the mirror."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mirror_core.live_parameter import LiveParameter
from mirror_core.parameters import specs_of
from mirror_effects.caricature import CaricatureParameters
from mirror_effects.deform import DeformParameters

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def live(config) -> tuple[LiveParameter, ...]:
    return tuple(
        LiveParameter(s.name, s.default, s.description, s.minimum, s.maximum) for s in specs_of(config)
    )


@pytest.fixture
def served(served_once):
    control = served_once.control
    control.available, control.active, control.refusal = (
        ("none", "mask", "deform", "caricature"),
        ("mask",),
        None,
    )
    control.parameters = {"deform": live(DeformParameters), "caricature": live(CaricatureParameters)}
    return served_once


def opened(browser, served, width: int = 1280, height: int = 800):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{served.url}/shape", wait_until="domcontentloaded")
    page.wait_for_function("window.mirrorShape?.values")
    return page


@pytest.fixture
def page(browser, served) -> Iterator:
    page = opened(browser, served)
    yield page
    page.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_MS / 1000:.0f} s in vain"
        time.sleep(0.02)


def set_slider(page, component: str, value: float) -> None:
    page.locator(f"[data-component='{component}']").fill(str(value))


def parameters(served, effect: str) -> dict:
    return {parameter.name: parameter.value for parameter in served.control.parameters[effect]}


def test_sliders_presets_and_strength_move_the_mean_face(page):
    canvas = page.locator("canvas")
    first = canvas.screenshot()
    set_slider(page, "0", 2.5)
    page.wait_for_function("Math.abs(mirrorShape.values[0] - 2.5) < 1e-6")
    wait_until(lambda: canvas.screenshot() != first)
    page.locator("[data-preset=owl]").click()
    page.wait_for_function("Math.abs(mirrorShape.values[1]) > 0.1")
    owl = page.evaluate("mirrorShape.values[1]")
    set_slider(page, "strength", 0.5)
    page.wait_for_function(f"Math.abs(mirrorShape.values[1] - {owl / 2}) < 1e-4")
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("mirrorShape.values.every(value => value === 0)")
    assert page.locator("[data-component='0']").input_value() == "0"
    page.wait_for_selector("[data-preset=none][aria-pressed=true]")


def test_the_mean_face_is_turned_with_the_keyboard(page):
    canvas = page.locator("canvas")
    canvas.focus()
    page.keyboard.press("Home")

    # From the front the face fills the middle, and its two halves are alike.
    def halves_are_alike() -> bool:
        image = cv2.imdecode(np.frombuffer(canvas.screenshot(), np.uint8), cv2.IMREAD_COLOR).astype(int)
        face = image.max(axis=2) > 60
        return (
            abs(face[:, : face.shape[1] // 2].sum() / max(face[:, face.shape[1] // 2 :].sum(), 1) - 1) < 0.05
        )

    wait_until(halves_are_alike)
    front = canvas.screenshot()
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: canvas.screenshot() != front)


def test_on_the_mirror_the_effect_joins_the_stack_and_follows_the_sliders(page, served):
    set_slider(page, "2", -1.5)
    page.get_by_role("switch", name="On the mirror: Deform").click()
    wait_until(lambda: served.control.active == ("mask", "deform"))
    wait_until(lambda: parameters(served, "deform")["component_3"] == -1.5)
    assert parameters(served, "deform")["preset"] == "none"
    set_slider(page, "2", 0.75)
    wait_until(lambda: parameters(served, "deform")["component_3"] == 0.75)
    page.locator("[data-preset=frog]").click()
    wait_until(lambda: parameters(served, "deform")["preset"] == "frog")
    page.get_by_role("switch", name="On the mirror: Deform").click()
    wait_until(lambda: served.control.active == ("mask",))
    set_slider(page, "2", 2.0)
    page.locator("[data-preset=owl]").click()
    page.wait_for_selector("[data-preset=owl][aria-pressed=true]")
    assert parameters(served, "deform")["component_3"] == 0.75
    assert parameters(served, "deform")["preset"] == "frog"


def test_the_caricature_has_a_switch_of_its_own(page, served):
    set_slider(page, "factor", 4.0)
    page.get_by_role("switch", name="On the mirror: Caricature").click()
    wait_until(lambda: served.control.active == ("mask", "caricature"))
    wait_until(lambda: parameters(served, "caricature")["factor"] == 4.0)


def test_what_somebody_else_sets_on_the_mirror_appears_here(browser, served):
    served.control.active = ("deform",)
    page = opened(browser, served)
    page.wait_for_selector("[data-preset=owl][aria-pressed=true]")  # the effect's default
    changed = tuple(
        replace(p, value=2.25) if p.name == "component_1" else p for p in served.control.parameters["deform"]
    )
    served.control.parameters["deform"] = changed
    served.control.changes += 1
    page.wait_for_function("document.querySelector(\"[data-component='0']\")?.value === '2.25'")
    page.close()


def test_a_refusal_is_shown(page, served):
    served.control.refusal = "The effects node does not answer."
    switch = page.get_by_role("switch", name="On the mirror: Deform")
    switch.click()
    page.get_by_role("alert").filter(has_text="The effects node does not answer.").wait_for()
    page.wait_for_function("document.querySelectorAll('[role=switch][aria-checked=true]').length === 0")


def test_without_the_effects_their_switches_are_off_for_good(browser, served):
    served.control.available = ("none", "mask")
    page = opened(browser, served)
    page.wait_for_function("document.querySelectorAll('[role=switch][aria-disabled=true]').length === 2")
    page.close()


def test_the_photograph_follows_the_sliders_and_may_be_ones_own(page, tmp_path):
    source = "document.querySelector('.m-shape-photo').src"
    page.get_by_role("button", name="Photograph").click()
    page.wait_for_function("document.querySelector('.m-shape-photo')?.naturalWidth > 100")
    plain = page.evaluate(source)
    page.locator("[data-preset=owl]").click()
    page.wait_for_function(f"{source} !== {plain!r}")
    owl = page.evaluate(source)
    set_slider(page, "factor", 3.0)
    page.wait_for_function(f"{source} !== {owl!r}")
    picture = tmp_path / "blank.png"
    assert cv2.imwrite(str(picture), np.full((200, 300, 3), 128, np.uint8))
    page.locator("input[type=file]").set_input_files(str(picture))
    page.get_by_role("alert").filter(has_text="The mirror finds no face in this photo").wait_for()


def test_on_a_phone_everything_fits_the_width(browser, served):
    page = opened(browser, served, 390, 844)
    page.get_by_role("button", name="All 24 sliders").click()
    page.locator("[data-component='23']").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
