"""A frame: one picture with its acquisition stamp and its latency trace."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["Frame", "Image", "Trace", "read_only", "require_bgr"]

Image = NDArray[np.uint8]
"""A picture: uint8 array [height, width, 3], channels blue, green, red."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The monotonic times at which a frame passed the stages of the graph.

    The wall clock (`Frame.stamp_ns`) may jump or come from a bag; latency is therefore measured on
    the monotonic clock beside it.

    Attributes:
        acquired_ns: `time.monotonic_ns()` when the picture was taken.
        marks: (stage name, `time.monotonic_ns()`) in the order in which the stages ended.
    """

    acquired_ns: int
    marks: tuple[tuple[str, int], ...] = ()

    @classmethod
    def start(cls) -> Trace:
        """Begin a trace now."""
        return cls(time.monotonic_ns())

    def mark(self, stage: str) -> Trace:
        """Return this trace with the end of `stage` added, now."""
        return Trace(self.acquired_ns, (*self.marks, (stage, time.monotonic_ns())))

    def age_s(self) -> float:
        """Seconds since acquisition."""
        return (time.monotonic_ns() - self.acquired_ns) * 1e-9


def require_bgr(image: Any, what: str = "image") -> Image:
    """Return `image` if it is a uint8 array [height ≥ 1, width ≥ 1, 3].

    Raises:
        ShapeError: if it is anything else; states expected and actual.
    """
    if not isinstance(image, np.ndarray):
        raise ShapeError(f"{what} must be a numpy array, not {type(image).__name__}.")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ShapeError(
            f"{what} must be uint8 [height ≥ 1, width ≥ 1, 3] in BGR order, "
            f"not {image.dtype} {list(image.shape)}."
        )
    return image


def read_only(image: Image) -> Image:
    """Return a view of `image` that cannot be written through; no copy."""
    if not image.flags.writeable:
        return image
    view = image.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture on its way through the graph.

    Attributes:
        image: uint8 [height, width, 3], BGR. Read-only: several nodes share the same memory.
        stamp_ns: acquisition time in nanoseconds of the ROS clock (`header.stamp`).
        frame_id: coordinate frame (`header.frame_id`).
        trace: monotonic times for latency.
        is_placeholder: True where the camera shows a sentence instead of a picture.
    """

    image: Image
    stamp_ns: int
    frame_id: str = "camera_optical"
    trace: Trace = field(default_factory=Trace.start)
    is_placeholder: bool = False

    def __post_init__(self) -> None:
        require_bgr(self.image, "Frame.image")
        if self.stamp_ns < 0:
            raise ShapeError(f"Frame.stamp_ns must be 0 or more, not {self.stamp_ns}.")
        object.__setattr__(self, "image", read_only(self.image))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.image.shape[0])

    def with_image(self, image: Image, stage: str) -> Frame:
        """The same moment with another picture; `stage` is marked as passed."""
        return replace(self, image=image, trace=self.trace.mark(stage))
