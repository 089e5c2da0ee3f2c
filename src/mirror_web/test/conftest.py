"""A served page on a free loopback port, with a fake graph and a moving picture, and a browser for it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_web.access import Access
from mirror_web.access_address import network_addresses
from mirror_web.access_devices import DeviceStore
from mirror_web.effect_presets import PresetStore
from mirror_web.faces_testing import FakeFaces
from mirror_web.film_scenes import FilmScenes
from mirror_web.film_shelf import FilmShelf
from mirror_web.film_takes import FilmTakes
from mirror_web.health_record import HealthRecord
from mirror_web.jobs import Jobs
from mirror_web.jobs_faces import faces_kind
from mirror_web.jobs_scene import scene_kind
from mirror_web.mood_testing import FakeMoods
from mirror_web.parameters import WebParameters
from mirror_web.server import PageServer
from mirror_web.stream import FrameBroadcaster
from mirror_web.testing import FakeControl, FakePrivacy, FakeSettings

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
PATIENCE_MS = 60_000


@dataclass
class Served:
    """A running page server and what stands behind it."""

    server: PageServer
    broadcaster: FrameBroadcaster
    control: FakeControl
    faces: FakeFaces
    moods: FakeMoods
    presets: PresetStore
    health: HealthRecord
    privacy: FakePrivacy
    settings: FakeSettings
    film: FilmShelf
    jobs: Jobs

    @property
    def url(self) -> str:
        return self.server.url


def serve(folder: Path, host: str = "127.0.0.1") -> Iterator[Served]:
    """A page server with fakes behind it."""
    broadcaster, control = FrameBroadcaster(), FakeControl(("none", "landmarks", "caricature"))
    faces = FakeFaces()
    moods = FakeMoods(folder / "moods.sqlite")
    presets = PresetStore(folder / "presets.json")
    health = HealthRecord("mirror")
    privacy, settings = FakePrivacy(), FakeSettings()
    film = FilmShelf(FilmScenes(lambda: folder / "data" / "scenes"), FilmTakes(lambda: folder / "takes"))
    jobs = Jobs({"scene": scene_kind(film.scenes), "faces": faces_kind(faces)}, folder / "jobs")
    jobs.start()
    server = PageServer(
        WebParameters(host=host, port=0),
        broadcaster,
        control,
        faces,
        moods,
        presets=presets,
        health=health,
        privacy=privacy,
        settings_control=settings,
        film=film,
        jobs=jobs,
        access=Access(DeviceStore(folder / "page_devices.json")),
    )
    server.start()
    try:
        server.wait_ready(60)
        yield Served(
            server, broadcaster, control, faces, moods, presets, health, privacy, settings, film, jobs
        )
    finally:
        server.stop()
        for job in jobs.jobs():
            jobs.cancel(job.id)
        jobs.close()
        moods.log.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    yield from serve(tmp_path)


@pytest.fixture(scope="module")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a module, which share the time that it takes to load a page."""
    yield from serve(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def served_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a module, with remote access switched on."""
    if not network_addresses():
        pytest.skip("this machine is in no network")
    yield from serve(tmp_path_factory.mktemp("served"), "0.0.0.0")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless browser for all tests of a module; they are skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, served_once: Served) -> Iterator[Callable[..., Any]]:
    """`open_page(path, width=…, height=…, locale=…)`: a page in a tab that is closed after the test."""
    contexts: list[Any] = []

    def opened(path: str, *, width: int = 1280, height: int = 900, locale: str = "en-GB") -> Any:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, locale=locale))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{served_once.url}{path}", wait_until="domcontentloaded")
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def moving(served: Served) -> Iterator[Served]:
    """The same while frames of changing brightness come."""
    stop = threading.Event()

    def deliver() -> None:
        value = 0
        while not stop.wait(0.02):
            value = (value + 5) % 250
            served.broadcaster.submit(Frame(np.full((720, 1280, 3), value, np.uint8), 0))

    thread = threading.Thread(target=deliver)
    thread.start()
    yield served
    stop.set()
    thread.join()
