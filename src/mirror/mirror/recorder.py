"""The node that records: subscribes to topics by name and hands their messages to a bag as they travel."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mirror_core.bags.background import BackgroundWriter
from mirror_core.bags.message_types import new_typestore
from mirror_core.bags.pictures import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE, as_jpeg
from mirror_core.bags.quality import stored_quality
from mirror_core.environment import apply_defaults
from mirror_core.errors import UsageError

__all__ = ["DEFAULT_TOPICS", "Recorder"]

# What a replay needs and what the mirror made of it; the picture that it shows can be made again.
DEFAULT_TOPICS = (
    "camera/image_raw",
    "camera/camera_info",
    "faces",
    "bodies",
    "moods",
    "gestures",
    "/tf",
    "/diagnostics",
)
KNOWN_TYPES = {  # so that nothing is missed while a topic is looked for
    "camera/image_raw": IMAGE_TYPE,
    "camera/camera_info": "sensor_msgs/msg/CameraInfo",
    "faces": "mirror_msgs/msg/FaceArray",
    "bodies": "mirror_msgs/msg/BodyArray",
    "moods": "mirror_msgs/msg/MoodArray",
    "gestures": "mirror_msgs/msg/Gesture",
    "image": IMAGE_TYPE,
    "/tf": "tf2_msgs/msg/TFMessage",
    "/diagnostics": "diagnostic_msgs/msg/DiagnosticArray",
}
DEPTH = 30  # messages that ROS keeps while this process is busy
SEARCH_S = 1.0  # how often topics are looked for whose type is not known yet
TURN_S = 0.2


class Recorder:
    """Records until it is told to stop.

    Args:
        writer: gets the messages.
        topics: names; relative ones are in the namespace.
        namespace: of the mirror.
        jpeg: images as JPEG, on the topic `…/compressed`.

    Raises:
        UsageError: if ROS is not there.
    """

    def __init__(
        self,
        writer: BackgroundWriter,
        topics: Sequence[str],
        namespace: str = "mirror",
        *,
        jpeg: bool = False,
    ) -> None:
        apply_defaults()
        try:
            import rclpy
            from rclpy.executors import SingleThreadedExecutor
            from rclpy.signals import SignalHandlerOptions
        except ImportError as error:
            raise UsageError("ROS 2 is not there: source it, or build with `make build`.") from error
        self._writer = writer
        self._jpeg = jpeg
        self._typestore = new_typestore()
        self._context = rclpy.Context()
        rclpy.init(context=self._context, args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node(
            "recorder",
            context=self._context,
            namespace=f"/{namespace.strip('/')}",
            start_parameter_services=False,
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._searched: set[str] = set()
        self._silent: dict[str, tuple[str, str]] = {}  # written topic → its source and type, before a message
        for topic in dict.fromkeys(topics):
            name = self._node.resolve_topic_name(topic)
            if topic in KNOWN_TYPES:
                self._subscribe(name, KNOWN_TYPES[topic])
            else:
                self._searched.add(name)

    @property
    def missing(self) -> tuple[str, ...]:
        """Topics that nobody has published yet and whose type is not known."""
        return tuple(sorted(self._searched))

    def run(
        self, stop: threading.Event, seconds: float = 0.0, show: Callable[[], None] | None = None
    ) -> None:
        """Record until `stop` is set, the disk is full, or `seconds` (0: without limit) are over.

        Args:
            stop: may be set by a signal handler.
            seconds: see above.
            show: called about once a second.
        """
        began_s = looked_s = time.monotonic()
        self._search()
        while not stop.is_set() and self._writer.failure is None:
            self._executor.spin_once(timeout_sec=TURN_S)
            now_s = time.monotonic()
            if seconds and now_s - began_s >= seconds:
                return
            if now_s - looked_s >= SEARCH_S:
                looked_s = now_s
                self._search()
                if show is not None:
                    show()

    def close(self) -> None:
        """Leave the graph; topics without a message are named in the bag, too."""
        if self._writer.failure is None:
            for written in list(self._silent):
                self._add(written)
        self._executor.shutdown(timeout_sec=1.0)
        self._node.destroy_node()
        self._context.try_shutdown()

    def _search(self) -> None:
        if not self._searched:
            return
        there = dict(self._node.get_topic_names_and_types())
        for name in sorted(self._searched & set(there)):
            self._searched.discard(name)
            self._subscribe(name, there[name][0])

    def _subscribe(self, name: str, type_name: str) -> None:
        package, _, message = type_name.partition("/msg/")
        try:
            message_type = getattr(importlib.import_module(f"{package}.msg"), message)
        except (ImportError, AttributeError) as error:
            raise UsageError(
                f"{name} is of the type {type_name}, whose package is not built here."
            ) from error
        if self._jpeg and type_name == IMAGE_TYPE:
            written, written_type = f"{name}/compressed", COMPRESSED_IMAGE_TYPE
            convert: Callable[[bytes], bytes] | None = partial(as_jpeg, store=self._typestore)
        else:
            written, written_type, convert = name, type_name, None
        self._silent[written] = (name, written_type)

        def take(data: bytes) -> None:
            if written in self._silent:  # only now whoever offers it is surely known
                self._add(written)
            self._writer.offer(written, data, time.time_ns(), convert)

        self._node.create_subscription(message_type, name, take, self._quality(name), raw=True)

    def _add(self, written: str) -> None:
        """Tell the bag of a topic, and how it is offered."""
        name, type_name = self._silent.pop(written)
        self._writer.add_topic(
            written, type_name, [stored_quality(offered) for offered in self._offered(name)]
        )

    def _offered(self, name: str) -> list[Any]:
        """The qualities that a topic's publishers offer."""
        return [info.qos_profile for info in self._node.get_publishers_info_by_topic(name)]

    def _quality(self, name: str) -> Any:
        """What all publishers of a topic offer; reliable while there are none."""
        from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

        offered = self._offered(name)
        reliable = all(each.reliability == ReliabilityPolicy.RELIABLE for each in offered)
        latched = bool(offered) and all(
            each.durability == DurabilityPolicy.TRANSIENT_LOCAL for each in offered
        )
        return QoSProfile(
            depth=DEPTH,
            reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
            durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        )
