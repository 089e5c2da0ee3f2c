"""How a topic was offered, as rosbag2 keeps it: what was latched is latched when it is played."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime

__all__ = ["is_latched", "stored_quality"]

SECOND_NS = 1_000_000_000


def stored_quality(profile: Any) -> Qos:
    """A publisher's `rclpy.qos.QoSProfile` in rosbag2's form; both number their policies as rmw does.

    Args:
        profile: e.g. the `qos_profile` of `get_publishers_info_by_topic`.
    """
    return Qos(
        QosHistory(int(profile.history)),
        int(profile.depth),
        QosReliability(int(profile.reliability)),
        QosDurability(int(profile.durability)),
        _time(profile.deadline),
        _time(profile.lifespan),
        QosLiveliness(int(profile.liveliness)),
        _time(profile.liveliness_lease_duration),
        bool(profile.avoid_ros_namespace_conventions),
    )


def is_latched(qualities: Iterable[Qos]) -> bool:
    """Whether somebody offered a topic's last message also to those who come later."""
    return any(quality.durability is QosDurability.TRANSIENT_LOCAL for quality in qualities)


def _time(duration: Any) -> QosTime:
    return QosTime(*divmod(int(duration.nanoseconds), SECOND_NS))
