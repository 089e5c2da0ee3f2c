"""Whoever is erased is gone from everything that the mirror keeps: searched for byte by byte.

Ada is stored, recognised, worn, exported; her moods are logged, uploaded, and wait in the spool. After her
face is erased no file of the state folder, of the uploads or of ROS's logs holds her name, her id, or a piece
of her pictures, her embedding or her baseline. The file that she took along is hers, and stays.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.moods import MoodLabel
from mirror_core.store.audit import AuditLog
from mirror_core.store.objects import FolderObjects
from mirror_gallery.consent import Consent, Scope, utc_now
from mirror_gallery.conversions import bytes_field, consent_to_message
from mirror_gallery.gallery import open_store
from mirror_gallery.gallery_node import GalleryNode
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.portrait_file import encode
from mirror_mood.log.exporter import Exporter
from mirror_mood.log.parquet_part import from_parquet
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.mood_log_node import MoodLogNode

NAME = "Quetzalcoatlus Vexillology"
HERS = Consent(Scope.UNTIL_REVOKED, others_may_wear=True, recognise=True)
RNG = np.random.default_rng(23)
EMBEDDING, BASELINE = RNG.bytes(1024), RNG.bytes(2048)
PIECE = 24  # bytes that do not occur by chance
MIRROR = "hall"
EVEN = tuple(1 / len(MoodLabel) for _ in MoodLabel)


def portrait(name: str, seed: int) -> Portrait:
    """A face whose pictures cannot be confused with another one's."""
    rng = np.random.default_rng(seed)
    views = tuple(
        FaceView(
            rng.integers(0, 256, (48, 48, 3), np.uint8),
            rng.integers(128, 256, (48, 48), np.uint8),
            rng.normal(24, 12, (468, 3)).astype(np.float32),
            yaw=10.0 * number,
        )
        for number in range(2)
    )
    return Portrait("somebody", name, views)


def pieces(data: bytes) -> list[bytes]:
    """A few parts of some data, since a database may cut it anywhere."""
    return [data[at : at + PIECE] for at in np.linspace(0, len(data) - PIECE, 12).astype(int)]


def moods(person: str, start_s: int, count: int) -> list[MoodRow]:
    """Seconds of somebody's moods."""
    return [MoodRow(start_s + number, MIRROR, person, 1, EVEN, 0.1, 0.2, 0.3) for number in range(count)]


class BrokenObjects(FolderObjects):
    """A place for uploads that is down."""

    def write(self, key: str, data: bytes) -> None:
        from mirror_core.errors import StoreError

        raise StoreError("The network is down.")


@dataclass
class Kept:
    """Everything in which a person can leave traces."""

    folder: Path
    spinner: Any
    node: Any
    needles: dict[str, list[bytes]] = field(default_factory=dict)

    def call(self, kind: str, name: str, **fields: Any) -> Any:
        """Ask the gallery."""
        import mirror_msgs.srv

        service = getattr(mirror_msgs.srv, kind)
        client = self.node.create_client(service, f"gallery/{name}")
        self.spinner.until(client.service_is_ready, f"the service {name}")
        future = client.call_async(service.Request(**fields))
        self.spinner.until(future.done, f"the answer of {name}")
        answer = future.result()
        assert getattr(answer, "success", True), answer.message
        return answer

    def upload(self, target: FolderObjects, log: MoodStore) -> None:
        """Upload what is new, as far as the target lets it."""
        from contextlib import suppress

        from mirror_core.errors import StoreError

        with suppress(StoreError):
            Exporter(log.database, target).run(MIRROR)

    def found(self) -> dict[str, set[str]]:
        """In which files which traces are found."""
        places = [self.folder / "state", self.folder / "uploads", Path(os.environ["ROS_LOG_DIR"])]
        traces: dict[str, set[str]] = {}
        for file in (file for place in places for file in place.rglob("*") if file.is_file()):
            content = file.name.encode() + b"\n" + file.read_bytes()
            if file.suffix == ".parquet":  # packed: what it says has to be read
                rows = from_parquet(file.read_bytes(), MIRROR, file.name)
                content += b" ".join(row.person.encode() for _, row in rows)
            for what, needles in self.needles.items():
                if any(needle in content for needle in needles):
                    traces.setdefault(what, set()).add(file.name)
        return traces


@pytest.fixture(params=["open", "sealed"])
def kept(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spinner: Any,
    start_host: Callable[..., Any],
) -> Iterator[Kept]:
    """A gallery and a mood log in a state folder of their own, with and without a key."""
    from mirror_core.store.keys import made_key

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if request.param == "sealed":
        monkeypatch.setenv("MIRROR_KEY", made_key().text)
    start_host(GalleryNode, "gallery")
    words = ["--ros-args", "-p", "log:=true", "-p", f"mirror_id:={MIRROR}", "-p", "write_period:=0.2"]
    start_host(lambda: MoodLogNode(cli_args=words), "mood_log")
    yield Kept(tmp_path, spinner, spinner.node("client"))


def test_who_is_erased_leaves_nothing(kept: Kept) -> None:
    other = kept.call(
        "AddFace",
        "add",
        data=bytes_field(encode(portrait("Somebody Else", 2), utc_now(), None)),
        consent=consent_to_message(HERS),
    ).id
    ada = kept.call(
        "AddFace",
        "add",
        data=bytes_field(encode(portrait(NAME, 1), utc_now(), None)),
        consent=consent_to_message(HERS),
    ).id
    kept.call("KeepBaseline", "keep_baseline", gallery_id=ada, data=bytes_field(BASELINE))
    kept.call("WearFace", "wear", face_id=2**32 - 1, gallery_id=ada)
    taken_along = kept.folder / "hers.mirrorface"
    kept.call("ExportFace", "export", id=ada, path=str(taken_along))
    now_s = int(time.time()) - 600
    down = BrokenObjects(kept.folder / "down", "A part")
    up = FolderObjects(kept.folder / "uploads", "A part")
    with open_store() as store, MoodStore() as log:
        store.put_derived(ada, "embedding", EMBEDDING)
        thumbnail = store.thumbnail(ada)
        log.add([*moods(ada, now_s, 30), *moods(other, now_s, 30), *moods("", now_s, 30)])
        kept.upload(up, log)
        kept.upload(down, log)
        kept.needles = {
            "name": [NAME.encode()],
            "folded name": [NAME.casefold().encode()],
            "id": [ada.encode()],
            "thumbnail": pieces(thumbnail[700:]),  # after the tables that all JPEGs share
            "pictures": pieces(store._pictures.read(f"{ada}.mirrorface") or b""),
            "embedding": pieces(EMBEDDING),
            "baseline": pieces(BASELINE),
        }
        before = kept.found()
        assert {"name", "folded name", "id"} <= before.keys()
        sealed = store._sealer.key_id != ""
        assert ("pictures" in before) is not sealed
        assert any(name.endswith(".parquet") for name in before["id"])
        for what, files in before.items():  # ROS's logs and the audit log name nobody
            assert not any(name.endswith((".log", ".jsonl")) for name in files), what
        waiting = list((kept.folder / "state" / "mirror" / "mood" / "spool").rglob("*.parquet"))
        assert waiting, "nothing waits in the spool"

        kept.call("EraseFace", "erase", id=ada)
        kept.spinner.until(
            lambda: ada not in _logged(log), "the erasure of her moods, as the mood log sees her gone"
        )
        kept.upload(up, log)  # takes her out of what was uploaded
        kept.spinner.until(lambda: kept.found() == {}, f"the end of all traces; left: {kept.found()}")

        assert [entry.id for entry in store.entries()[0]] == [other]
        assert store.get(other).name == "Somebody Else"
        assert {other, ""} == _logged(log)
    assert taken_along.exists()
    done = [(entry.event, entry.who) for entry in AuditLog().entries()]
    hers = AuditLog().number(ada)
    assert [event for event, who in done if who == hers] == [
        "stored",
        "worn",
        "exported",
        "erased",
        "moods erased",
    ]


def _logged(log: MoodStore) -> set[str]:
    from sqlalchemy import select

    from mirror_mood.log.models import subjects

    with log.database.read() as session:
        return set(session.scalars(select(subjects.c.person)))
