"""What runs, as ROS tells it: relative names, without what every node has; and what of it is connected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror.reference.drawing import drawing
from mirror.reference.nodes import Topic
from mirror.running_graph import connected, running_nodes

Listed = Mapping[str, Sequence[tuple[str, list[str]]]]

PUBLISHED: Listed = {
    "camera": [
        ("/mirror/camera/image_raw", ["sensor_msgs/msg/Image"]),
        ("/mirror/camera/transition_event", ["lifecycle_msgs/msg/TransitionEvent"]),
        ("/parameter_events", ["rcl_interfaces/msg/ParameterEvent"]),
        ("/diagnostics", ["diagnostic_msgs/msg/DiagnosticArray"]),
    ],
    "faces": [
        ("/tf", ["tf2_msgs/msg/TFMessage"]),
        ("/mirror/faces", ["mirror_msgs/msg/FaceArray"]),
        ("/mirror/faces/markers", ["visualization_msgs/msg/MarkerArray"]),
        ("/mirror/find/_action/status", ["action_msgs/msg/GoalStatusArray"]),
    ],
    "mood": [("/mirror/moods", ["mirror_msgs/msg/MoodArray"])],
    "health": [("/mirror/health", ["diagnostic_msgs/msg/DiagnosticStatus"])],
}
SUBSCRIBED: Listed = {
    "faces": [("/mirror/camera/image_raw", ["sensor_msgs/msg/Image"])],
    "mood": [("/mirror/faces", ["mirror_msgs/msg/FaceArray"])],
    "health": [("/diagnostics", ["diagnostic_msgs/msg/DiagnosticArray"])],
}


class Discovery:
    """What rclpy's node knows of others."""

    def get_node_names_and_namespaces(self) -> list[tuple[str, str]]:
        return [*((name, "/mirror") for name in PUBLISHED), ("camera", "/other"), ("rviz2", "/")]

    def get_publisher_names_and_types_by_node(self, name: str, namespace: str) -> Any:
        assert namespace == "/mirror"
        return PUBLISHED.get(name, [])

    def get_subscriber_names_and_types_by_node(self, name: str, namespace: str) -> Any:
        assert namespace == "/mirror"
        return SUBSCRIBED.get(name, [])


def test_nodes_of_the_namespace_are_told_with_their_topics_in_the_order_that_is_wanted() -> None:
    nodes = running_nodes(Discovery(), "/mirror", ("mood", "camera", "absent"))
    assert [node.spec.name for node in nodes] == ["mood", "camera", "faces", "health"]
    _, camera, faces, _ = nodes
    assert camera.published == (
        Topic("/diagnostics", "diagnostic_msgs/DiagnosticArray", ""),
        Topic("camera/image_raw", "sensor_msgs/Image", ""),
    )
    assert faces.subscribed == (Topic("camera/image_raw", "sensor_msgs/Image", ""),)
    assert [topic.name for topic in faces.published] == ["faces", "faces/markers", "/tf"]


def test_only_what_somebody_gives_and_somebody_takes_is_connected() -> None:
    nodes = connected(running_nodes(Discovery(), "/mirror", ("camera",)))
    assert [node.spec.name for node in nodes] == ["camera", "faces", "mood"]
    assert [[topic.name for topic in node.published] for node in nodes] == [
        ["camera/image_raw"],
        ["faces"],
        [],
    ]
    drawn = drawing(nodes)
    assert [
        word for word in ("camera/image_raw", "faces", "mood", "moods") if f">{word}</text>" in drawn
    ] == [*("camera/image_raw", "faces", "mood")]
    assert "other nodes" not in drawn  # nothing leads out of the picture
