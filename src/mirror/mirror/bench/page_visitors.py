"""So many browsers on the Live page at once, in a process of their own (`main`); what they saw as JSON.

Each visitor loads the page, keeps its WebSocket as a browser does, and takes the picture stream, but draws
nothing, so that the machine is left to the mirror.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np

__all__ = ["ARRIVED", "Visit", "parts_of", "visit_page"]

socketio: Any = importlib.import_module("socketio")  # NiceGUI's, without types

CLIENT_ID = re.compile(r"[\"']client_id[\"']\s*:\s*[\"']([0-9a-f-]+)[\"']")
SOCKET_PATH = "/_nicegui_ws/socket.io"
HEAD = b"Content-Type: image/jpeg"
PATIENCE_S = 120.0  # on a busy machine twenty pages take a while
ARRIVED = "arrived"
CHUNK = 65536


class Visit:
    """One visitor.

    Attributes:
        pictures: that came.
        updates: messages over the WebSocket.
    """

    def __init__(self, url: str, number: int) -> None:
        self._url = url
        self._number = number
        self._id = ""
        self._client = socketio.AsyncClient(reconnection=False)
        self.pictures = 0
        self.updates = 0

    def load(self) -> str:
        """Load the page as a browser does; returns the id that its WebSocket has to name."""
        parts = urlsplit(self._url)
        connection = HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/")
            response = connection.getresponse()
            page = response.read().decode()
        finally:
            connection.close()
        found = CLIENT_ID.search(page)
        if response.status != 200 or found is None:
            raise SystemExit(f"The page at {self._url} is no page of the mirror (status {response.status}).")
        return found[1]

    async def come(self) -> None:
        """Load the page, connect its WebSocket and begin to take pictures."""
        client_id = await asyncio.to_thread(self.load)
        query = {
            "client_id": client_id,
            "tab_id": f"visitor-{self._number}",
            "document_id": f"document-{self._number}",
            "next_message_id": 0,
            "implicit_handshake": "true",
        }
        self._client.on("*", self._count)
        self._client.on("run_javascript", self._answer)
        url = f"{self._url}?{urlencode(query)}"
        await self._client.connect(
            url, transports=["websocket"], socketio_path=SOCKET_PATH, wait_timeout=PATIENCE_S
        )
        self._id = client_id
        self._watching = asyncio.create_task(self._watch())

    async def leave(self) -> None:
        """Close everything."""
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await self._client.disconnect()

    async def _count(self, *_: object) -> None:
        self.updates += 1

    async def _answer(self, message: dict[str, Any]) -> None:
        """What a browser says to a script that is to tell something."""
        self.updates += 1
        if (request := message.get("request_id")) is not None:
            answer = {"request_id": request, "client_id": self._id, "result": None}
            await self._client.emit("javascript_response", answer)

    async def _watch(self) -> None:
        parts = urlsplit(self._url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"GET /stream.mjpg HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        rest = b""
        try:
            while chunk := await reader.read(CHUNK):
                found, rest = parts_of(rest + chunk)
                self.pictures += found
        finally:
            writer.close()


def parts_of(data: bytes) -> tuple[int, bytes]:
    """How many parts begin in this piece of a stream, and the end of it that may be the half of a head."""
    return data.count(HEAD), data[-(len(HEAD) - 1) :]


async def visit_page(url: str, count: int, seconds: float, arrived: Callable[[], None]) -> dict[str, float]:
    """Visit the page with so many browsers at once.

    Args:
        url: of the page.
        count: browsers.
        seconds: for which they stay.
        arrived: called when all of them are there.

    Returns:
        `pictures_hz`: pictures a second of the median visitor, `slowest_hz` of the one with the fewest;
        `updates_hz`: messages a second of all WebSockets together.
    """
    visits = [Visit(url, number) for number in range(count)]
    await asyncio.gather(*(visit.come() for visit in visits))
    arrived()
    before = [(visit.pictures, visit.updates) for visit in visits]
    begin_s = time.monotonic()
    await asyncio.sleep(seconds)
    elapsed_s = time.monotonic() - begin_s
    pairs = list(zip(visits, before, strict=True))
    rates = [(visit.pictures - pictures) / elapsed_s for visit, (pictures, _) in pairs]
    updates = sum(visit.updates - earlier for visit, (_, earlier) in pairs)
    await asyncio.gather(*(visit.leave() for visit in visits))
    return {
        "pictures_hz": float(np.median(rates)),
        "slowest_hz": min(rates),
        "updates_hz": updates / elapsed_s,
    }


def main() -> None:
    """Visit, say when all have come, then what they saw, each as a line."""
    url, count, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    found = asyncio.run(visit_page(url, count, seconds, lambda: print(ARRIVED, flush=True)))
    print(json.dumps(found))
