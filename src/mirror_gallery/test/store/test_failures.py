"""What goes wrong outside is told in one sentence, and nothing is lost or left half done by it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from mirror_core.errors import StoreError
from mirror_core.store import database, objects
from mirror_core.store.failures import database_failure, disk_failure, first_line
from mirror_core.store.objects import RemoteObjects
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.store import FaceStore, pictures

NOBODY = 65534  # a user without rights
FOREVER = Consent(Scope.UNTIL_REVOKED)
Make = Callable[..., Portrait]
Open = Callable[..., FaceStore]


def fails(why: str, work: Callable[[], Any]) -> str:
    """The one sentence with which some work fails."""
    with pytest.raises(StoreError, match=why) as caught:
        work()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "hidden" not in sentence  # the password
    return sentence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "gallery"


def picture_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "pictures").glob("*"))


# ---- SQLite


def test_a_locked_database(
    open_store: Open, portrait: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    store = open_store()
    face_id = store.add(portrait("Ada"), FOREVER)
    other = sqlite3.connect(folder / "faces.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for change in (
        lambda: store.add(portrait(), FOREVER),
        lambda: store.rename(face_id, "x"),
        lambda: store.erase(face_id),
    ):
        fails("faces.sqlite is busy: another program", change)
    assert store.get(face_id).name == "Ada"  # reading goes on
    again = open_store()  # so does opening
    assert again.entries()[1] == 1
    other.execute("ROLLBACK")
    other.close()
    assert picture_files(folder) == [f"{face_id}.mirrorface"]
    store.erase(face_id)
    assert picture_files(folder) == []


def test_a_database_that_vanished(open_store: Open, portrait: Make, folder: Path) -> None:
    store = open_store()
    store.add(portrait(), FOREVER)
    (folder / "faces.sqlite").rename(folder / "moved.sqlite")
    before = picture_files(folder)
    for use in (store.entries, lambda: store.add(portrait(), FOREVER), lambda: store.rename("a", "b")):
        fails("cannot be opened: it is gone", use)
    assert not (folder / "faces.sqlite").exists()  # no empty gallery in its place
    assert picture_files(folder) == before
    (folder / "moved.sqlite").rename(folder / "faces.sqlite")
    assert store.entries()[1] == 1


def test_a_database_that_was_replaced_is_read_anew(open_store: Open, portrait: Make, folder: Path) -> None:
    store = open_store()
    store.add(portrait("Old"), FOREVER)
    store.close()
    shutil.copy(folder / "faces.sqlite", folder / "backup")
    store.add(portrait("New"), FOREVER)
    assert store.entries()[1] == 2
    store.close()  # also empties the write-ahead log
    assert store.entries()[1] == 2
    (folder / "backup").replace(folder / "faces.sqlite")
    assert [entry.name for entry in store.entries()[0]] == ["Old"]


def test_what_is_no_database(tmp_path: Path, open_store: Open) -> None:
    (tmp_path / "notes.txt").write_text("these are no faces\n" * 1000)
    fails("is no SQLite database", lambda: open_store(str(tmp_path / "notes.txt")))
    assert (tmp_path / "notes.txt").read_text().startswith("these are no faces")


def test_a_full_disk_below_the_database(open_store: Open, portrait: Make, folder: Path) -> None:
    store = open_store()
    kept = store.add(portrait("Kept"), FOREVER)

    @event.listens_for(store._database._engine, "checkout")
    def limit(connection: Any, record: Any, proxy: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    stored = [kept]

    def fill() -> None:
        while len(stored) < 100:
            stored.append(store.add(portrait(str(len(stored)), seed=len(stored)), FOREVER))

    fails("cannot grow: the disk is full; make room", fill)
    event.remove(store._database._engine, "checkout", limit)
    assert {entry.id for entry in store.entries()[0]} == set(stored)
    for face_id in stored:
        store.get(face_id)
    store.sweep()
    assert picture_files(folder) == sorted(f"{face_id}.mirrorface" for face_id in stored)


@pytest.fixture
def others_gallery(open_store: Open, portrait: Make) -> Iterator[dict[str, str]]:
    """A gallery with one face, and the rights of a user that is not root."""
    folder = Path(tempfile.mkdtemp(prefix="mirror-gallery-", dir="/tmp"))  # other users cannot reach pytest's
    place = {"database": f"{folder}/faces.sqlite", "pictures": f"{folder}/pictures"}
    with open_store(**place) as store:
        store.add(portrait("Ada"), FOREVER)
    for path in (folder, *folder.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    yield place
    for path in (folder, folder / "pictures"):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("protected", "operation", "why"),
    [
        (
            ["pictures"],
            "add",
            r"^A picture cannot be written to .*/pictures: this user may not do that; check the rights\.$",
        ),
        (
            [""],
            "open",
            r"^The gallery's database .*/faces.sqlite cannot be opened: this user may not do that",
        ),
        (
            ["faces.sqlite"],
            "add",
            r"^The gallery's database .*/faces.sqlite cannot be written: it or its folder",
        ),
    ],
)
def test_read_only_places(
    worker: Any, others_gallery: dict[str, str], protected: list[str], operation: str, why: str
) -> None:
    folder = Path(others_gallery["database"]).parent
    if operation == "open":
        (folder / "faces.sqlite.lock").unlink()
    for name in protected:
        path = folder / name
        path.chmod(0o500 if path.is_dir() else 0o400)
    before = sorted((path.name, path.read_bytes()) for path in (folder / "pictures").iterdir())
    worker.tell(**others_gallery, operation=operation, user=NOBODY)
    word, sentence = worker.answer()
    if word == "impossible":
        pytest.skip(sentence)
    assert word == "refused", sentence
    assert re.search(why, sentence), sentence
    assert sorted((path.name, path.read_bytes()) for path in (folder / "pictures").iterdir()) == before
    for path in (folder, *folder.iterdir()):  # SQLite's helper files have the rights of the main one
        path.chmod(0o700 if path.is_dir() else 0o600)
    worker.tell(**others_gallery, operation="add", user=NOBODY)
    assert worker.answer()[0] == "finished"


@pytest.mark.parametrize("call", ["open", "write", "fsync"])
@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.EROFS, "the disk is read-only; allow writing there"),
        (errno.ENOSPC, "the disk is full; make room and try again"),
        (errno.EDQUOT, "the user's share of the disk is full"),
        (errno.EIO, "the disk reports an error; check the disk"),
    ],
)
def test_a_disk_that_refuses_pictures(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, code: int, why: str, call: str
) -> None:
    open_store, portrait, folder = (
        request.getfixturevalue(name) for name in ("open_store", "portrait", "folder")
    )
    store = open_store()
    kept = store.add(portrait("Kept"), FOREVER)

    class RefusingOs:
        """The module os as the picture store sees it."""

        def __getattr__(self, name: str) -> Any:
            if name == call:
                return self.refuse
            return getattr(os, name)

        @staticmethod
        def refuse(*arguments: Any) -> Any:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(objects, "os", RefusingOs())
    fails(f"^A picture cannot be written to .*: {why}", lambda: store.add(portrait("Lost"), FOREVER))
    monkeypatch.undo()
    assert [entry.name for entry in store.entries()[0]] == ["Kept"]
    store.sweep()
    assert picture_files(folder) == [f"{kept}.mirrorface"]
    store.add(portrait("Next"), FOREVER)


# ---- PostgreSQL


def test_a_server_that_is_not_there(open_store: Open, tmp_path: Path) -> None:
    fails(
        r"database postgresql\+psycopg://me:\*\*\*@127.0.0.1:9/faces cannot be reached",
        lambda: open_store("postgresql://me:hidden@127.0.0.1:9/faces"),
    )
    fails("cannot be reached", lambda: open_store(f"postgresql://me@/faces?host={tmp_path}"))


def test_a_database_that_does_not_exist(open_store: Open, postgres_url: str) -> None:
    fails("does not exist", lambda: open_store(postgres_url.replace("/postgres?", "/nowhere?")))


def test_a_server_that_restarts_does_not_disturb(
    open_store: Open, postgres_url: str, portrait: Make, eventually: Callable[..., Any]
) -> None:
    import psycopg

    store = open_store(postgres_url)
    face_id = store.add(portrait("Ada"), FOREVER)
    # The server's own workers, such as one that vacuums, belong to nobody's connection.
    others = (
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        # Beside the store's own, one of an earlier test may still be on its way out.
        assert (True,) in connection.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall()
        eventually(
            lambda: connection.execute(f"SELECT count(*) {others}").fetchone() == (0,), "the connection's end"
        )
    assert store.get(face_id).name == "Ada"
    store.rename(face_id, "Grace")
    assert store.entry(face_id).name == "Grace"


def test_a_row_that_another_program_holds(
    open_store: Open, postgres_url: str, portrait: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setattr(database, "LOCK_S", 0.1)
    store = open_store(postgres_url)
    face_id = store.add(portrait("Ada"), FOREVER)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("SELECT * FROM gallery_faces FOR UPDATE")
        fails("is busy: another program", lambda: store.rename(face_id, "x"))
        fails("is busy: another program", lambda: store.erase(face_id))
    assert store.get(face_id).name == "Ada"
    assert store.erase(face_id)[-1] == "name and consent"


def test_a_user_who_may_only_read(open_store: Open, postgres_url: str, portrait: Make) -> None:
    store = open_store(postgres_url)
    face_id = store.add(portrait("Ada"), FOREVER)
    reader = open_store(f"{postgres_url}&options=-cdefault_transaction_read_only%3Don")
    assert reader.get(face_id).name == "Ada"
    fails("is read-only on this server", lambda: reader.rename(face_id, "x"))


# ---- S3


def test_a_picture_store_that_is_down(
    open_store: Open, portrait: Make, s3_url: str, s3_keys: Callable[[str], list[str]], request: Any
) -> None:
    caplog, monkeypatch = request.getfixturevalue("caplog"), request.getfixturevalue("monkeypatch")
    store = open_store(pictures=s3_url)
    face_id = store.add(portrait("Ada"), FOREVER)
    up = store._pictures
    assert isinstance(up._objects, RemoteObjects)
    monkeypatch.setattr("mirror_core.store.s3.ATTEMPTS", 1)
    broken = pictures.open_pictures(re.sub(r"endpoint=[^&]*", "endpoint=http://127.0.0.1:9", s3_url))
    store._pictures = store._journal._pictures = broken
    fails(
        r"^A picture cannot be written to s3://faces-\w+/some/prefix \(.*\); check",
        lambda: store.add(portrait(), FOREVER),
    )
    fails("cannot be read from s3://", lambda: store.get(face_id))
    assert store.entries()[1] == 1  # names and thumbnails are still shown
    assert len(store.thumbnail(face_id)) > 500
    store.rename(face_id, "Grace")
    purged = store.erase(face_id)  # counts at once
    assert re.match(r"^2 pictures \(as soon as s3://faces-\w+/some/prefix can be reached", purged[0])
    assert purged[1:] == ("1 thumbnail", "name and consent")
    assert store.entries() == ([], 0)
    assert s3_keys(s3_url) == [f"some/prefix/{face_id}.mirrorface"]
    assert "hidden" not in caplog.text
    store._pictures = store._journal._pictures = up
    store.erase_expired()
    assert s3_keys(s3_url) == []


def test_a_bucket_that_is_not_there(open_store: Open, portrait: Make, s3_url: str) -> None:
    store = open_store(pictures=s3_url.replace("s3://faces-", "s3://elsewhere-"))
    fails("cannot be written to s3://elsewhere-", lambda: store.add(portrait(), FOREVER))
    assert store.entries() == ([], 0)


# ---- sentences


def sqlite_error(work: Callable[[], Any]) -> DBAPIError:
    try:
        work()
    except sqlite3.Error as error:
        return DBAPIError("statement", {}, error)
    raise AssertionError("it worked")


def test_sqlite_s_own_codes_are_understood(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x")
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    only_reading = sqlite3.connect(f"file:{tmp_path}/x?mode=ro", uri=True)
    error = sqlite_error(lambda: only_reading.execute("INSERT INTO t VALUES (1)"))
    assert "cannot be written: it or its folder is read-only" in str(
        database_failure(error, "The gallery's database x")
    )
    error = sqlite_error(lambda: only_reading.execute("SELECT * FROM elsewhere"))
    assert str(database_failure(error, "Store x")) == "Store x reports an error: no such table: elsewhere."
    only_reading.close()


def test_other_errors_are_passed_on_in_one_line() -> None:
    error = InvalidRequestError("first line.\nsecond line")
    assert str(database_failure(error, "Store x")) == "Store x reports an error: first line."
    assert str(disk_failure(OSError("odd"), "It fails")) == "It fails: odd."
    assert first_line(ValueError()) == "ValueError"
    assert len(first_line(ValueError("x" * 5000))) == 200
