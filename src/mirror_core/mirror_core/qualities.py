"""Qualities of service that several nodes share."""

from __future__ import annotations

from typing import Final

from rclpy.qos import DurabilityPolicy, QoSProfile

__all__ = ["LATCHED", "ROSOUT"]

LATCHED: Final = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""Of a state: who comes later gets the newest."""
ROSOUT: Final = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""As /rosout is published."""
