"""Files that come from a browser: awaited one by one, limited in size, held in memory only."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts

__all__ = ["LARGEST_UPLOAD_MB", "Uploads", "upload_route"]

LARGEST_UPLOAD_MB = 20
PATIENCE_S = 600.0  # an upload that has not begun by then is awaited no more
MOST_AWAITED = 64  # more than people ever have open; older ones give way

Handler = Callable[[bytes], Mapping[str, Any]]
"""Takes a file's content in a worker thread; returns what the browser gets as JSON."""

TEXTS = Texts("uploads")


class Uploads:
    """Which uploads are awaited. A page asks for a ticket first, so that no other site can send a file.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._awaited: dict[str, tuple[float, Handler]] = {}

    def expect(self, handle: Handler) -> str:
        """Await one file; returns its ticket, which is good for one upload."""
        ticket = secrets.token_urlsafe(18)
        now_s = self._clock()
        with self._lock:
            alive = [(t, entry) for t, entry in self._awaited.items() if entry[0] > now_s]
            self._awaited = dict(alive[-(MOST_AWAITED - 1) :])
            self._awaited[ticket] = (now_s + PATIENCE_S, handle)
        return ticket

    def take(self, ticket: str) -> Handler | None:
        """The handler for this ticket, which is used up by that; None for one that is not awaited."""
        with self._lock:
            until_s, handle = self._awaited.pop(ticket, (float("-inf"), None))
        return handle if until_s > self._clock() else None


def _refused(sentence: str, status: int) -> Response:
    return JSONResponse({"error": sentence}, status)


def _too_large(size: int) -> Response:
    sentence = TEXTS["too_large" if size else "too_large_unknown"]
    return _refused(sentence.format(size=f"{size / 1e6:.0f}", limit=LARGEST_UPLOAD_MB), 413)


def upload_route(uploads: Callable[[], Uploads]) -> BaseRoute:
    """The route POST /upload/<ticket>; the body is the file itself, so that no temporary file is made.

    Args:
        uploads: gives what is awaited at the moment.
    """

    async def receive(request: Request) -> Response:
        handle = uploads().take(request.path_params["ticket"])
        if handle is None:
            return _refused(TEXTS["not_awaited"], 404)
        limit = LARGEST_UPLOAD_MB * 1_000_000
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            return _too_large(int(announced))
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    return _too_large(0)
        except ClientDisconnect:
            return _refused(TEXTS["empty"], 400)
        if not body:
            return _refused(TEXTS["empty"], 400)
        try:
            return JSONResponse(dict(await asyncio.to_thread(handle, bytes(body))))
        except MirrorError as error:
            return _refused(str(error), 400)

    return Route("/upload/{ticket}", receive, methods=["POST"])
