"""A running mirror is recorded, and the replay graph shows the same pictures, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

SMALL = {"camera": {"width": 320, "height": 240, "rate_hz": 10.0, "field_of_view": 40.0}}
QUIET = ("display:=false", "web:=false", "gallery:=false", "mood:=false", "gestures:=false")
WAIT_S = 90.0


def run_command(domain: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `mirror …` in a domain to its end."""
    return subprocess.run(
        [sys.executable, "-m", "mirror.command", *words],
        env={**os.environ, "ROS_DOMAIN_ID": str(domain), "COLUMNS": "200"},
        text=True,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )


@dataclass(frozen=True)
class Recording:
    """A bag, and the topics that there were while it was made."""

    folder: Path
    topics: frozenset[str]


@pytest.fixture(scope="module")
def recording(
    start_mirror: Callable[..., Any],
    observe: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Recording:
    """Three seconds of the demo reel with the faces that were found in it."""
    from mirror_msgs.msg import FaceArray

    folder = tmp_path_factory.mktemp("bags") / "demo"
    mirror = start_mirror("camera:=demo", "bodies:=false", *QUIET, parameters=SMALL)
    observer = observe(mirror)
    faces = observer.listen(FaceArray, f"{mirror.namespace}/faces")
    observer.until(lambda: any(message.faces for message in faces.messages), "a face")
    topics = ("camera/image_raw", "camera/camera_info", "faces", "/tf", "/diagnostics", "effects/none")
    recorded = run_command(mirror.domain, "record", "--out", str(folder), "--seconds", "3", *topics)
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    assert f"Recording to {folder}; Ctrl-C ends it." in recorded.stdout
    assert "/mirror/effects/none: nobody published it." in recorded.stdout
    there = frozenset(dict(observer.node.get_topic_names_and_types()))
    mirror.interrupt()
    mirror.assert_clean_end()
    return Recording(folder, there)


@pytest.fixture(scope="module")
def bag(recording: Recording) -> Path:
    return recording.folder


@pytest.fixture(scope="module")
def recorded(bag: Path) -> dict[str, list[Any]]:
    """The decoded messages by topic."""
    from mirror_core.bags.reader import BagReader

    messages: dict[str, list[Any]] = {}
    with BagReader(bag) as reader:
        assert reader.damage == ""
        for message in reader.messages():
            messages.setdefault(message.topic, []).append(reader.decode(message))
    return messages


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def replay(request: pytest.FixtureRequest, start_mirror: Callable[..., Any], bag: Path) -> Iterator[Any]:
    mirror = start_mirror(
        *(f"bag:={bag}", "loop:=true", "bodies:=false", *QUIET, f"composed:={request.param}"),
        graph="replay",
        parameters={"camera": {"width": 0, "height": 0, "stamps": "bag"}},
    )
    yield mirror
    mirror.close()


def test_pictures_faces_transforms_and_diagnostics_are_in_the_bag(recorded: dict[str, list[Any]]) -> None:
    images = recorded["/mirror/camera/image_raw"]
    assert len(images) >= 5
    assert {(image.width, image.height) for image in images} == {(320, 240)}
    stamps = [image.header.stamp.sec * 10**9 + image.header.stamp.nanosec for image in images]
    assert stamps == sorted(stamps)
    assert len(recorded["/mirror/camera/camera_info"]) >= 5
    assert recorded["/mirror/camera/camera_info"][0].width == 320
    assert any(message.faces for message in recorded["/mirror/faces"])
    assert len(recorded["/mirror/faces"][-1].faces[0].landmarks) == 478 * 3
    assert recorded["/tf"]
    names = {status.name for message in recorded["/diagnostics"] for status in message.status}
    assert "mirror/camera" in names


def test_the_replay_shows_the_recorded_pictures_with_their_stamps(
    replay: Any, observe: Callable[..., Any], recorded: dict[str, list[Any]], stamp_of: Callable[[Any], Any]
) -> None:
    from sensor_msgs.msg import CameraInfo, Image

    from mirror_msgs.msg import FaceArray

    expected = {
        (image.header.stamp.sec, image.header.stamp.nanosec): bytes(image.data)
        for image in recorded["/mirror/camera/image_raw"]
    }
    observer = observe(replay)
    shown = observer.listen(Image, f"{replay.namespace}/camera/image_raw", keep=200)
    infos = observer.listen(CameraInfo, f"{replay.namespace}/camera/camera_info")
    faces = observer.listen(FaceArray, f"{replay.namespace}/faces", keep=200)

    def pictures() -> list[Any]:
        return [message for message in shown.messages if message.header.frame_id != "placeholder"]

    observer.until(lambda: len({stamp_of(message) for message in pictures()}) >= 5, "five of the pictures")
    for message in pictures():
        assert bytes(message.data) == expected[stamp_of(message)]
    observer.until(lambda: any(message.faces for message in faces.messages), "a face in the replay")
    # Not those of the placeholder before the first picture, which has no time of the bag yet.
    assert {stamp_of(message) for message in faces.messages if message.faces} <= set(expected)
    info = observer.until(lambda: infos.messages and infos.messages[-1], "a camera_info")
    known = recorded["/mirror/camera/camera_info"][0]
    assert list(info.k) == pytest.approx(list(known.k))


def test_time_is_the_bags_also_after_it_has_begun_again(
    replay: Any, observe: Callable[..., Any], bag: Path
) -> None:
    from diagnostic_msgs.msg import DiagnosticArray
    from rosgraph_msgs.msg import Clock

    from mirror_core.bags.reader import BagReader
    from mirror_msgs.msg import FaceArray

    with BagReader(bag) as reader:
        times = [message.stamp_ns for message in reader.messages(("/mirror/camera/image_raw",))]
    observer = observe(replay)
    clock = observer.listen(Clock, "/clock", keep=5000)
    faces = observer.listen(FaceArray, f"{replay.namespace}/faces")

    def told() -> list[int]:
        return [message.clock.sec * 10**9 + message.clock.nanosec for message in clock.messages]

    observer.until(
        lambda: any(later < earlier for earlier, later in pairwise(told())), "the bag's beginning again"
    )
    heard = faces.count
    observer.until(lambda: faces.count > heard + 3 and faces.messages[-1].faces, "faces after that")
    assert times[0] <= min(told()) <= max(told()) <= times[-1]
    assert len(set(told()) - set(times)) >= 3  # it goes on between pictures, too

    diagnosed = observer.listen(DiagnosticArray, "/diagnostics", keep=50)
    nodes = {"mirror/camera", "mirror/faces", "mirror/effects"}
    observer.until(
        lambda: nodes <= {status.name for message in diagnosed.messages for status in message.status},
        "diagnostics of all nodes",
    )
    # Nobody looks any more: the camera closes, time stands, and diagnostics come all the same.
    seconds = range(times[0] // 10**9, times[-1] // 10**9 + 1)
    assert {message.header.stamp.sec for message in diagnosed.messages} <= set(seconds)
    for node in sorted(nodes):
        assert observer.figure(node, "restarts") == "0"


def test_a_plain_mirror_has_no_clock_but_the_machines(recording: Recording) -> None:
    assert "/mirror/camera/image_raw" in recording.topics
    assert "/clock" not in recording.topics


def test_the_replay_ends_cleanly(replay: Any) -> None:
    replay.interrupt()
    replay.assert_clean_end()


def test_what_is_no_bag_is_refused_before_anything_starts(tmp_path: Path) -> None:
    for words, sentence in (
        (("replay", str(tmp_path / "nowhere")), f"bag:={tmp_path / 'nowhere'} is refused"),
        (("replay", str(tmp_path), "rate:=fast"), "rate:=fast is refused: allowed is 0.05 … 20.0."),
        (("bag", "info", str(tmp_path)), f"{tmp_path} is no bag"),
    ):
        answer = run_command(1, *words)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith(sentence)
        assert answer.stderr.count("\n") == 1


def test_with_no_mirror_nothing_is_kept(tmp_path: Path, claim_domain: Callable[[], int]) -> None:
    answer = run_command(claim_domain(), "record", "--out", str(tmp_path / "bag"), "--seconds", "1")
    assert answer.returncode == 1
    assert "Nothing came, so nothing was kept: start a mirror" in answer.stdout
    assert not (tmp_path / "bag").exists()
