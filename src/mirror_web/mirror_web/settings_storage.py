"""Tries a storage address: a database is opened, in a folder or bucket a small object written and removed."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_web.catalogue import Texts
from mirror_web.privacy_control import masked

__all__ = ["PLACES", "Place", "Trial", "in_time", "try_address"]

PATIENCE_S = 20.0
PROBE_BYTES = 64
TEXTS = Texts("settings_storage")


@dataclass(frozen=True, slots=True)
class Place:
    """Something that is stored at an address which can be chosen.

    Attributes:
        key: of the catalogue's section "privacy_places".
        node, parameter: where the address is set.
        is_database: whether it is a database, else objects.
        variable: of the environment, where an empty address is looked for.
        may_be_nowhere: whether an empty address means that nothing is stored.
    """

    key: str
    node: str
    parameter: str
    is_database: bool
    variable: str
    may_be_nowhere: bool = False


PLACES = (
    Place("gallery_database", "gallery", "database_url", True, "MIRROR_GALLERY_DATABASE"),
    Place("gallery_pictures", "gallery", "pictures_url", False, "MIRROR_GALLERY_PICTURES"),
    Place("mood_database", "mood_log", "database_url", True, "MIRROR_MOOD_DATABASE"),
    Place("mood_export", "mood_log", "export_url", False, "MIRROR_MOOD_EXPORT", may_be_nowhere=True),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a trial ended: whether the address works, and one sentence."""

    works: bool
    sentence: str


def try_address(place: Place, address: str) -> Trial:
    """Try an address of a place; may block for long, see `in_time`.

    Args:
        place: what is stored there.
        address: as a person gave it; empty: what counts where none is given.
    """
    address = address.strip() or os.environ.get(place.variable, "")
    if not address and place.may_be_nowhere:
        return Trial(True, TEXTS["nowhere"])
    start = time.monotonic()
    try:
        key = _try_database(place, address) if place.is_database else _try_objects(place, address)
    except MirrorError as error:
        return Trial(False, masked(str(error)))
    return Trial(True, TEXTS[key].format(seconds=f"{time.monotonic() - start:.1f}"))


def _try_database(place: Place, address: str) -> str:
    from sqlalchemy import text

    from mirror_core.store.database import Database, MissingStoreError, parsed_url
    from mirror_gallery import locations
    from mirror_gallery.store.schema import GALLERY
    from mirror_mood.log.schema import MOOD_LOG, default_database

    is_mood = place.node == "mood_log"
    schema = MOOD_LOG if is_mood else GALLERY
    default = default_database() if is_mood else locations.default_database()
    try:
        database = Database(address, schema, default, must_exist=True)
    except MissingStoreError:
        # It can be reached, and is made when it is used for the first time.
        url = parsed_url(address, schema, default)
        if url.get_backend_name() == "sqlite":
            _try_folder(Path(url.database or "").expanduser().absolute().parent)
        return "database_new"
    try:
        with database.write() as session:
            session.execute(text("SELECT 1"))
    finally:
        database.close()
    return "database_works"


def _try_folder(folder: Path) -> None:
    """See that files can be made below a folder, whether or not it exists already.

    Raises:
        StoreError: if not.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        raise UsageError(TEXTS["no_folder"].format(path=existing))
    if not os.access(existing, os.W_OK | os.X_OK):
        raise StoreError(TEXTS["not_writable"].format(path=existing))


def _try_objects(place: Place, address: str) -> str:
    from mirror_core.store.objects import FolderObjects, open_objects
    from mirror_gallery.locations import default_pictures

    objects = open_objects(address or str(default_pictures()), TEXTS["probe"], TEXTS["address"])
    missing: list[Path] = []
    if isinstance(objects, FolderObjects):
        missing = [path for path in (objects.folder, *objects.folder.parents) if not path.exists()]
    key, data = f"mirror-trial-{secrets.token_hex(8)}", secrets.token_bytes(PROBE_BYTES)
    try:
        objects.write(key, data)
        if objects.read(key) != data:
            raise StoreError(TEXTS["other_bytes"])
    finally:
        try:
            objects.delete(key)
        finally:
            for path in missing:  # the innermost first
                if path.is_dir() and not any(path.iterdir()):
                    path.rmdir()
    return "objects_work"


def in_time(trial: Callable[[], Trial], patience_s: float = PATIENCE_S) -> Trial:
    """Run a trial in a thread of its own; one that takes too long goes on alone, and what it finds is lost.

    Args:
        trial: catches what it knows; anything else is told by its type.
        patience_s: for which it is waited for.
    """
    found: list[Trial] = []

    def run() -> None:
        try:
            found.append(trial())
        except Exception as error:  # of a library: a trial never takes the page along
            found.append(Trial(False, TEXTS["failed"].format(reason=type(error).__name__)))

    language = copy_context()  # what libraries do not say is said in that of who asks
    thread = threading.Thread(target=language.run, args=(run,), name="mirror-web-trial", daemon=True)
    thread.start()
    thread.join(patience_s)
    return found[0] if found else Trial(False, TEXTS["too_slow"].format(seconds=f"{patience_s:.0f}"))
