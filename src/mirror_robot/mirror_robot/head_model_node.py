"""The head_model node: shows the mirror's own robot head in rviz and Foxglove.

Subscribed: joint_states (sensor_msgs/JointState, only while somebody shows the model). Published:
robot_description (std_msgs/String, latched, the URDF), /tf (tf2_msgs/TFMessage, each link of the head, and
its base beside the camera). It does what robot_state_publisher does, for one robot and without a ROS
installation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory
from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from mirror_core.conversions import header, stamp_of
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.qualities import LATCHED
from mirror_robot.robot_model import LinkPlace, link_places, read_model, root_link

__all__ = ["HeadModelNode", "HeadModelParameters", "own_head"]

TF_DEPTH = 100
# The robot looks along the camera's axis: its x (forward) is the optical frame's z, its y (left) is −x, its z
# (up) is −y.
LOOKS_AS_THE_CAMERA = (0.5, -0.5, 0.5, 0.5)  # x, y, z, w


@dataclass(frozen=True)
class HeadModelParameters:
    """Where the head is shown."""

    camera_frame: str = parameter("camera_optical", "Frame beside which the head is shown.", live=False)
    right: float = parameter(
        0.35, "Metres to the right of the camera, as the camera sees it.", minimum=-5.0, maximum=5.0
    )
    below: float = parameter(0.1, "Metres of the head's base below the camera.", minimum=-5.0, maximum=5.0)


def own_head() -> str:
    """The text of the URDF that comes with this package."""
    share = Path(get_package_share_directory("mirror_robot"))
    return (share / "urdf" / "mirror_head.urdf").read_text("utf-8")


class HeadModelNode(MirrorNode):
    """Publishes the head's URDF, and where its links are while somebody shows it."""

    NAME = "head_model"
    CONFIG = HeadModelParameters

    def open(self) -> None:
        """Say what the head looks like."""
        urdf = own_head()
        self._joints = read_model(urdf)
        self._root = root_link(self._joints)
        self._states: Any = None
        self._description = self.create_publisher(String, "robot_description", LATCHED)
        self._transforms = self.create_publisher(TFMessage, "/tf", TF_DEPTH)
        for publisher in (self._description, self._transforms):
            self.at_close(self.destroy_publisher, publisher)
        self.at_close(self._listen, False)
        self._description.publish(String(data=urdf))
        self.health.counters["links"] = lambda: len(self._joints) + 1
        self.follow_demand(self._follow_demand)

    def _follow_demand(self) -> None:
        self._listen(self.is_running and self._description.get_subscription_count() > 0)

    def _listen(self, wanted: bool) -> None:
        if wanted and self._states is None:
            self._states = self.create_subscription(JointState, "joint_states", self._on_states, 1)
        elif not wanted and self._states is not None:
            self.destroy_subscription(self._states)
            self._states = None

    def _on_states(self, states: JointState) -> None:
        stamp_ns = stamp_of(states.header)
        config = self.config
        base = LinkPlace(
            config.camera_frame, self._root, (config.right, config.below, 0.0), LOOKS_AS_THE_CAMERA
        )
        places = link_places(self._joints, dict(zip(states.name, states.position, strict=False)))
        self._transforms.publish(_message((base, *places), stamp_ns))
        self.health.rate.tick()


def _message(places: Sequence[LinkPlace], stamp_ns: int) -> TFMessage:
    transforms = []
    for place in places:
        stamped = TransformStamped(header=header(stamp_ns, place.parent), child_frame_id=place.child)
        moved, turned = stamped.transform.translation, stamped.transform.rotation
        moved.x, moved.y, moved.z = place.position
        turned.x, turned.y, turned.z, turned.w = place.quaternion
        transforms.append(stamped)
    return TFMessage(transforms=transforms)


def main() -> None:
    """Entry point of the `head_model_node` executable."""
    leave(run_node(HeadModelNode))
