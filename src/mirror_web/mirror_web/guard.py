"""The guard before the page: pictures and switches are for this page only, not for other web sites.

A page on the loopback address can still be reached by any site open in the same browser, by a request
across origins or by a name that the site points at 127.0.0.1 (DNS rebinding). Both are refused.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["OriginGuard", "is_own_name", "refusal"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def is_own_name(host: str) -> bool:
    """Whether a Host header's value (with or without port) can only mean this machine.

    An address cannot be rebound; of names only localhost and the machine's own are accepted.
    """
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        own = socket.gethostname().lower()
        return name in ("localhost", own, f"{own}.local", f"{own.split('.')[0]}.local")
    return True


def refusal(headers: dict[str, str]) -> str | None:
    """Why a request with these headers (names in lower case) is refused, None if it is not."""
    host = headers.get("host", "")
    if not is_own_name(host):
        return "This page is served under the machine's own name or address only."
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "This page cannot be used from another web site."
    # Following a link to the page is fine, embedding its picture elsewhere is not.
    if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        return "This page's contents cannot be embedded in another web site."
    return None


class OriginGuard:
    """ASGI middleware that answers 403 to what `refusal` refuses."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        reason = refusal(headers)
        if reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            await send({"type": "http.response.body", "body": reason.encode()})
