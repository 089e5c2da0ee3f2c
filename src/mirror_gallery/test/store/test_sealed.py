"""Faces encrypted at rest: unreadable without the key, old stores stay readable, keys can be changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.keys import KeyRing, made_key
from mirror_core.store.sealing import Sealer
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.store import FaceStore
from mirror_gallery.store.models import FaceRow, PendingRow

KNOWN = Consent(Scope.UNTIL_REVOKED, recognise=True)
Make = Callable[..., Portrait]
OLD, NEW = made_key(), made_key()
EMBEDDING = np.random.default_rng(5).bytes(1024)


@pytest.fixture(params=["folder", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """`opened(*keys)`: the same store with these keys."""
    url = str(tmp_path / "pictures") if request.param == "folder" else request.getfixturevalue("s3_url")
    stores = []

    def open_one(*keys: Any) -> FaceStore:
        stores.append(FaceStore(str(tmp_path / "faces.sqlite"), url, sealer=Sealer(KeyRing(keys))))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


def raw_pictures(store: FaceStore) -> list[bytes]:
    """As they lie in the picture store."""
    with store.database.read() as session:
        keys = session.scalars(select(FaceRow.pictures)).all()
    return [store._pictures._objects.read(key) or b"" for key in keys]


def test_nothing_is_readable_on_the_disk(opened: Any, portrait: Make, tmp_path: Path) -> None:
    store = opened(NEW)
    face_id = store.add(portrait("Ada", seed=1), KNOWN)
    store.put_derived(face_id, "embedding", EMBEDDING)
    store.database.scrub()
    lying = b"".join([*raw_pictures(store), *(path.read_bytes() for path in tmp_path.rglob("*.sqlite*"))])
    for mark in (b"RIFF", b"WEBP", b"JFIF", b"PK\x03\x04", EMBEDDING[100:124]):
        assert mark not in lying, mark
    assert store.get(face_id).views[1].image.shape == (24, 24, 3)
    assert store.thumbnail(face_id).startswith(b"\xff\xd8")
    assert store.get_derived(face_id, "embedding") == EMBEDDING
    assert store.derived_of_kind("embedding") == {face_id: EMBEDDING}
    assert store.export(face_id).startswith(b"PK\x03\x04")  # a person takes theirs along in the open


def test_without_the_key_there_is_one_sentence_and_nothing_is_lost(opened: Any, portrait: Make) -> None:
    face_id = opened(NEW).add(portrait("Ada", seed=1), KNOWN)
    for keys, given in (((), "none is set"), ((OLD,), f"only {OLD.id} is set")):
        store = opened(*keys)
        with pytest.raises(StoreError, match=f"encrypted with the key {NEW.id}, but {given}") as caught:
            store.get(face_id)
        assert "\n" not in str(caught.value)
        assert [entry.name for entry in store.entries()[0]] == ["Ada"]
        assert store.thumbnails([face_id]) == {}
        assert NEW.id in store.missing_key()
        assert store.erase_expired() == {}
    assert opened(NEW).missing_key() == ""
    assert opened(OLD, NEW).get(face_id).name == "Ada"


def test_a_store_from_before_is_read_and_encrypted_by_rotation(opened: Any, portrait: Make) -> None:
    plain = opened()
    ids = [plain.add(portrait(f"Face {seed}", seed=seed), KNOWN) for seed in range(3)]
    plain.put_derived(ids[0], "embedding", EMBEDDING)
    with pytest.raises(UsageError, match="mirror keys make"):
        plain.reseal()
    store = opened(OLD)
    assert store.get(ids[0]).name == "Face 0"
    done = store.reseal()
    assert (done.faces, done.current, done.details, done.failed) == (3, 0, 4, 0)
    assert all(data.startswith(b"MIRRORSEAL1") for data in raw_pictures(store))
    with pytest.raises(StoreError, match=OLD.id):
        plain.get(ids[0])


def test_keys_are_changed_and_old_ones_forgotten(opened: Any, portrait: Make, tmp_path: Path) -> None:
    store = opened(OLD)
    ids = [store.add(portrait(f"Face {seed}", seed=seed), KNOWN) for seed in range(3)]
    before = [store.get(face_id).views[1].image for face_id in ids]
    both = opened(NEW, OLD)
    fresh = both.add(portrait("Fresh", seed=9), KNOWN)
    done = both.reseal()
    assert (done.faces, done.current, done.details) == (3, 1, 3)
    again = both.reseal()
    assert (again.faces, again.current, again.details) == (0, 4, 0)
    new = opened(NEW)
    for picture, face_id in zip(before, ids, strict=True):
        assert np.array_equal(new.get(face_id).views[1].image, picture)
    assert len(new.thumbnails([*ids, fresh])) == 4
    with both.database.read() as session:
        assert session.scalars(select(PendingRow)).all() == []
    for face_id in (*ids, fresh):
        new.erase(face_id)
    assert list((tmp_path / "pictures").rglob("*.mirrorface")) == []


def test_who_is_erased_during_a_rotation_stays_erased(
    opened: Any, portrait: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = opened(OLD)
    face_id = store.add(portrait(), KNOWN)
    both = opened(NEW, OLD)
    write = both._pictures.write

    def erase_meanwhile(key: str, data: bytes) -> None:
        write(key, data)
        store.erase(face_id)

    monkeypatch.setattr(both._pictures, "write", erase_meanwhile)
    assert both.reseal().faces == 0
    with both.database.read() as session:
        assert session.scalars(select(FaceRow)).all() == []
        assert session.scalars(select(PendingRow)).all() == []
    assert list((tmp_path / "pictures").rglob("*.mirrorface")) == []


def test_what_cannot_be_read_is_told_and_left(opened: Any, portrait: Make) -> None:
    lost = opened(made_key()).add(portrait("Lost", seed=1), KNOWN)
    store = opened(NEW)
    kept = store.add(portrait("Kept", seed=2), KNOWN)
    done = opened(made_key(), NEW).reseal()
    assert (done.faces, done.failed) == (1, 1)
    assert "is encrypted with the key" in done.reason
    assert {entry.id for entry in store.entries()[0]} == {lost, kept}


def test_the_key_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, portrait: Make, tmp_path: Path
) -> None:
    monkeypatch.setenv("MIRROR_KEY", f"{NEW.text},{OLD.text}")
    with FaceStore(str(tmp_path / "a.sqlite"), str(tmp_path / "pictures")) as store:
        face_id = store.add(portrait(), KNOWN)
        assert raw_pictures(store)[0].startswith(b"MIRRORSEAL1" + bytes.fromhex(NEW.id))
        assert store.get(face_id)
