"""The V4L2 source against a fake camera behind OpenCV's interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_camera.cameras import Camera
from mirror_camera.source import SourceClosed, SourceSettings
from mirror_camera.v4l2 import V4l2Source
from mirror_core.errors import ShapeError, SourceError


@pytest.fixture
def device(tmp_path: Path) -> Path:
    file = tmp_path / "video4"
    file.touch()
    return file


def _source(device: Path, capture: Any, fake_clock: Any, **settings: Any) -> V4l2Source:
    opened = []

    def factory(number: int, backend: int) -> Any:
        opened.append((number, backend))
        assert opened[-1] == (4, cv2.CAP_V4L2)
        return capture

    return V4l2Source(
        SourceSettings(**settings),
        fake_clock.as_clock(),
        factory,
        lambda: (Camera(device, "Cam"),),
        device.parent,
    )


def test_pictures_come_with_their_moment(device: Path, make_capture: Any, fake_clock: Any) -> None:
    source = _source(device, make_capture(), fake_clock)
    source.open()
    grabs = [source.read() for _ in range(3)]
    assert [int(grab.image[0, 0, 0]) for grab in grabs] == [0, 1, 2]
    assert grabs[0].image.shape == (48, 64, 3)
    assert grabs[0].acquired_ns == 100_000_000_000


def test_size_rate_and_format_are_asked_for_and_the_newest_picture(
    device: Path, make_capture: Any, fake_clock: Any
) -> None:
    capture = make_capture()
    _source(device, capture, fake_clock, width=640, height=480, rate_hz=60.0, fourcc="YUYV").open()
    assert next(iter(capture.asked)) == cv2.CAP_PROP_FOURCC  # the format decides which sizes there are
    assert capture.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"YUYV")
    assert capture.asked[cv2.CAP_PROP_FRAME_WIDTH] == 640
    assert capture.asked[cv2.CAP_PROP_FRAME_HEIGHT] == 480
    assert capture.asked[cv2.CAP_PROP_FPS] == 60
    assert capture.asked[cv2.CAP_PROP_BUFFERSIZE] == 1


def test_what_the_camera_chose_instead_is_noted(device: Path, make_capture: Any, fake_clock: Any) -> None:
    fixed = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV"))}
    source = _source(device, make_capture(size=(640, 480), fps=15.0, fixed=fixed), fake_clock)
    source.open()
    assert (source.size, source.rate_hz) == ((640, 480), 15.0)
    assert source.notes == (
        "Asked for 1280×720, the camera delivers 640×480.",
        "Asked for 30 pictures a second, the camera delivers 15.",
        "Asked for MJPG, the camera delivers YUYV.",
    )


def test_a_camera_that_does_as_asked_gets_no_note(device: Path, make_capture: Any, fake_clock: Any) -> None:
    source = _source(device, make_capture(fps=10.0), fake_clock, width=64, height=48, rate_hz=10.0)
    source.open()
    assert source.notes == ()


def test_a_grey_camera_gives_colour_pictures(device: Path, make_capture: Any, fake_clock: Any) -> None:
    source = _source(device, make_capture(grey=True), fake_clock)
    source.open()
    assert np.array_equal(source.read().image, np.zeros((48, 64, 3), np.uint8))


def test_a_busy_camera_is_a_sentence_and_is_released(
    device: Path, make_capture: Any, fake_clock: Any
) -> None:
    capture = make_capture(opened=False)
    with pytest.raises(SourceError, match=r"another program probably uses it; close that \(`fuser"):
        _source(device, capture, fake_clock).open()
    assert capture.released == 1


def test_a_forbidden_camera_names_the_command_that_helps(device: Path) -> None:
    locked = Camera(device, "Cam", accessible=False)
    with pytest.raises(SourceError, match="usermod -aG video"):
        V4l2Source(cameras=lambda: (locked,), devices=device.parent).open()


def test_an_unplugged_camera_and_a_silent_one_are_told_apart(
    device: Path, make_capture: Any, fake_clock: Any
) -> None:
    source = _source(device, make_capture(frames=1), fake_clock)
    source.open()
    source.read()
    with pytest.raises(SourceError, match="delivers no pictures"):
        source.read()
    device.unlink()
    with pytest.raises(SourceError, match=r"video4 \(Cam\) was unplugged: connect it again"):
        source.read()


def test_a_camera_that_comes_back_is_read_again(device: Path, make_capture: Any, fake_clock: Any) -> None:
    captures = [make_capture(frames=1), make_capture(frames=9)]
    left = list(captures)
    source = V4l2Source(
        None, fake_clock.as_clock(), lambda *_: left.pop(0), lambda: (Camera(device, "Cam"),), device.parent
    )
    source.open()
    source.read()
    with pytest.raises(SourceError):
        source.read()
    source.open()
    assert int(source.read().image[0, 0, 0]) == 0
    assert [capture.released for capture in captures] == [1, 0]


def test_a_closed_camera_says_so(device: Path, make_capture: Any, fake_clock: Any) -> None:
    capture = make_capture()
    source = _source(device, capture, fake_clock)
    source.open()
    source.close()
    source.close()
    assert capture.released == 1
    with pytest.raises(SourceClosed, match="v4l2 source is closed"):
        source.read()


@pytest.mark.parametrize("picture", [None, np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)])
def test_a_picture_that_is_none_is_told_apart_from_a_camera_that_fails(
    device: Path, make_capture: Any, fake_clock: Any, monkeypatch: pytest.MonkeyPatch, picture: Any
) -> None:
    capture = make_capture(frames=3)
    source = _source(device, capture, fake_clock)
    source.open()
    with monkeypatch.context() as patch:
        patch.setattr(capture, "retrieve", lambda: (picture is not None, picture))
        with pytest.raises(ShapeError, match="try another fourcc"):
            source.read()
    source.read()  # the next one may be well
