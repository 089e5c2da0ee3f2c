"""Files for long work, from a browser straight to disc: limited in kind, size and number."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_core.store.places import private_folder
from mirror_web.catalogue import Texts

__all__ = ["JobUploads", "Tray", "clean_name", "job_upload_route"]

TEXTS = Texts("job_uploads")
PATIENCE_S = 3600.0  # a tray that nothing was put into for so long is closed
MOST_OPEN = 32
LEFT_FREE_BYTES = 500_000_000  # a disc is not filled to its brim
LONGEST_NAME = 100  # bytes of a file's name


def clean_name(name: str) -> str:
    """A file's name as it may stand on a disc: its last part, without characters that cannot be seen."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\\\]", name)[-1])
    shown = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Cf")).strip(" .")
    place = Path(shown)
    ending = place.suffix[:16]
    stem = place.stem.encode()[: LONGEST_NAME - len(ending.encode())].decode("utf-8", "ignore")
    return f"{stem or 'file'}{ending}"


@dataclass(frozen=True, slots=True)
class Tray:
    """Where the files of one job go.

    Attributes:
        folder: that they are put into, as "0000 NAME" by their number.
        endings: that are accepted, in small letters, such as ".mp4".
        largest_mb: most megabytes of one file.
        most: how many files.
        put: called in a worker thread with each file that is there; with a `MirrorError` it is refused.
        touched: called with each part of a file that comes.
    """

    folder: Path
    endings: frozenset[str]
    largest_mb: int
    most: int
    put: Callable[[Path], None]
    touched: Callable[[], None] = lambda: None


class JobUploads:
    """The open trays. A page asks for a ticket first, so that no other site can send files.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._trays: dict[str, tuple[float, Tray]] = {}

    def open(self, tray: Tray) -> str:
        """Await files; returns the ticket under which they come."""
        ticket = secrets.token_urlsafe(18)
        now_s = self._clock()
        with self._lock:
            alive = [(t, entry) for t, entry in self._trays.items() if entry[0] > now_s]
            self._trays = dict(alive[-(MOST_OPEN - 1) :])
            self._trays[ticket] = (now_s + PATIENCE_S, tray)
        return ticket

    def tray(self, ticket: str) -> Tray | None:
        """The tray of a ticket, which stays open for longer by that; None for one that is not awaited."""
        now_s = self._clock()
        with self._lock:
            until_s, tray = self._trays.get(ticket, (float("-inf"), None))
            if tray is None or until_s <= now_s:
                return None
            self._trays[ticket] = (now_s + PATIENCE_S, tray)
            return tray

    def close(self, ticket: str) -> None:
        """Await no more."""
        with self._lock:
            self._trays.pop(ticket, None)


def job_upload_route(uploads: Callable[[], JobUploads]) -> BaseRoute:
    """The route POST /jobs/<ticket>/<number>?name=…; the body is the file itself.

    Args:
        uploads: gives what is awaited at the moment.
    """

    async def receive(request: Request) -> Response:
        tray = uploads().tray(request.path_params["ticket"])
        if tray is None:
            return JSONResponse({"error": TEXTS["not_awaited"]}, 404)
        try:
            file = await _received(request, tray)
            try:
                await asyncio.to_thread(tray.put, file)
            except MirrorError:
                file.unlink(missing_ok=True)
                raise
        except UsageError as error:
            return JSONResponse({"error": str(error)}, 400)
        except MirrorError as error:
            return JSONResponse({"error": str(error)}, 507)
        return JSONResponse({"error": None})

    return Route("/jobs/{ticket}/{number:int}", receive, methods=["POST"])


async def _received(request: Request, tray: Tray) -> Path:
    """Write the body of a request to its place.

    Raises:
        UsageError: where it is not allowed, empty or broken off.
        StoreError: where it cannot be written.
    """
    name = clean_name(request.query_params.get("name", ""))
    number, limit = int(request.path_params["number"]), tray.largest_mb * 1_000_000
    ending = Path(name).suffix.lower()
    if ending not in tray.endings:
        raise UsageError(TEXTS["wrong_kind"].format(name=name, endings=", ".join(sorted(tray.endings))))
    if number >= tray.most:
        raise UsageError(TEXTS["too_many"].format(limit=tray.most))
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdigit() else 0
    if size > limit:
        raise UsageError(TEXTS["too_large"].format(size=f"{size / 1e6:.0f}", limit=tray.largest_mb))
    target = tray.folder / f"{number:04d} {name}"
    partial = tray.folder / f".{number:04d}.partial"
    try:
        private_folder(tray.folder)
        if shutil.disk_usage(tray.folder).free - max(size, 1) < LEFT_FREE_BYTES:
            raise StoreError(TEXTS["disc_full"])
        written = 0
        with partial.open("wb") as file:
            partial.chmod(0o600)
            async for part in request.stream():
                written += len(part)
                if written > limit:
                    raise UsageError(TEXTS["too_large_unknown"].format(limit=tray.largest_mb))
                await asyncio.to_thread(file.write, part)
                tray.touched()
        if not written:
            raise UsageError(TEXTS["empty"])
        partial.replace(target)
    except ClientDisconnect as error:
        raise UsageError(TEXTS["empty"]) from error
    except OSError as error:
        raise StoreError(TEXTS["not_written"].format(reason=error.strerror or error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return target
