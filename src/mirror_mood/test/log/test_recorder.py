"""The whole log of one mirror: what comes in is written, kept as long as agreed, erased and uploaded."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.moods import Mood, MoodSet
from mirror_mood.log import recorder as recorder_module
from mirror_mood.log.queries import MoodQueries
from mirror_mood.log.recorder import MoodRecorder, RecorderSettings
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import WriterStatus

Make = Callable[..., MoodRow]
Held = Callable[..., list[tuple[Any, ...]]]
S = 1_000_000_000


def moods(second: int, *people: str) -> MoodSet:
    found = tuple(
        Mood(index, np.full(7, 1 / 7, np.float32), person=person) for index, person in enumerate(people)
    )
    return MoodSet(second * S, "camera", found)


@pytest.fixture
def begin(file_url: str, tmp_path: Path) -> Iterator[Callable[..., MoodRecorder]]:
    recorders: list[MoodRecorder] = []

    def start(**settings: Any) -> MoodRecorder:
        given: dict[str, Any] = {"mirror": "hall", "url": file_url, "write_period_s": 0.02, **settings}
        recorders.append(MoodRecorder(RecorderSettings(spool=tmp_path / "spool", **given)))
        return recorders[-1]

    yield start
    for recorder in recorders:
        recorder.close()


def test_seconds_are_written_and_the_last_one_when_nothing_comes_any_more(
    begin: Callable[..., MoodRecorder], eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "IDLE_S", 0.0)
    now = int(time.time())
    recorder = begin()
    for second in range(3):
        recorder.take(moods(now + second, "ada", ""))
    eventually(lambda: recorder.status == WriterStatus(written=4), "two seconds of two people")
    recorder.tick()
    eventually(lambda: recorder.status == WriterStatus(written=6), "the last second")


def test_the_end_writes_what_is_there(begin: Callable[..., MoodRecorder], held: Held, file_url: str) -> None:
    now = int(time.time())
    recorder = begin(write_period_s=3600.0)
    recorder.take(moods(now, "ada"))
    assert recorder.close() == WriterStatus(written=1)
    with MoodStore(file_url) as store:
        assert held(store, "SELECT time FROM mood_seconds") == [(now,)]


def test_without_recording_no_log_is_made_but_an_old_one_is_looked_after(
    begin: Callable[..., MoodRecorder], file_url: str, row: Make, eventually: Any
) -> None:
    recorder = begin(records=False)
    recorder.take(moods(int(time.time()), "ada"))
    recorder.tick()
    recorder.close()
    assert not Path(file_url).parent.exists()
    with MoodStore(file_url) as store:
        store.add([row(1_700_000_000, person="ada"), row(int(time.time()), person="ada")])
    begin(records=False)
    with MoodQueries(file_url) as log:
        eventually(lambda: log.people() and log.people()[0].count == 1, "the old row to be erased")


def test_erasing_a_face_erases_its_moods_also_those_that_wait(
    begin: Callable[..., MoodRecorder], file_url: str, eventually: Any
) -> None:
    now = int(time.time())
    recorder = begin()
    recorder.take(moods(now, "ada", "ben"))
    recorder.take(moods(now + 1, "ada", "ben"))
    eventually(lambda: recorder.status.written == 2, "the first second")
    with MoodQueries(file_url) as log:
        recorder.know({"ada", "ben"})
        eventually(lambda: recorder._ever_known == {"ada", "ben"}, "the gallery to be heard of")
        recorder.know({"ben"})
        eventually(lambda: [each.name for each in log.people()] == ["ben"], "ada's moods to be erased")
        recorder.take(moods(now + 2))
        eventually(lambda: recorder.status.written == 3, "ben's second second")
        assert [each.name for each in log.people()] == ["ben"]


def test_people_whom_the_gallery_does_not_know_are_told(
    begin: Callable[..., MoodRecorder], file_url: str, row: Make, eventually: Any
) -> None:
    with MoodStore(file_url) as store:
        store.add([row(int(time.time()), person="ada")])
    recorder = begin()
    recorder.know(set())
    eventually(lambda: recorder.problems()["keeping"], "the warning")
    assert recorder.problems()["keeping"].startswith(
        "The moods of 1 people who are not in this gallery will be"
    )
    recorder.know({"ada"})
    eventually(lambda: not recorder.problems()["keeping"], "its end")


def test_new_rows_are_uploaded_by_themselves(
    begin: Callable[..., MoodRecorder], tmp_path: Path, eventually: Any
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (requirements/base.txt)")
    folder = tmp_path / "data set"
    folder.write_bytes(b"")  # in the way
    now = int(time.time())
    recorder = begin(export_url=str(folder), export_period_s=0.05)
    recorder.take(moods(now, "ada"))
    recorder.take(moods(now + 1))
    eventually(lambda: recorder.problems()["upload"], "the report")
    assert "cannot be written to" in recorder.problems()["upload"]
    folder.unlink()
    eventually(lambda: recorder.exported.rows == 1, "the upload")
    assert recorder.problems() == {"log": "", "keeping": "", "upload": ""}
    assert len(list(folder.rglob("*.parquet"))) == 1


def test_a_fault_is_told_with_what_it_costs(
    begin: Callable[..., MoodRecorder], tmp_path: Path, eventually: Any
) -> None:
    (tmp_path / "notes").write_text("no database\n" * 1000)
    now = int(time.time())
    recorder = begin(url=f"{tmp_path}/notes", queue_rows=2)
    for second in range(5):
        recorder.take(moods(now + second, "ada"))
    eventually(lambda: recorder.problems()["log"], "the report")
    assert recorder.problems()["log"] == (
        f"The mood log {tmp_path}/notes is no SQLite database, or it is encrypted; choose another file. "
        "2 rows wait in memory, 2 are lost."
    )
    recorder.change(RecorderSettings("hall", url=f"{tmp_path}/notes", queue_rows=100))
    recorder.take(moods(now + 6, "ada"))
    assert recorder.status.waiting == 3


def test_a_url_that_is_not_understood_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="The mood log must be sqlite"):
        MoodRecorder(RecorderSettings("hall", url="mysql://x/y"))
    with pytest.raises(UsageError, match="The mood log's export URL nowhere://"):
        MoodRecorder(RecorderSettings("hall", url="/nowhere/x", export_url="nowhere://x"))
    assert not os.path.lexists("/nowhere")
