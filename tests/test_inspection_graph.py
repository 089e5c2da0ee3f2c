"""Looking into a running mirror in separate processes: Foxglove, `mirror top`, health, connections."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("foxglove", reason="foxglove-sdk is not installed")

WIDTH, HEIGHT = 640, 360
ACTIVATE, DEACTIVATE = 3, 4  # lifecycle_msgs/Transition
ARGUMENTS = ("camera:=demo", "composed:=false", "foxglove:=true", "mimic:=true")
COMMAND_S = 60.0
POINTS = 1  # foxglove.PointsAnnotation's type
NODES = (
    *("camera", "faces", "bodies", "gallery", "gestures", "mood", "mood_log", "mimic", "head_model"),
    *("effects", "display", "web"),
)


@pytest.fixture(scope="module")
def mirror(start_mirror: Callable[..., Any]) -> Any:
    return start_mirror(
        *ARGUMENTS,
        parameters={
            "camera": {"width": WIDTH, "height": HEIGHT},
            "foxglove": {"port": 0, "fps": 5.0},
        },
    )


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


@pytest.fixture(scope="module")
def summaries(observer: Any, mirror: Any) -> Any:
    from diagnostic_msgs.msg import DiagnosticStatus

    from mirror_core.qualities import LATCHED

    return observer.listen(DiagnosticStatus, f"{mirror.namespace}/health", depth=LATCHED)


@pytest.fixture
def client(observer: Any, mirror: Any) -> Iterator[Any]:
    from mirror_inspection.testing import FoxgloveClient

    address = r"Foxglove finds the mirror at (ws://\S+:\d+)\."
    found = observer.until(lambda: re.findall(address, mirror.messages), "the server's address")
    with FoxgloveClient(found[0]) as client:
        yield client


def command(mirror: Any, *words: str) -> subprocess.Popen[str]:
    import os

    return subprocess.Popen(
        [sys.executable, "-m", "mirror.command", *words],
        env={**os.environ, "ROS_DOMAIN_ID": str(mirror.domain)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_health_says_that_all_is_well_once_all_nodes_run(summaries: Any, observer: Any) -> None:
    def is_well() -> bool:
        return bool(summaries.messages) and summaries.messages[-1].message == "All is well: 14 nodes run."

    observer.until(is_well, "all to be well")
    told = [value.key for value in summaries.messages[-1].values]
    assert told == [*NODES, *sorted({"health", "foxglove"}, key=told.index)]
    assert summaries.messages[-1].level == b"\x00"


def test_foxglove_gets_pictures_with_the_landmarks_of_their_faces(client: Any) -> None:
    client.subscribe("/mirror/camera/image", "/mirror/image", "/mirror/faces/annotations")
    received = client.received

    def pair() -> tuple[Any, Any] | None:
        pictures = {m.stamp_ns: m for m in received.get("/mirror/camera/image", [])}
        for message in received.get("/mirror/faces/annotations", []):
            if message.content.points and message.stamp_ns in pictures:
                return pictures[message.stamp_ns], message
        return None

    picture, annotations = client.until(pair, "a picture with landmarks", 90.0)
    image = cv2.imdecode(np.frombuffer(picture.content.data, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (HEIGHT, WIDTH, 3)
    points, box = annotations.content.points[:2]
    assert points.type == POINTS
    places = np.array([(point.x, point.y) for point in points.points])
    corners = np.array([(point.x, point.y) for point in box.points])
    assert places.shape == (478, 2)
    np.testing.assert_allclose(places.min(axis=0), corners.min(axis=0), atol=0.01)
    np.testing.assert_allclose(places.max(axis=0), corners.max(axis=0), atol=0.01)
    # What they lie on is a face: skin is redder than the room, which is grey.
    inside = places[(places >= 0).all(axis=1) & (places < (WIDTH - 1, HEIGHT - 1)).all(axis=1)].astype(int)
    skin = image[inside[:, 1], inside[:, 0]].astype(float)
    room = image.reshape(-1, 3).astype(float)
    assert (skin[:, 2] - skin[:, 0]).mean() > (room[:, 2] - room[:, 0]).mean() + 10
    client.until(lambda: received.get("/mirror/image"), "what the mirror shows")


def test_foxglove_gets_moods_heads_bodies_the_robot_and_the_log(client: Any) -> None:
    client.subscribe(*client.channels)
    faces = client.until(
        lambda: next((m.content["faces"] for m in client.received.get("/mirror/moods", [])), None),
        "moods",
        90.0,
    )
    assert sum(faces[0][mood] for mood in ("angry", "happy", "neutral")) <= 1.001
    assert all(-1 <= face["valence"] <= 1 for face in faces)

    def frames() -> set[str]:
        return {t.child_frame_id for m in client.received.get("/tf", []) for t in m.content.transforms}

    client.until(
        lambda: {"mirror_head_base", "jaw"} < frames() and any(f.startswith("face_") for f in frames()),
        "the frames of a face and of the robot",
        90.0,
    )
    assert client.newest("/mirror/camera/calibration").content.width == WIDTH
    assert b"<robot name=" in client.newest("/mirror/robot_description").content
    assert b"mirror/" in client.newest("/diagnostics").content
    assert client.newest("/log").content.name.startswith("mirror.")


def test_what_is_connected_is_what_the_nodes_say_of_themselves(
    client: Any, mirror: Any, observer: Any
) -> None:
    from mirror.reference.nodes import described_nodes
    from mirror.running_graph import running_nodes

    declared = {node.spec.name: node for node in described_nodes("full", foxglove="true", mimic="true")}
    client.subscribe(*client.channels)

    def found() -> dict[str, Any]:
        return {node.spec.name: node for node in running_nodes(observer.node, mirror.namespace)}

    client.until(
        lambda: "moods" in {topic.name for topic in found()["foxglove"].subscribed}, "all to be asked for"
    )
    running = found()
    assert set(running) == set(declared)
    for name, node in running.items():
        for said, has in (
            (declared[name].subscribed, node.subscribed),
            (declared[name].published, node.published),
        ):
            types = {topic.name: topic.message_type for topic in said} | {
                "/diagnostics": "diagnostic_msgs/DiagnosticArray"
            }
            assert {topic.name: topic.message_type for topic in has}.items() <= types.items(), name


def test_top_prints_one_table_and_ends(mirror: Any, observer: Any) -> None:
    top = command(mirror, "top", "--once")
    out, err = top.communicate(timeout=COMMAND_S)
    assert (top.returncode, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0].startswith("All is well: 14 nodes run.")
    assert lines[1].startswith("Machine: CPU ")
    heading = lines.index("node Hz p50 ms p99 ms dropped state")
    rows = {line.split()[0]: line.split() for line in lines[heading + 1 :] if line}
    assert set(rows) >= {*NODES, "health", "foxglove"}
    assert float(rows["camera"][1]) > 0
    assert 0 < float(rows["faces"][2]) <= float(rows["faces"][3])
    processes = lines[lines.index("process CPU % MB nodes") + 1 :]
    assert len(processes) == 14  # each node has a process of its own
    of_faces = next(line for line in processes if line.endswith(" faces"))
    assert int(of_faces.split()[0]) == mirror.child("faces_node").pid


def test_top_without_a_mirror_says_so_in_one_sentence(mirror: Any) -> None:
    top = command(mirror, "top", "--once", "--namespace", "nowhere")
    out, err = top.communicate(timeout=COMMAND_S)
    assert (top.returncode, out) == (2, "")
    assert err.startswith("No mirror runs in the namespace /nowhere; start one with `mirror run`")
    assert err.count("\n") == 1


def test_foxglove_can_be_served_for_a_mirror_that_runs_without_it(mirror: Any) -> None:
    from mirror_inspection.testing import FoxgloveClient

    server = command(mirror, "foxglove", "--port", "0", "--fps", "5")
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(server.stderr or ()), daemon=True)
    reader.start()
    try:
        import time

        end_s = time.monotonic() + COMMAND_S
        while not (address := re.findall(r"(ws://127\.0\.0\.1:\d+)", "".join(said))):
            assert time.monotonic() < end_s, "".join(said)
            time.sleep(0.05)
        with FoxgloveClient(address[0]) as client:
            client.subscribe("/mirror/image")
            data = client.newest("/mirror/image").content.data
            assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (HEIGHT, WIDTH, 3)
        server.send_signal(signal.SIGINT)
        assert server.wait(COMMAND_S) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        server.wait()
    reader.join(5.0)
    assert "Traceback" not in "".join(said)


def test_a_closed_shutter_and_a_lost_node_are_told_in_words(
    summaries: Any, mirror: Any, observer: Any
) -> None:
    def says(words: str) -> bool:
        return words in summaries.messages[-1].message

    assert observer.change_state(f"{mirror.namespace}/camera", DEACTIVATE)
    observer.until(lambda: says("The camera is off: its shutter is closed."), "the shutter to be told")
    assert observer.change_state(f"{mirror.namespace}/camera", ACTIVATE)
    observer.until(lambda: summaries.messages[-1].message == "All is well: 14 nodes run.", "all to be well")

    process = mirror.child("gestures_node")
    process.suspend()
    try:
        observer.until(lambda: says("gestures: Has gone silent"), "the silence to be told")
        assert summaries.messages[-1].level == b"\x02"
    finally:
        process.resume()
    observer.until(lambda: not says("gestures"), "the node to be heard again")


def test_the_mirror_ends_without_complaint(mirror: Any) -> None:
    mirror.interrupt()
    mirror.assert_clean_end()
