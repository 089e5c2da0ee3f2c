"""What nodes say about themselves, out of a diagnostic_msgs/DiagnosticArray: of rclpy, or read from a bag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["statuses_of"]


def statuses_of(message: Any) -> Iterator[tuple[str, int, str, dict[str, str]]]:
    """(full name, level, message, values) of each status."""
    for status in message.status:
        values = {value.key: value.value for value in status.values}
        level = status.level[0] if isinstance(status.level, bytes) else int(status.level)
        yield status.name, level, status.message, values
