"""Files that come from a browser: awaited one by one, limited in size and kind, held in memory only."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.upload_kinds import HEAD_BYTES, PHOTO_OR_FACE, FileKind, kind_of, kinds_words

__all__ = ["LARGEST_UPLOAD_MB", "AwaitedUpload", "Uploads", "upload_route"]

LARGEST_UPLOAD_MB = 20
PATIENCE_S = 600.0  # an upload that has not begun by then is awaited no more
MOST_AWAITED = 64  # more than people ever have open; older ones give way
MOST_AT_ONCE = 4  # received at the same time, so that the memory for them has a limit
RECEIVED_S = 180.0  # in which a file has to arrive, so that no slow one takes a place for ever

Handler = Callable[[bytes], Mapping[str, Any]]
"""Takes a file's content in a worker thread; returns what the browser gets as JSON."""

TEXTS = Texts("uploads")


@dataclass(frozen=True, slots=True)
class AwaitedUpload:
    """A file that is awaited.

    Attributes:
        handle: takes it.
        kinds: what it may be; see `upload_kinds`.
        until_s: monotonic seconds, until which it is awaited.
    """

    handle: Handler
    kinds: tuple[FileKind, ...]
    until_s: float


class Uploads:
    """Which uploads are awaited. A page asks for a ticket first, so that no other site can send a file.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._awaited: dict[str, AwaitedUpload] = {}
        self.receiving = 0  # files that arrive at the moment; only the page's event loop counts them

    def expect(self, handle: Handler, kinds: Collection[FileKind] = PHOTO_OR_FACE) -> str:
        """Await one file of one of these kinds; returns its ticket, which is good for one upload."""
        ticket = secrets.token_urlsafe(18)
        now_s = self._clock()
        with self._lock:
            alive = [(t, upload) for t, upload in self._awaited.items() if upload.until_s > now_s]
            self._awaited = dict(alive[-(MOST_AWAITED - 1) :])
            self._awaited[ticket] = AwaitedUpload(handle, tuple(kinds), now_s + PATIENCE_S)
        return ticket

    def take(self, ticket: str) -> AwaitedUpload | None:
        """What is awaited with this ticket, which is used up by that; None for one that is not awaited."""
        with self._lock:
            upload = self._awaited.pop(ticket, None)
        return upload if upload is not None and upload.until_s > self._clock() else None


class _RefusedError(Exception):
    """Ends an upload: its arguments are sentence and status."""


def _refused(sentence: str, status: int) -> Response:
    # Else the server would read, and throw away, whatever else comes.
    return JSONResponse({"error": sentence}, status, {"Connection": "close"})


def _too_large(size: int) -> _RefusedError:
    sentence = TEXTS["too_large" if size else "too_large_unknown"]
    return _RefusedError(sentence.format(size=f"{size / 1e6:.0f}", limit=LARGEST_UPLOAD_MB), 413)


async def _content(request: Request, kinds: tuple[FileKind, ...]) -> bytes:
    """The file; what is wrong with it is said as soon as it can be told, before the rest is read."""
    limit = LARGEST_UPLOAD_MB * 1_000_000
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(int(announced))
    body = bytearray()
    is_checked = False
    try:
        async with asyncio.timeout(RECEIVED_S):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    raise _too_large(0)
                if not is_checked and len(body) >= HEAD_BYTES:
                    _check_kind(bytes(body[:HEAD_BYTES]), kinds)
                    is_checked = True
    except TimeoutError:
        raise _RefusedError(TEXTS["too_slow"], 408) from None
    except ClientDisconnect:
        raise _RefusedError(TEXTS["empty"], 400) from None
    if not body:
        raise _RefusedError(TEXTS["empty"], 400)
    if not is_checked:
        _check_kind(bytes(body), kinds)
    return bytes(body)


def _check_kind(head: bytes, kinds: tuple[FileKind, ...]) -> None:
    if kind_of(head) not in kinds:
        raise _RefusedError(TEXTS["wrong_kind"].format(kinds=kinds_words(kinds)), 415)


def upload_route(uploads: Callable[[], Uploads]) -> BaseRoute:
    """The route POST /upload/<ticket>; the body is the file itself, so that no temporary file is made.

    Args:
        uploads: gives what is awaited at the moment.
    """

    async def receive(request: Request) -> Response:
        now = uploads()
        if now.receiving >= MOST_AT_ONCE:
            return _refused(TEXTS["busy"], 503)
        now.receiving += 1
        try:
            upload = now.take(request.path_params["ticket"])
            if upload is None:
                return _refused(TEXTS["not_awaited"], 404)
            content = await _content(request, upload.kinds)
            return JSONResponse(dict(await asyncio.to_thread(upload.handle, content)))
        except _RefusedError as refusal:
            return _refused(*refusal.args)
        except MirrorError as error:
            return _refused(str(error), 400)
        finally:
            now.receiving -= 1

    return Route("/upload/{ticket}", receive, methods=["POST"])
