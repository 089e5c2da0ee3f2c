"""A database is damaged while the mirror is off or runs: it is said, and all goes on once it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import StoreError
from mirror_core.moods import MoodLabel
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore
from mirror_mood.log import writer as writer_module
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import MoodWriter, WriterStatus

FOREVER = Consent(Scope.UNTIL_REVOKED)
NOON_S = 1_772_366_400
GARBAGE = bytes(range(256)) * 64


class Damage:
    """Writes garbage over a database's files, and puts them back."""

    def __init__(self, file: Path) -> None:
        names = (file.name, f"{file.name}-wal", f"{file.name}-shm")
        self._files = {file.with_name(name): b"" for name in names if file.with_name(name).exists()}

    def begin(self) -> None:
        for path in self._files:
            self._files[path] = path.read_bytes()
            path.unlink()  # as a new file: pages that SQLite has mapped must not change below it
            path.write_bytes(GARBAGE)

    def end(self) -> None:
        for path, content in self._files.items():
            path.unlink(missing_ok=True)
            path.write_bytes(content)


def portrait(name: str) -> Portrait:
    grey, all_of_it = np.full((24, 24, 3), 90, np.uint8), np.full((24, 24), 255, np.uint8)
    view = FaceView(grey, all_of_it, np.zeros((468, 3), np.float32))
    return Portrait("not-stored", name, (view,))


def test_a_damaged_gallery_is_said_and_read_again_once_it_is_mended(tmp_path: Path) -> None:
    file, pictures = tmp_path / "faces.sqlite", str(tmp_path / "pictures")
    with FaceStore(str(file), pictures, mirror="here") as store:
        kept = store.add(portrait("Ada"), FOREVER)
    damage = Damage(file)
    damage.begin()
    with pytest.raises(StoreError, match=r"faces\.sqlite") as caught:
        FaceStore(str(file), pictures, mirror="here")
    assert "\n" not in str(caught.value)
    assert file.read_bytes() == GARBAGE  # nothing was put in its place
    damage.end()
    with FaceStore(str(file), pictures, mirror="here") as store:
        assert store.get(kept).name == "Ada"


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], MoodWriter]]:
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(writer_module, "LONGEST_PAUSE_S", 0.05)
    writers: list[MoodWriter] = []

    def start() -> MoodWriter:
        writers.append(MoodWriter(lambda: MoodStore(str(tmp_path / "moods.sqlite")), 1000, 0.02))
        return writers[-1]

    yield start
    for writer in writers:
        writer.close()


def rows(first: int, count: int) -> Iterator[MoodRow]:
    share = tuple(1 / len(MoodLabel) for _ in MoodLabel)
    for second in range(first, first + count):
        yield MoodRow(NOON_S + second, "hall", "", 1, share, 0.0, 0.0, share[0])


def test_a_damaged_mood_log_is_said_and_rows_wait_until_it_is_mended(
    tmp_path: Path, start: Callable[[], MoodWriter], eventually: Callable[..., object]
) -> None:
    file = tmp_path / "moods.sqlite"
    writer = start()
    writer.put(rows(0, 5))
    eventually(lambda: writer.status.written == 5, "the first rows")
    writer.close()
    damage = Damage(file)
    damage.begin()
    writer = start()
    writer.put(rows(5, 10))
    eventually(lambda: writer.status.problem, "the report")
    assert "moods.sqlite" in writer.status.problem
    assert "\n" not in writer.status.problem
    assert file.read_bytes() == GARBAGE
    damage.end()
    eventually(lambda: writer.status == WriterStatus(written=10), "all rows")
