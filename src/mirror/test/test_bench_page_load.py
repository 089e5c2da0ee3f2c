"""The visitors of the page's load test: they are let in, keep their connection and count whole pictures."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mirror.bench.page_visitors import HEAD, parts_of, visit_page
from mirror_core.frame import Frame
from mirror_web.parameters import WebParameters
from mirror_web.server import PageServer
from mirror_web.stream import BOUNDARY, FrameBroadcaster
from mirror_web.testing import FakeControl


@pytest.fixture
def server() -> Iterator[PageServer]:
    """A served page with a picture that changes."""
    broadcaster, stop = FrameBroadcaster(), threading.Event()
    server = PageServer(WebParameters(port=0), broadcaster, FakeControl())
    server.start()

    def feed() -> None:
        value = 0
        while not stop.wait(0.02):
            value = (value + 5) % 250
            broadcaster.submit(Frame(np.full((72, 128, 3), value, np.uint8), 0))

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        server.wait_ready(60)
        yield server
    finally:
        stop.set()
        thread.join()
        server.stop()


def test_visitors_take_pictures_and_leave_again(
    server: PageServer, eventually: Callable[..., object]
) -> None:
    come: list[bool] = []
    found = asyncio.run(visit_page(server.url, 3, 2.0, lambda: come.append(True)))
    assert come == [True]
    assert 0 < found["slowest_hz"] <= found["pictures_hz"] <= 60
    eventually(lambda: server.context.broadcaster.watchers == 0, "the visitors' leave")


@pytest.mark.parametrize("size", [1, 3, len(HEAD), 1000])
def test_parts_are_counted_however_the_stream_is_cut(size: int) -> None:
    head = b"--" + BOUNDARY + b"\r\n" + HEAD + b"\r\n\r\n"
    stream = head + b"\xff\xd8picture\xff\xd9\r\n" + head + b"\xff\xd8other\xff\xd9\r\n" + head
    count, rest = 0, b""
    for start in range(0, len(stream), size):
        found, rest = parts_of(rest + stream[start : start + size])
        count += found
    assert count == 3
