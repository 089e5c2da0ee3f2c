"""The page server: takes a free port at once, serves in its own thread, starts and stops at will."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from mirror_core.errors import MirrorError, UsageError
from mirror_web.access import Access, Served
from mirror_web.access_address import bracketed
from mirror_web.control import MirrorControl
from mirror_web.effect_presets import PresetStore
from mirror_web.faces_control import FacesControl, UnansweredFaces
from mirror_web.film_shelf import FilmShelf
from mirror_web.health_control import HealthControl, UnansweredHealth
from mirror_web.jobs import Jobs
from mirror_web.mood_control import MoodsControl, UnansweredMoods
from mirror_web.parameters import WebParameters
from mirror_web.privacy_control import PrivacyControl, UnansweredPrivacy
from mirror_web.settings_control import SettingsControl, UnansweredSettings
from mirror_web.shell import PageContext
from mirror_web.site import SITE
from mirror_web.stream import FrameBroadcaster

if TYPE_CHECKING:
    import uvicorn

    from mirror_web.tls import PageTls

__all__ = ["PageServer", "bind_port"]

_log = logging.getLogger(__name__)

PORTS_TRIED = 50  # ports after the wished one that are tried where it is taken
SEND_BUFFER_BYTES = 256 * 1024  # a larger one would hold seconds of old pictures for a slow client
STOP_TIMEOUT_S = 10.0
RENEWAL_S = 12 * 3600.0  # how often the certificate is looked at
GRACE_S = 1  # time for open connections to end when the server stops


def bind_port(host: str, port: int) -> socket.socket:
    """A listening socket at the first free port from `port` on (0: any).

    Raises:
        UsageError: if the address is not this machine's, is not allowed, or no port is free.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(f"host = {host!r} is no address of this machine ({error}).") from error
    last = min(port + PORTS_TRIED, 65535) if port else 0
    for candidate in range(port, last + 1):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            listener.bind((address[0], candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise UsageError(f"The page cannot be served at {host}:{candidate} ({error}).") from error
            continue
        listener.setblocking(False)
        return listener
    raise UsageError(f"No port from {port} to {last} is free for the page at {host}; set another port.")


class PageServer:
    """Serves the pages; one at a time in a process, restarted as often as wanted.

    Args:
        settings: address and stream.
        broadcaster: the picture stream.
        control: the graph.
        faces: the gallery, None where there is none.
        moods: moods now and their log, None where there are none.
        presets: of the Effects page; None: those in the state folder.
        health: how the nodes are doing, None where nobody knows.
        privacy: what leaves this machine, None where nobody knows.
        access: who may use the page from elsewhere; None: the devices of the state folder.
        settings_control: the mirror's settings, None where nobody keeps them.
        film: scenes and takes; None: those in the data folder.
        jobs: long work, which its owner starts and closes; None: none.
    """

    def __init__(
        self,
        settings: WebParameters,
        broadcaster: FrameBroadcaster,
        control: MirrorControl,
        faces: FacesControl | None = None,
        moods: MoodsControl | None = None,
        *,
        presets: PresetStore | None = None,
        health: HealthControl | None = None,
        privacy: PrivacyControl | None = None,
        access: Access | None = None,
        settings_control: SettingsControl | None = None,
        film: FilmShelf | None = None,
        jobs: Jobs | None = None,
    ) -> None:
        self._context = PageContext(
            settings,
            broadcaster,
            control,
            faces or UnansweredFaces(),
            moods=moods or UnansweredMoods(),
            presets=presets or PresetStore(),
            health=health or UnansweredHealth(),
            privacy=privacy or UnansweredPrivacy(),
            access=access or Access(),
            settings_control=settings_control or UnansweredSettings(),
            film=film or FilmShelf(),
            jobs=jobs or Jobs(),
        )
        self._server: uvicorn.Server | None = None
        self._serving: Future[None] | None = None
        self._listener: socket.socket | None = None
        self._ready = threading.Event()
        self._stop_asked = False
        self._last_port = 0  # open pages find the server again where it was

    @property
    def context(self) -> PageContext:
        """What the pages are built from."""
        return self._context

    def update(self, settings: WebParameters) -> None:
        """Use other settings from the next page load on; address and port stay until the next start."""
        self._context = replace(self._context, settings=settings)
        access = self._context.access
        access.served = replace(access.served, pair_local=settings.pair_local)
        if self._serving is not None:
            SITE.renew(self._context)

    @property
    def port(self) -> int:
        """The port that is served at, 0 while stopped."""
        return int(self._listener.getsockname()[1]) if self._listener is not None else 0

    @property
    def url(self) -> str:
        """The page's address for a browser on this machine, empty while stopped."""
        if self._listener is None:
            return ""
        host = self._context.settings.host
        if host in ("0.0.0.0", "::", ""):
            host = "127.0.0.1"
        return f"{self._context.access.served.scheme}://{bracketed(host)}:{self.port}"

    @property
    def announcement(self) -> str:
        """Where the page is, and why if not at the wished port; nothing follows the address."""
        wish = self._context.settings.port
        taken = f"Port {wish} is taken, so the" if wish not in (0, self.port) else "The"
        open_to_all = (
            ", open to paired devices of the network," if self._context.access.served.is_remote else ""
        )
        # Terminals take a full stop behind an address as a part of it.
        return f"{taken} live page{open_to_all} is at {self.url}"

    def start(self) -> str:
        """Take the port and begin to serve; returns at once, while the page is still being built.

        Browsers that come in the meantime wait.

        Returns:
            The page's address.

        Raises:
            UsageError: if no port is free, or the certificate is unfit.
            MirrorError: if another server of this process is running, or a certificate cannot be made.
        """
        if self._serving is not None:
            return self.url
        settings = self._context.settings
        SITE.occupy(self._context)
        try:
            tls = _tls(settings) if settings.https else None
            self._listener = bind_port(settings.host, self._last_port or settings.port)
        except MirrorError:
            SITE.vacate()
            raise
        self._last_port = self.port
        self._context.access.serve(
            Served(
                str(self._listener.getsockname()[0]),
                self.port,
                "http" if tls is None else "https",
                settings.public_name,
                settings.pair_local,
                "" if tls is None else tls.fingerprint,
            )
        )
        self._stop_asked = False
        self._ready.clear()
        self._serving = SITE.run(self._serve(self._listener, tls))
        self._serving.add_done_callback(self._on_served)
        return self.url

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until pages are answered.

        Raises:
            MirrorError: if they are not in time, or the server failed.
        """
        if not self._ready.wait(timeout_s):
            raise MirrorError(f"The page was not ready after {timeout_s} s.")
        if self._serving is not None and self._serving.done():
            self._serving.result()

    def stop(self) -> None:
        """End all connections, give the port back and wait until that is done."""
        if self._serving is None:
            return
        self._stop_asked = True
        if self._server is not None:
            self._server.should_exit = True
        self._context.broadcaster.end_streams()
        try:
            self._serving.result(STOP_TIMEOUT_S)
        except TimeoutError as error:
            raise MirrorError(f"The page server did not stop within {STOP_TIMEOUT_S} s.") from error
        finally:
            self._serving = self._server = None
            if self._listener is not None:
                self._listener.close()
                self._listener = None
            SITE.vacate()

    def _on_served(self, served: Future[None]) -> None:
        # The log first: who waits for the server finds the reason there.
        if not served.cancelled() and (error := served.exception()) is not None:
            _log.error("The page server has stopped: %s", error)
        self._ready.set()

    async def _serve(self, listener: socket.socket, tls: PageTls | None) -> None:
        import uvicorn  # with the pages' imports, out of the starter's way

        application = await SITE.application()
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                # Else a header could say that a request comes from this machine (mirror_web.access_gate).
                proxy_headers=False,
                ssl_context_factory=None if tls is None else lambda *_: tls.context,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        if self._stop_asked:
            return
        # The socket listens already, so that whoever has come waits and is answered now.
        self._ready.set()
        renewing = asyncio.create_task(self._renew(tls)) if tls is not None else None
        try:
            with contextlib.closing(listener):
                await self._server.serve(sockets=[listener])
        finally:
            if renewing is not None:
                renewing.cancel()

    async def _renew(self, tls: PageTls) -> None:
        """Keep the certificate good for as long as the mirror runs, which may be years."""
        while True:
            await asyncio.sleep(RENEWAL_S)
            await asyncio.to_thread(tls.renew)
            access = self._context.access
            access.served = replace(access.served, fingerprint=tls.fingerprint)


def _tls(settings: WebParameters) -> PageTls:
    from mirror_web.tls import tls_of

    return tls_of(settings.certificate, settings.certificate_key, settings.public_name)
