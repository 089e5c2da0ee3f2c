"""The node that shows the robot's head: its URDF, and where its links are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from scipy.spatial.transform import Rotation
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from mirror_core.conversions import header
from mirror_robot.head_model_node import LATCHED, HeadModelNode, own_head
from mirror_robot.robot_model import read_model

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
STAMP_NS = 5_000_000_007


def test_the_head_is_shown_beside_the_camera_while_somebody_looks(
    start_host: Callable[..., Any], spinner: Any
) -> None:
    start_host(lambda: HeadModelNode(cli_args=PLACE), "head_model")
    other = spinner.node("other", namespace="/mirror")
    states = other.create_publisher(JointState, "joint_states", 10)
    moved: list[TFMessage] = []
    other.create_subscription(TFMessage, "/tf", moved.append, 100)
    spinner.until(lambda: other.count_publishers("/tf") == 1, "the node")
    assert states.get_subscription_count() == 0  # nobody shows the model

    models: list[String] = []
    model = other.create_subscription(String, "robot_description", models.append, LATCHED)
    spinner.until(lambda: models and states.get_subscription_count() == 1, "the model and a listener")
    assert models[0].data == own_head()

    def show() -> list[TFMessage]:
        states.publish(JointState(header=header(STAMP_NS, ""), name=["head_yaw"], position=[0.4]))
        return moved

    spinner.until(show, "transforms")
    transforms = {each.child_frame_id: each for each in moved[-1].transforms}
    assert set(transforms) == {"mirror_head_base", *(joint.child for joint in read_model(own_head()))}
    base = transforms["mirror_head_base"]
    assert base.header.frame_id == "camera_optical"
    assert (base.header.stamp.sec, base.header.stamp.nanosec) == divmod(STAMP_NS, 10**9)
    place, turn = base.transform.translation, base.transform.rotation
    assert (place.x, place.y, place.z) == (0.35, 0.1, 0.0)
    stands = Rotation.from_quat((turn.x, turn.y, turn.z, turn.w))
    # Forward is away from the mirror, up is up: the optical frame has y down and z away.
    np.testing.assert_allclose(stands.apply([1.0, 0.0, 0.0]), [0.0, 0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(stands.apply([0.0, 0.0, 1.0]), [0.0, -1.0, 0.0], atol=1e-12)
    neck = transforms["neck_yaw"].transform.rotation
    assert 2 * np.arctan2(neck.z, neck.w) == pytest.approx(0.4)

    other.destroy_subscription(model)
    spinner.until(lambda: states.get_subscription_count() == 0, "nobody to listen any more")
