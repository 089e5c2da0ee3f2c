"""A served page on a free loopback port, with a fake graph and a moving picture."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_web.faces_testing import FakeFaces
from mirror_web.mood_testing import FakeMoods
from mirror_web.parameters import WebParameters
from mirror_web.server import PageServer
from mirror_web.stream import FrameBroadcaster
from mirror_web.testing import FakeControl


@dataclass
class Served:
    """A running page server and what stands behind it."""

    server: PageServer
    broadcaster: FrameBroadcaster
    control: FakeControl
    faces: FakeFaces
    moods: FakeMoods

    @property
    def url(self) -> str:
        return self.server.url


def serve(folder: Path) -> Iterator[Served]:
    """A page server with fakes behind it."""
    broadcaster, control = FrameBroadcaster(), FakeControl(("none", "landmarks", "caricature"))
    faces = FakeFaces()
    moods = FakeMoods(folder / "moods.sqlite")
    server = PageServer(WebParameters(port=0), broadcaster, control, faces, moods)
    server.start()
    try:
        server.wait_ready(60)
        yield Served(server, broadcaster, control, faces, moods)
    finally:
        server.stop()
        moods.log.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    yield from serve(tmp_path)


@pytest.fixture(scope="module")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a module, which share the time that it takes to load a page."""
    yield from serve(tmp_path_factory.mktemp("served"))


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
