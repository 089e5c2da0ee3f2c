"""One part fails, the others go on: plugins that raise, nodes that die, a container that crashes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NODES = ("camera", "faces", "effects", "display")
PLUGIN = '''
"""A source whose notes raise once after a loss, and an effect that raises while a file exists."""

import os
import signal
from pathlib import Path

import numpy as np

from mirror_camera.source import Grab, Source
from mirror_core.errors import SourceError
from mirror_effects.effect import Effect

FOLDER = Path(os.environ["MIRROR_TEST_FOLDER"])


def ordered(what):
    """Whether the test has asked for this failure; each is asked for once."""
    try:
        (FOLDER / what).unlink()
    except FileNotFoundError:
        return False
    return True


class FragileSource(Source):
    name = "fragile"

    def open(self):
        self._closed.clear()
        self._number = 0

    def read(self):
        self._closed.wait(0.05)
        self._require_open()
        if ordered("lose"):
            raise SourceError("The test has pulled the plug: put it in again.")
        self._number += 1
        return Grab(np.full((90, 160, 3), self._number % 200, np.uint8), self.clock.now_ns())

    def close(self):
        self._closed.set()

    @property
    def size(self):
        return (160, 90)

    @property
    def rate_hz(self):
        return 20.0

    @property
    def notes(self):
        if ordered("raise"):
            raise RuntimeError("raised on purpose in the camera")
        return ()


class FragileEffect(Effect):
    name = "fragile"

    def apply(self, image, scene):
        if ordered("apply"):
            raise ValueError("raised on purpose in an effect")
        if ordered("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        return 255 - image
'''
ENTRY_POINTS = """
[mirror.sources]
fragile = fragile_plugin:FragileSource

[mirror.effects]
fragile = fragile_plugin:FragileEffect
"""


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installed plugin package; a file in its folder orders a failure."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "fragile_plugin.py").write_text(PLUGIN)
    information = folder / "fragile_plugin-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: fragile-plugin\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    return folder


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def mirror(request: pytest.FixtureRequest, start_mirror: Callable[..., Any], orders: Path) -> Iterator[Any]:
    mirror = start_mirror(
        "camera:=fragile",
        "effects:=fragile",
        "web:=false",
        "gallery:=false",
        "gestures:=false",
        "bodies:=false",
        f"composed:={request.param}",
        PYTHONPATH=os.pathsep.join([str(orders), os.environ.get("PYTHONPATH", "")]),
        MIRROR_TEST_FOLDER=str(orders),
        PYTHONFAULTHANDLER="",
    )
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    observer = observe(mirror)
    names = [f"/mirror/{node}" for node in NODES]
    observer.until(lambda: all(observer.level(name) == 0 for name in names), "health of all nodes")
    return observer


@pytest.fixture
def images(observer: Any) -> Iterator[Any]:
    from sensor_msgs.msg import Image

    images = observer.listen(Image, "/mirror/image")
    observer.until(lambda: images.count > 3, "pictures")
    yield images
    images.close()


def order(orders: Path, what: str, observer: Any) -> None:
    """Order a failure and wait until it has happened."""
    (orders / what).touch()
    observer.until(lambda: not (orders / what).exists(), f"the ordered failure {what!r}")


def test_a_node_that_raises_is_restarted_alone(mirror: Any, observer: Any, images: Any, orders: Path) -> None:
    others = [f"/mirror/{node}" for node in NODES[1:]]
    processes = {process.pid for process in mirror.children()}
    shown = observer.number("/mirror/display", "frames")
    (orders / "raise").touch()
    order(orders, "lose", observer)  # after the loss the camera node asks the source for notes, which raises
    observer.until(
        lambda: observer.figure("/mirror/camera", "restarts") == "1", "one restart of the camera node"
    )
    assert observer.figure("/mirror/camera", "last error") == "RuntimeError: raised on purpose in the camera"
    count = images.count
    observer.until(
        lambda: images.count > count + 3 and images.messages[-1].header.frame_id == "camera_optical",
        "the camera's pictures after the restart",
    )
    observer.until(
        lambda: observer.number("/mirror/display", "frames") > shown + 3, "a window that has gone on counting"
    )
    assert [observer.figure(name, "restarts") for name in others] == ["0"] * len(others)
    assert {process.pid for process in mirror.children()} == processes
    assert mirror.messages.count("raised on purpose in the camera") >= 1


def test_an_effect_that_raises_is_taken_out_and_comes_back_when_chosen_again(
    mirror: Any, observer: Any, images: Any, orders: Path
) -> None:
    effects = "/mirror/effects"
    order(orders, "apply", observer)
    observer.until(lambda: observer.level(effects) == 1, "WARN from the effects node")
    message = observer.status(effects).message
    assert "fragile" in message
    assert "raised on purpose in an effect" in message
    count = images.count
    observer.until(lambda: images.count > count + 3, "pictures without the effect")
    assert observer.figure(effects, "restarts") == "0"
    assert observer.set_parameter(effects, "effects", ["none"]) == ""
    assert observer.set_parameter(effects, "effects", ["fragile"]) == ""
    observer.until(lambda: observer.level(effects) == 0, "OK from the effects node")


def test_a_native_crash_costs_a_moment_and_the_pictures_come_back(
    mirror: Any, observer: Any, images: Any, orders: Path
) -> None:
    before = {process.pid for process in mirror.children()}
    order(orders, "crash", observer)
    # pygame turns a segmentation fault into an abort where its own handler was the first to be installed.
    ends = re.compile(r"ended with signal SIG(SEGV|ABRT)")
    observer.until(lambda: ends.search(mirror.messages), "the supervisor's message")
    observer.until(lambda: {p.pid for p in mirror.children()} - before, "a new process")
    count = images.count
    observer.until(lambda: images.count > count + 3, "pictures after the crash")
    # Composed, all nodes are new; separate, only the one that crashed.
    assert len({process.pid for process in mirror.children()} - before) == 1
    assert len(mirror.children()) == len(before)
    assert mirror.popen.poll() is None


def test_killed_processes_are_started_again(mirror: Any, observer: Any, images: Any) -> None:
    before = len(mirror.children())
    composed = before == 1
    victims = {"The mirror": "mirror.container"}
    if not composed:
        victims = {node: f".{node}_node" for node in ("camera", "faces", "display")}
    for name, words in victims.items():
        victim = mirror.child(words)
        ends = mirror.messages.count(f"{name} ended with signal SIGKILL")
        victim.kill()
        observer.until(
            lambda name=name, ends=ends: (
                mirror.messages.count(f"{name} ended with signal SIGKILL") == ends + 1
            ),
            f"the supervisor's message about {name}",
        )
    observer.until(lambda: len(mirror.children()) == before, "new processes")
    count = images.count
    observer.until(lambda: images.count > count + 3, "pictures after the restart")
    observer.diagnostics.clear()
    names = [f"/mirror/{name}" for name in NODES]
    observer.until(lambda: all(observer.level(name) == 0 for name in names), "health of all nodes")
    observer.until(lambda: observer.number("/mirror/display", "rate [Hz]") > 0, "pictures in the window")
