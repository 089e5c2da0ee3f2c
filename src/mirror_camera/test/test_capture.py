"""A capture is never released while a thread is inside it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mirror_camera.capture import GuardedCapture


class _Hanging:
    """Grabs only when let go, and notices a release during a grab."""

    def __init__(self) -> None:
        self.entered, self.let_go = threading.Event(), threading.Event()
        self.inside = self.released_inside = False
        self.releases = 0

    def grab(self) -> bool:
        self.inside = True
        self.entered.set()
        self.let_go.wait(10.0)
        self.inside = False
        return True

    def release(self) -> None:
        self.releases += 1
        self.released_inside |= self.inside


def test_close_returns_while_a_grab_hangs_and_the_grab_releases_later() -> None:
    inner: Any = _Hanging()
    capture = GuardedCapture(inner)
    reader = threading.Thread(target=capture.grab)
    reader.start()
    assert inner.entered.wait(5.0)
    capture.close()
    assert inner.releases == 0
    inner.let_go.set()
    reader.join(5.0)
    assert (inner.releases, inner.released_inside) == (1, False)


def test_a_closed_capture_delivers_nothing_and_is_released_once(make_capture: Any) -> None:
    inner = make_capture()
    capture = GuardedCapture(inner)
    assert capture.grab()
    capture.close()
    capture.close()
    assert (capture.grab(), capture.retrieve(), capture.get(5), capture.set(5, 1.0)) == (
        False,
        None,
        0.0,
        False,
    )
    assert inner.released == 1


def test_a_grab_that_raises_leaves_the_capture_usable(make_capture: Any) -> None:
    inner = make_capture()
    inner.grab = _raise
    capture = GuardedCapture(inner)
    with pytest.raises(OSError, match="driver"):
        capture.grab()
    capture.close()
    assert inner.released == 1


def _raise() -> bool:
    raise OSError("driver")
