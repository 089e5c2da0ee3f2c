"""A browser's part in a soak: somebody watches the stream, and pages and files are loaded again and again."""

from __future__ import annotations

import http.client
import threading
from urllib.parse import urlsplit

__all__ = ["PageVisits"]

PAGES = (
    *("/", "/effects", "/faces", "/mood", "/shape", "/health", "/privacy"),
    *("/snapshot.jpg", "/healthz", "/mood/shown.csv", "/shape/model.json", "/not/there"),
)
ANSWER_S = 30.0
VISIT_S = 1.0  # between two loads
PART_BYTES = 65536
STREAM_PARTS = 200  # after so many pieces the watcher goes and comes again


class PageVisits:
    """Loads and watches in two threads of its own until `close`.

    Args:
        url: of the page, "http://127.0.0.1:8080".

    Attributes:
        loads: answers that were read whole.
        failures: those that did not come, and statuses from 500 on.
        bytes_watched: of the stream.
    """

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._closed = threading.Event()
        self.loads = 0
        self.failures = 0
        self.bytes_watched = 0
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for target, name in ((self._visit, "soak visits"), (self._watch, "soak stream"))
        ]
        for thread in self._threads:
            thread.start()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._address, timeout=ANSWER_S)

    def _visit(self) -> None:
        number = 0
        while not self._closed.wait(VISIT_S):
            connection = self._connection()
            try:
                connection.request("GET", PAGES[number % len(PAGES)])
                answer = connection.getresponse()
                answer.read()
                self.loads += 1
                self.failures += answer.status >= 500
            except (OSError, http.client.HTTPException):
                self.failures += not self._closed.is_set()
            finally:
                connection.close()
            number += 1

    def _watch(self) -> None:
        while not self._closed.wait(VISIT_S):
            connection = self._connection()
            try:
                connection.request("GET", "/stream.mjpg")
                answer = connection.getresponse()
                for _ in range(STREAM_PARTS):
                    if self._closed.is_set() or not (part := answer.read1(PART_BYTES)):
                        break
                    self.bytes_watched += len(part)
            except (OSError, http.client.HTTPException):
                self.failures += not self._closed.is_set()
            finally:
                connection.close()

    def close(self) -> None:
        """Go away."""
        self._closed.set()
        for thread in self._threads:
            thread.join(ANSWER_S)
