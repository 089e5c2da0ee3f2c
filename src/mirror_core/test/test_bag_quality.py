"""How topics were offered is kept in a bag, in its metadata and in its file, and read back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosbags.interfaces import QosDurability, QosReliability

from mirror_core.bags.quality import is_latched, stored_quality
from mirror_core.bags.reader import BagReader
from mirror_core.bags.writer import BagWriter

LATCHED = QoSProfile(depth=3, durability=DurabilityPolicy.TRANSIENT_LOCAL)
SENSOR = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
NEVER = {"sec": 9223372036, "nsec": 854775807}  # rosbag2's infinite duration


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    with BagWriter(tmp_path / "bag", keep_free_bytes=0) as writer:
        writer.add_topic("/words", "std_msgs/msg/String", [stored_quality(LATCHED), stored_quality(SENSOR)])
        writer.add_topic("/more", "std_msgs/msg/String")
        for topic in ("/words", "/more"):
            writer.write(topic, b"\x00\x01\x00\x00\x02\x00\x00\x00a\x00", 10**9)
    return tmp_path / "bag"


@pytest.mark.parametrize("part", ["", "bag.mcap"], ids=["folder", "file alone"])
def test_it_is_read_back(bag: Path, part: str) -> None:
    with BagReader(bag / part) as reader:
        more, words = reader.topics
    assert (more.qos, more.is_latched) == ((), False)
    assert words.is_latched
    first, second = words.qos
    assert (first.depth, first.durability, first.reliability) == (
        3,
        QosDurability.TRANSIENT_LOCAL,
        QosReliability.RELIABLE,
    )
    assert (second.depth, second.durability, second.reliability) == (
        1,
        QosDurability.VOLATILE,
        QosReliability.BEST_EFFORT,
    )
    assert is_latched([second]) is False


def test_the_metadata_say_it_as_rosbag2_does(bag: Path) -> None:
    metadata = yaml.safe_load((bag / "metadata.yaml").read_text("utf-8"))["rosbag2_bagfile_information"]
    topics = {
        each["topic_metadata"]["name"]: each["topic_metadata"]
        for each in metadata["topics_with_message_count"]
    }
    first, second = yaml.safe_load(topics["/words"]["offered_qos_profiles"])
    assert first == {
        "history": 1,
        "depth": 3,
        "reliability": 1,
        "durability": 1,
        "deadline": {"sec": 0, "nsec": 0},
        "lifespan": {"sec": 0, "nsec": 0},
        "liveliness": 0,
        "liveliness_lease_duration": {"sec": 0, "nsec": 0},
        "avoid_ros_namespace_conventions": False,
    }
    assert second["reliability"] == 2


def test_a_bag_that_does_not_say_it_is_read_all_the_same(bag: Path) -> None:
    file = bag / "metadata.yaml"
    metadata = yaml.safe_load(file.read_text("utf-8"))
    for topic in metadata["rosbag2_bagfile_information"]["topics_with_message_count"]:
        del topic["topic_metadata"]["offered_qos_profiles"]
    file.write_text(yaml.safe_dump(metadata), "utf-8")
    with BagReader(bag) as reader:
        assert [topic.count for topic in reader.topics] == [1, 1]
        assert reader.damage == ""
        assert len(list(reader.messages())) == 2
