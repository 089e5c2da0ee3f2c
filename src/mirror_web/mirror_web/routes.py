"""The plain addresses beside the pages: picture stream, single picture, health."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from mirror_core.errors import MirrorError
from mirror_web.shell import PageContext
from mirror_web.stream import BOUNDARY, FrameBroadcaster

__all__ = ["MjpegResponse", "plain_routes"]

_NO_STORE = {"Cache-Control": "no-store"}


class MjpegResponse(Response):
    """An endless multipart body that ends, and stops counting as a watcher, when the client goes."""

    media_type = f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}"

    def __init__(self, broadcaster: FrameBroadcaster) -> None:
        super().__init__(headers=_NO_STORE)
        del self.headers["content-length"]
        self._broadcaster = broadcaster

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send parts until the client disconnects or the broadcaster ends its streams."""
        sending = asyncio.ensure_future(self._send_parts(send))
        leaving = asyncio.ensure_future(_until_disconnected(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            sending.result()

    async def _send_parts(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(self._broadcaster.multipart()) as parts:  # type: ignore[type-var]
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def plain_routes(context: Callable[[], PageContext]) -> list[BaseRoute]:
    """The routes /stream.mjpg, /snapshot.jpg and /healthz.

    Args:
        context: gives what is served at the moment.
    """

    async def stream(_: Request) -> Response:
        return MjpegResponse(context().broadcaster)

    async def snapshot(_: Request) -> Response:
        jpeg = await context().broadcaster.snapshot()
        return Response(jpeg, media_type="image/jpeg", headers=_NO_STORE)

    async def health(_: Request) -> Response:
        now = context()
        figures: dict[str, Any] = {"watchers": now.broadcaster.watchers, "encoded": now.broadcaster.encoded}
        try:
            status = await asyncio.to_thread(now.control.status)
        except MirrorError as error:
            return JSONResponse({"ok": False, "detail": str(error), **figures}, 503)
        return JSONResponse(
            {
                "ok": True,
                "camera": status.camera,
                "detail": status.detail,
                "fps": status.fps,
                "latency_ms": status.latency_ms,
                **figures,
            }
        )

    return [
        Route("/stream.mjpg", stream),
        Route("/snapshot.jpg", snapshot),
        Route("/healthz", health),
    ]
