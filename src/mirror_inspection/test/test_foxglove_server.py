"""The server by itself, seen by a client that speaks Foxglove's protocol."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("foxglove", reason="foxglove-sdk is not installed")

from foxglove.messages import Log, LogLevel

from mirror_core.errors import UsageError
from mirror_inspection.foxglove_server import FoxgloveServer, RosChannel
from mirror_inspection.testing import FoxgloveClient

SCHEMA = {"type": "object", "title": "test.Count", "properties": {"count": {"type": "integer"}}}


def make(port: int = 0, host: str = "127.0.0.1") -> FoxgloveServer:
    return FoxgloveServer(
        "hall",
        host,
        port,
        kinds={"/hall/image": "image", "/log": "log"},
        ros={"/hall/words": RosChannel("std_msgs/msg/String", "string data\n")},
        records={"/hall/counts": SCHEMA},
    )


@pytest.fixture
def server() -> Iterator[FoxgloveServer]:
    server = make()
    yield server
    server.stop()


@pytest.fixture
def client(server: FoxgloveServer) -> Iterator[FoxgloveClient]:
    with FoxgloveClient(server.url) as client:
        yield client


def test_a_client_is_told_all_channels_with_their_schemas(
    server: FoxgloveServer, client: FoxgloveClient
) -> None:
    client.until(lambda: len(client.channels) == 4, "four channels")
    kinds = {topic: (c["schemaName"], c["encoding"]) for topic, c in client.channels.items()}
    assert kinds == {
        "/hall/image": ("foxglove.CompressedImage", "protobuf"),
        "/log": ("foxglove.Log", "protobuf"),
        "/hall/words": ("std_msgs/msg/String", "cdr"),
        "/hall/counts": ("test.Count", "json"),
    }
    assert client.channels["/hall/words"]["schema"] == "string data\n"
    assert client.channels["/hall/words"]["schemaEncoding"] == "ros2msg"
    assert json.loads(client.channels["/hall/counts"]["schema"]) == SCHEMA
    assert set(server.topics) == set(client.channels)


def test_only_what_is_asked_for_is_wanted_and_only_for_so_long(
    server: FoxgloveServer, client: FoxgloveClient, eventually: Callable[..., Any]
) -> None:
    assert list(server.wanted()) == []
    client.subscribe("/log", "/hall/counts")
    eventually(lambda: set(server.wanted()) == {"/log", "/hall/counts"}, "two topics to be wanted")
    assert server.wants("/hall/image", "/log")
    client.unsubscribe("/log")
    eventually(lambda: list(server.wanted()) == ["/hall/counts"], "one topic to be wanted")
    client.close()
    eventually(lambda: list(server.wanted()) == [], "nothing to be wanted")


def test_messages_arrive_with_their_times(
    server: FoxgloveServer, client: FoxgloveClient, eventually: Callable[..., Any]
) -> None:
    client.subscribe(*server.topics)
    eventually(lambda: len(list(server.wanted())) == 4, "all to be wanted")
    server.send("/hall/counts", {"count": 3}, 5_000_000_001)
    server.send("/log", Log(level=LogLevel.Error, message="Gone."), 5_000_000_002)
    server.send("/hall/words", b"\x00\x01\x00\x00raw", 5_000_000_003)
    counts, log, words = (client.newest(topic) for topic in ("/hall/counts", "/log", "/hall/words"))
    assert (counts.stamp_ns, counts.content) == (5_000_000_001, {"count": 3})
    assert (log.stamp_ns, log.content.message) == (5_000_000_002, "Gone.")
    assert (words.stamp_ns, words.content) == (5_000_000_003, b"\x00\x01\x00\x00raw")
    assert server.sent == 3


def test_a_taken_port_is_passed_over(server: FoxgloveServer) -> None:
    other = make(server.port)
    try:
        assert server.port < other.port <= server.port + 50
    finally:
        other.stop()


def test_a_stopped_server_frees_its_port(eventually: Callable[..., Any]) -> None:
    server = make()
    port = server.port
    server.stop()

    def is_free() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    eventually(is_free, "the port to be free")


def test_an_address_of_another_machine_is_refused_in_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"Foxglove's server cannot be reached at 192\.0\.2\.1:0 \("):
        make(0, "192.0.2.1")
