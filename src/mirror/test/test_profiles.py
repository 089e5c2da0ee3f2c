"""The Fast DDS profiles: read without complaint, and programs find each other soon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

CONFIG = Path(__file__).resolve().parents[3] / "config"
PROFILES = sorted(CONFIG.glob("fastdds_*.xml"))
NAMESPACE = "{http://www.eprosima.com}"

NODE = """
import rclpy

rclpy.init()
node = rclpy.create_node("probe")
print("made", flush=True)
node.destroy_node()
rclpy.shutdown()
"""


def seconds(profile: Path, name: str) -> float:
    (found,) = ElementTree.parse(profile).iter(NAMESPACE + name)
    parts = {part.tag.removeprefix(NAMESPACE): float(part.text or 0) for part in found}
    return parts["sec"] + parts.get("nanosec", 0.0) * 1e-9


def test_there_is_a_profile_for_one_host_for_a_small_one_and_for_several() -> None:
    names = [profile.stem.removeprefix("fastdds_") for profile in PROFILES]
    assert names == ["local", "local_small", "network"]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)
def test_a_participant_announces_itself_often_and_is_not_given_up_for_one_pause(profile: Path) -> None:
    assert seconds(profile, "leaseAnnouncement") <= 0.5
    assert seconds(profile, "leaseDuration") >= 10 * seconds(profile, "leaseAnnouncement")


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)
def test_fast_dds_reads_it_without_complaint(profile: Path, start_process: Callable[..., Any]) -> None:
    process = start_process(NODE, FASTDDS_DEFAULT_PROFILES_FILE=str(profile))
    assert process.wait() == 0, process.said
    assert process.lines == ["made"]
    assert process.errors == []


def test_fast_dds_complains_of_one_that_it_does_not_understand(
    tmp_path: Path, start_process: Callable[..., Any]
) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_text(PROFILES[0].read_text().replace("leaseAnnouncement", "leaseShout"))
    process = start_process(NODE, FASTDDS_DEFAULT_PROFILES_FILE=str(broken))
    process.wait()
    assert any("leaseShout" in line for line in process.errors), process.said
