"""Frames: validation, read-only sharing, latency traces."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mirror_core.errors import MirrorError, ShapeError
from mirror_core.frame import Frame, Trace, read_only, require_bgr


def picture(height: int = 4, width: int = 6) -> np.ndarray:
    return np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize(
    ("image", "actual"),
    [
        (np.zeros((4, 6), np.uint8), "uint8 [4, 6]"),
        (np.zeros((4, 6, 4), np.uint8), "uint8 [4, 6, 4]"),
        (np.zeros((4, 6, 3), np.float32), "float32 [4, 6, 3]"),
        (np.zeros((0, 6, 3), np.uint8), "uint8 [0, 6, 3]"),
        (np.zeros((4, 0, 3), np.uint8), "uint8 [4, 0, 3]"),
        ([[[1, 2, 3]]], "list"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_bgr_picture_is_refused_with_its_actual_shape(image: object, actual: str) -> None:
    with pytest.raises(ShapeError) as refused:
        require_bgr(image, "mask")
    assert str(refused.value).startswith("mask must be")
    assert actual in str(refused.value)


def test_a_frame_refuses_a_wrong_picture_as_a_mirror_error_and_a_value_error() -> None:
    with pytest.raises(MirrorError, match=r"Frame\.image must be uint8") as refused:
        Frame(np.zeros((4, 6), np.uint8), 0)
    assert isinstance(refused.value, ValueError)


def test_a_frame_refuses_a_negative_stamp() -> None:
    with pytest.raises(ShapeError, match="0 or more, not -1"):
        Frame(picture(), -1)


def test_a_frame_shares_the_memory_of_its_picture_and_cannot_be_drawn_on() -> None:
    image = picture()
    frame = Frame(image, 7)
    assert np.shares_memory(frame.image, image)
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0] = 1
    image[0, 0] = 99  # the owner's own array stays as it was
    assert frame.image[0, 0].tolist() == [99, 99, 99]


def test_a_picture_that_is_read_only_already_is_not_wrapped_again() -> None:
    image = read_only(picture())
    assert read_only(image) is image
    assert Frame(image, 0).image is image


def test_a_frame_tells_its_size() -> None:
    frame = Frame(picture(4, 6), 0)
    assert (frame.width, frame.height) == (6, 4)


def test_a_frame_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Frame(picture(), 0).stamp_ns = 5  # type: ignore[misc]


def test_another_picture_keeps_the_moment_and_marks_the_stage() -> None:
    before = Frame(picture(), 5, "left", Trace(1_000), is_placeholder=True)
    after = before.with_image(np.zeros((2, 3, 3), np.uint8), "effects")
    assert (after.stamp_ns, after.frame_id, after.is_placeholder) == (5, "left", True)
    assert (after.width, after.height) == (3, 2)
    assert not after.image.flags.writeable
    assert after.trace.acquired_ns == 1_000
    assert [stage for stage, _ in after.trace.marks] == ["effects"]
    assert before.trace.marks == ()


def test_marks_stand_in_the_order_of_the_stages_on_one_rising_clock() -> None:
    trace = Trace.start().mark("camera").mark("faces").mark("effects")
    assert [stage for stage, _ in trace.marks] == ["camera", "faces", "effects"]
    times = [trace.acquired_ns, *(time for _, time in trace.marks)]
    assert times == sorted(times)


def test_the_age_counts_from_the_acquisition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror_core.frame.time.monotonic_ns", lambda: 3_500_000_000)
    assert Trace(1_000_000_000).age_s() == pytest.approx(2.5)
