"""The processor is short of time: work is lowered in the running mirror, told in words, and taken back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PLUGIN = '''
"""An effect that takes long while a file exists."""

import os
import time
from pathlib import Path

from mirror_effects.effect import Effect

FILE = Path(os.environ["MIRROR_TEST_FOLDER"]) / "slow"


class SlowEffect(Effect):
    name = "slow"
    needs = frozenset({"faces"})
    gains_by_resolution = True

    def apply(self, image, scene):
        if FILE.exists():
            time.sleep(0.3)
        return image
'''
EFFECTS, FACES, HEALTH = "/mirror/effects", "/mirror/faces", "/health"
# Far from what a busy machine does by itself, so that only the slow effect counts.
TARGET = {"governor.on": True, "governor.latency": 0.25, "governor.rate": 1.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "slow_plugin.py").write_text(PLUGIN)
    information = folder / "slow_plugin-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-plugin\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[mirror.effects]\nslow = slow_plugin:SlowEffect\n")
    return folder


@pytest.fixture(scope="module")
def mirror(start_mirror: Callable[..., Any], folder: Path) -> Iterator[Any]:
    mirror = start_mirror(
        "camera:=demo",
        "effects:=slow",
        "web:=false",
        "gallery:=false",
        "gestures:=false",
        "bodies:=false",
        "composed:=false",  # the tracker follows in a process of its own
        parameters={"effects": TARGET, "camera": {"width": 320, "height": 180, "rate_hz": 15.0}},
        PYTHONPATH=os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]),
        MIRROR_TEST_FOLDER=str(folder),
    )
    yield mirror
    mirror.close()


def test_work_is_lowered_while_frames_are_late_and_taken_back(
    mirror: Any, folder: Path, observe: Callable[..., Any]
) -> None:
    from std_msgs.msg import UInt8

    from mirror_core.qualities import LATCHED

    observer = observe(mirror)
    levels = observer.listen(UInt8, "/mirror/governor", depth=LATCHED)
    observer.until(lambda: observer.number(EFFECTS, "rate [Hz]") > 3, "pictures")
    observer.until(lambda: levels.messages and levels.messages[-1].data == 0, "the level without need")
    assert observer.figure(EFFECTS, "work lowered") == "no"
    (folder / "slow").touch()
    observer.until(lambda: levels.messages[-1].data == 4, "the highest level")
    observer.until(
        lambda: observer.figure(EFFECTS, "work lowered") == "level 4 of 4", "the level in diagnostics"
    )
    assert observer.level(EFFECTS) == 1
    message = observer.status(EFFECTS).message
    assert message.startswith("The processor is short of time (")
    assert "every second frame is tracked, effects draw at half the resolution." in message
    left_out = observer.number(FACES, "not tracked, to save time")
    observer.until(lambda: observer.number(FACES, "not tracked, to save time") > left_out, "frames left out")
    (folder / "slow").unlink()
    observer.until(lambda: levels.messages[-1].data == 0, "all work to be taken back")
    observer.until(lambda: observer.level(EFFECTS) == 0, "OK from the effects node")
    data = [message.data for message in levels.messages]
    assert set(data) == {0, 3, 4}  # the steps of film and mask removal would lower nothing here
    assert data.index(3) < data.index(4)
