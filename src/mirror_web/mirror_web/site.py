"""The site: NiceGUI's application and its event loop, made once in a process and kept.

NiceGUI refuses a second application in one process and keeps its first event loop; so servers come and
go on this loop, while application and loop stay.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from mirror_core.errors import MirrorError
from mirror_web.catalogue import spoken_language
from mirror_web.shell import Page, PageContext, build_shell, pages, register_page

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["SITE", "Site"]

_BRAND = "Mirror"
NICEGUI_LANGUAGES = {"en": "en-US"}  # code of the catalogue → NiceGUI's, where they differ
_STATIC = Path(__file__).parent / "static"


class Site:
    """The pages of this process; use `SITE`, the only one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._application: FastAPI | None = None
        self._context: PageContext | None = None
        self._built: set[str] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Run a coroutine on the site's event loop, which is started on first use."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="mirror-web", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def occupy(self, context: PageContext) -> None:
        """Serve from this context.

        Raises:
            MirrorError: if another server of this process is running.
        """
        with self._lock:
            if self._context is not None:
                raise MirrorError("One page server runs in this process already; stop it first.")
            self._context = context

    def vacate(self) -> None:
        """Let another server take the site."""
        with self._lock:
            self._context = None

    def renew(self, context: PageContext) -> None:
        """Serve from this context from the next page load on; nothing happens where nobody serves."""
        with self._lock:
            if self._context is not None:
                self._context = context

    def _language_setting(self) -> str:
        context = self._context
        return "" if context is None else context.settings.language

    @property
    def context(self) -> PageContext:
        """What is served at the moment.

        Raises:
            MirrorError: if no server runs.
        """
        if self._context is None:
            raise MirrorError("The page is served no more.")
        return self._context

    async def application(self) -> FastAPI:
        """The ASGI application with all registered pages; belongs to the site's event loop."""
        # Half a second of imports, kept out of whoever starts the mirror.
        from mirror_web.effects_page import build_effects_page
        from mirror_web.faces_page import build_faces_page
        from mirror_web.health_page import build_health_page
        from mirror_web.live_page import build_live_page
        from mirror_web.mood_page import build_mood_page
        from mirror_web.privacy_page import build_privacy_page
        from mirror_web.shape_page import build_shape_page

        if "/" not in {page.path for page in pages()}:
            register_page("/", "live", "videocam", build_live_page)
            register_page("/effects", "effects", "auto_awesome", build_effects_page)
            register_page("/faces", "faces", "face", build_faces_page)
            register_page("/mood", "mood", "mood", build_mood_page)
            register_page("/shape", "shape", "tune", build_shape_page)
            register_page("/health", "health", "monitor_heart", build_health_page)
            register_page("/privacy", "privacy", "shield", build_privacy_page)
        if self._application is None:
            self._application = await self._build()
        for page in pages():
            if page.path not in self._built:
                self._add(page)
        return self._application

    async def _build(self) -> FastAPI:
        from fastapi import FastAPI
        from nicegui import ui, ui_run_with
        from starlette.staticfiles import StaticFiles

        from mirror_web.guard import OriginGuard
        from mirror_web.language import LanguageChoice
        from mirror_web.mood_routes import mood_routes
        from mirror_web.routes import plain_routes
        from mirror_web.shape_routes import shape_route
        from mirror_web.uploads import upload_route

        routes = [
            *plain_routes(lambda: self.context),
            upload_route(lambda: self.context.uploads),
            *mood_routes(lambda: self.context),
            shape_route(),
        ]
        application = FastAPI(routes=routes, docs_url=None, redoc_url=None, openapi_url=None)
        application.mount("/assets", StaticFiles(directory=_STATIC))
        application.add_middleware(LanguageChoice, setting=self._language_setting)
        application.add_middleware(OriginGuard)
        ui.run_with(
            application,
            title=_BRAND,
            favicon=(_STATIC / "mirror.svg").read_text(encoding="utf-8"),
            dark=True,
            tailwind=False,
            binding_refresh_interval=None,
            show_welcome_message=False,
        )
        # NiceGUI would look through every object of the process for a server that is not there yet. A tuple
        # that another thread is just filling is among them, and fails there with a SystemError (CPython's
        # `_PyTuple_Resize` wants to be its only owner).
        vars(ui_run_with)["gc"] = SimpleNamespace(get_objects=tuple)
        # The application's life is the process's: it is entered here once and no server ends it.
        await application.router.lifespan_context(application).__aenter__()
        return application

    def _add(self, page: Page) -> None:
        from nicegui import ui

        def build() -> None:
            build_shell(page, self.context)

        class SpokenPage(ui.page):
            """A page whose own parts, such as the words of a lost connection, speak as the rest does."""

            def resolve_language(self) -> Any:
                return NICEGUI_LANGUAGES.get(spoken_language(), spoken_language())

        SpokenPage(page.path, title=_BRAND)(build)
        self._built.add(page.path)


SITE = Site()
