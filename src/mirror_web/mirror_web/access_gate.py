"""The gate: from elsewhere only paired devices get in, whatever they ask for.

Whether a request comes from this machine is told by the address at the other end of the socket alone. What a
request says about itself (X-Forwarded-For) can make it a stranger, never a local one: behind a proxy on this
machine every device has to be paired.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from mirror_core.errors import StoreError
from mirror_web.access import PAIR_PATH, Access
from mirror_web.access_address import is_loopback
from mirror_web.access_devices import Device
from mirror_web.access_pages import refused_page
from mirror_web.catalogue import Texts
from mirror_web.guard import Application, Receive, Scope, Send, header_texts, refuse

__all__ = ["COOKIE", "AccessGate", "cookie_header", "current_device", "is_local", "token_of"]

COOKIE = "mirror_session"
COOKIE_S = 400 * 86400  # browsers keep none longer; the mirror forgets unused devices before that
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
FAREWELL_S = 2.0  # time for an answer to end by itself when its device has to leave
GONE: dict[str, dict[str, Any]] = {
    "http": {"type": "http.disconnect"},
    "websocket": {"type": "websocket.disconnect", "code": 1008},
}
DEVICE = "mirror.device"  # key of a scope: the device that asks, absent for this machine itself
TEXTS = Texts("access")

_log = logging.getLogger(__name__)


def cookie_header(token: str, *, secure: bool) -> tuple[bytes, bytes]:
    """The header that gives a browser its token, or takes it back where the token is empty."""
    parts = [
        f"{COOKIE}={token}",
        "Path=/",
        f"Max-Age={COOKIE_S if token else 0}",
        "HttpOnly",
        "SameSite=Strict",
        *(["Secure"] if secure else []),
    ]
    return (b"set-cookie", "; ".join(parts).encode())


def token_of(headers: dict[str, str]) -> str:
    """The token among the cookies; empty where there is none."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie is not None else ""


def peer_of(scope: Scope) -> str:
    """The address at the other end of the socket; empty where it is not known."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_local(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether a request comes from this machine itself."""
    return is_loopback(peer_of(scope)) and not any(name in headers for name in PROXY_HEADERS)


def current_device(scope: Scope) -> Device | None:
    """The paired device that asks; None for this machine itself."""
    device = scope.get(DEVICE)
    return device if isinstance(device, Device) else None


class AccessGate:
    """ASGI middleware that lets in who may come.

    Args:
        app: what answers those.
        access: gives who may come.
    """

    def __init__(self, app: Application, access: Callable[[], Access]) -> None:
        self._app = app
        self._access = access
        self._writing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        access, headers = self._access(), header_texts(scope)
        if scope["path"] == PAIR_PATH or (is_local(scope, headers) and not access.served.pair_local):
            await self._app(scope, receive, send)
            return
        token = token_of(headers)
        try:
            device = access.devices.find(token) if token else None
        except StoreError as error:
            _log.error("Nobody is let in from elsewhere: %s", error)
            await self._turn_away(scope, send, 503, TEXTS["refused_storage"])
            return
        if device is not None:
            await self._let_in(device, scope, receive, send)
            return
        if token:
            wait_s = access.failed_tokens.wait_s(peer_of(scope))
            access.failed_tokens.failed(peer_of(scope))
            if wait_s:
                retry = (b"retry-after", str(wait_s).encode())
                await self._turn_away(scope, send, 429, TEXTS["too_many"].format(seconds=wait_s), retry)
                return
        # A token that is worth nothing (any more) is taken back, so that a browser stops sending it.
        gone = [cookie_header("", secure=access.served.scheme == "https")] if token else []
        await self._turn_away(scope, send, 401, TEXTS["refused"], *gone)

    async def _turn_away(
        self, scope: Scope, send: Send, status: int, sentence: str, *headers: tuple[bytes, bytes]
    ) -> None:
        if "text/html" in header_texts(scope).get("accept", ""):
            body, kind = refused_page(sentence).encode(), b"text/html; charset=utf-8"
        else:
            body, kind = sentence.encode(), b"text/plain; charset=utf-8"
        await refuse(scope, send, status, body, kind=kind, headers=headers)

    async def _let_in(self, device: Device, scope: Scope, receive: Receive, send: Send) -> None:
        access = self._access()
        if access.devices.is_due(device):
            task = asyncio.create_task(self._note_seen(access, device))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        scope[DEVICE] = device
        loop, gone = asyncio.get_running_loop(), asyncio.Event()

        def leave() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(gone.set)

        closed = access.opened(device, leave)
        try:
            await _until_gone(self._app, scope, receive, send, gone)
        finally:
            closed()

    async def _note_seen(self, access: Access, device: Device) -> None:
        try:
            await asyncio.to_thread(access.devices.note_seen, device.key)
        except StoreError as error:  # a full disk shall not lock anybody out
            _log.warning("It is not written down when a device was seen last: %s", error)


async def _until_gone(
    app: Application, scope: Scope, receive: Receive, send: Send, gone: asyncio.Event
) -> None:
    """Answer, until that is done or the device has to leave: then it is as if its connection had ended."""

    async def receive_until_gone() -> MutableMapping[str, Any]:
        hearing = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({hearing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if gone.is_set():
                return dict(GONE[scope["type"]])
            return await hearing
        finally:
            hearing.cancel()

    leaving = asyncio.ensure_future(gone.wait())
    answering = asyncio.ensure_future(app(scope, receive_until_gone, send))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            await asyncio.wait({answering}, timeout=FAREWELL_S)
    finally:
        leaving.cancel()
        if not answering.done():
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
    if not answering.cancelled():
        answering.result()
