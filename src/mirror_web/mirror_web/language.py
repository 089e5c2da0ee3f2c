"""Which language a request is answered in: what was chosen on the page, the parameter, or the browser's.

A choice is kept in the browser, as the cookie `mirror_language`; the page's own script sets it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from mirror_core.errors import ParameterError
from mirror_web.catalogue import DEFAULT_LANGUAGE, languages, speak

__all__ = ["COOKIE", "LanguageChoice", "accepted_language", "checked_language", "request_language"]

COOKIE = "mirror_language"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def checked_language(language: str) -> None:
    """Raises the `ParameterError` where a language is neither one of the catalogue nor empty."""
    if language and language not in languages():
        raise ParameterError(
            f"language = {language} is refused: allowed is {' | '.join(languages())}, or nothing for the "
            "browser's own."
        )


def accepted_language(header: str) -> str:
    """The language of the catalogue that an Accept-Language header likes best, else English."""
    wishes = []
    for place, part in enumerate(header.split(",")):
        name, _, weight = part.partition(";q=")
        code = name.strip().lower().split("-")[0]
        try:
            liking = float(weight or 1.0)
        except ValueError:
            liking = 0.0
        if code in languages() and liking > 0:
            wishes.append((-liking, place, code))
    return min(wishes)[2] if wishes else DEFAULT_LANGUAGE


def request_language(headers: dict[str, str], setting: str) -> str:
    """The language of a request.

    Args:
        headers: of the request, names in lower case.
        setting: the parameter `language`, empty for the browser's.
    """
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None and chosen.value in languages():
        return chosen.value
    return setting if setting in languages() else accepted_language(headers.get("accept-language", ""))


class LanguageChoice:
    """ASGI middleware that lets all that follows from a request or a connection speak its language.

    Args:
        app: what answers.
        setting: gives the parameter `language` as it is now.
    """

    def __init__(self, app: Application, setting: Callable[[], str]) -> None:
        self._app = app
        self._setting = setting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose the language and pass the request on."""
        if scope["type"] in ("http", "websocket"):
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
            }
            speak(request_language(headers, self._setting()))
        await self._app(scope, receive, send)
