"""The images source, on folders made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_camera.images import ImagesSource, natural_key
from mirror_camera.source import EndOfStream, SourceSettings
from mirror_core.errors import SourceError


def _write(folder: Path, name: str, brightness: int, size: tuple[int, int] = (64, 48)) -> None:
    _, data = cv2.imencode(Path(name).suffix, np.full((size[1], size[0], 3), brightness, np.uint8))
    (folder / name).write_bytes(data.tobytes())


def _open(folder: Path, clock: Any, **settings: Any) -> ImagesSource:
    source = ImagesSource(SourceSettings(path=str(folder), **settings), clock.as_clock())
    source.open()
    return source


def test_pictures_come_in_natural_order_at_the_rate_and_again(tmp_path: Path, fake_clock: Any) -> None:
    for number in (10, 9, 1):
        _write(tmp_path, f"bild{number}.png", number)
    (tmp_path / "notes.txt").write_text("not a picture")
    source = _open(tmp_path, fake_clock, rate_hz=4.0)
    grabs = [source.read() for _ in range(5)]
    assert [int(grab.image[0, 0, 0]) for grab in grabs] == [1, 9, 10, 1, 9]
    assert np.diff([grab.acquired_ns for grab in grabs]) == pytest.approx(0.25e9)


def test_without_loop_the_folder_ends(tmp_path: Path, fake_clock: Any) -> None:
    _write(tmp_path, "a.png", 1)
    _write(tmp_path, "Ä.png", 2)
    source = _open(tmp_path, fake_clock, loop=False)
    assert [int(source.read().image[0, 0, 0]) for _ in range(2)] == [1, 2]
    with pytest.raises(EndOfStream, match="have been shown"):
        source.read()


def test_unreadable_files_are_left_out_and_named(tmp_path: Path, fake_clock: Any) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "b.png").write_bytes(b"no picture at all")
    _write(tmp_path, "c.png", 30)
    source = _open(tmp_path, fake_clock)
    assert [int(source.read().image[0, 0, 0]) for _ in range(3)] == [30, 30, 30]
    assert source.notes == ("Not readable as pictures and left out: a.jpg, b.png.",)


def test_other_sizes_are_letterboxed_to_the_first(tmp_path: Path, fake_clock: Any) -> None:
    _write(tmp_path, "1.png", 100, (64, 48))
    _write(tmp_path, "2.png", 200, (48, 96))
    source = _open(tmp_path, fake_clock)
    source.read()
    second = source.read().image
    assert second.shape == (48, 64, 3)
    assert (int(second[24, 32, 0]), int(second[24, 2, 0]), int(second[24, 61, 0])) == (200, 0, 0)


def test_a_stall_is_not_followed_by_a_burst(tmp_path: Path, fake_clock: Any) -> None:
    _write(tmp_path, "1.png", 1)
    source = _open(tmp_path, fake_clock, rate_hz=10.0)
    moments = []
    for stall in (0.0, 0.55, 0.0, 0.0, 20.0, 0.0, 0.0):
        fake_clock.advance(stall)
        moments.append(source.read().acquired_ns * 1e-9 - 100)
    assert moments == pytest.approx([0.0, 0.55, 0.6, 0.7, 20.7, 20.8, 20.9])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "nowhere", "does not exist"),
        (lambda folder: folder, "holds no picture: put files of type bmp, jpeg"),
        (lambda folder: _touch(folder / "a.png"), "is not a folder"),
        (lambda folder: _touch(folder / "a.png").parent, "None of the 1 pictures"),
    ],
)
def test_a_bad_folder_is_a_sentence(make: Any, message: str, tmp_path: Path, fake_clock: Any) -> None:
    with pytest.raises(SourceError, match=message):
        _open(make(tmp_path), fake_clock)


def test_no_path_is_a_sentence() -> None:
    with pytest.raises(SourceError, match="needs a folder"):
        ImagesSource().open()


def test_a_folder_emptied_meanwhile_is_a_loss_not_a_hang(tmp_path: Path, fake_clock: Any) -> None:
    _write(tmp_path, "1.png", 1)
    source = _open(tmp_path, fake_clock)
    (tmp_path / "1.png").unlink()
    with pytest.raises(SourceError, match="can be read any more"):
        source.read()


def _touch(file: Path) -> Path:
    file.touch()
    return file


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_numbers_in_names_sort_as_numbers(numbers: list[int]) -> None:
    names = [f"Frame {number}.png" for number in numbers]
    ordered = sorted(names, key=natural_key)
    assert ordered == [f"Frame {number}.png" for number in sorted(numbers)]


@given(st.lists(st.text(max_size=12), max_size=20))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    assert sorted(sorted(names, key=natural_key)) == sorted(names)
