"""What can be done with stored faces, for the node and for the command alike: the store and the presets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mirror_core.errors import UsageError
from mirror_core.store.audit import AuditLog, Event
from mirror_core.store.places import require_allowed
from mirror_gallery.consent import Consent
from mirror_gallery.face_names import checked_name
from mirror_gallery.photo import read_photograph, view_of_photograph
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import MOST_FILE_BYTES, SUFFIX
from mirror_gallery.presets import FOLDER, PRESET_PREFIX, load_preset, preset_names
from mirror_gallery.store import Entry, FaceStore
from mirror_gallery.thumbnail import thumbnail_jpeg

__all__ = [
    "DATABASE_VARIABLE",
    "PICTURES_VARIABLE",
    "Gallery",
    "ListedFace",
    "is_face_file",
    "open_store",
    "portrait_of_photo",
    "prepared",
    "read_limited",
    "require_persons",
    "write_new",
]

DATABASE_VARIABLE = "MIRROR_GALLERY_DATABASE"
PICTURES_VARIABLE = "MIRROR_GALLERY_PICTURES"
ZIP_SIGNATURE = b"PK\x03\x04"


def open_store(
    database_url: str = "", pictures_url: str = "", mirror: str = "", way: str = "mirror"
) -> FaceStore:
    """The store at these URLs; where one is empty, at that of the environment, else at the default.

    The environment is the place for a URL with a password in it: parameters can be read by anybody.

    Args:
        database_url, pictures_url, mirror, way: see `FaceStore`.
    """
    return FaceStore(
        database_url or os.environ.get(DATABASE_VARIABLE, ""),
        pictures_url or os.environ.get(PICTURES_VARIABLE, ""),
        mirror=mirror,
        audit=AuditLog(),
        way=way,
    )


def portrait_of_photo(
    data: bytes, name: str, points: Mapping[int, tuple[float, float]] | None = None
) -> Portrait:
    """A portrait from the bytes of a photograph; takes a second.

    Args:
        data: of a JPEG, PNG or WebP file.
        name: of the person.
        points: placed by hand, see `fit_mesh`; None: the face is looked for.

    Raises:
        NoFaceError: if no face is found in it.
        UsageError: if the picture or the name is not allowed.
    """
    name = checked_name(name)
    return Portrait("", name, (view_of_photograph(read_photograph(data), points),))


@dataclass(frozen=True, slots=True)
class ListedFace:
    """One face in a list.

    Attributes:
        id, name: of the face.
        views: number of its views.
        entry: what is known about a person's face; None for a preset.
        thumbnail: JPEG, 160 × 160 px; empty where it was not asked for.
    """

    id: str
    name: str
    views: int
    entry: Entry | None
    thumbnail: bytes = b""


class Gallery:
    """The stored faces and those that ship with the program.

    Args:
        store: where people's faces are kept; the caller closes it.
    """

    def __init__(self, store: FaceStore) -> None:
        self.store = store

    def listed(
        self, name_contains: str = "", offset: int = 0, limit: int = 0, *, with_thumbnails: bool = False
    ) -> tuple[list[ListedFace], int]:
        """A page of all faces, people's first, then the presets; see `FaceStore.entries`."""
        entries, count = self.store.entries(name_contains, offset, limit)
        pictures = self.store.thumbnails([entry.id for entry in entries]) if with_thumbnails else {}
        page = [
            ListedFace(entry.id, entry.name, entry.views, entry, pictures.get(entry.id, b""))
            for entry in entries
        ]
        presets = [name for name in preset_names() if name_contains.casefold() in name.casefold()]
        first = max(0, offset - count)
        last = first + limit - len(page) if limit else len(presets)
        page += [_listed_preset(name, with_thumbnails) for name in presets[first : max(first, last)]]
        return page, count + len(presets)

    def find(self, face_id: str) -> ListedFace:
        """What is known about one face.

        Raises:
            UsageError: if there is none with this id.
        """
        if face_id.startswith(PRESET_PREFIX):
            return _listed_preset(load_preset(face_id).id.removeprefix(PRESET_PREFIX), False)
        entry = self.store.entry(face_id)
        return ListedFace(entry.id, entry.name, entry.views, entry)

    def missing(self, face_ids: Iterable[str]) -> list[str]:
        """Those of some ids that name no face (any more)."""
        gone = []
        for face_id in face_ids:
            try:
                self.find(face_id)
            except UsageError:
                gone.append(face_id)
        return gone

    def face_file(self, face_id: str) -> bytes:
        """A face as the bytes of a `.mirrorface` file.

        Raises:
            UsageError: if there is none with this id.
        """
        if face_id.startswith(PRESET_PREFIX):
            name = load_preset(face_id).id.removeprefix(PRESET_PREFIX)
            return (FOLDER / f"{name}{SUFFIX}").read_bytes()
        return self.store.export(face_id)

    def add(
        self,
        data: bytes,
        name: str,
        consent: Consent,
        points: Mapping[int, tuple[float, float]] | None = None,
    ) -> str:
        """Store the face of a photograph or of a `.mirrorface` file; returns its id.

        Args:
            data: of the picture or the face file.
            name: empty for the name in the face file; a picture needs one.
            consent: of the person.
            points: placed by hand on a picture, see `fit_mesh`.

        Raises:
            NoFaceError, UsageError: see `portrait_of_photo` and `FaceStore`.
        """
        return self.keep(prepared(data, name, points), name, consent)

    def keep(self, face: Portrait | bytes, name: str, consent: Consent) -> str:
        """Store what `prepared` made; returns its id."""
        if isinstance(face, bytes):
            return self.store.import_(face, consent, name)
        return self.store.add(face, consent)

    def import_file(self, path: Path, name: str, consent: Consent) -> str:
        """Store the face of a `.mirrorface` file; returns its id.

        Raises:
            UsageError: if the file cannot be read or is no face file.
        """
        return self.store.import_(read_limited(path), consent, name)

    def export_file(self, face_id: str, path: Path) -> None:
        """Write a face to a new file.

        Raises:
            UsageError: if there is no such face, or the file exists or cannot be written.
        """
        write_new(self.face_file(face_id), path)
        if not face_id.startswith(PRESET_PREFIX):
            self.store.deeds.note(Event.EXPORTED, face_id)

    def rename(self, face_id: str, name: str) -> None:
        """Give a person's face another name."""
        require_persons(face_id, "renamed")
        self.store.rename(face_id, name)

    def erase(self, face_id: str) -> tuple[str, ...]:
        """Erase a person's face with everything derived from it; returns what was purged, for people."""
        require_persons(face_id, "erased")
        return self.store.erase(face_id)


def prepared(
    data: bytes, name: str, points: Mapping[int, tuple[float, float]] | None = None
) -> Portrait | bytes:
    """The slow half of `Gallery.add`, which needs no store: a portrait, or a face file as it is.

    Raises:
        NoFaceError, UsageError: see `portrait_of_photo`.
    """
    return data if is_face_file(data) else portrait_of_photo(data, name, points)


def is_face_file(data: bytes) -> bool:
    """Whether these bytes are meant as a `.mirrorface` file."""
    return data.startswith(ZIP_SIGNATURE)


def require_persons(face_id: str, what: str) -> None:
    """Refuse a preset.

    Raises:
        UsageError: if the id is a preset's.
    """
    if face_id.startswith(PRESET_PREFIX):
        raise UsageError(f"{face_id} ships with the program and belongs to nobody; it cannot be {what}.")


def read_limited(path: Path) -> bytes:
    """The bytes of a file that a person named, if it is not too large to be a picture or a face.

    Raises:
        UsageError: if it cannot be read or is too large.
    """
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise UsageError(f"{path} has more than {MOST_FILE_BYTES >> 20} MiB, which no face needs.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error


def write_new(data: bytes, path: Path) -> None:
    """Write a file that is not there yet.

    Raises:
        UsageError: if it exists or cannot be written.
    """
    require_allowed(path, "A file")
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{path} exists already; choose another name.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error


def _listed_preset(name: str, with_thumbnail: bool) -> ListedFace:
    portrait = load_preset(name)
    picture = _preset_thumbnail(name) if with_thumbnail else b""
    return ListedFace(portrait.id, portrait.name, len(portrait.views), None, picture)


@cache
def _preset_thumbnail(name: str) -> bytes:
    return thumbnail_jpeg(load_preset(name).views[0])
