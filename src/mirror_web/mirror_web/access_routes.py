"""The address /pair, the only one that is open to everybody: a link's code becomes a session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from mirror_core.errors import StoreError
from mirror_web.access import PAIR_PATH, Access
from mirror_web.access_gate import cookie_header, peer_of
from mirror_web.access_pages import pair_page, refused_page
from mirror_web.catalogue import Texts

__all__ = ["pair_route"]

LARGEST_FORM = 1024  # bytes; a code has 22 characters
TEXTS = Texts("access")


def _refused(sentence: str, status: int, **headers: str) -> Response:
    return HTMLResponse(refused_page(sentence), status, headers)


async def _code_of(request: Request) -> str:
    """The code in a form; empty where there is none, or far too much."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return ""
    return parse_qs(body.decode("latin-1")).get("code", [""])[0]


def pair_route(access: Callable[[], Access]) -> BaseRoute:
    """GET /pair?code=… shows what happens, POST /pair does it: cookie and redirection to the page.

    Args:
        access: gives who may come.
    """

    async def pair(request: Request) -> Response:
        if request.method != "POST":
            return HTMLResponse(pair_page(request.query_params.get("code", "")))
        now, peer = access(), peer_of(request.scope)
        if wait_s := now.failed_pairings.wait_s(peer):
            sentence = TEXTS["too_many"].format(seconds=wait_s)
            return _refused(sentence, 429, **{"Retry-After": str(wait_s)})
        try:
            code = await _code_of(request)
            agent = request.headers.get("user-agent", "")
            token = await asyncio.to_thread(now.pair, code, agent)
        except ClientDisconnect:
            return _refused(TEXTS["link_used"], 400)
        except StoreError as error:
            return _refused(str(error), 503)
        if token is None:
            now.failed_pairings.failed(peer)
            return _refused(TEXTS["link_used"], 403)
        answer = RedirectResponse("/", 303)
        answer.raw_headers.append(cookie_header(token, secure=now.served.scheme == "https"))
        return answer

    return Route(PAIR_PATH, pair, methods=["GET", "POST"])
