"""A mirror that is killed at any step loses no finished face and leaves no half one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.store import FaceStore
from mirror_gallery.store.journal import WRITING_AT_MOST
from mirror_gallery.store.models import PendingRow, PendingState

KNOWN = Consent(Scope.UNTIL_REVOKED, recognise=True)
MOST_STEPS = 200
ERASED = ["2 pictures", "1 thumbnail", "1 embedding", "name and consent"]

Make = Callable[..., Portrait]
Open = Callable[..., FaceStore]


class Gallery:
    """A gallery with two faces, whole and readable at every moment."""

    def __init__(self, store: FaceStore, portrait: Make) -> None:
        self.stays = store.add(portrait("Stays", seed=1), KNOWN)
        self.goes = store.add(portrait("Goes", seed=2), KNOWN)
        for face_id in (self.stays, self.goes):
            store.put_derived(face_id, "embedding", b"of " + face_id.encode())
        self.pictures = {face_id: store.get(face_id).views[0].image for face_id in (self.stays, self.goes)}

    def check(self, store: FaceStore) -> dict[str, str]:
        """Every face that is listed is whole, and the one that stays is listed; returns names by id."""
        found, total = store.entries()
        assert total == len(found)
        for entry in found:
            face = store.get(entry.id)
            assert len(face.views) == entry.views
            assert store.thumbnail(entry.id).startswith(b"\xff\xd8")
            if entry.id in self.pictures:
                assert np.array_equal(face.views[0].image, self.pictures[entry.id])
        derived = store.derived_of_kind("embedding")
        assert derived[self.stays] == b"of " + self.stays.encode()
        assert derived.keys() <= {entry.id for entry in found}
        named = {entry.id: entry.name for entry in found}
        assert named[self.stays] == "Stays"
        return named


def kill_at_every_step(
    worker: Any, prepare: Callable[[], dict[str, Any]], check: Callable[[str, Any], None], **job: Any
) -> list[str]:
    """Do a job again and again, killed one step later each time, until it finishes; returns its steps."""
    for step in range(MOST_STEPS):
        worker.tell(**prepare(), **job, kill_before=step)
        word, answer = worker.answer()
        assert word in ("killed", "finished")
        check(word, answer["result"])
        if word == "finished":
            assert len(answer["steps"]) == step
            return answer["steps"]
    pytest.fail(f"The job has more than {MOST_STEPS} steps.")


# ---- SQLite and a folder


class Copies:
    """Galleries in folders: each case starts from a copy of the first."""

    def __init__(self, folder: Path, open_store: Open, portrait: Make) -> None:
        self.folder = folder
        self.open_store = open_store
        with self.open("first") as store:
            self.gallery = Gallery(store, portrait)
        self.cases = 0

    def open(self, name: str) -> FaceStore:
        return self.open_store(**self.urls(name))

    def urls(self, name: str) -> dict[str, str]:
        return {
            "database": f"{self.folder}/{name}/faces.sqlite",
            "pictures": f"{self.folder}/{name}/pictures",
        }

    def next(self) -> dict[str, str]:
        self.cases += 1
        shutil.copytree(self.folder / "first", self.folder / str(self.cases))
        return self.urls(str(self.cases))

    def reopen(self) -> FaceStore:
        return self.open(str(self.cases))

    def kept(self) -> set[str]:
        return {path.name for path in (self.folder / str(self.cases) / "pictures").iterdir()}

    def bytes(self) -> bytes:
        return b"".join(
            path.read_bytes() for path in (self.folder / str(self.cases)).rglob("*") if path.is_file()
        )


@pytest.fixture
def copies(tmp_path: Path, open_store: Open, portrait: Make) -> Copies:
    return Copies(tmp_path, open_store, portrait)


def files(face_ids: Any) -> set[str]:
    return {f"{face_id}.mirrorface" for face_id in face_ids}


def test_storing_a_face(worker: Any, copies: Copies, clock: Any) -> None:
    gallery, begun = copies.gallery, clock.now
    seen = set()

    def check(word: str, result: Any) -> None:
        clock.now = begun
        with copies.reopen() as store:
            named = gallery.check(store)
            new = named.keys() - {gallery.stays, gallery.goes}
            assert len(new) <= 1
            assert [named[face_id] for face_id in new] in ([], ["New"])
            if word == "finished":
                assert new == {result}
            seen.add((bool(new), len(copies.kept()) - len(named)))
            clock.turn(seconds=WRITING_AT_MOST.total_seconds() + 1)
            store.erase_expired()
            assert copies.kept() == files(entry.id for entry in store.entries()[0])

    steps = kill_at_every_step(worker, copies.next, check, operation="add")
    # a face before its row was there, half and whole, was among the cases
    assert {(False, 0), (False, 1), (True, 0)} <= seen
    # what a power cut could forget is made safe before the row says that it is there
    order = [
        "INSERT INTO gallery_pending",
        "COMMIT",
        "write",
        "fsync",
        "replace",
        "fsync",
        "INSERT INTO gallery_faces",
    ]
    at = -1
    for what in order:
        at = next(index for index, step in enumerate(steps) if index > at and step.startswith(what))
    assert steps[-1] == "COMMIT"


def test_erasing_a_face(worker: Any, copies: Copies) -> None:
    gallery = copies.gallery

    def check(word: str, result: Any) -> None:
        with copies.reopen() as store:  # which finishes what was begun
            named = gallery.check(store)
            assert copies.kept() == files(named)
            if gallery.goes in named:
                assert store.get_derived(gallery.goes, "embedding") == b"of " + gallery.goes.encode()
                assert word == "killed"
            else:
                assert store.get_derived(gallery.goes, "embedding") is None
                assert gallery.goes.encode() not in copies.bytes()
            if word == "finished":
                assert result == ERASED

    kill_at_every_step(worker, copies.next, check, operation="erase", face=gallery.goes)


def test_renaming_a_face(worker: Any, copies: Copies) -> None:
    gallery = copies.gallery

    def check(word: str, result: Any) -> None:
        with copies.reopen() as store:
            name = gallery.check(store)[gallery.goes]
            assert name in (["Goes", "Renamed"] if word == "killed" else ["Renamed"])
            assert [entry.id for entry in store.entries(name)[0]] == [gallery.goes]

    kill_at_every_step(worker, copies.next, check, operation="rename", face=gallery.goes)


def test_withdrawing_recognition(worker: Any, copies: Copies) -> None:
    gallery = copies.gallery

    def check(word: str, result: Any) -> None:
        with copies.reopen() as store:
            gallery.check(store)
            recognise = store.entry(gallery.goes).consent.recognise
            assert recognise == (store.get_derived(gallery.goes, "embedding") is not None)
            assert not (word == "finished" and recognise)
            if not recognise:
                assert b"of " + gallery.goes.encode() not in copies.bytes()

    kill_at_every_step(worker, copies.next, check, operation="change_consent", face=gallery.goes)


def test_opening_for_the_first_time(worker: Any, tmp_path: Path, open_store: Open, portrait: Make) -> None:
    cases = iter(range(MOST_STEPS))
    current: dict[str, str] = {}

    def prepare() -> dict[str, str]:
        folder = tmp_path / f"new-{next(cases)}"
        current.update(database=f"{folder}/faces.sqlite", pictures=f"{folder}/pictures")
        return current

    def check(word: str, result: Any) -> None:
        with open_store(**current) as store:
            assert store.entries() == ([], 0)
            if word == "finished":
                assert store.get(store.add(portrait("First"), KNOWN)).name == "First"

    steps = kill_at_every_step(worker, prepare, check, operation="open")
    created = steps.index("CREATE TABLE gallery_faces")
    assert "fsync" in steps[:created]  # of the folder: the new file's name survives a power cut, too


# ---- a writer that stands still


def test_a_capture_in_another_process_is_not_swept_away(worker: Any, copies: Copies, clock: Any) -> None:
    place = copies.next()
    for step in ("write", "INSERT INTO gallery_faces"):
        worker.tell(**place, operation="add")
        word, answer = worker.answer()
        assert word == "finished"
        pause = next(index for index, done in enumerate(answer["steps"]) if done.startswith(step))
        worker.tell(**place, operation="add", pause_before=pause)
        assert worker.answer() == ("paused", None)
        with copies.reopen() as store:
            before = store.entries()[1]
            if step == "write":  # not while the worker is in a transaction
                clock.turn(seconds=WRITING_AT_MOST.total_seconds() - 1)
                assert store.erase_expired() == {}
                with store.database.write() as session:  # nor when there is something to sweep
                    session.add(PendingRow(key="old", state=PendingState.ERASING, since=clock.now))
                assert store.sweep() == 1
                clock.turn(seconds=1 - WRITING_AT_MOST.total_seconds())
            worker.go_on()
            word, answer = worker.answer()
            assert word == "finished"
            assert store.entries()[1] == before + 1
            assert store.get(answer["result"]).name == "New"
            assert copies.kept() == files(entry.id for entry in store.entries()[0])


@pytest.mark.parametrize(
    ("step", "which"),
    [("open", 0), ("write", -1), ("replace", 0), ("fsync", -1), ("BEGIN IMMEDIATE", -1)],
)
def test_a_capture_that_was_given_up_stores_nothing(
    worker: Any, copies: Copies, clock: Any, step: str, which: int
) -> None:
    worker.tell(**copies.next(), operation="add")
    steps = worker.answer()[1]["steps"]
    pause = [index for index, done in enumerate(steps) if done == step][which]
    worker.tell(**copies.next(), operation="add", pause_before=pause)
    assert worker.answer() == ("paused", None)
    with copies.reopen() as store:
        clock.turn(seconds=WRITING_AT_MOST.total_seconds() + 1)
        store.erase_expired()
        worker.go_on()
        word, sentence = worker.answer()
        assert word == "refused"
        assert "took longer than 10 minutes" in sentence or "is gone" in sentence
        assert set(copies.gallery.check(store)) == {copies.gallery.stays, copies.gallery.goes}
        assert copies.kept() == files([copies.gallery.stays, copies.gallery.goes])


# ---- PostgreSQL and S3


@pytest.fixture
def urls(postgres_url: str, s3_url: str) -> dict[str, str]:
    return {"database": postgres_url, "pictures": s3_url}


def test_the_same_on_postgresql_and_s3(
    worker: Any,
    urls: dict[str, str],
    s3_keys: Callable[[str], list[str]],
    open_store: Open,
    portrait: Make,
) -> None:
    store = open_store(**urls)
    gallery = Gallery(store, portrait)
    clock: Any = store._clock

    def kept() -> set[str]:
        return {key.rpartition("/")[2] for key in s3_keys(urls["pictures"])}

    def check_stored(word: str, result: Any) -> None:
        named = gallery.check(store)
        new = named.keys() - {gallery.stays, gallery.goes}
        assert new == ({result} if word == "finished" else set()) or (word == "killed" and len(new) == 1)
        clock.turn(seconds=WRITING_AT_MOST.total_seconds() + 1)
        store.sweep()
        clock.now -= timedelta(seconds=WRITING_AT_MOST.total_seconds() + 1)
        assert kept() == files(named)
        for face_id in new:
            store.erase(face_id)

    steps = kill_at_every_step(worker, lambda: urls, check_stored, operation="add")
    assert steps.index("remote write") < steps.index("INSERT INTO gallery_faces")

    def next_face() -> dict[str, str]:
        try:
            store.entry(gallery.goes)
        except UsageError:
            gallery.goes = store.add(portrait("Goes", seed=3), KNOWN)
            store.put_derived(gallery.goes, "embedding", b"x")
        return {**urls, "face": gallery.goes}

    def check_erased(word: str, result: Any) -> None:
        store.sweep()
        named = gallery.check(store)
        assert kept() == files(named)
        assert (store.get_derived(gallery.goes, "embedding") is not None) == (gallery.goes in named)
        if word == "finished":
            assert result == ERASED

    kill_at_every_step(worker, next_face, check_erased, operation="erase")
