"""Addresses of the Film page's pictures: previews of scenes, and takes to watch and to save."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from mirror_core.errors import MirrorError
from mirror_web.film_player import Film, moving_pictures
from mirror_web.film_shelf import FilmShelf
from mirror_web.stream import BOUNDARY

__all__ = ["film_routes"]

_NO_STORE = {"Cache-Control": "no-store"}
_MOVING = f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}"
WHATS = ("scenes", "takes")
LONGEST_S = 24 * 3600.0


def film_routes(shelf: Callable[[], FilmShelf]) -> list[BaseRoute]:
    """The routes below /film/scenes and /film/takes.

    `…/picture` is one picture at the time `?at=` in seconds, `…/film` all that follow, `…/video` the file.

    Args:
        shelf: gives the scenes and takes of whoever is served at the moment.
    """

    def place(request: Request) -> Path:
        name = str(request.path_params["name"])
        if request.url.path.startswith("/film/takes/"):
            return shelf().takes.file_of(name)
        from mirror_effects.film.scene import PREVIEW

        return shelf().scenes.folder_of(name) / PREVIEW

    def opened(request: Request) -> Film:
        film = Film(place(request))
        film.seek(_time(request))
        return film

    async def picture(request: Request) -> Response:
        def read() -> bytes:
            film = opened(request)
            try:
                return film.next() or b""
            finally:
                film.close()

        try:
            jpeg = await asyncio.to_thread(read)
        except MirrorError as error:
            return _refused(error)
        return Response(jpeg, media_type="image/jpeg", headers=_NO_STORE)

    async def moving(request: Request) -> Response:
        try:
            film = await asyncio.to_thread(opened, request)
        except MirrorError as error:
            return _refused(error)
        return StreamingResponse(moving_pictures(film), media_type=_MOVING, headers=_NO_STORE)

    async def video(request: Request) -> Response:
        try:
            file = await asyncio.to_thread(place, request)
        except MirrorError as error:
            return _refused(error)
        name = f"{request.path_params['name']}.mp4"
        return FileResponse(file, media_type="video/mp4", filename=name, headers=_NO_STORE)

    answers = {"picture": picture, "film": moving, "video": video}
    return [
        Route(f"/film/{what}/{{name:str}}/{ending}", answer)
        for what in WHATS
        for ending, answer in answers.items()
    ]


def _time(request: Request) -> float:
    try:
        at_s = float(request.query_params.get("at", "0"))
    except ValueError:
        return 0.0
    return min(max(at_s, 0.0), LONGEST_S) if math.isfinite(at_s) else 0.0


def _refused(error: MirrorError) -> Response:
    return Response(str(error), 404, media_type="text/plain")
