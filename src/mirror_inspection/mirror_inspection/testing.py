"""A client that speaks Foxglove's WebSocket protocol, for tests: what Foxglove itself would see."""

from __future__ import annotations

import base64
import json
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from websockets.sync.client import connect
from websockets.typing import Subprotocol

__all__ = ["FoxgloveClient", "Received", "decoder_of"]

SUBPROTOCOL = "foxglove.sdk.v1"
MESSAGE_DATA = 1  # first byte of a binary message that carries data
HEADER = struct.Struct("<BIQ")  # that byte, the subscription, the time in nanoseconds
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Received:
    """One message: when what it says was so (nanoseconds), and what it says, decoded."""

    stamp_ns: int
    content: Any


def decoder_of(schema_name: str, encoding: str, schema: str) -> Callable[[bytes], Any]:
    """How a channel's messages are decoded, from the schema that the server has sent.

    Args:
        schema_name: e.g. foxglove.CompressedImage.
        encoding: of messages: protobuf, json or cdr (which stays bytes).
        schema: as it was sent; of protobuf a FileDescriptorSet in base64.
    """
    if encoding == "json":
        return json.loads
    if encoding != "protobuf":
        return bytes
    files = descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(schema))
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    found = pool.FindMessageTypeByName(schema_name)
    decode: Callable[[bytes], Any] = message_factory.GetMessageClass(found).FromString
    return decode


@dataclass
class FoxgloveClient:
    """Connects at once; closes with the block.

    Attributes:
        url: ws://host:port.
        channels: what the server offers, by topic.
        received: what has come so far, by topic.
    """

    url: str
    channels: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    received: dict[str, list[Received]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stack = ExitStack()
        connection = connect(self.url, subprotocols=[Subprotocol(SUBPROTOCOL)], max_size=None)
        self._socket = self._stack.enter_context(connection)
        self._topics: dict[int, str] = {}
        self._decoders: dict[int, Callable[[bytes], Any]] = {}
        self.until(lambda: self.channels, "the server's channels")

    def __enter__(self) -> FoxgloveClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._stack.close()

    def subscribe(self, *topics: str) -> None:
        """Ask for topics; messages come from then on."""
        asked = []
        for topic in topics:
            channel = self.channels[topic]
            number = len(self._topics)
            self._topics[number] = topic
            self._decoders[number] = decoder_of(
                channel["schemaName"], channel["encoding"], channel.get("schema", "")
            )
            asked.append({"id": number, "channelId": channel["id"]})
        self._socket.send(json.dumps({"op": "subscribe", "subscriptions": asked}))

    def unsubscribe(self, topic: str) -> None:
        """Ask for a topic no more."""
        numbers = [number for number, name in self._topics.items() if name == topic]
        self._socket.send(json.dumps({"op": "unsubscribe", "subscriptionIds": numbers}))

    def take(self, timeout_s: float) -> bool:
        """Take the next thing that the server sends; False where nothing comes in time."""
        try:
            data = self._socket.recv(timeout=timeout_s)
        except TimeoutError:
            return False
        if isinstance(data, str):
            message = json.loads(data)
            if message["op"] == "advertise":
                self.channels.update({channel["topic"]: channel for channel in message["channels"]})
        elif data[0] == MESSAGE_DATA:
            _, number, stamp_ns = HEADER.unpack_from(data)
            content = self._decoders[number](data[HEADER.size :])
            self.received.setdefault(self._topics[number], []).append(Received(stamp_ns, content))
        return True

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Take what comes until a condition holds; returns its value.

        Raises:
            TimeoutError: naming what did not come.
        """
        deadline = time.monotonic() + timeout_s
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Waited {timeout_s:.0f} s in vain for {what}.")
            self.take(0.1)
        return value

    def newest(self, topic: str) -> Received:
        """The newest message of a topic; waits for the first."""
        self.until(lambda: self.received.get(topic), f"a message on {topic}")
        return self.received[topic][-1]
