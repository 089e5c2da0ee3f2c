"""Takes: nothing without a name, a playable file with its consent beside it, and never any waiting."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.film import takes
from mirror_effects.film.takes import FPS, Take, consenting_name, default_takes_folder

BEGAN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SIZE = (320, 240)


def picture(number: int) -> np.ndarray:
    """Grey, brighter with each number, with a bright left third."""
    image = np.full((SIZE[1], SIZE[0], 3), 20 + 2 * number, np.uint8)
    image[:, :100] = 250
    return image


def frames_of(file: Path) -> list[np.ndarray]:
    video = cv2.VideoCapture(str(file))
    assert video.isOpened()
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(FPS)
    frames = []
    while True:
        is_there, frame = video.read()
        if not is_there:
            return frames
        frames.append(frame)


def record(folder: Path, stamps_s, **more) -> Take:
    take = Take("Ada", folder, BEGAN, **more)
    for number, at in enumerate(stamps_s):
        take.add(int(1e9 * at), picture(number))
        wait_until_taken(take)
    assert take.close()
    return take


def wait_until_taken(take: Take) -> None:
    for _ in range(500):
        with take._wake:
            if not take._waiting:
                return
        threading.Event().wait(0.01)
    raise AssertionError("the take's thread takes nothing")


def test_a_take_is_a_playable_file_with_its_consent_beside_it(tmp_path):
    take = record(
        tmp_path / "takes", [100 + number / FPS for number in range(50)], about={"scenes": ["noir"]}
    )
    assert take.problem == ""
    assert take.file == tmp_path / "takes" / "2026-03-04_05-06-07_ada.mp4"
    frames = frames_of(take.file)
    assert len(frames) == 50
    assert frames[0].shape == (240, 320, 3)
    for number in (0, 25, 49):
        assert frames[number][120, 200].mean() == pytest.approx(20 + 2 * number, abs=6)
    note = json.loads(take.file.with_suffix(".json").read_text(encoding="utf-8"))
    assert note == {
        "version": 1,
        "name": "Ada",
        "date": "2026-03-04T05:06:07+00:00",
        "consent": "recorded with consent",
        "file": take.file.name,
        "width": 320,
        "height": 240,
        "frames_per_second": FPS,
        "frames": 50,
        "seconds": 2.0,
        "dropped": 0,
        "complete": True,
        "scenes": ["noir"],
    }
    for file in (take.file, take.file.with_suffix(".json")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(list(take.file.parent.iterdir())) == 2


@pytest.mark.parametrize("name", ["", "   ", "\n"])
def test_without_a_name_nothing_is_written(tmp_path, name):
    with pytest.raises(UsageError, match="needs the name of the person"):
        Take(name, tmp_path, BEGAN)
    assert list(tmp_path.iterdir()) == []


def test_a_take_without_a_frame_writes_nothing(tmp_path):
    take = Take("Ada", tmp_path / "takes", BEGAN)
    assert take.close()
    assert list(tmp_path.iterdir()) == []


def test_time_in_the_file_is_time_before_the_mirror(tmp_path):
    slow = record(tmp_path, [100 + number / 10 for number in range(11)])
    assert len(frames_of(slow.file)) == FPS + 1
    fast = record(tmp_path, [200 + number / 60 for number in range(61)])
    assert fast.file.name == "2026-03-04_05-06-07_ada_2.mp4"
    assert len(frames_of(fast.file)) == FPS + 1
    paused = record(tmp_path, [300.0, 300.04, 360.0, 360.04])
    assert len(frames_of(paused.file)) == 4  # a pause of a minute is cut out


def test_a_mirrored_take_is_written_as_it_was_shown(tmp_path):
    take = record(tmp_path, [1.0, 1.04], mirrored=True)
    frame = frames_of(take.file)[0]
    assert frame[120, 300].mean() > 200
    assert frame[120, 20].mean() < 60


def test_frames_are_left_out_and_counted_where_the_disc_does_not_keep_up(tmp_path, monkeypatch):
    may_open = threading.Event()
    real = cv2.VideoWriter

    def slow(*arguments):
        may_open.wait(10)
        return real(*arguments)

    monkeypatch.setattr(
        takes.cv2,
        "VideoWriter",
        type("Slow", (), {"__new__": lambda cls, *a: slow(*a), "fourcc": real.fourcc}),
    )
    take = Take("Ada", tmp_path, BEGAN)
    for number in range(30):
        take.add(int(1e9 * (5 + number / FPS)), picture(0))  # returns though nothing is written
    assert take.dropped >= 30 - takes.MOST_WAITING - 1
    may_open.set()
    assert take.close()
    note = json.loads(take.file.with_suffix(".json").read_text(encoding="utf-8"))
    assert note["dropped"] == take.dropped
    assert len(frames_of(take.file)) == note["frames"]


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    take = record(blocked, [1.0])
    assert take.problem.startswith(f"The take of Ada cannot be written to {blocked}: ")
    assert not take.is_due(int(2e9))
    assert blocked.read_text() == "not a folder"


def test_a_forgotten_take_ends_by_itself(tmp_path):
    take = Take("Ada", tmp_path, BEGAN)
    take.add(int(1e9), picture(0))
    assert not take.is_ended
    assert not take.is_due(int((2 + takes.LONGEST_TAKE_S) * 1e9))
    assert take.is_ended
    assert take.close()
    assert len(frames_of(take.file)) == 1


def test_names_and_folders(tmp_path, monkeypatch):
    assert consenting_name("  Ada   Lovelace ") == "Ada Lovelace"
    assert len(consenting_name("x" * 200)) == 80
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_takes_folder() == tmp_path / "mirror" / "takes"
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")  # to be ignored, says the specification
    assert default_takes_folder() == Path.home() / ".local" / "share" / "mirror" / "takes"
    take = Take("李", tmp_path, BEGAN)
    take.add(1, picture(0))
    assert take.close()
    assert take.file.name.endswith("_take.mp4")


def test_a_full_disk_ends_a_take_with_all_that_came_before(tmp_path, monkeypatch):
    free = [10 * takes.KEEP_FREE_BYTES]
    monkeypatch.setattr(takes.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free[0]))
    take = Take("Ada", tmp_path, BEGAN)
    for number in range(2 * FPS):
        if number == FPS:
            free[0] = 7 * 2**20
        take.add(int(1e9 * (1 + number / FPS)), picture(number))
        wait_until_taken(take)
        if take.problem:
            break
    assert take.close()
    assert take.problem == (
        f"The take of Ada ends: the disk of {tmp_path} has 7 MiB left, and 100 are kept free; make room."
    )
    assert len(frames_of(take.file)) == FPS
    assert json.loads(take.file.with_suffix(".json").read_text())["complete"] is True
    assert not take.is_due(int(9e9))


def test_no_take_begins_where_the_disk_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(takes.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    take = record(tmp_path, [1.0])
    assert "has 0 MiB left" in take.problem
    assert list(tmp_path.iterdir()) == []
