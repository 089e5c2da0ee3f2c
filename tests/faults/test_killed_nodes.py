"""Each node in a process of its own is killed (SIGKILL): it comes back with its state, others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore

NODES = ("camera", "faces", "effects", "gallery", "mood", "mood_log")
FACTOR = 1.75  # of the effect, as somebody has set it on the page


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's state: a stored face, and settings from the page."""
    folder = tmp_path_factory.mktemp("state")
    view = FaceView(
        np.full((24, 24, 3), 90, np.uint8), np.full((24, 24), 255, np.uint8), np.zeros((468, 3), np.float32)
    )
    place = folder / "mirror" / "gallery"
    with FaceStore(str(place / "faces.sqlite"), str(place / "pictures"), mirror="here") as store:
        store.add(Portrait("not-stored", "Ada", (view,)), Consent(Scope.UNTIL_REVOKED))
    (folder / "settings.yaml").write_text(
        f"/mirror/effects:\n  ros__parameters:\n    caricature.factor: {FACTOR}\n"
        "/mirror/mood_log:\n  ros__parameters:\n    log: true\n"
    )
    return folder


@pytest.fixture(scope="module")
def mirror(start_mirror: Callable[..., Any], state: Path) -> Iterator[Any]:
    mirror = start_mirror(
        "camera:=demo",
        "settings:=true",
        "web:=false",
        "gestures:=false",
        "bodies:=false",
        "composed:=false",
        parameters={"camera": {"width": 320, "height": 180, "rate_hz": 10.0}},
        XDG_STATE_HOME=str(state),
        MIRROR_SETTINGS=str(state / "settings.yaml"),
    )
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    observer = observe(mirror)
    observer.until(lambda: all(observer.level(f"/mirror/{n}") >= 0 for n in NODES), "all nodes to speak")
    return observer


def process_of(node: str) -> str:
    return f"mirror_mood.{node}_node" if node.startswith("mood") else f".{node}_node"


def check_state(node: str, observer: Any) -> None:
    """What the node knew before it was killed."""
    from mirror_msgs.srv import ListFaces

    if node == "effects":
        assert observer.parameter("/mirror/effects", "caricature.factor") == FACTOR
    elif node == "gallery":
        answer = observer.call(ListFaces, "/mirror/gallery/list", ListFaces.Request())
        assert "Ada" in [face.name for face in answer.faces]  # beside the faces that come along
    elif node == "camera":
        assert observer.parameter("/mirror/camera", "width") == 320
    elif node == "mood_log":
        assert observer.parameter("/mirror/mood_log", "log") is True


@pytest.mark.parametrize("node", NODES)
def test_a_killed_node_comes_back_with_its_state(
    mirror: Any, observer: Any, node: str, record_property: Callable[[str, object], None]
) -> None:
    from sensor_msgs.msg import Image

    name = f"/mirror/{node}"
    images = observer.listen(Image, "/mirror/image")
    observer.until(lambda: images.count > 3, "pictures")
    check_state(node, observer)
    others = {process.pid for process in mirror.children()}
    victim = mirror.child(process_of(node))
    others.discard(victim.pid)
    began_s = time.monotonic()
    victim.kill()
    victim.wait(10)

    def is_another() -> bool:
        process = observer.figure(name, "process").partition(" ")[0]
        return process not in ("", str(victim.pid))

    observer.until(is_another, "the new node to speak")
    count = images.count
    observer.until(lambda: images.count > count + 2, "pictures")
    back_s = time.monotonic() - began_s
    record_property("seconds until back", round(back_s, 2))
    print(f"{node} was back after {back_s:.1f} s")
    check_state(node, observer)
    observer.until(lambda: observer.level(name) == 0, f"OK from {node}")
    now = {process.pid for process in mirror.children()}
    assert others <= now  # nobody else was started again
    assert len(now) == len(others) + 1
    images.close()
