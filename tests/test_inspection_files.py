"""What rviz and Foxglove are told to show: every topic exists, with a type that the display can draw."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")
pytest.importorskip("foxglove", reason="foxglove-sdk is not installed")

from mirror.reference.nodes import described_nodes
from mirror_camera.camera_node import CameraParameters
from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import MoodLabel
from mirror_inspection.foxglove_messages import MOODS_SCHEMA
from mirror_inspection.foxglove_node import HANDED_ON, channel_kinds

CONFIG = Path(__file__).resolve().parent.parent / "config"
RVIZ = yaml.safe_load((CONFIG / "mirror.rviz").read_text("utf-8"))
DISPLAYS = RVIZ["Visualization Manager"]["Displays"]
LAYOUT = json.loads((CONFIG / "foxglove_layout.json").read_text("utf-8"))
PANELS = LAYOUT["configById"]

# Displays of rviz_default_plugins (its plugins_description.xml) → what each draws.
DRAWN = {
    "Axes": None,
    "Grid": None,
    "Image": "sensor_msgs/Image",
    "MarkerArray": "visualization_msgs/MarkerArray",
    "RobotModel": "std_msgs/String",
    "TF": None,
}
ALLOWED = {
    "History Policy": {"Keep Last", "Keep All", "System Default"},
    "Reliability Policy": {"Reliable", "Best Effort", "System Default"},
    "Durability Policy": {"Volatile", "Transient Local", "System Default"},
}


def place(name: str) -> str:
    return name if name.startswith("/") else f"/mirror/{name}"


def declared() -> dict[str, Any]:
    """Every topic that a node of the full graph publishes, as its docs name it."""
    nodes = described_nodes("full", mimic="true")
    return {place(topic.name): topic for node in nodes for topic in node.published}


# ---- rviz


@pytest.mark.parametrize("display", DISPLAYS, ids=lambda display: display["Name"])
def test_every_display_of_rviz_shows_a_topic_that_a_node_publishes(display: dict[str, Any]) -> None:
    package, _, kind = display["Class"].partition("/")
    assert package == "rviz_default_plugins"
    assert kind in DRAWN
    topic = display.get("Topic") or display.get("Description Topic")
    assert (topic is None) == (DRAWN[kind] is None)
    if topic is None:
        return
    published = declared()[topic["Value"]]
    assert published.message_type == DRAWN[kind]
    assert topic["Depth"] >= 1
    for policy, words in ALLOWED.items():
        assert topic[policy] in words
    is_latched = "latched" in published.remark
    assert topic["Durability Policy"] == ("Transient Local" if is_latched else "Volatile")


def test_rviz_shows_all_there_is_to_be_seen() -> None:
    shown = {display["Class"].partition("/")[2] for display in DISPLAYS}
    assert shown == set(DRAWN)
    topics = {(d.get("Topic") or d.get("Description Topic") or {}).get("Value") for d in DISPLAYS}
    drawable = {
        name
        for name, topic in declared().items()
        if topic.message_type in ("visualization_msgs/MarkerArray", "std_msgs/String")
    }
    assert topics >= {"/mirror/image", "/mirror/camera/image_raw", *drawable}


def test_rviz_stands_in_the_camera_s_frame() -> None:
    manager = RVIZ["Visualization Manager"]
    frame = CameraParameters().frame_id
    assert manager["Global Options"]["Fixed Frame"] == frame
    assert manager["Views"]["Current"]["Target Frame"] == frame


# ---- Foxglove


def offered() -> set[str]:
    return {*channel_kinds(place), place("moods"), *map(place, HANDED_ON)}


def leaves(split: Any) -> Iterator[str]:
    if isinstance(split, str):
        yield split
        return
    assert split["direction"] in ("row", "column")
    assert 0 < split["splitPercentage"] < 100
    yield from leaves(split["first"])
    yield from leaves(split["second"])


def topics_of(panel: dict[str, Any]) -> Iterator[str]:
    """Every topic that a panel's settings name."""
    mode = panel.get("imageMode", {})
    yield from (mode[key] for key in ("imageTopic", "calibrationTopic") if key in mode)
    yield from mode.get("annotations", {})
    yield from panel.get("topics", {})
    if "topicToRender" in panel:
        yield panel["topicToRender"]
    for text in (panel.get("topicPath", ""), *(path["value"] for path in panel.get("paths", []))):
        if text:
            yield re.split(r"[.\[]", text)[0]


def test_foxglove_s_layout_places_every_panel_once() -> None:
    placed = list(leaves(LAYOUT["layout"]))
    assert sorted(placed) == sorted(PANELS)
    assert {name.partition("!")[0] for name in placed} == {
        *("Image", "3D", "Plot", "RawMessages", "DiagnosticSummary", "RosOut")
    }


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_shows_what_the_server_offers(name: str) -> None:
    topics = set(topics_of(PANELS[name]))
    assert topics
    assert topics <= offered()


def test_annotations_lie_on_the_camera_s_picture_and_know_its_calibration() -> None:
    mode = PANELS["Image!camera"]["imageMode"]
    kinds = channel_kinds(place)
    assert kinds[mode["imageTopic"]] == "image"
    assert kinds[mode["calibrationTopic"]] == "calibration"
    annotations = {topic for topic, kind in kinds.items() if kind == "annotations"}
    assert {topic for topic, how in mode["annotations"].items() if how["visible"]} == annotations


def test_every_mood_is_plotted_in_its_own_colour_from_a_field_that_exists() -> None:
    fields = MOODS_SCHEMA["properties"]["faces"]["items"]["properties"]
    paths = [path for name in ("Plot!moods", "Plot!valence") for path in PANELS[name]["paths"]]
    named = {}
    for path in paths:
        match = re.fullmatch(r"/mirror/moods\.faces\[0\]\.([a-z]+)", path["value"])
        assert match is not None
        assert fields[match[1]] == {"type": "number"}
        named[match[1]] = path["color"]
    assert set(named) == {*(label.word for label in MoodLabel), "valence", "arousal"}
    for label in MoodLabel:
        assert named[label.word] == "#{:02x}{:02x}{:02x}".format(*MOOD_COLOURS[label])


def test_the_scene_in_space_stands_in_the_camera_s_frame() -> None:
    assert PANELS["3D!scene"]["followTf"] == CameraParameters().frame_id
