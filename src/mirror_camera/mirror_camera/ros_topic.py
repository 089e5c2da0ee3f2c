"""The ros source: the pictures of another ROS node, of this or another host, raw or compressed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import rclpy
from rclpy.qos import qos_profile_sensor_data
from rclpy.validate_topic_name import validate_topic_name
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from mirror_camera.calibration import Calibration, calibration_of
from mirror_camera.letterbox import letterbox
from mirror_camera.source import Clock, Grab, Source, SourceClosed, SourceSettings
from mirror_core.bus import process_bus
from mirror_core.compressed import COMPRESSED
from mirror_core.compressed import message_to_frame as compressed_to_frame
from mirror_core.conversions import message_to_frame
from mirror_core.errors import MirrorError, ShapeError, SourceError
from mirror_core.executor import NodeExecutor
from mirror_core.frame import Frame

__all__ = ["RosTopicSource"]

SILENCE_S = 5.0  # without a picture, after which the source says so


class RosTopicSource(Source):
    """Takes the pictures of the image topic `path`; a name that ends in /compressed is that of JPEG pictures.

    Everything else then happens in this process without another copy over the network. The newest picture
    wins. Pictures keep the stamps that they came with.

    Args:
        settings: what to open and how.
        clock: replaced in tests.
    """

    name = "ros"

    def __init__(self, settings: SourceSettings | None = None, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._arrived = threading.Condition()
        self._newest: tuple[Frame, int] | None = None
        self._problem = ""
        self._size = (0, 0)
        self._calibration: Calibration | None = None
        self._end: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Subscribe, and wait for the first picture.

        Raises:
            SourceError: if the name is none, this process publishes it itself, or no picture comes.
        """
        self.close()
        topic = self._topic()
        self._newest, self._problem, self._calibration = None, "", None
        self._closed.clear()
        self._subscribe(topic)
        try:
            with self._arrived:
                frame, _ = self._wait_for_picture(topic)
        except MirrorError:
            self.close()
            raise
        settings = self.settings
        self._size = (settings.width or frame.width, settings.height or frame.height)

    def read(self) -> Grab:
        """The next picture.

        Raises:
            SourceClosed: if the source is or becomes closed.
            SourceError: where none comes any more, or what comes cannot be read.
        """
        self._require_open()
        with self._arrived:
            frame, arrived_ns = self._wait_for_picture(self.settings.path)
            self._newest = None
        settings = self.settings
        image = letterbox(frame.image, settings.width, settings.height) if settings.width else frame.image
        self._size = (image.shape[1], image.shape[0])
        return Grab(image, arrived_ns, frame.is_placeholder, frame.stamp_ns)

    def close(self) -> None:
        """End a waiting read and the subscription."""
        with self._arrived:
            self._closed.set()
            end, self._end = self._end, lambda: None
            self._arrived.notify_all()
        end()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels of the picture read last."""
        return self._size

    @property
    def rate_hz(self) -> float:
        """Not known: as the other node has it."""
        return 0.0

    @property
    def calibration(self) -> Calibration | None:
        """The camera_info beside the pictures, once it has come."""
        return self._calibration

    # ---- ROS

    def _topic(self) -> str:
        topic = self.settings.path
        if not topic:
            raise SourceError("The ros source needs a topic: set path, such as /usb_cam/image_raw.")
        topic = topic if topic.startswith("/") else f"/{topic}"
        try:
            validate_topic_name(topic)
        except rclpy.exceptions.InvalidTopicNameException as error:
            raise SourceError(f"{topic} is not the name of a topic: {str(error).splitlines()[0]}") from error
        context = rclpy.get_default_context()
        if not context.ok():
            raise SourceError("The ros source works only in a ROS node: ROS is not running here.")
        if process_bus().has_publisher((context.get_domain_id(), topic.removesuffix(COMPRESSED))):
            raise SourceError(f"{topic} is what this mirror publishes itself: set path to another topic.")
        return topic

    def _subscribe(self, topic: str) -> None:
        node = rclpy.create_node(f"mirror_pictures_{id(self):x}", start_parameter_services=False)
        executor = NodeExecutor()
        executor.add_node(node)
        pictures: tuple[Any, Callable[[Any], Frame]] = (Image, message_to_frame)
        if topic.endswith(COMPRESSED):
            pictures = (CompressedImage, compressed_to_frame)
        kind, read = pictures
        node.create_subscription(
            kind, topic, lambda message: self._take(message, read), qos_profile_sensor_data
        )
        beside = PurePosixPath(topic.removesuffix(COMPRESSED)).parent / "camera_info"
        node.create_subscription(CameraInfo, str(beside), self._take_info, qos_profile_sensor_data)
        thread = threading.Thread(target=_spin, args=(executor,), name="camera topic", daemon=True)

        def end() -> None:
            executor.shutdown()
            if thread is not threading.current_thread():
                thread.join()
            node.destroy_node()

        self._end = end
        thread.start()

    def _take(self, message: Any, read: Callable[[Any], Frame]) -> None:
        arrived_ns = self.clock.now_ns()
        try:
            frame, problem = read(message), ""
        except MirrorError as error:
            frame, problem = None, str(error)
        with self._arrived:
            self._problem = problem
            if frame is not None:
                self._newest = (frame, arrived_ns)
            self._arrived.notify_all()

    def _take_info(self, message: CameraInfo) -> None:
        if self._calibration is None:
            try:
                self._calibration = calibration_of(message)
            except ShapeError:
                return  # drivers of cameras that nobody calibrated send zeros

    def _wait_for_picture(self, topic: str) -> tuple[Frame, int]:
        """The newest picture that was not taken yet; with the lock held."""
        came = self._arrived.wait_for(
            lambda: self._newest is not None or self._closed.is_set() or self._problem, SILENCE_S
        )
        if self._closed.is_set():
            raise SourceClosed("The ros source was closed.")
        if self._newest is not None:
            return self._newest
        if came:
            raise SourceError(f"{topic}: {self._problem}")
        raise SourceError(
            f"No picture has come on {topic} for {SILENCE_S:g} s: start the node that publishes it, and look "
            "whether name and ROS_DOMAIN_ID are right, and ROS_AUTOMATIC_DISCOVERY_RANGE for another host."
        )


def _spin(executor: NodeExecutor) -> None:
    try:
        executor.spin()
    except rclpy.executors.ExternalShutdownException:
        return  # ROS has ended before the source was closed
