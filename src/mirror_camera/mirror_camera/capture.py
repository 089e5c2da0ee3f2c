"""OpenCV's VideoCapture made safe to close while another thread reads from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Capture", "CaptureFactory", "GuardedCapture"]

PATIENCE_S = 0.15  # how long close waits for a read to end before it leaves the release to that read


class Capture(Protocol):
    """The part of cv2.VideoCapture that is used; tests give their own."""

    def isOpened(self) -> bool: ...  # noqa: N802  OpenCV's name
    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def get(self, prop: int, /) -> float: ...
    def set(self, prop: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


CaptureFactory = Callable[..., Capture]
"""Called like cv2.VideoCapture: (what, backend, parameters)."""


class GuardedCapture:
    """Owns a capture; releases it exactly once, never while it is in use.

    cv2.VideoCapture crashes when it is released during a grab, and a grab may hang in the driver. So
    `close` waits a moment for the grab to end, and otherwise leaves the release to the thread in it.
    """

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._lock = threading.Lock()
        self._closing = False
        self._released = False

    def grab(self) -> bool:
        """Take the next picture; False at the end, after a loss, or once closed."""
        with self._lock:
            try:
                return not self._closing and bool(self._capture.grab())
            finally:
                self._release_if_closing()

    def retrieve(self) -> NDArray[Any] | None:
        """Decode the picture taken last; None if that fails."""
        with self._lock:
            try:
                ok, picture = (False, None) if self._closing else self._capture.retrieve()
            finally:
                self._release_if_closing()
        return np.asarray(picture) if ok and picture is not None else None

    def get(self, prop: int) -> float:
        """A property of the capture; 0 once closed."""
        with self._lock:
            return 0.0 if self._closing else float(self._capture.get(prop))

    def set(self, prop: int, value: float) -> bool:
        """Set a property; returns whether the backend claims to have taken it."""
        with self._lock:
            return not self._closing and bool(self._capture.set(prop, value))

    def close(self) -> None:
        """Release the capture, now or when the running grab ends."""
        self._closing = True
        if self._lock.acquire(timeout=PATIENCE_S):
            try:
                self._release_if_closing()
            finally:
                self._lock.release()

    def _release_if_closing(self) -> None:
        if self._closing and not self._released:
            self._released = True
            self._capture.release()
