"""The video source, on a small clip made here and on a fake capture."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_camera.source import EndOfStream, SourceClosed, SourceSettings
from mirror_camera.video import VideoSource, is_url
from mirror_core.errors import SourceError

FPS = 10.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures, the n-th of brightness 40 n."""
    file = tmp_path_factory.mktemp("clips") / "Clip mit Ümlaut.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (64, 48))
    assert writer.isOpened()
    for number in range(6):
        writer.write(np.full((48, 64, 3), 40 * number, np.uint8))
    writer.release()
    return file


@pytest.fixture
def some_file(tmp_path: Path) -> Path:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"x")
    return file


def _brightness(image: np.ndarray) -> int:
    return round(float(image.mean()) / 40)


def test_a_clip_plays_in_its_own_time_and_ends(clip: Path, fake_clock: Any) -> None:
    source = VideoSource(SourceSettings(path=str(clip), loop=False), fake_clock.as_clock())
    source.open()
    assert (source.size, source.rate_hz) == ((64, 48), FPS)
    grabs = [source.read() for _ in range(6)]
    assert [_brightness(grab.image) for grab in grabs] == [0, 1, 2, 3, 4, 5]
    assert np.diff([grab.acquired_ns for grab in grabs]) == pytest.approx(1e8, rel=1e-3)
    with pytest.raises(EndOfStream, match="has ended: set loop"):
        source.read()


def test_a_looped_clip_begins_again_after_its_last_picture_had_its_time(clip: Path, fake_clock: Any) -> None:
    source = VideoSource(SourceSettings(path=str(clip)), fake_clock.as_clock())
    source.open()
    grabs = [source.read() for _ in range(15)]
    assert [_brightness(grab.image) for grab in grabs] == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2]
    assert np.diff([grab.acquired_ns for grab in grabs]) == pytest.approx(1e8, rel=1e-3)


def test_speed_and_rate_change_the_pace(clip: Path, fake_clock: Any) -> None:
    source = VideoSource(SourceSettings(path=str(clip), speed=2.0, rate_hz=5.0), fake_clock.as_clock())
    source.open()
    assert source.rate_hz == 10.0
    moments = [source.read().acquired_ns for _ in range(4)]
    assert np.diff(moments) == pytest.approx(1e8, rel=1e-3)


def test_a_set_size_letterboxes(clip: Path, fake_clock: Any) -> None:
    source = VideoSource(SourceSettings(path=str(clip), width=128, height=48), fake_clock.as_clock())
    source.open()
    assert source.size == (128, 48)
    assert source.read().image.shape == (48, 128, 3)


def test_uneven_time_stamps_are_followed(some_file: Path, make_capture: Any, fake_clock: Any) -> None:
    capture = make_capture(frames=4, stamps_s=(0.0, 0.1, 0.7, 0.8))
    source = VideoSource(SourceSettings(path=str(some_file)), fake_clock.as_clock(), lambda *_: capture)
    source.open()
    moments = [source.read().acquired_ns * 1e-9 - 100 for _ in range(4)]
    assert moments == pytest.approx([0.0, 0.1, 0.7, 0.8])


def test_without_time_stamps_the_rate_decides(some_file: Path, make_capture: Any, fake_clock: Any) -> None:
    capture = make_capture(frames=4, stamps_s=(0.0, 0.0, 0.0, 0.0), fps=20.0)
    source = VideoSource(SourceSettings(path=str(some_file)), fake_clock.as_clock(), lambda *_: capture)
    source.open()
    moments = [source.read().acquired_ns * 1e-9 - 100 for _ in range(4)]
    assert moments == pytest.approx([0.0, 0.05, 0.1, 0.15])


def test_after_a_short_stall_pictures_are_left_out_not_played_in_a_burst(
    some_file: Path, make_capture: Any, fake_clock: Any
) -> None:
    capture = make_capture(frames=50)
    source = VideoSource(SourceSettings(path=str(some_file)), fake_clock.as_clock(), lambda *_: capture)
    source.open()
    source.read()
    fake_clock.advance(0.75)
    grab = source.read()
    assert int(grab.image[0, 0, 0]) == 7  # due at 0.7 s; 8 is due at 0.8 s
    assert source.skipped == 6
    assert int(source.read().image[0, 0, 0]) == 8
    assert fake_clock.now_s == pytest.approx(100.8)


def test_after_a_long_stall_the_clip_goes_on_where_it_was(
    some_file: Path, make_capture: Any, fake_clock: Any
) -> None:
    capture = make_capture(frames=50)
    source = VideoSource(SourceSettings(path=str(some_file)), fake_clock.as_clock(), lambda *_: capture)
    source.open()
    source.read()
    fake_clock.advance(30.0)
    assert [int(source.read().image[0, 0, 0]) for _ in range(2)] == [1, 2]
    assert fake_clock.now_s == pytest.approx(130.1)


def test_a_live_stream_is_not_paced_and_its_end_is_a_loss(make_capture: Any, fake_clock: Any) -> None:
    capture = make_capture(frames=3, count=-1.0)
    calls: list[tuple[Any, ...]] = []

    def factory(*arguments: Any) -> Any:
        calls.append(arguments)
        return capture

    settings = SourceSettings(path="rtsp://door/stream", loop=False)
    source = VideoSource(settings, fake_clock.as_clock(), factory)
    source.open()
    for _ in range(3):
        source.read()
    assert fake_clock.waits == []
    with pytest.raises(SourceError, match="stream rtsp://door/stream has stopped") as caught:
        source.read()
    assert not isinstance(caught.value, EndOfStream)
    assert calls[0][:2] == ("rtsp://door/stream", cv2.CAP_FFMPEG)


def test_a_clip_without_any_picture_does_not_loop_for_ever(
    some_file: Path, make_capture: Any, fake_clock: Any
) -> None:
    source = VideoSource(
        SourceSettings(path=str(some_file)), fake_clock.as_clock(), lambda *_: make_capture(frames=0)
    )
    source.open()
    with pytest.raises(SourceError, match="holds no picture that can be read"):
        source.read()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"clip.mp4 does not exist: check the path"),
        (b"", r"clip.mp4 is empty"),
        (b"this is a letter, not a clip" * 99, r"clip.mp4 is not a video that OpenCV reads"),
    ],
)
def test_a_bad_file_is_a_sentence(content: bytes | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        VideoSource(SourceSettings(path=str(file))).open()


def test_a_folder_and_no_path_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder: give a video file, or use the images source"):
        VideoSource(SourceSettings(path=str(tmp_path))).open()
    with pytest.raises(SourceError, match="set path to a video file or URL"):
        VideoSource().open()


def test_an_unreachable_stream_is_a_sentence(make_capture: Any) -> None:
    source = VideoSource(
        SourceSettings(path="http://127.0.0.1:9/x"), capture_factory=lambda *_: make_capture(opened=False)
    )
    with pytest.raises(SourceError, match=r"stream http://127\.0\.0\.1:9/x does not answer"):
        source.open()


def test_close_from_another_thread_ends_a_waiting_read(some_file: Path, make_capture: Any) -> None:
    capture = make_capture(frames=5, stamps_s=(0.0, 1000.0, 1001.0, 1002.0, 1003.0))
    source = VideoSource(SourceSettings(path=str(some_file)), capture_factory=lambda *_: capture)
    source.open()
    source.read()
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(SourceClosed):
            source.read()
        ended.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    source.close()
    assert ended.wait(5.0)
    assert capture.released == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [("rtsp://a/b", True), ("http://a", True), ("clip.mp4", False), ("/a:b//c", False), ("C:/x", False)],
)
def test_urls_are_told_from_files(path: str, expected: bool) -> None:
    assert is_url(path) is expected


SHARED_CLIP = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.mark.skipif(not SHARED_CLIP.is_dir(), reason="the shared recordings are not on this machine")
def test_recorded_clips_open_with_size_and_rate(fake_clock: Any) -> None:
    clips = sorted(
        file for file in SHARED_CLIP.rglob("*") if file.suffix in (".mp4", ".avi", ".mov", ".webm")
    )
    if not clips:
        pytest.skip("the shared recordings hold no clip")
    for file in clips[:3]:
        source = VideoSource(SourceSettings(path=str(file)), fake_clock.as_clock())
        source.open()
        grabs = [source.read() for _ in range(5)]
        assert (grabs[0].image.shape[1], grabs[0].image.shape[0]) == source.size
        expected_ns = 4e9 / source.rate_hz
        assert grabs[4].acquired_ns - grabs[0].acquired_ns == pytest.approx(expected_ns, rel=0.1)
        source.close()
