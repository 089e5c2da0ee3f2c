"""The mimic node: a robot's head does what the nearest person's face does.

Subscribed: faces (mirror_msgs/FaceArray, only while somebody listens to what is published). Published:
joint_states (sensor_msgs/JointState, at a fixed rate), look_at (geometry_msgs/PointStamped, the point between
the nearest person's eyes in the camera's optical frame), person_distance (std_msgs/Float32, metres from the
camera to that point, infinite while nobody is there).

Joints follow smoothly within their limits of position, speed and acceleration, and go back to rest when
nobody is there. The distance is a Float32 and no sensor_msgs/Range, because a Range is measured along the x
axis of its frame by one beam, and the axis of a camera's optical frame is z; look_at has the same moment's
stamp and frame.
"""

from __future__ import annotations

import math
import time
from typing import Any

from geometry_msgs.msg import Point, PointStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import Float32

from mirror_core.codecs import FACES
from mirror_core.conversions import header
from mirror_core.diagnostics import Level
from mirror_core.errors import ShapeError
from mirror_core.faces import Face, FaceSet
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_robot.expression_units import expression_units
from mirror_robot.joint_motion import JointMotion, RestAfter
from mirror_robot.joints import joint_targets, parse_joints
from mirror_robot.mimic_parameters import MimicParameters
from mirror_robot.nearest_person import NearestPerson, distance_m
from mirror_robot.resting_face import RestingFace
from mirror_robot.upright_face import upright_face

__all__ = ["MimicNode"]

DEPTH = 10  # states that a slow reader may be behind
NO_POSES = (
    "The faces have no head pose, so that there is nothing to look at: set head_pose of the faces node."
)


class MimicNode(MirrorNode):
    """Moves a head while somebody looks at its joints."""

    NAME = "mimic"
    CONFIG = MimicParameters

    def open(self) -> None:
        """Create the outputs; faces follow when they are wanted."""
        self._faces: Any = None
        self._timer: Any = None
        self._nearest = NearestPerson()
        self._resting: dict[int, RestingFace] = {}
        self._rest = RestAfter(self.config.rest_after_s)
        self._motion = JointMotion(parse_joints(self.config.joints), self.config.response)
        self._moved_ns: int | None = None
        self._states = self.create_publisher(JointState, "joint_states", DEPTH)
        self._look_at = self.create_publisher(PointStamped, "look_at", DEPTH)
        self._distance = self.create_publisher(Float32, "person_distance", DEPTH)
        for publisher in (self._states, self._look_at, self._distance):
            self.at_close(self.destroy_publisher, publisher)
        self.at_close(self._end_timer)
        self.follow_demand(self._follow_demand)
        self.health.counters.update(
            {
                "state": self._state,
                "joints": lambda: len(self._motion.joints),
                "dropped": lambda: self._faces.dropped if self._faces is not None else 0,
            }
        )

    def stop(self) -> None:
        """Forget the people; they may be others when work goes on."""
        self._nearest = NearestPerson()
        self._resting.clear()
        self._rest = RestAfter(self.config.rest_after_s)
        self._motion.aim_at_rest()

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Go on with other settings; other joints begin at rest."""
        if not hasattr(self, "_motion"):
            return
        self._rest.seconds = new.rest_after_s
        if (old.joints, old.response) != (new.joints, new.response):
            is_same = old.joints == new.joints
            place = self._motion.position.tolist() if is_same else None
            self._motion = JointMotion(parse_joints(new.joints), new.response, place)
        if not new.learn_rest:
            self._resting.clear()
        if old.rate != new.rate:
            self._end_timer()
            self._follow_demand()

    # ---- only while it is wanted

    def _follow_demand(self) -> None:
        moves = self.is_running and self._states.get_subscription_count() > 0
        points = self.is_running and (
            self._look_at.get_subscription_count() > 0 or self._distance.get_subscription_count() > 0
        )
        self._faces = self.follow(self._faces, moves or points, FACES, "faces", self._on_faces)
        if moves and self._timer is None:
            self._moved_ns = None
            self._timer = self.create_timer(1.0 / self.config.rate, self._move)
        elif not moves:
            self._end_timer()
        if self._faces is None and self._nearest.track_id is not None:
            self.stop()
            self.health.clear_condition("poses")

    def _end_timer(self) -> None:
        if self._timer is not None:
            self.destroy_timer(self._timer)
            self._timer = None

    def _state(self) -> str:
        if self._faces is None:
            return "idle"
        person = self._nearest.track_id
        return "nobody is there" if person is None else f"follows face {person}"

    # ---- work

    def _on_faces(self, faces: FaceSet) -> None:
        began = time.perf_counter()
        face = self._nearest.choose(faces)
        self._resting = {
            f.track_id: self._resting[f.track_id] for f in faces.faces if f.track_id in self._resting
        }
        self._distance.publish(Float32(data=math.inf if face is None else distance_m(face)))
        if face is None:
            self.health.clear_condition("poses")
            return
        self._point_at(face, faces)
        try:
            self._aim_by(face, faces.stamp_ns)
        except ShapeError:
            return  # points that form no face move no joint
        self._rest.somebody()
        self.health.stages["read"].add(time.perf_counter() - began)

    def _point_at(self, face: Face, faces: FaceSet) -> None:
        if face.head_pose is None:
            self.health.set_condition("poses", Level.WARN, NO_POSES)
            return
        self.health.clear_condition("poses")
        x, y, z = map(float, face.head_pose.position_m)
        self._look_at.publish(
            PointStamped(header=header(faces.stamp_ns, faces.frame_id), point=Point(x=x, y=y, z=z))
        )

    def _aim_by(self, face: Face, stamp_ns: int) -> None:
        upright = upright_face(face.landmarks)
        rest = None
        if self.config.learn_rest:
            known = self._resting.setdefault(face.track_id, RestingFace())
            known.observe(upright, stamp_ns)
            rest = known.values
        units = expression_units(face, upright, rest)
        self._motion.aim(joint_targets(self._motion.joints, units, self.config.mirrored))

    def _move(self) -> None:
        now_ns = time.monotonic_ns()  # joints turn in real time, whatever a replay's clock does
        passed_s = 0.0 if self._moved_ns is None else (now_ns - self._moved_ns) / 1e9
        self._moved_ns = now_ns
        if self._rest.is_due(passed_s):
            self._motion.aim_at_rest()
        with self.health.stages["move"].measure():
            self._motion.advance(passed_s)
        self._states.publish(
            JointState(
                header=header(self.now_ns(), ""),
                name=[joint.name for joint in self._motion.joints],
                position=self._motion.position.tolist(),
                velocity=self._motion.velocity.tolist(),
            )
        )
        self.health.rate.tick()


def main() -> None:
    """Entry point of the `mimic_node` executable."""
    leave(run_node(MimicNode))
