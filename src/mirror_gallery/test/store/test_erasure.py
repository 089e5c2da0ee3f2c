"""Erasing a face removes its bytes, not only its row: they are searched for in every file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.store import database
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.store import FaceStore

KNOWN = Consent(Scope.UNTIL_REVOKED, recognise=True)
RNG = np.random.default_rng(11)
DERIVED = {kind: RNG.bytes(3000) for kind in ("embedding", "neutral baseline")}
PIECE = 24  # bytes that do not occur by chance

Make = Callable[..., Portrait]
Open = Callable[..., FaceStore]


def pieces(data: bytes) -> list[bytes]:
    """A few parts of some data, since a database may cut it anywhere."""
    return [data[at : at + PIECE] for at in np.linspace(0, len(data) - PIECE, 12).astype(int)]


class Traces:
    """What a face could leave behind."""

    def __init__(self, store: FaceStore, face_id: str, name: str, folder: Path) -> None:
        self.folder = folder
        self.needles = {
            "name": [name.encode()],
            "folded name": [name.casefold().encode()],
            "id": [face_id.encode()],
            "thumbnail": pieces(store.thumbnail(face_id)[700:]),  # after the tables that all JPEGs share
            "pictures": pieces((folder / "gallery" / "pictures" / f"{face_id}.mirrorface").read_bytes()),
            **{kind: pieces(data) for kind, data in DERIVED.items()},
        }

    def found(self) -> set[str]:
        """Which of them are found in the names and contents of all files."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        haystack = b"\n".join(part for path in files for part in (path.name.encode(), path.read_bytes()))
        return {
            what for what, needles in self.needles.items() if any(needle in haystack for needle in needles)
        }


@pytest.fixture
def store(open_store: Open, portrait: Make) -> FaceStore:
    """A store with a few other faces."""
    store = open_store()
    for index in range(3):
        other = store.add(portrait(f"Other {index}", seed=100 + index), KNOWN)
        store.put_derived(other, "embedding", RNG.bytes(900))
    return store


@pytest.fixture
def face(store: FaceStore, portrait: Make, tmp_path: Path) -> Iterator[tuple[str, Traces]]:
    """A face with everything that may belong to one, and its traces."""
    face_id = store.add(portrait("Quetzalcoatlus Vexillology", seed=1, views=3, side=48), KNOWN)
    for kind, data in DERIVED.items():
        store.put_derived(face_id, kind, data)
    traces = Traces(store, face_id, "Quetzalcoatlus Vexillology", tmp_path)
    assert traces.found() == set(traces.needles)  # the search finds them while they are there
    yield face_id, traces
    assert store.entries()[1] == 3  # the others' faces are whole
    for entry in store.entries()[0]:
        store.get(entry.id)
        assert len(store.thumbnail(entry.id)) > 1000
    assert len(store.derived_of_kind("embedding")) == 3


def test_no_byte_of_an_erased_face_is_left(store: FaceStore, face: tuple[str, Traces]) -> None:
    face_id, traces = face
    store.erase(face_id)
    assert traces.found() == set()


def test_nor_while_another_mirror_is_connected(
    store: FaceStore, face: tuple[str, Traces], open_store: Open
) -> None:
    face_id, traces = face
    other = open_store(mirror="other")
    other.get(face_id)
    store.erase(face_id)
    assert traces.found() == set()
    assert other.entries()[1] == 3


def test_nor_when_it_lay_in_the_main_file_for_long(
    store: FaceStore, face: tuple[str, Traces], open_store: Open
) -> None:
    face_id, traces = face
    assert store._database.scrub()  # everything into the main file
    assert "thumbnail" in traces.found()
    store.rename(face_id, "Rhamphorhynchus")  # the old name's place is free now
    store.erase(face_id)
    assert traces.found() == set()


def test_expiry_and_the_end_of_a_visit_leave_nothing_either(
    store: FaceStore, face: tuple[str, Traces], clock: Any
) -> None:
    face_id, traces = face
    store.change_consent(face_id, Consent(Scope.THIS_VISIT, recognise=True))
    clock.turn(days=2)
    assert list(store.erase_expired()) == [face_id]
    assert traces.found() == set()


def test_withdrawn_recognition_leaves_no_derived_byte(store: FaceStore, face: tuple[str, Traces]) -> None:
    face_id, traces = face
    store.change_consent(face_id, Consent(Scope.UNTIL_REVOKED))
    assert traces.found() == {"name", "folded name", "id", "thumbnail", "pictures"}
    store.erase(face_id)


def test_what_a_reader_keeps_alive_is_removed_when_it_is_done(
    store: FaceStore,
    face: tuple[str, Traces],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_store: Open,
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    impatient = open_store()
    face_id, traces = face
    reader = sqlite3.connect(tmp_path / "gallery" / "faces.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM gallery_faces").fetchone()
    impatient.erase(face_id)
    assert traces.found()  # the reader may still look at it
    assert reader.execute("SELECT count(*) FROM gallery_faces").fetchone() == before
    reader.close()
    impatient.erase_expired()  # as a mirror does every minute
    assert traces.found() == set()
