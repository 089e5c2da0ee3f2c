"""Two mirrors of one ROS domain, red and blue: kept apart, at rest while nobody looks, mending losses."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HEIGHT, WIDTH = 120, 160
COLOURS = {"red": (20, 30, 220), "blue": (200, 60, 10)}  # B, G, R
RATE_HZ = 20.0

LATE_VIEWER = """
import sys
import rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node("late_viewer")
seen = []

def take(message):
    seen.append(message)
    corner = tuple(message.data[:3])
    print("picture", message.width, message.height, message.encoding, message.header.frame_id, *corner)

node.create_subscription(Image, sys.argv[1], take, qos_profile_sensor_data)
while len(seen) < 5:
    rclpy.spin_once(node, timeout_sec=0.1)
rclpy.shutdown()
"""


@dataclass
class Pair:
    """Both mirrors, the folders with their pictures, and one observer."""

    domain: int
    mirrors: dict[str, Any]
    folders: dict[str, Path]
    observer: Any


@pytest.fixture(scope="module")
def pair(
    start_mirror: Callable[..., Any],
    observe: Callable[..., Any],
    claim_domain: Callable[[], int],
    picture_folder: Callable[..., Path],
) -> Iterator[Pair]:
    domain = claim_domain()
    folders, mirrors = {}, {}
    for name, colour in COLOURS.items():
        folders[name] = picture_folder(still=np.full((HEIGHT, WIDTH, 3), colour, np.uint8))
        mirrors[name] = start_mirror(
            "camera:=images",
            f"path:={folders[name]}",
            f"namespace:=hall/{name}",
            "effects:=none",
            "display:=false",
            "web:=false",
            "gallery:=false",
            "gestures:=false",
            "bodies:=false",
            "mood:=false",
            # One of each kind: in one process, and in separate ones.
            f"composed:={'true' if name == 'red' else 'false'}",
            parameters={"camera": {"rate_hz": RATE_HZ, "width": WIDTH, "height": HEIGHT}},
            domain=domain,
        )
    observer = observe(domain=domain)
    for mirror in mirrors.values():
        observer.watch(mirror)
    for name in COLOURS:
        for node in ("camera", "faces", "effects"):
            full = f"/hall/{name}/{node}"
            observer.until(lambda full=full: observer.level(full) == 0, f"health of {full}")
    yield Pair(domain, mirrors, folders, observer)
    for mirror in mirrors.values():
        mirror.close()


def reports(observer: Any, node: str, count: int) -> list[tuple[str, str]]:
    """(frames, rate) of the next `count` reports of a camera."""
    found: list[tuple[str, str]] = []
    while len(found) < count:
        before = observer.status(node)
        observer.until(lambda before=before: observer.status(node) is not before, f"a report of {node}")
        found.append((observer.figure(node, "frames"), observer.figure(node, "rate [Hz]")))
    return found


@pytest.mark.parametrize("name", COLOURS)
def test_nothing_is_taken_while_nobody_looks(pair: Pair, name: str) -> None:
    camera = f"/hall/{name}/camera"
    assert reports(pair.observer, camera, 3) == [("0", "0.0")] * 3
    assert pair.observer.number(f"/hall/{name}/effects", "rate [Hz]") == 0


@pytest.mark.parametrize("name", COLOURS)
def test_a_viewer_in_another_process_that_comes_late_gets_pictures_and_leaves_again(
    pair: Pair, name: str, start_process: Callable[..., Any]
) -> None:
    camera, observer = f"/hall/{name}/camera", pair.observer
    viewer = start_process(LATE_VIEWER, f"/hall/{name}/image", ROS_DOMAIN_ID=str(pair.domain))
    observer.until(lambda: observer.number(camera, "frames") > 0, "a camera at work for the late viewer")
    assert viewer.wait() == 0, viewer.said
    pictures = [line for line in viewer.lines if line.startswith("picture")]
    colour = " ".join(map(str, COLOURS[name]))
    assert set(pictures) == {f"picture {WIDTH} {HEIGHT} bgr8 camera_optical {colour}"}
    # Nobody looks any more: the source is closed after a while.
    observer.until(lambda: observer.figure(camera, "frames") == "0", "a camera that rests again")


def test_neither_mirror_gets_the_other_ones_pictures(
    pair: Pair, pixels_of: Callable[[Any], np.ndarray]
) -> None:
    from sensor_msgs.msg import Image

    topics = {name: pair.observer.listen(Image, f"/hall/{name}/image", keep=100) for name in COLOURS}
    pair.observer.until(lambda: all(t.count >= 25 for t in topics.values()), "25 pictures of each mirror")
    for name, topic in topics.items():
        topic.close()
        assert all((pixels_of(message) == COLOURS[name]).all() for message in topic.messages)


@pytest.mark.parametrize("name", COLOURS)
def test_a_lost_source_is_said_and_shown_and_comes_back_by_itself(
    pair: Pair, name: str, pixels_of: Callable[[Any], np.ndarray]
) -> None:
    from sensor_msgs.msg import Image

    camera, observer = f"/hall/{name}/camera", pair.observer
    images = observer.listen(Image, f"/hall/{name}/image")

    def shown() -> str:
        return images.messages[-1].header.frame_id if images.messages else ""

    observer.until(lambda: shown() == "camera_optical", "pictures")
    away = pair.folders[name].with_name(f"{pair.folders[name].name}-away")
    pair.folders[name].rename(away)
    observer.until(lambda: shown() == "placeholder", "a placeholder after the folder has gone")
    placeholder = pixels_of(images.messages[-1])
    assert placeholder.shape == (HEIGHT, WIDTH, 3)  # as large as the pictures before
    assert not (placeholder == COLOURS[name]).all()
    observer.until(lambda: observer.level(camera) == 1, "WARN from the camera")
    assert str(pair.folders[name]) in observer.status(camera).message
    assert observer.level(f"/hall/{name}/effects") == 0

    shutil.move(away, pair.folders[name])
    observer.until(lambda: shown() == "camera_optical", "pictures after the folder is back")
    assert (pixels_of(images.messages[-1]) == COLOURS[name]).all()
    observer.until(lambda: observer.level(camera) == 0, "OK from the camera")
    observer.until(lambda: observer.number(camera, "reconnections") == 1, "one counted reconnection")
    assert observer.figure(camera, "restarts") == "0"  # the node itself has not failed
    images.close()


def test_no_process_outlives_a_supervisor_that_is_killed(pair: Pair) -> None:
    # The last test: it ends the shared mirrors.
    for name in COLOURS:
        mirror = pair.mirrors[name]
        assert len(mirror.children()) == (1 if name == "red" else 4)  # camera, faces, effects, health
        mirror.popen.kill()
    for mirror in pair.mirrors.values():
        pair.observer.until(lambda mirror=mirror: not mirror.survivors(), "the end of the orphans")
