"""What every answer tells the browser: what a page may load, who may frame it, what is kept.

The policy allows this server's own files, inline scripts that carry the answer's nonce, and `eval`, without
which NiceGUI cannot run: its templates are compiled in the browser. Styles are free, because Vue and Quasar
set them everywhere; without scripts and without other hosts they can send nothing away.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

from mirror_web.guard import Application, Receive, Scope, Send, header_texts

__all__ = ["SecurityHeaders", "content_security_policy", "page_nonce", "put_nonces_into"]

NONCE_BYTES = 16
KEPT_S = 30 * 86400  # for so long a browser insists on TLS
STATIC = ("/assets/", "/_nicegui/")  # files that are the same for everybody
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]+")  # what may stand in the policy without ending a part of it
DENIED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", ", ".join(f"{name}=()" for name in DENIED).encode()),
)

_nonce: ContextVar[str] = ContextVar("nonce", default="")


def page_nonce() -> str:
    """The nonce of the answer that is being made; empty outside of any request."""
    return _nonce.get()


def content_security_policy(nonce: str, host: str) -> str:
    """The policy of one answer.

    Args:
        nonce: what its inline scripts carry.
        host: the Host header; Safari before 15.4 does not count a WebSocket as one of 'self'.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "font-src": "'self'",
        "connect-src": f"'self'{sockets}",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in parts.items())


def put_nonces_into(environment: Any) -> None:
    """Let the scripts of NiceGUI's page carry the nonce.

    Only those of the template itself get one: what is filled into it (names, texts, elements) is put in
    later, so that a script that somebody smuggles in there has none and does not run.

    Args:
        environment: NiceGUI's, a `jinja2.Environment`.
    """
    loader = environment.loader
    get_source = loader.get_source

    def with_nonces(environment: Any, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_fresh = get_source(environment, template)
        return source.replace("<script", '<script nonce="{{ page_nonce() }}"'), path, is_fresh

    loader.get_source = with_nonces
    environment.globals["page_nonce"] = page_nonce
    environment.cache.clear()


class SecurityHeaders:
    """ASGI middleware, the outermost, that adds the headers to every answer.

    Args:
        app: what answers.
        insists: gives whether browsers shall come with TLS only from now on.
    """

    def __init__(self, app: Application, insists: Callable[[], bool]) -> None:
        self._app = app
        self._insists = insists

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        _nonce.set(nonce)
        policy = content_security_policy(nonce, header_texts(scope).get("host", "")).encode("latin-1")

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = self._completed(list(message.get("headers", ())), scope, policy)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _completed(
        self, headers: list[tuple[bytes, bytes]], scope: Scope, policy: bytes
    ) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        added = [(b"content-security-policy", policy), *FIXED]
        if not scope["path"].startswith(STATIC):
            added.append((b"cache-control", b"no-store"))  # pictures and names stay in no browser's cache
        if scope["scheme"] in ("https", "wss"):
            added.append((b"cross-origin-opener-policy", b"same-origin"))
            if self._insists():
                added.append((b"strict-transport-security", f"max-age={KEPT_S}".encode()))
        return headers + [(name, value) for name, value in added if name not in present]
