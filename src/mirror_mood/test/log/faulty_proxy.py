"""A TCP proxy before a server that speaks HTTP, which does to connections what bad networks do."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections import deque

__all__ = ["FaultyProxy"]

CHUNK = 65536
FAULTS = (
    "ok",  # the connection is passed on
    "refuse",  # it is closed at once
    "500",  # a request is read and answered with a fault of the server
    "cut_request",  # the beginning of the request reaches the server, then both sides are closed
    "cut_answer",  # the request reaches the server, which does it, but the answer does not come back
    "half_answer",  # the same with the first bytes of the answer, then the way back is half closed
)


class FaultyProxy:
    """Passes connections on to a server; the next ones have the faults that are asked for.

    Args:
        server: "http://host:port".

    Attributes:
        address: "http://127.0.0.1:" and its own port.
        suffered: the faults that connections have had.
    """

    def __init__(self, server: str) -> None:
        host, _, port = server.removeprefix("http://").partition(":")
        self._server = (host, int(port))
        self._faults: deque[str] = deque()
        self.suffered: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def let_suffer(self, *faults: str) -> None:
        """Give the next connections these faults, one each."""
        assert set(faults) <= set(FAULTS)
        self._faults.extend(faults)

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            fault = self._faults.popleft() if self._faults else "ok"
            self.suffered.append(fault)
            threading.Thread(target=self._serve, args=(client, fault), daemon=True).start()

    def _serve(self, client: socket.socket, fault: str) -> None:
        with client, contextlib.suppress(OSError):
            if fault == "refuse":
                return
            if fault == "500":
                _read_request(client)
                client.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(self._server, timeout=20) as server:
                if fault == "cut_request":
                    server.sendall(client.recv(CHUNK)[:200])
                    return
                _pass_on(client, server, fault)


def _read_request(client: socket.socket) -> bytes:
    """A request with its body."""
    client.settimeout(20)
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(CHUNK)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    if b"100-continue" in head.lower():
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = client.recv(CHUNK)
        if not part:
            break
        body += part
    return data


def _pass_on(client: socket.socket, server: socket.socket, fault: str) -> None:
    while True:
        ready, _, _ = select.select([client, server], [], [], 20)
        if not ready:
            return
        if client in ready:
            data = client.recv(CHUNK)
            if not data:
                return
            server.sendall(data)
        if server in ready:
            data = server.recv(CHUNK)
            if not data:
                return
            if fault == "cut_answer" and b" 100 " not in data[:16]:
                return
            if fault == "half_answer" and b" 100 " not in data[:16]:
                client.sendall(data[:10])
                client.shutdown(socket.SHUT_WR)
                return
            client.sendall(data)
