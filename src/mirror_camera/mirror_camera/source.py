"""What a camera source is, which settings it takes, and how sources are found by name."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Any, ClassVar

from mirror_camera.calibration import Calibration
from mirror_core.errors import ParameterError, SourceError, UsageError
from mirror_core.frame import Image, require_bgr
from mirror_core.parameters import parameter

__all__ = [
    "BUILT_IN_SOURCES",
    "ENTRY_POINT_GROUP",
    "STAMPS_OF_BAG",
    "Clock",
    "EndOfStream",
    "Grab",
    "Source",
    "SourceClosed",
    "SourceSettings",
    "make_source",
    "open_source",
    "source_names",
]

ENTRY_POINT_GROUP = "mirror.sources"
BUILT_IN_SOURCES = {
    "bag": "mirror_camera.bag:BagSource",
    "demo": "mirror_camera.demo:DemoSource",
    "images": "mirror_camera.images:ImagesSource",
    "ros": "mirror_camera.ros_topic:RosTopicSource",
    "v4l2": "mirror_camera.v4l2:V4l2Source",
    "video": "mirror_camera.video:VideoSource",
}
"""Sources of this package; also found where it runs from its source tree, without entry points."""

STAMPS_OF_BAG = "bag"
MAXIMUM_SIDE = 8192  # px, larger pictures are refused rather than fill the memory


class EndOfStream(SourceError):  # noqa: N818
    """A clip or folder that is not looped has come to its end."""


class SourceClosed(SourceError):  # noqa: N818
    """`close()` was called while a read waited."""


@dataclass(frozen=True)
class SourceSettings:
    """Settings that all sources share; a source ignores those without meaning for it."""

    path: str = parameter(
        "",
        "What to open: a camera's number, device file or part of its name (v4l2; empty: the first found), "
        "a file or URL (video), a folder (images, bag), an image topic (ros).",
    )
    width: int = parameter(
        0, "Picture width in pixels; 0: the source's own.", minimum=0, maximum=MAXIMUM_SIDE
    )
    height: int = parameter(
        0, "Picture height in pixels; 0: the source's own.", minimum=0, maximum=MAXIMUM_SIDE
    )
    rate_hz: float = parameter(0.0, "Pictures per second; 0: the source's own.", minimum=0.0, maximum=240.0)
    loop: bool = parameter(True, "Start again at the end of a clip, folder or bag.")
    speed: float = parameter(1.0, "Speed of a clip or bag; 2 is twice as fast.", minimum=0.05, maximum=20.0)
    topic: str = parameter("", "Image topic of a bag; empty: the one that a camera published.")
    stamps: str = parameter(
        "now",
        "Stamps of a bag's pictures: now, when they are played, or bag, when they were taken.",
        choices=("now", STAMPS_OF_BAG),
    )
    fourcc: str = parameter(
        "MJPG", "Pixel format asked of a camera, four letters; empty: the driver's choice."
    )

    def __post_init__(self) -> None:
        if (self.width == 0) != (self.height == 0):
            raise ParameterError(
                f"width = {self.width} with height = {self.height} is refused: give both or neither (0)."
            )
        if self.fourcc and (len(self.fourcc) != 4 or not self.fourcc.isascii()):
            raise ParameterError(f"fourcc = {self.fourcc!r} is refused: allowed are four letters or none.")


@dataclass(frozen=True, slots=True, eq=False)
class Grab:
    """A picture as it came from a source.

    Attributes:
        image: uint8 [height, width, 3], BGR.
        acquired_ns: `time.monotonic_ns()` when it was taken.
        is_placeholder: True where it shows a sentence instead of a picture.
        stamp_ns: the stamp that it keeps, nanoseconds of the ROS clock; None: from `acquired_ns`.
    """

    image: Image
    acquired_ns: int
    is_placeholder: bool = False
    stamp_ns: int | None = None

    def __post_init__(self) -> None:
        require_bgr(self.image, "Grab.image")


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of a source; tests give their own.

    Attributes:
        now_ns: monotonic time in nanoseconds.
        wait: waits for an event, at most so many seconds; returns whether it was set.
    """

    now_ns: Callable[[], int] = time.monotonic_ns
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait


class Source(ABC):
    """Where pictures come from. A plugin derives from this and registers under `mirror.sources`.

    `open`, `read` and `close` follow each other; a closed source can be opened again. `close` may be
    called from another thread and then ends a waiting `read`.

    Args:
        settings: what to open and how.
        clock: replaced in tests.
    """

    name: ClassVar[str]
    Parameters: ClassVar[type[SourceSettings]] = SourceSettings

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        self.settings = settings or self.Parameters()
        self.clock = clock or Clock()
        self._closed = threading.Event()
        self._closed.set()

    @abstractmethod
    def open(self) -> None:
        """Open what the settings name.

        Raises:
            SourceError: if that cannot be done; one sentence with what to do.
        """

    @abstractmethod
    def read(self) -> Grab:
        """Wait until the next picture is due and return it.

        Raises:
            EndOfStream: after the last picture of what is not looped.
            SourceClosed: if the source is or becomes closed.
            SourceError: if the source has stopped delivering.
        """

    @abstractmethod
    def close(self) -> None:
        """End a waiting `read` and release everything; harmless when already closed."""

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """(width, height) of the pictures in pixels; (0, 0) before `open`."""

    @property
    @abstractmethod
    def rate_hz(self) -> float:
        """Pictures per second as far as known, else 0."""

    @property
    def horizontal_fov_deg(self) -> float | None:
        """Horizontal field of view in degrees where the source knows it."""
        return None

    @property
    def calibration(self) -> Calibration | None:
        """The camera's calibration where the source knows it."""
        return None

    @property
    def is_pausing(self) -> bool:
        """Whether it waits on purpose for the moment of the next picture; no silence then is a loss."""
        return False

    @property
    def time_ns(self) -> int | None:
        """The time in a recording now, nanoseconds of the ROS clock; None for other sources."""
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the diagnostics about what is not as asked for; empty where all is well."""
        return ()

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise SourceClosed(f"The {self.name} source is closed; open it before reading.")


def source_names() -> tuple[str, ...]:
    """The names of all sources that are installed, sorted."""
    return tuple(sorted({*BUILT_IN_SOURCES, *_plugins()}))


def open_source(name: str, settings: SourceSettings | None = None) -> Source:
    """Make and open the source called `name`.

    Raises:
        UsageError: if there is no such source; lists those that exist.
        SourceError: if its plugin cannot be loaded or the source cannot be opened.
    """
    source = make_source(name, settings)
    source.open()
    return source


def make_source(name: str, settings: SourceSettings | None = None) -> Source:
    """Make the source called `name` without opening it; raises as `open_source` does."""
    plugins = _plugins()
    try:
        if name in plugins:
            found = plugins[name].load()
        elif name in BUILT_IN_SOURCES:
            module, _, attribute = BUILT_IN_SOURCES[name].partition(":")
            found = getattr(import_module(module), attribute)
        else:
            known = ", ".join(source_names())
            raise UsageError(f"There is no camera source {name!r}: allowed are {known}.")
    except (ImportError, AttributeError) as error:
        raise SourceError(
            f"The camera source {name!r} cannot be loaded ({error}): reinstall the package that brings it."
        ) from error
    if not (isinstance(found, type) and issubclass(found, Source)):
        raise SourceError(f"The plugin {name!r} in {ENTRY_POINT_GROUP} is not a mirror_camera Source class.")
    return found(settings)


def _plugins() -> dict[str, Any]:
    return {entry.name: entry for entry in metadata.entry_points(group=ENTRY_POINT_GROUP)}
