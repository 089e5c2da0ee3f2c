"""The guard before the page: pictures and switches are for this page only, not for other web sites.

A page on the loopback address can still be reached by any site open in the same browser, by a request
across origins or by a name that the site points at 127.0.0.1 (DNS rebinding). Both are refused, for every
address of the page: pages, pictures, uploads and the WebSocket.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["OriginGuard", "header_texts", "is_own_name", "refusal", "refuse"]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Endings that nobody can register, under which routers know the machines of a network (RFC 6762, RFC 8375,
# ICANN's .internal); under any other, a stranger may own the machine's name.
LOCAL_ENDINGS = ("local", "lan", "home", "home.arpa", "internal", "localdomain")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def header_texts(scope: Scope) -> dict[str, str]:
    """The headers of a request, names in lower case; of a repeated one the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def is_own_name(host: str, names: Collection[str] = ()) -> bool:
    """Whether a Host header's value (with or without port) can only mean this machine.

    An address cannot be rebound, so that a phone may use any of this machine's; of names only localhost, the
    machine's own and the given ones are accepted.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        own = socket.gethostname().lower()
        short = own.split(".")[0]
        own_names = {"localhost", own, *(f"{base}.{end}" for base in (own, short) for end in LOCAL_ENDINGS)}
        return name in own_names or name in {given.lower() for given in names}
    return True


def refusal(headers: dict[str, str], names: Collection[str] = (), *, changes: bool = False) -> str | None:
    """Why a request with these headers (names in lower case) is refused, None if it is not.

    Args:
        headers: of the request.
        names: under which the page is served, too; see `is_own_name`.
        changes: whether the request may change something: any but GET, HEAD and OPTIONS, and a WebSocket.
    """
    host = headers.get("host", "")
    if not is_own_name(host, names):
        return "This page is served under the machine's own name or address only."
    origin = headers.get("origin")
    if origin is not None and _place(origin) != host.lower():
        return "This page cannot be used from another web site."
    if changes and origin is None and "cookie" in headers:
        # Every browser names the origin here; what has cookies and does not is something that hides it.
        return "This request does not say from which page it comes."
    site = headers.get("sec-fetch-site")
    if changes and site is not None and site not in ("same-origin", "none"):
        return "This page cannot be used from another web site."
    # Following a link to the page is fine, embedding its picture elsewhere is not.
    if site == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        return "This page's contents cannot be embedded in another web site."
    return None


def _place(origin: str) -> str:
    """Host and port of an origin; empty for one that has none, such as "null"."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def refuse(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    *,
    kind: bytes,
    headers: Collection[tuple[bytes, bytes]] = (),
) -> None:
    """Answer a request, or turn a WebSocket away, with a status and a text.

    Args:
        scope: of the request.
        send: takes the answer.
        status: of HTTP.
        body: the text.
        kind: its Content-Type.
        headers: more of them.
    """
    begin, end = "http.response.start", "http.response.body"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": ""})  # becomes status 403
            return
        begin, end = "websocket.http.response.start", "websocket.http.response.body"
    told = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": begin, "status": status, "headers": told})
    await send({"type": end, "body": b"" if scope.get("method") == "HEAD" else body})


class OriginGuard:
    """ASGI middleware that answers 403 to what `refusal` refuses.

    Args:
        app: what answers everything else.
        names: gives the names under which the page is served beside the machine's own.
    """

    def __init__(self, app: Application, names: Callable[[], Collection[str]] = tuple) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        reason = refusal(header_texts(scope), self._names(), changes=changes)
        if reason is None:
            await self._app(scope, receive, send)
        else:
            await refuse(scope, send, 403, reason.encode(), kind=b"text/plain; charset=utf-8")
