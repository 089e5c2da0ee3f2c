"""The site: NiceGUI's application and its event loop, made once in a process and kept.

NiceGUI refuses a second application in one process and keeps its first event loop; so servers come and
go on this loop, while application and loop stay.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from mirror_core.credentials import without_credentials
from mirror_core.errors import MirrorError
from mirror_web.access import Access
from mirror_web.catalogue import spoken_language
from mirror_web.shell import Page, PageContext, build_shell, pages, register_page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from mirror_web.guard import Application

__all__ = ["SITE", "Site"]

_BRAND = "Mirror"
NICEGUI_LANGUAGES = {"en": "en-US"}  # code of the catalogue → NiceGUI's, where they differ
_STATIC = Path(__file__).parent / "static"


class Site:
    """The pages of this process; use `SITE`, the only one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._application: Application | None = None
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

    def _own_names(self) -> tuple[str, ...]:
        name = self._access().served.name
        return (name,) if name else ()

    def _access(self) -> Access:
        """Who may use the page; nobody from elsewhere while none is served."""
        context = self._context
        return Access() if context is None else context.access

    async def application(self) -> Application:
        """The ASGI application with all registered pages; belongs to the site's event loop."""
        # Half a second of imports, kept out of whoever starts the mirror.
        from mirror_web.effects_page import build_effects_page
        from mirror_web.faces_page import build_faces_page
        from mirror_web.film_page import build_film_page
        from mirror_web.health_page import build_health_page
        from mirror_web.live_page import build_live_page
        from mirror_web.mood_page import build_mood_page
        from mirror_web.privacy_page import build_privacy_page
        from mirror_web.settings_page import build_settings_page
        from mirror_web.shape_page import build_shape_page

        if "/" not in {page.path for page in pages()}:
            register_page("/", "live", "videocam", build_live_page)
            register_page("/effects", "effects", "auto_awesome", build_effects_page)
            register_page("/faces", "faces", "face", build_faces_page)
            register_page("/mood", "mood", "mood", build_mood_page)
            register_page("/shape", "shape", "tune", build_shape_page)
            register_page("/film", "film", "movie", build_film_page)
            register_page("/health", "health", "monitor_heart", build_health_page)
            register_page("/privacy", "privacy", "shield", build_privacy_page)
            register_page("/settings", "settings", "settings", build_settings_page)
        if self._application is None:
            self._application = _protected(await self._build(), self._access)
        for page in pages():
            if page.path not in self._built:
                self._add(page)
        return self._application

    async def _build(self) -> FastAPI:
        from fastapi import FastAPI
        from nicegui import client, core, ui, ui_run_with
        from starlette.staticfiles import StaticFiles

        from mirror_web.access_gate import AccessGate
        from mirror_web.access_routes import pair_route
        from mirror_web.film_routes import film_routes
        from mirror_web.guard import OriginGuard
        from mirror_web.job_uploads import job_upload_route
        from mirror_web.language import LanguageChoice
        from mirror_web.mood_routes import mood_routes
        from mirror_web.routes import plain_routes
        from mirror_web.security_headers import put_nonces_into
        from mirror_web.shape_routes import shape_route
        from mirror_web.uploads import upload_route

        routes = [
            pair_route(self._access),
            *plain_routes(lambda: self.context),
            upload_route(lambda: self.context.uploads),
            job_upload_route(lambda: self.context.job_uploads),
            *film_routes(lambda: self.context.film),
            *mood_routes(lambda: self.context),
            shape_route(),
        ]
        application = FastAPI(routes=routes, docs_url=None, redoc_url=None, openapi_url=None)
        application.mount("/assets", StaticFiles(directory=_STATIC))
        # The last one is the first to see a request.
        application.add_middleware(AccessGate, access=self._access)
        application.add_middleware(LanguageChoice, setting=self._language_setting)
        application.add_middleware(OriginGuard, names=self._own_names)
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
        logging.getLogger("nicegui").addFilter(_without_secrets)  # it logs addresses that it does not know
        # `mirror_web.guard` says who may come; this server would name whoever asks as allowed.
        core.sio.eio.cors_allowed_origins = []
        put_nonces_into(client.templates.env)
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


def _without_secrets(record: logging.LogRecord) -> bool:
    """A filter of logging: hides what lets somebody in, such as the code of a link that was typed wrongly."""
    record.msg, record.args = without_credentials(record.getMessage()), ()
    return True


def _protected(application: FastAPI, access: Callable[[], Access]) -> Application:
    """The application with the headers on all that it answers, its own failures included."""
    from mirror_web.security_headers import SecurityHeaders

    def insists() -> bool:
        # A certificate that was made here may be lost and made anew; who insisted on it would be locked out.
        served = access().served
        return served.scheme == "https" and not served.fingerprint

    return SecurityHeaders(application, insists)


SITE = Site()
