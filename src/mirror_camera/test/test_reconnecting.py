"""The source that never gives up, against sources that fail in every way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_camera.reconnecting import ReconnectingSource
from mirror_camera.reconnection import Policy, SourceState, Status
from mirror_camera.source import EndOfStream, Grab, Source, SourceClosed
from mirror_core.errors import SourceError

QUICK = Policy(
    first_delay_s=0.01, longest_delay_s=0.02, freeze_s=0.5, opening_s=0.5, placeholder_period_s=0.01
)
GIVE_UP_S = 20.0  # a test that waits longer has failed


class Scripted(Source):
    """Does what its script says: numbers are pictures, exceptions are raised, callables are called."""

    name = "scripted"

    def __init__(self, *script: Any, opening: Any = None) -> None:
        super().__init__()
        self._script: Iterator[Any] = iter(script)
        self._opening = opening
        self.closed = 0

    def open(self) -> None:
        self._closed.clear()
        if isinstance(self._opening, BaseException):
            raise self._opening
        if callable(self._opening):
            self._opening()

    def read(self) -> Grab:
        step = next(self._script, None)
        if step is None:
            self._closed.wait()
            raise SourceClosed("closed")
        if isinstance(step, BaseException):
            raise step
        if callable(step):
            step = step()
        image = np.full((24, 32, 3), step, np.uint8) if isinstance(step, int) else step
        return Grab(image, time.monotonic_ns())

    def close(self) -> None:
        self.closed += 1
        self._closed.set()

    @property
    def size(self) -> tuple[int, int]:
        return 32, 24

    @property
    def rate_hz(self) -> float:
        return 0.0


def _wrap(*sources: Any, policy: Policy = QUICK, **options: Any) -> ReconnectingSource:
    left = list(sources)

    def factory() -> Source:
        made = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(made, BaseException):
            raise made
        return made

    source = ReconnectingSource(factory, policy, **options)
    source.open()
    return source


def _read_until(source: ReconnectingSource, wanted: Callable[[Grab], bool]) -> list[Grab]:
    grabs = []
    end = time.monotonic() + GIVE_UP_S
    while time.monotonic() < end:
        grabs.append(source.read())
        if wanted(grabs[-1]):
            return grabs
    raise AssertionError(f"{source.status} after {len(grabs)} pictures")


def _is(number: int) -> Callable[[Grab], bool]:
    return lambda grab: not grab.is_placeholder and int(grab.image[0, 0, 0]) == number


def _placeholder_for(source: ReconnectingSource, words: str) -> Callable[[Grab], bool]:
    return lambda grab: grab.is_placeholder and words in source.status.reason


class Paced(Scripted):
    """Waits on purpose, for longer than a silence may last, before each picture but the first."""

    _shown = 0
    _pauses = False

    @property
    def is_pausing(self) -> bool:
        return self._pauses

    def read(self) -> Grab:
        self._pauses = self._shown > 0
        if self._pauses:
            self._closed.wait(2 * QUICK.freeze_s)
        self._pauses = False
        self._shown += 1
        return super().read()


def test_a_source_that_waits_for_the_next_picture_is_not_lost() -> None:
    source = _wrap(Paced(1, 2, 3))
    _read_until(source, _is(1))
    later = _read_until(source, _is(3))
    assert [int(grab.image[0, 0, 0]) for grab in later] == [2, 3]  # no placeholder between
    assert (source.status.restarts, source.status.reason) == (0, "")
    source.close()


def test_pictures_pass_through_unchanged() -> None:
    source = _wrap(Scripted(7))
    grab = _read_until(source, _is(7))[-1]
    assert grab.image.shape == (24, 32, 3)
    assert (source.status.state, source.status.reason) == (SourceState.STREAMING, "")
    source.close()


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (SourceError("It was unplugged: connect it again."), "It was unplugged: connect it again."),
        (OSError(19, "No such device"), "The camera failed with OSError: [Errno 19] No such device."),
        (cv2.error("bad\nthing"), "The camera failed with error: bad thing."),
        (RuntimeError(), "The camera failed with RuntimeError."),
    ],
)
def test_whatever_a_read_raises_the_source_comes_back(failure: Exception, reason: str) -> None:
    changes: list[Status] = []
    first = Scripted(1, failure)
    source = _wrap(first, Scripted(2), on_change=changes.append, policy=Policy(
        first_delay_s=0.1, longest_delay_s=0.1, placeholder_period_s=0.01
    ))  # fmt: skip
    grabs = _read_until(source, _is(2))
    shown = [grab for grab in grabs if grab.is_placeholder]
    assert shown
    assert all(grab.image.shape == (24, 32, 3) for grab in shown)
    assert reason in [status.reason for status in changes]
    assert source.status.restarts == 1
    assert first.closed >= 1
    source.close()


def test_a_source_that_cannot_be_made_or_opened_is_tried_until_it_can() -> None:
    busy = Scripted(opening=SourceError("It is busy: close the other program."))
    source = _wrap(OSError("no module"), busy, busy, Scripted(3))
    _read_until(source, _is(3))
    assert source.status.restarts == 0
    source.close()


def test_a_placeholder_says_why_at_its_own_slow_pace() -> None:
    moments = [0.0]
    source = _wrap(
        Scripted(opening=SourceError("It is gone: connect it.")),
        policy=Policy(first_delay_s=1000.0, longest_delay_s=1000.0),
        now_s=lambda: moments[0],
    )
    first = _read_until(source, _placeholder_for(source, "It is gone"))[-1]
    assert first.image.shape == (720, 1280, 3)
    assert first.image.max() > 150
    results: list[Grab] = []
    reader = threading.Thread(target=lambda: results.append(source.read()), daemon=True)
    reader.start()
    reader.join(0.3)
    assert results == []  # the clock stands still, so no further placeholder is due
    moments[0] = 0.6
    reader.join(GIVE_UP_S)
    assert len(results) == 1
    source.close()


def test_a_camera_that_hangs_in_its_driver_is_left_behind() -> None:
    hang = threading.Event()
    stuck = Scripted(1, lambda: hang.wait(GIVE_UP_S) and 9)
    changes: list[Status] = []
    source = _wrap(stuck, Scripted(2), on_change=changes.append)
    _read_until(source, _is(2))
    assert any("has sent no picture for 0.5 s" in status.reason for status in changes)
    hang.set()  # the old driver's late picture must not appear
    assert not any(_is(9)(source.read()) for _ in range(10))
    source.close()


def test_a_program_that_stood_still_does_not_blame_the_camera() -> None:
    now_s, comes = [100.0], threading.Event()
    changes: list[Status] = []
    source = _wrap(
        Scripted(1, lambda: comes.wait(GIVE_UP_S) and 2), on_change=changes.append, now_s=lambda: now_s[0]
    )
    _read_until(source, _is(1))
    now_s[0] += 60.0  # halted, or an import that let no other thread run
    threading.Timer(0.3, comes.set).start()  # meanwhile the reader looks at the clock again
    assert [int(grab.image[0, 0, 0]) for grab in _read_until(source, _is(2))] == [2]
    assert SourceState.WAITING not in [status.state for status in changes]
    assert source.status.restarts == 0
    source.close()


def test_a_camera_that_hangs_while_opening_is_left_behind() -> None:
    hang = threading.Event()
    source = _wrap(Scripted(opening=lambda: hang.wait(GIVE_UP_S)), Scripted(4))
    _read_until(source, _is(4))
    hang.set()
    source.close()


def test_hanging_attempts_do_not_pile_up() -> None:
    hang = threading.Event()
    made: list[Scripted] = []

    def factory() -> Source:
        made.append(Scripted(opening=lambda: hang.wait(GIVE_UP_S)))
        return made[-1]

    policy = Policy(0.001, 0.001, freeze_s=0.01, opening_s=0.01, placeholder_period_s=0.01)
    source = ReconnectingSource(factory, policy)
    source.open()
    for _ in range(60):
        source.read()
    assert len(made) == 4
    hang.set()
    source.close()


def test_corrupt_pictures_are_dropped_and_counted() -> None:
    rubbish = [np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4), np.uint8), "text"]
    source = _wrap(Scripted(*(lambda item=item: item for item in rubbish), 5))
    grabs = _read_until(source, _is(5))
    assert source.status.corrupt == 3
    assert [g for g in grabs if not g.is_placeholder] == grabs[-1:]
    source.close()


def test_a_new_size_passes_through_and_placeholders_follow_it() -> None:
    large = np.full((60, 90, 3), 6, np.uint8)
    source = _wrap(
        Scripted(1, large, SourceError("Gone: connect it.")),
        Scripted(opening=SourceError("Gone: connect it.")),
    )
    grab = _read_until(source, lambda grab: grab.is_placeholder and source.size == (90, 60))[-1]
    assert grab.image.shape == (60, 90, 3)
    source.close()


def test_the_newest_picture_wins_and_the_others_are_counted() -> None:
    done = threading.Event()
    source = _wrap(Scripted(1, 2, 3, lambda: (done.set(), 4)[1]))
    assert done.wait(GIVE_UP_S)
    _read_until(source, _is(4))
    status = source.status
    assert status.frames == 4
    assert status.dropped >= 2
    source.close()


def test_the_end_of_a_clip_stays_the_end() -> None:
    source = _wrap(Scripted(1, EndOfStream("The clip has ended: set loop.")), Scripted(2))
    _read_until(source, _placeholder_for(source, "has ended"))
    assert source.status.state is SourceState.ENDED
    assert all(source.read().is_placeholder for _ in range(5))
    source.close()


def test_close_ends_a_waiting_read_and_the_source_can_be_opened_again() -> None:
    inner = Scripted(1)
    source = _wrap(inner, Scripted(2), policy=Policy())
    _read_until(source, _is(1))
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(SourceClosed):
            source.read()
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    source.close()
    assert ended.wait(GIVE_UP_S)
    assert source.status.state is SourceState.CLOSED
    source.open()
    _read_until(source, _is(2))
    assert inner.closed >= 1
    source.close()
