"""Foxglove's WebSocket server with the mirror's channels; knows nothing of ROS.

A channel is filled only while somebody has subscribed to it (`wants`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import foxglove
from foxglove.channels import (
    CameraCalibrationChannel,
    CompressedImageChannel,
    FrameTransformsChannel,
    ImageAnnotationsChannel,
    LogChannel,
)

from mirror_core.errors import UsageError

__all__ = ["ChannelKind", "FoxgloveServer", "RosChannel"]

PORTS_TRIED = 50  # ports after the wished one that are tried where it is taken
BACKLOG = 64  # messages that wait for a slow client; then the oldest are dropped
HIGHEST_PORT = 65535

# Its server says that it starts and stops, which the node says better; its warnings stay.
logging.getLogger("foxglove").setLevel(logging.WARNING)

_CHANNELS: Mapping[str, Any] = {
    "image": CompressedImageChannel,
    "annotations": ImageAnnotationsChannel,
    "calibration": CameraCalibrationChannel,
    "transforms": FrameTransformsChannel,
    "log": LogChannel,
}
ChannelKind = str
"""image, annotations, calibration, transforms or log."""


@dataclass(frozen=True, slots=True)
class RosChannel:
    """A channel that carries ROS messages as they travel (CDR).

    Attributes:
        message_type: e.g. diagnostic_msgs/msg/DiagnosticArray.
        definition: of that type and all it is made of, as rosbag2 and MCAP write it.
    """

    message_type: str
    definition: str


class FoxgloveServer:
    """Serves from its making until `stop`.

    Args:
        name: shown to whoever connects.
        host: address to serve at.
        port: first port to try; 0 takes any free one.
        kinds: topic → kind of channel.
        ros: topic → ROS messages.
        records: topic → JSON Schema of JSON messages.

    Raises:
        UsageError: if no port is free or the address is not this machine's.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        *,
        kinds: Mapping[str, ChannelKind],
        ros: Mapping[str, RosChannel],
        records: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._host = host
        self._context = foxglove.Context()
        self._channels: dict[str, Any] = {
            topic: _CHANNELS[kind](topic, context=self._context) for topic, kind in kinds.items()
        }
        for topic, channel in ros.items():
            schema = foxglove.Schema(
                name=channel.message_type, encoding="ros2msg", data=channel.definition.encode()
            )
            self._channels[topic] = foxglove.Channel(
                topic, schema=schema, message_encoding="cdr", context=self._context
            )
        for topic, record in records.items():
            self._channels[topic] = foxglove.Channel(topic, schema=dict(record), context=self._context)
        self._server = self._serve(name, port)
        self.sent = 0

    def _serve(self, name: str, port: int) -> Any:
        last = min(port + PORTS_TRIED, HIGHEST_PORT) if port else 0
        for candidate in range(port, last + 1):
            try:
                return foxglove.start_server(
                    name=name,
                    host=self._host,
                    port=candidate,
                    context=self._context,
                    message_backlog_size=BACKLOG,
                )
            except RuntimeError as error:
                if "in use" not in str(error):
                    reason = str(error).removeprefix("FoxgloveError: ")
                    raise UsageError(
                        f"Foxglove's server cannot be reached at {self._host}:{candidate} ({reason}): set "
                        "another host or port."
                    ) from error
        raise UsageError(
            f"No port from {port} to {last} is free for Foxglove at {self._host}; set another port."
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.port)

    @property
    def url(self) -> str:
        """What a person types into Foxglove."""
        shown = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{shown}:{self.port}"

    @property
    def topics(self) -> tuple[str, ...]:
        """All channels."""
        return tuple(self._channels)

    def wants(self, *topics: str) -> bool:
        """Whether somebody has subscribed to one of these channels."""
        return any(self._channels[topic].has_sinks() for topic in topics)

    def wanted(self) -> Iterable[str]:
        """The channels that somebody has subscribed to."""
        return [topic for topic in self._channels if self.wants(topic)]

    def send(self, topic: str, message: Any, stamp_ns: int) -> None:
        """Send one message to all that have subscribed.

        Args:
            topic: one of `topics`.
            message: as the channel has it: one of Foxglove's, a dictionary (JSON) or CDR bytes.
            stamp_ns: when what it says was so.
        """
        data = json.dumps(message).encode() if isinstance(message, dict) else message
        self._channels[topic].log(data, log_time=stamp_ns)
        self.sent += 1

    def stop(self) -> None:
        """End it; connections are closed."""
        self._server.stop()
        for channel in self._channels.values():
            channel.close()
