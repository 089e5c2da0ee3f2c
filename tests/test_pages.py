"""The Faces, Shape and Film page of a running mirror in headless Chromium: what is done there happens."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE_MS = 90_000
AGAIN_S = 10.0
EVERYBODY = 2**32 - 1


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's data folder."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def mirror(start_mirror: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory, data: Path) -> Any:
    folders = {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")), "XDG_DATA_HOME": str(data)}
    return start_mirror("camera:=demo", "effects:=none", "display:=false", **folders)


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    observer = observe(mirror)
    observer.until(lambda: mirror.page, "the page's address")
    return observer


@pytest.fixture(scope="module")
def page(mirror: Any, observer: Any) -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PATIENCE_MS)
        yield page
        browser.close()


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    """The demo portrait as a photo."""
    data = pytest.importorskip("skimage.data")
    path = tmp_path / "portrait.png"
    assert cv2.imwrite(str(path), data.astronaut()[:320, 60:400, ::-1])
    return path


def press(page: Any, name: str, within: str = "body") -> None:
    page.locator(within).get_by_role("button", name=name, exact=True).last.click()


def test_a_photo_is_added_worn_and_erased(mirror: Any, observer: Any, page: Any, portrait: Path) -> None:
    from rclpy.qos import DurabilityPolicy, QoSProfile

    from mirror_msgs.msg import GalleryState

    states: list[Any] = []
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    observer.node.create_subscription(GalleryState, "/mirror/gallery/state", states.append, latched)
    observer.until(lambda: states, "the gallery")
    page.goto(f"{mirror.page}/faces", wait_until="domcontentloaded")
    page.locator("[data-person]").first.wait_for()  # the demo reel's person is seen
    press(page, "Add a photo or file")
    page.locator("input[type=file]").set_input_files(str(portrait))
    page.get_by_role("dialog").get_by_text("portrait.png").wait_for()
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_text("Others may wear this face").click()
    page.get_by_text("It is my face, or its owner agrees.").click()
    press(page, "Add", "[role=dialog]")
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_label("Search names").fill("ada")
    card = page.locator("[data-face]").filter(has_text="Ada")
    card.wait_for()
    face_id = card.get_attribute("data-face")
    card.click()
    press(page, "Wear it: Everybody")
    observer.until(
        lambda: [(w.face_id, w.gallery_id) for w in states[-1].worn] == [(EVERYBODY, face_id)],
        "the face to be worn",
    )
    press(page, "Erase", "[role=dialog]")
    press(page, "Erase for good", "[role=dialog]")
    page.get_by_role("dialog").get_by_text("Ada is erased").wait_for()
    observer.until(lambda: not states[-1].worn, "the face to be taken off")
    press(page, "Close", "[role=dialog]")
    card.wait_for(state="detached")


def test_sliders_reach_the_effect_and_what_others_set_reaches_the_sliders(
    mirror: Any, observer: Any, page: Any
) -> None:
    page.goto(f"{mirror.page}/shape", wait_until="domcontentloaded")
    page.wait_for_function("window.mirrorShape?.values")
    switch = page.get_by_role("switch", name="On the mirror: Deform")
    page.wait_for_function("!document.querySelector('[role=switch][aria-disabled=true]')")
    slider = page.locator("[data-component='2']")
    asked_s = float("-inf")
    value = 1.0

    def moved() -> bool:
        # A question that a busy machine answers too late is asked again, as a person would.
        nonlocal asked_s, value
        if time.monotonic() - asked_s > AGAIN_S:
            asked_s, value = time.monotonic(), value + 0.25
            if switch.get_attribute("aria-checked") != "true":
                switch.click()
            slider.fill(str(value))
        return bool(observer.parameter("/mirror/effects", "deform.component_3") == value)

    observer.until(moved, "the slider's value in the effect")
    assert "deform" in observer.parameter("/mirror/effects", "effects")
    assert observer.set_parameter("/mirror/effects", "deform.component_1", -2.25) == ""
    page.wait_for_function("document.querySelector(\"[data-component='0']\")?.value === '-2.25'")


def test_a_film_scene_is_played_recorded_and_the_take_erased(
    mirror: Any, observer: Any, page: Any, data: Path
) -> None:
    takes = data / "mirror" / "takes"
    page.goto(f"{mirror.page}/film", wait_until="domcontentloaded")
    press(page, "Play The detective")
    observer.until(lambda: "film" in observer.parameter("/mirror/effects", "effects"), "the film")
    assert observer.parameter("/mirror/effects", "film.scene") == "detective"
    page.get_by_text("The mirror plays: The detective.").wait_for()
    page.get_by_label("Who is recorded?").fill("Ada Lovelace")
    page.get_by_text("This person agrees to be recorded.").click()
    press(page, "Record")
    page.get_by_text("Ada Lovelace is recorded, with consent.").wait_for()
    observer.until(lambda: list(takes.glob("*.mp4")), "the take")
    press(page, "End the take")
    erase = page.get_by_role("button", name="Erase the take of Ada Lovelace")
    page.get_by_role("button", name="Watch the take of Ada Lovelace").wait_for()
    erase.click()
    press(page, "Erase for good", "[role=dialog]")
    erase.wait_for(state="detached")
    observer.until(lambda: not list(takes.iterdir()), "the take to be gone")
    press(page, "Stop")
    observer.until(lambda: "film" not in observer.parameter("/mirror/effects", "effects"), "its end")
