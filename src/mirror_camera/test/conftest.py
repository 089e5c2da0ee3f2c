"""What the camera tests share: a clock that obeys, and a capture behind OpenCV's interface."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from mirror_camera.source import Clock


@dataclass
class FakeClock:
    """Time that passes only while somebody waits, or when told."""

    now_s: float = 100.0
    waits: list[float] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        self.now_s += seconds

    def as_clock(self) -> Clock:
        def wait(event: threading.Event, seconds: float) -> bool:
            if event.is_set():
                return True
            self.waits.append(seconds)
            self.now_s += seconds
            return event.is_set()

        return Clock(now_ns=lambda: round(self.now_s * 1e9), wait=wait)


@dataclass
class FakeCapture:
    """Stands in for cv2.VideoCapture: `frames` pictures whose first pixel is their number."""

    frames: int = 5
    size: tuple[int, int] = (64, 48)
    fps: float = 10.0
    stamps_s: tuple[float, ...] | None = None
    opened: bool = True
    count: float = 5.0
    grey: bool = False
    fixed: dict[int, float] = field(default_factory=dict)
    asked: dict[int, float] = field(default_factory=dict)
    released: int = 0
    number: int = -1

    def isOpened(self) -> bool:  # noqa: N802
        return self.opened

    def grab(self) -> bool:
        self.number += 1
        return self.number < self.frames

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        shape = (self.size[1], self.size[0]) if self.grey else (self.size[1], self.size[0], 3)
        return True, np.full(shape, self.number, np.uint8)

    def get(self, prop: int) -> float:
        stamps = self.stamps_s or tuple(i / self.fps for i in range(max(self.frames, 1)))
        known = {
            cv2.CAP_PROP_FPS: self.fps,
            cv2.CAP_PROP_FRAME_WIDTH: float(self.size[0]),
            cv2.CAP_PROP_FRAME_HEIGHT: float(self.size[1]),
            cv2.CAP_PROP_FRAME_COUNT: self.count,
            cv2.CAP_PROP_POS_MSEC: 1000 * stamps[min(max(self.number, 0), len(stamps) - 1)],
        }
        return self.fixed.get(prop, known.get(prop, 0.0))

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def fake_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def make_clock() -> type[FakeClock]:
    return FakeClock


@pytest.fixture(scope="session")
def make_capture() -> type[FakeCapture]:
    return FakeCapture
