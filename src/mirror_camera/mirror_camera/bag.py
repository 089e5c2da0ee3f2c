"""The bag source: the pictures of a recorded bag, in the time in which they came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mirror_camera.calibration import Calibration, calibration_of
from mirror_camera.letterbox import letterbox
from mirror_camera.pacing import Pacer
from mirror_camera.source import (
    STAMPS_OF_BAG,
    Clock,
    EndOfStream,
    Grab,
    Source,
    SourceClosed,
    SourceSettings,
)
from mirror_core.bags.pictures import IMAGE_TYPES, picture_of
from mirror_core.bags.reader import BagMessage, BagReader, BagTopic
from mirror_core.conversions import PLACEHOLDER_FRAME_ID, stamp_of
from mirror_core.errors import EncodingError, MirrorError, ShapeError, SourceError
from mirror_core.frame import Image

__all__ = ["BagSource"]

CAMERA_INFO_TYPE = "sensor_msgs/msg/CameraInfo"
FALLBACK_RATE_HZ = 30.0  # for bags with a single picture
RAW_NAMES = ("image_raw", "image_raw/compressed")  # ends of names; what a camera publishes


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A picture of the bag.

    Attributes:
        image: uint8 [height, width, 3], BGR.
        stamp_ns: of its header.
        is_placeholder: True where it was recorded while there was no camera.
    """

    image: Image
    stamp_ns: int
    is_placeholder: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Between two pictures of the bag.

    Attributes:
        begin_ns, end_ns: when the two were recorded; the same while the next one is not known yet.
        since_ns: when the first was shown, nanoseconds of the source's clock.
    """

    begin_ns: int
    end_ns: int
    since_ns: int

    def time_ns(self, now_ns: int, pace: float) -> int:
        """The bag's time; never beyond the second picture, and at the first where that lies before it."""
        passed_ns = max(0, round((now_ns - self.since_ns) * pace))
        return self.begin_ns + min(passed_ns, max(0, self.end_ns - self.begin_ns))


class BagSource(Source):
    """Plays the images of the bag `path` (a folder of rosbag2, or its .mcap or .db3 file).

    Pictures come in the rhythm in which they were recorded (or at the set `rate_hz`), times `speed`. A
    player that falls behind leaves pictures out to stay on time.

    Args:
        settings: what to open and how.
        clock: replaced in tests.
    """

    name = "bag"

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._pacer = Pacer(self.clock, self._closed, self.settings.speed)
        self._lock = threading.Lock()  # held while the bag is read, so that it is not closed meanwhile
        self._reader: BagReader | None = None
        self._topic = BagTopic("", "", 0)
        self._messages: Iterator[BagMessage] = iter(())
        self._size = (0, 0)
        self._bag_rate_hz = 0.0
        self._first_ns = 0
        self._number = -1  # of the picture taken last, in this pass
        self._skipped = 0
        self._span: _Span | None = None
        self._calibration: Calibration | None = None
        self._notes: list[str] = []

    def open(self) -> None:
        """Open the bag at its first picture.

        Raises:
            SourceError: if there is no bag, it cannot be read, or it has no image topic or no picture.
        """
        self.close()
        if not self.settings.path:
            raise SourceError("The bag source needs a bag: set path to a folder of rosbag2.")
        try:
            self._reader = reader = BagReader(self.settings.path)
            self._notes = [f"The bag {reader.path} is damaged. {reader.damage}"] if reader.damage else []
            self._topic = self._chosen_topic(reader)
            self._calibration = self._recorded_calibration(reader)
            first = next(reader.messages((self._topic.name,)), None)
            if first is None:
                raise SourceError(
                    f"The bag {reader.path} holds no picture of {self._topic.name}: use another."
                )
            picture = self._decode(first).image
        except SourceError:
            self._release()
            raise
        except MirrorError as error:
            self._release()
            raise SourceError(str(error)) from error
        self._size = (
            (self.settings.width, self.settings.height)
            if self.settings.width
            else (picture.shape[1], picture.shape[0])
        )
        duration_s = reader.summary.duration_s
        self._bag_rate_hz = (
            (self._topic.count - 1) / duration_s
            if self._topic.count > 1 and duration_s > 0
            else FALLBACK_RATE_HZ
        )
        self._first_ns = first.stamp_ns
        self._span = None
        self._skipped = 0
        self._closed.clear()
        self._begin()
        self._pacer.restart()

    def read(self) -> Grab:
        """The next picture, when it is due.

        Raises:
            EndOfStream: after the last picture, unless looped.
            SourceClosed: if the source is or becomes closed.
            SourceError: where the bag is damaged, or holds pictures that Mirror does not read.
        """
        self._require_open()
        message = self._next_on_time()
        if message is None:
            if not self.settings.loop:
                raise EndOfStream(f"The bag {self.settings.path} has ended: set loop to repeat it.")
            self._begin()
            self._pacer.restart(delay_s=1 / self.rate_hz)  # the last picture stays as long as any other
            message = self._next()
            if message is None:
                raise SourceError(f"The bag {self.settings.path} cannot be read from its beginning again.")
        if self._span is not None:
            self._span = replace(self._span, end_ns=message.stamp_ns)
        if not self._pacer.wait(self._position_s(message)):
            raise SourceClosed("The bag source was closed.")
        acquired_ns = self.clock.now_ns()
        self._span = _Span(message.stamp_ns, message.stamp_ns, acquired_ns)
        try:
            picture = self._decode(message)
        except SourceClosed:
            raise
        except EncodingError as error:
            raise SourceError(f"{self._topic.name}: {error}") from error
        except MirrorError as error:
            raise SourceError(str(error)) from error
        image = letterbox(picture.image, *self._size) if self.settings.width else picture.image
        self._size = (image.shape[1], image.shape[0])
        stamp_ns = picture.stamp_ns if self.settings.stamps == STAMPS_OF_BAG else None
        return Grab(image, acquired_ns, picture.is_placeholder, stamp_ns)

    def close(self) -> None:
        """End a waiting read and release the bag."""
        self._closed.set()
        self._release()

    @property
    def is_pausing(self) -> bool:
        """Whether the next picture is not due yet."""
        return self._pacer.is_waiting

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    @property
    def rate_hz(self) -> float:
        """Pictures per second, as recorded, times the speed."""
        return (self.settings.rate_hz or self._bag_rate_hz) * self.settings.speed

    @property
    def time_ns(self) -> int | None:
        """When what is shown now was recorded, going on evenly between pictures; None before the first."""
        span = self._span
        return None if span is None else span.time_ns(self.clock.now_ns(), self.rate_hz / self._bag_rate_hz)

    @property
    def calibration(self) -> Calibration | None:
        """The first camera_info beside the pictures, where the bag has one."""
        return self._calibration

    @property
    def notes(self) -> tuple[str, ...]:
        """What is damaged, and which other image topics there are."""
        return tuple(self._notes)

    @property
    def skipped(self) -> int:
        """Pictures left out since `open` to stay on time."""
        return self._skipped

    def _chosen_topic(self, reader: BagReader) -> BagTopic:
        """The topic of the settings, else what a camera published, else the first with images.

        Raises:
            SourceError: if there is none; lists what there is.
        """
        images = [topic for topic in reader.topics if topic.type_name in IMAGE_TYPES and topic.count]
        wanted = self.settings.topic
        if wanted:
            for topic in images:
                if topic.name.strip("/") == wanted.strip("/"):
                    return topic
        names = ", ".join(topic.name for topic in images)
        if wanted and images:
            raise SourceError(f"The bag {reader.path} has no pictures of {wanted}: it has those of {names}.")
        if not images:
            there = ", ".join(f"{topic.name} ({topic.type_name})" for topic in reader.topics) or "none"
            raise SourceError(
                f"The bag {reader.path} has no pictures (sensor_msgs/Image or CompressedImage); "
                f"its topics: {there}."
            )
        chosen = min(images, key=lambda topic: (not topic.name.endswith(RAW_NAMES), topic.name))
        if len(images) > 1:
            self._notes.append(f"The bag has pictures of {names}; shown is {chosen.name}.")
        return chosen

    def _recorded_calibration(self, reader: BagReader) -> Calibration | None:
        """The camera_info in the namespace of the pictures."""
        image = PurePosixPath(self._topic.name.removesuffix("/compressed"))
        name = str(image.parent / "camera_info")
        if (name, CAMERA_INFO_TYPE) not in {(topic.name, topic.type_name) for topic in reader.topics}:
            return None
        message = next(reader.messages((name,)), None)
        if message is None:
            return None
        try:
            return calibration_of(reader.decode(message))
        except (ShapeError, ValueError) as error:
            self._notes.append(f"{name} of the bag says nothing of use: {error}")
            return None

    def _begin(self) -> None:
        self._number = -1
        self._messages = self._reader.messages((self._topic.name,)) if self._reader else iter(())

    def _next(self) -> BagMessage | None:
        try:
            with self._lock:
                self._require_open()
                message = next(self._messages, None)
        except SourceClosed:
            raise
        except MirrorError as error:
            raise SourceError(str(error)) from error
        self._number += message is not None
        return message

    def _next_on_time(self) -> BagMessage | None:
        """The next message, or the first after it that is not late; None at the end."""
        message = self._next()
        while message is not None and self._pacer.lag_s(self._position_s(message)) > 1 / self.rate_hz:
            later = self._next()
            if later is None:
                return message
            message = later
            self._skipped += 1
        return message

    def _position_s(self, message: BagMessage) -> float:
        if self.settings.rate_hz:
            return self._number / self.settings.rate_hz
        return (message.stamp_ns - self._first_ns) * 1e-9

    def _decode(self, message: BagMessage) -> _Decoded:
        with self._lock:
            if self._reader is None:
                raise SourceClosed("The bag source was closed.")
            decoded = self._reader.decode(message)
        header = decoded.header
        return _Decoded(picture_of(decoded), stamp_of(header), header.frame_id == PLACEHOLDER_FRAME_ID)

    def _release(self) -> None:
        with self._lock:
            self._messages = iter(())
            if self._reader is not None:
                self._reader.close()
                self._reader = None
