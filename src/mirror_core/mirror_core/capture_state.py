"""How a capture of a face stands, as `mirror_msgs/CaptureStatus` tells it to window and page."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["CaptureState"]


class CaptureState(StrEnum):
    """How a capture stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
