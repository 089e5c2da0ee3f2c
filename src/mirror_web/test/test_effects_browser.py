"""The Effects page in headless Chromium: order, every kind of control, reset, presets, several browsers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from mirror_core.live_parameter import LiveParameter
from mirror_core.parameters import specs_of
from mirror_effects.caricature import CaricatureParameters
from mirror_effects.mask import MaskParameters

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
        LiveParameter(
            spec.name,
            spec.default,
            spec.description,
            spec.minimum,
            spec.maximum,
            spec.choices() if spec.choices is not None else (),
        )
        for spec in specs_of(config)
    )


@pytest.fixture
def served(served_once):
    control = served_once.control
    control.available, control.refusal = ("none", "mask", "caricature", "other"), None
    control.active, control.asked = ("mask", "caricature"), []
    control.parameters = {"mask": live(MaskParameters), "caricature": live(CaricatureParameters)}
    control.changes += 1
    served_once.presets.path.unlink(missing_ok=True)
    return served_once


def opened(browser, served, width: int = 1280, height: int = 1400, **more):
    page = browser.new_page(viewport={"width": width, "height": height}, **more)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{served.url}/effects", wait_until="domcontentloaded")
    page.wait_for_selector("[data-card=caricature]")
    # The script has filled in what the mirror says.
    page.wait_for_function("document.querySelector('[data-parameter=factor] .m-exact')?.value !== ''")
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


def value(served, effect: str, name: str):
    return {parameter.name: parameter.value for parameter in served.control.parameters[effect]}[name]


def row(page, name: str):
    return page.locator(f"[data-parameter='{name}']")


def order(page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('[data-card]')].map(card => card.dataset.card)")


def test_the_order_is_changed_with_buttons_and_by_dragging(page, served):
    page.get_by_role("button", name="Apply Mask later").click()
    wait_until(lambda: served.control.active == ("caricature", "mask"))
    wait_until(lambda: order(page) == ["caricature", "mask"])
    grip = page.locator("[data-card=caricature] [data-grip]").bounding_box()
    target = page.locator("[data-card=mask]").bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 12)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, target["y"] + 60, steps=4)
    page.mouse.move(grip["x"] + 8, target["y"] + 110, steps=4)
    page.mouse.up()
    wait_until(lambda: served.control.active == ("mask", "caricature"))
    wait_until(lambda: order(page) == ["mask", "caricature"])


def test_effects_come_and_go(page, served):
    page.locator("[data-add=other]").click()
    page.wait_for_selector("[data-card=other]")
    assert served.control.active == ("mask", "caricature", "other")
    for name in ("Mask", "Caricature", "Other"):
        page.get_by_role("button", name=f"Take {name} off").click()
    wait_until(lambda: served.control.active == ("none",))
    page.get_by_text("No effect is on; the mirror shows what the camera sees.").wait_for()


def test_every_kind_of_control_reaches_the_mirror_and_is_put_back(page, served):
    row(page, "factor").locator("input[type=range]").fill("4")
    wait_until(lambda: value(served, "caricature", "factor") == 4.0)
    assert row(page, "factor").locator(".m-exact").input_value() == "4"
    exact = row(page, "factor").locator(".m-exact")
    exact.fill("-1.234")
    exact.press("Enter")
    wait_until(lambda: value(served, "caricature", "factor") == -1.234)
    row(page, "expression").get_by_role("switch", name="Expression").click()
    wait_until(lambda: value(served, "caricature", "expression") is True)
    row(page, "around").get_by_role("combobox", name="Around").select_option("bends")
    wait_until(lambda: value(served, "caricature", "around") == "bends")
    text = row(page, "mask").get_by_role("textbox", name="Mask")
    text.fill("tiger")
    text.press("Enter")
    wait_until(lambda: value(served, "mask", "mask") == "tiger")
    page.get_by_role("button", name="Put Expression back to its default").click()
    wait_until(lambda: value(served, "caricature", "expression") is False)
    page.get_by_role("button", name="Reset all: Caricature").click()
    wait_until(lambda: value(served, "caricature", "factor") == 2.5)
    assert value(served, "caricature", "around") == "stays"
    assert value(served, "mask", "mask") == "tiger"


def test_a_number_out_of_range_stays_here_and_a_refusal_is_shown(page, served):
    exact = row(page, "factor").locator(".m-exact")
    exact.fill("99")
    exact.press("Enter")
    page.wait_for_selector("[data-parameter=factor] .m-exact[aria-invalid=true]")
    assert value(served, "caricature", "factor") == 2.5
    served.control.refusal = "mask = cat is refused: there is no such mask."
    text = row(page, "mask").get_by_role("textbox", name="Mask")
    text.fill("cat")
    text.press("Enter")
    page.get_by_role("alert").filter(has_text="there is no such mask").wait_for()


def test_what_another_browser_or_a_command_sets_appears_here(browser, page, served):
    other = opened(browser, served)
    row(other, "factor").locator("input[type=range]").fill("3")
    page.wait_for_function("document.querySelector('[data-parameter=factor] .m-range')?.value === '3'")
    other.close()
    served.control.parameters["mask"] = tuple(
        replace(p, value="robot") if p.name == "mask" else p for p in served.control.parameters["mask"]
    )
    served.control.changes += 1
    page.wait_for_function("document.querySelector('[data-parameter=mask] input')?.value === 'robot'")
    served.control.active = ("caricature",)
    wait_until(lambda: order(page) == ["caricature"])


def test_presets_are_saved_shown_renamed_and_removed(page, served):
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").filter(has_text="Give the preset a name.").wait_for()
    page.get_by_label("Name of the preset").fill("Party")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("[data-preset=Party]")
    served.control.set_effect_parameters("caricature", {"factor": 6.0})
    served.control.active = ("none",)
    page.get_by_role("button", name="Show Party").click()
    wait_until(lambda: served.control.active == ("mask", "caricature"))
    assert value(served, "caricature", "factor") == 2.5
    page.get_by_role("button", name="Rename Party").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the preset").fill("Feast")
    dialog.get_by_role("button", name="Save").click()
    page.wait_for_selector("[data-preset=Feast]")
    page.get_by_role("button", name="Remove Feast").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    page.wait_for_selector("[data-preset=Feast]", state="detached")
    assert served.presets.presets() == ()


def test_a_damaged_file_of_presets_is_said_to_be_one(browser, served):
    served.presets.path.write_text("{")
    page = opened(browser, served)
    page.get_by_role("alert").filter(has_text="are damaged and cannot be read").wait_for()
    page.close()


def test_on_a_phone_and_in_german_everything_fits_the_width(browser, served):
    page = opened(browser, served, 390, 844, locale="de-DE")
    page.get_by_text("Aktive Effekte").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
