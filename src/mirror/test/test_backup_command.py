"""Backups: whole while the mirror works, refused where not sound, and without who was erased since."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from mirror.command import app
from mirror.restoring import restore, users_of
from mirror_core.errors import UsageError
from mirror_core.moods import MoodLabel
from mirror_core.store.audit import AuditLog
from mirror_core.store.backup import make_backup, read_backup, remove_former
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.gallery import open_store
from mirror_gallery.portrait import FaceView, Portrait
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore

CONSENT = Consent(Scope.UNTIL_REVOKED, recognise=True)
EVEN = tuple(1 / len(MoodLabel) for _ in MoodLabel)
NOON_S = 1_772_366_400
TABLES = ("gallery_schema", "mood_schema")


def portrait(name: str, seed: int = 0) -> Portrait:
    rng = np.random.default_rng(seed)
    view = FaceView(
        rng.integers(0, 256, (24, 24, 3), np.uint8),
        rng.integers(128, 256, (24, 24), np.uint8),
        rng.normal(12, 6, (468, 3)).astype(np.float32),
    )
    return Portrait("x", name, (view,))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with two faces, moods of both and a preset."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_store() as store, MoodStore() as log:
        for seed, name in enumerate(("Ada", "Ben")):
            face_id = store.add(portrait(name, seed), CONSENT)
            log.add([MoodRow(NOON_S + second, "hall", face_id, 1, EVEN, 0, 0, 0.5) for second in range(70)])
    folder = tmp_path / "state" / "mirror"
    (folder / "presets.json").write_text('{"version": 1}')
    return folder


def names() -> list[str]:
    with open_store() as store:
        for entry in store.entries()[0]:
            store.get(entry.id)  # with its pictures
        return [entry.name for entry in store.entries()[0]]


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_what_was_backed_up_comes_back(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    done = run("backup", str(out))
    assert done.exit_code == 0, done
    assert "files" in done.output
    assert out.stat().st_mode & 0o777 == 0o600
    with open_store() as store:
        store.add(portrait("Cleo", 7), CONSENT)
    (state / "presets.json").write_text('{"version": 2}')
    done = run("restore", str(out), "--yes")
    assert done.exit_code == 0, done
    assert names() == ["Ada", "Ben"]
    assert (state / "presets.json").read_text() == '{"version": 1}'
    with MoodStore(must_exist=True) as log, log.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM mood_seconds").scalar() == 140
    (former,) = state.parent.glob("mirror.before-*")
    assert (former / "presets.json").read_text() == '{"version": 2}'
    assert [entry.event for entry in AuditLog().entries()][-3:] == ["backed up", "stored", "restored"]
    assert AuditLog().check() == []


def test_who_was_erased_since_does_not_come_back(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    make_backup(state, out, TABLES)
    with open_store() as store:
        ada = next(entry.id for entry in store.entries()[0] if entry.name == "Ada")
        store.erase(ada)
    done = run("restore", str(out), "--yes")
    assert done.exit_code == 0, done
    assert "1 people who had been erased since were not taken back" in done.output
    assert names() == ["Ben"]
    lying = b"".join(file.read_bytes() for file in state.rglob("*") if file.is_file())
    assert ada.encode() not in lying


def test_a_mirror_that_stores_and_erases_meanwhile_is_backed_up_whole(state: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def work() -> None:
        with open_store() as store:
            number = 0
            while not stop.is_set():
                store.erase(store.add(portrait("Passer-by", number), CONSENT))
                number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(3):
            make_backup(state, tmp_path / f"{number}.tar", TABLES)
    finally:
        stop.set()
        thread.join()
    for number in range(3):
        restore(tmp_path / f"{number}.tar", state)
        assert {"Ada", "Ben"} <= set(names()) <= {"Ada", "Ben", "Passer-by"}
        with open_store() as store, store.database.read() as session:
            rows = session.connection().exec_driver_sql("SELECT pictures FROM gallery_faces").scalars().all()
        assert {file.name for file in (state / "gallery" / "pictures").iterdir()} == set(rows)


def test_who_came_or_went_while_the_backup_was_made_is_not_half_there(state: Path, tmp_path: Path) -> None:
    pictures = state / "gallery" / "pictures"
    with open_store() as store:
        gone = store.add(portrait("Cleo", 9), CONSENT)
        with store.database.read() as session:
            query = f"SELECT pictures FROM gallery_faces WHERE id = '{gone}'"
            (key,) = session.connection().exec_driver_sql(query).scalars()
    # As if the database had been copied, then Cleo erased and somebody else stored, then the pictures copied.
    (pictures / key).rename(pictures / f"{'0' * 32}.mirrorface")
    make_backup(state, tmp_path / "out.tar", TABLES)
    restore(tmp_path / "out.tar", state)
    assert names() == ["Ada", "Ben"]
    assert len(list(pictures.iterdir())) == 2


def test_nothing_is_restored_under_a_running_mirror(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    make_backup(state, out, TABLES)
    script = "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    mirror = subprocess.Popen(
        [sys.executable, "-c", script, str(state / "gallery" / "faces.sqlite")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert mirror.stdout is not None
        mirror.stdout.readline()
        assert users_of(state) == [mirror.pid]
        with pytest.raises(
            UsageError, match=f"A mirror is running on .* \\(process {mirror.pid}\\); stop it"
        ):
            restore(out, state)
    finally:
        mirror.kill()
        mirror.wait()
    assert names() == ["Ada", "Ben"]


def test_the_former_state_is_not_kept_for_ever(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    make_backup(state, out, TABLES)
    former = restore(out, state).former
    assert former is not None
    assert remove_former(state) == 0
    old = state.with_name("mirror.before-20260101-100000-000000")
    former.rename(old)
    (state.parent / "mirror.before-christmas").mkdir()  # somebody's own
    assert remove_former(state) == 1
    assert sorted(path.name for path in state.parent.iterdir()) == ["mirror", "mirror.before-christmas"]


# ---- what is not sound


def tar_of(
    file: Path, files: dict[str, bytes], change: Callable[[dict[str, Any]], None] = lambda _: None
) -> Path:
    """A backup made by hand."""
    manifest: dict[str, Any] = {
        "format": "mirror backup",
        "version": 1,
        "made": "2026-03-01T10:00:00+00:00",
        "schemas": {},
        "files": {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        },
    }
    change(manifest)
    with tarfile.open(file, "w") as tar:
        for name, data in {
            **{f"state/{name}": data for name, data in files.items()},
            "manifest.json": json.dumps(manifest).encode(),
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file


def with_link(file: Path) -> Path:
    tar_of(file, {"a": b"x"})
    with tarfile.open(file, "a") as tar:
        member = tarfile.TarInfo("state/link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    return file


def noise(file: Path) -> Path:
    file.write_bytes(os.urandom(2000))
    return file


UNSOUND: dict[str, Callable[[Path], Path]] = {
    "leads out of the folder": lambda file: tar_of(file, {"../../escaped": b"x"}),
    "leads out of the": lambda file: tar_of(file, {"/etc/cron.d/escaped": b"x"}),
    "leads out": lambda file: tar_of(file, {"a/../../escaped": b"x"}),
    "no plain file": with_link,
    "a in it is damaged": lambda file: tar_of(
        file, {"a": b"x"}, lambda m: m["files"]["a"].update(sha256="0" * 64)
    ),
    "not those that it lists": lambda file: tar_of(file, {"a": b"x"}, lambda m: m["files"].pop("a")),
    "not those that it": lambda file: tar_of(file, {"a": b"x"}, lambda m: m["files"]["a"].update(size=9**9)),
    "newer Mirror": lambda file: tar_of(file, {"a": b"x"}, lambda m: m.update(version=2)),
    "its tables have version 0002, this Mirror knows 0001": lambda file: tar_of(
        file, {"a": b"x"}, lambda m: m.update(schemas={"gallery_schema": "0002"})
    ),
    "it is no backup of the mirror": lambda file: tar_of(file, {}, lambda m: m.update(format="zip")),
    "list of files is damaged": lambda file: tar_of(file, {}, lambda m: m.update(files=[1])),
    "database a.sqlite in it is damaged": lambda file: tar_of(
        file, {"a.sqlite": b"SQLite format 3\0" + os.urandom(5000)}
    ),
    "or it is damaged": noise,
    "cannot be read": lambda file: file,
}


@pytest.mark.parametrize("sentence", UNSOUND)
def test_what_is_not_sound_is_refused_and_changes_nothing(sentence: str, state: Path, tmp_path: Path) -> None:
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    file = UNSOUND[sentence](tmp_path / "bad.tar")
    with pytest.raises(UsageError, match=sentence) as caught:
        restore(file, state)
    assert "\n" not in str(caught.value)
    file.unlink(missing_ok=True)
    after = sorted(str(path) for path in tmp_path.rglob("*"))
    assert [path for path in after if "gallery" not in path] == [
        path for path in before if "gallery" not in path
    ]
    assert names() == ["Ada", "Ben"]
    assert not (tmp_path.parent / "escaped").exists()


def test_a_cut_off_backup_is_refused(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    make_backup(state, out, TABLES)
    whole = out.read_bytes()
    for share in (0.3, 0.6, 0.9):
        out.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UsageError, match="is refused"):
            restore(out, state)
    assert names() == ["Ada", "Ben"]


def test_an_existing_file_is_never_replaced(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.tar"
    out.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        make_backup(state, out, TABLES)
    assert out.read_text() == "mine"
    with pytest.raises(UsageError, match="nothing to back up"):
        make_backup(tmp_path / "none", tmp_path / "new.tar", TABLES)


def test_what_belongs_to_a_running_program_is_left_out(state: Path, tmp_path: Path) -> None:
    (state / "gallery" / "faces.sqlite.before-from-0000").write_bytes(b"old")
    (state / "gallery" / "pictures" / "a.part").write_bytes(b"half")
    backup = make_backup(state, state / "in.tar", TABLES)
    kept = sorted(name for name in backup.files if not name.endswith(".mirrorface"))
    (month,) = (name for name in kept if name.endswith(".jsonl"))
    assert kept == [month, "audit/secret", "gallery/faces.sqlite", "mood/moods.sqlite", "presets.json"]
    assert backup.schemas == {"gallery_schema": "0001", "mood_schema": "0001"}
    assert read_backup(state / "in.tar") == backup


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MIRROR_KEY_FILE", str(tmp_path / "keys"))
    return tmp_path / "keys"


def test_keys_are_made_added_used_and_forgotten(state: Path, key_file: Path) -> None:
    assert isinstance(run("keys", "show").exception, UsageError)
    made = run("keys", "make")
    assert made.exit_code == 0
    assert len(key_file.read_text().split("\n")) == 3
    assert isinstance(run("keys", "make").exception, UsageError)  # never over an existing one
    assert "2 faces are encrypted anew, 0 had" in run("keys", "rotate").output
    first = run("keys", "show").output.split()[0]
    assert run("keys", "make", "--add").exit_code == 0
    assert run("keys", "show").output.count("decrypts") == 2
    assert names() == ["Ada", "Ben"]
    done = run("keys", "rotate", "--forget-old")
    assert "2 faces are encrypted anew" in done.output
    assert first not in run("keys", "show").output
    assert names() == ["Ada", "Ben"]
    secret = [line for line in key_file.read_text().splitlines() if not line.startswith("#")]
    assert not any(line in made.output + done.output for line in secret)


def test_the_audit_log_is_shown_without_names(state: Path) -> None:
    with open_store() as store:
        ada = next(entry.id for entry in store.entries()[0] if entry.name == "Ada")
        store.erase(ada)
    shown = run("audit", "--json")
    entries = [json.loads(line) for line in shown.output.splitlines()]
    assert [entry["event"] for entry in entries] == ["stored", "stored", "erased"]
    assert "Ada" not in shown.output
    hers = [json.loads(line) for line in run("audit", "--json", "--face", ada).output.splitlines()]
    assert [entry["event"] for entry in hers] == ["stored", "erased"]
    assert "erased" in run("audit").output
    assert run("audit", "--check").exit_code == 0
    (file,) = (state / "audit").glob("*.jsonl")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    assert run("audit", "--check").exit_code == 1


def test_the_state_is_that_of_the_database_s_schema(state: Path) -> None:
    with sqlite3.connect(state / "gallery" / "faces.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM gallery_schema").fetchone() == ("0001",)
