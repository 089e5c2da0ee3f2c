"""The camera node: pictures from a source plugin to camera/image_raw and camera/camera_info.

Published: camera/image_raw (sensor_msgs/Image), camera/image_raw/compressed (sensor_msgs/CompressedImage,
JPEG, for slow links), camera/camera_info (sensor_msgs/CameraInfo, all with the same header), /clock
(rosgraph_msgs/Clock, the time of a bag, only with the parameter publish_clock).
Deactivating the node is the privacy shutter: the source is closed, and a picture that says so is shown
instead.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from mirror_camera.bag_clock import BagClock
from mirror_camera.calibration import Calibration, calibration_from_fov, load_calibration
from mirror_camera.camera_infos import camera_info_of
from mirror_camera.cameras import find_cameras
from mirror_camera.darkness import DarknessWatch
from mirror_camera.placeholder import placeholder
from mirror_camera.placeholder_signs import Sign
from mirror_camera.reconnecting import ReconnectingSource
from mirror_camera.reconnection import SourceState, Status
from mirror_camera.source import Grab, SourceClosed, SourceSettings, make_source, source_names
from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import CAMERA_INFO, FRAMES
from mirror_core.compressed import COMPRESSED, compressed_frames
from mirror_core.diagnostics import Level
from mirror_core.frame import Frame, Image, Trace
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.troubles import TOO_DARK

__all__ = ["CameraNode", "CameraParameters"]

AUTO = "auto"
SHUTTER_PERIOD_S = 0.5
SHUTTER_SIZE = (1280, 720)
IDLE_AFTER_S = 10.0  # without anybody who looks, the camera is closed
STOP_S = 5.0


def _sources() -> tuple[str, ...]:
    return (AUTO, *source_names())


@dataclass(frozen=True)
class CameraParameters(SourceSettings):
    """The source and what is said of the camera. A change opens the source again."""

    source: str = parameter(
        AUTO, "Where pictures come from; auto: the first camera, else the demo reel.", choices=_sources
    )
    calibration: str = parameter(
        "", "Calibration file as camera_calibration writes it; empty: one from the field of view."
    )
    field_of_view: float = parameter(
        0.0,
        "Horizontal field of view in degrees where there is no calibration; 0: the source's own, else 62.",
        minimum=0.0,
        maximum=178.0,
    )
    frame_id: str = parameter("camera_optical", "Name of the camera's optical frame (REP-103).")
    jpeg_quality: int = parameter(
        85, "Quality of the pictures on camera/image_raw/compressed.", minimum=1, maximum=100
    )
    publish_clock: bool = parameter(
        False,
        "Publish the time of the bag that is played as /clock, for nodes with use_sim_time.",
        live=False,
    )


class CameraNode(MirrorNode):
    """Publishes a source's pictures, whatever happens to the source."""

    NAME = "camera"
    CONFIG = CameraParameters

    def open(self) -> None:
        """Create the outputs; check what a person may have mistyped."""
        self._calibration: Calibration | None = None
        self._scaled: Calibration | None = None
        self._load_calibration()
        self._source: ReconnectingSource | None = None
        self._thread: threading.Thread | None = None
        self._darkness = DarknessWatch()
        self._unwatched_since_s = time.monotonic()
        self._size = SHUTTER_SIZE
        self._shutter_picture: Image | None = None
        self._images = self.publisher(FRAMES, "camera/image_raw")
        self._compressed = self.publisher(
            compressed_frames(lambda: self.config.jpeg_quality), f"camera/image_raw{COMPRESSED}"
        )
        self._infos = self.publisher(CAMERA_INFO, "camera/camera_info")
        self._bag_clock = BagClock(self, self._bag_time_ns) if self.config.publish_clock else None
        self.timer(SHUTTER_PERIOD_S, self._show_shutter)
        self.follow_demand(self._follow_demand)
        self.health.counters.update(
            {
                "source": self._source_name,
                "frames": lambda: self._status().frames,
                "dropped": lambda: self._status().dropped,
                "brightness": lambda: round(self._darkness.brightness),
                "corrupt": lambda: self._status().corrupt,
                "reconnections": lambda: self._status().restarts,
            }
        )

    def start(self) -> None:
        """Open the shutter; the source itself is opened when somebody looks."""
        self._unwatched_since_s = time.monotonic()

    def stop(self) -> None:
        """Close the shutter: release the camera and say so in the picture."""
        self._close_source()
        self.health.clear_condition("source")
        self.health.clear_condition("note")
        self._show_shutter()

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Open the source again with the new settings."""
        if not self._is_open or replace(old, jpeg_quality=new.jpeg_quality) == new:
            return
        self._load_calibration()
        self._close_source()
        self._follow_demand()

    def _load_calibration(self) -> None:
        path = self.config.calibration
        self._calibration = load_calibration(path) if path else None
        self._scaled = None

    # ---- the source, while somebody looks

    def _follow_demand(self) -> None:
        now_s = time.monotonic()
        outputs = (self._images, self._compressed, self._infos)
        watched = self.is_running and any(output.has_subscribers for output in outputs)
        if watched:
            self._unwatched_since_s = now_s
            if self._source is None:
                self._open_source()
        elif self._source is not None and now_s - self._unwatched_since_s > IDLE_AFTER_S:
            self._close_source()

    def _source_name(self) -> str:
        if self.config.source != AUTO:
            return str(self.config.source)
        return "v4l2" if find_cameras() else "demo"

    def source_settings(self) -> SourceSettings:
        """What the source is told of the node's parameters."""
        return SourceSettings(
            **{name: getattr(self.config, name) for name in SourceSettings.__dataclass_fields__}
        )

    def _open_source(self) -> None:
        settings = self.source_settings()
        name = self._source_name()
        self.get_logger().info(f"Pictures come from the source {name}.")
        source = ReconnectingSource(lambda: make_source(name, settings), on_change=self._on_status)
        thread = threading.Thread(target=self._run, args=(source,), name="camera pictures", daemon=True)
        self._source, self._thread = source, thread
        source.open()
        thread.start()

    def _close_source(self) -> None:
        source, thread = self._source, self._thread
        self._source = self._thread = None
        self._darkness.reset()
        self.health.clear_condition("light")
        if source is not None:
            source.close()
        if thread is not None and thread is not threading.current_thread():
            thread.join(STOP_S)

    def _status(self) -> Status:
        source = self._source
        return source.status if source is not None else Status()

    def _on_status(self, status: Status) -> None:
        if status.state in (SourceState.WAITING, SourceState.ENDED):
            self.health.set_condition("source", Level.WARN, status.reason)
            self.get_logger().warning(status.reason)
        elif status.state is SourceState.STREAMING:
            if self.health.condition("source"):
                self.get_logger().info("The pictures are back.")
            self.health.clear_condition("source")
            self._say_notes()

    def _say_notes(self) -> None:
        wrapper = self._source
        source = wrapper.source if wrapper is not None else None
        notes = source.notes if source is not None else ()
        if notes:
            self.health.set_condition("note", Level.OK, " ".join(notes))
            for note in notes:
                self.get_logger().info(note)

    # ---- pictures

    def _run(self, source: ReconnectingSource) -> None:
        try:
            while True:
                self._publish(source.read())
        except SourceClosed:
            return
        except Exception as error:
            self.fail(error)

    def _publish(self, grab: Grab) -> Frame:
        age_ns = max(0, time.monotonic_ns() - grab.acquired_ns)
        bag_ns = self._bag_clock.tell() if self._bag_clock is not None else 0
        now_ns = bag_ns or self.now_ns()
        frame = Frame(
            grab.image,
            max(0, now_ns - age_ns) if grab.stamp_ns is None else grab.stamp_ns,
            self.config.frame_id,
            Trace(grab.acquired_ns),
            grab.is_placeholder,
        )
        self._size = (frame.width, frame.height)
        if self._infos.has_subscribers and not grab.is_placeholder:
            self._infos.publish(self._camera_info(frame))
        self._images.publish(frame)
        self._compressed.publish(frame)
        if not grab.is_placeholder:
            self.health.rate.tick()
            self.health.latency.add(frame.trace.age_s())
            self._look_for_light(frame.image)
        return frame

    def _look_for_light(self, image: Image) -> None:
        if not self._darkness.look(image, time.monotonic()):
            return
        if self._darkness.is_dark:
            self.health.set_condition("light", Level.WARN, TOO_DARK)
        else:
            self.health.clear_condition("light")

    def _camera_info(self, frame: Frame) -> CameraInfo:
        size = (frame.width, frame.height)
        if self._scaled is None or (self._scaled.width, self._scaled.height) != size:
            if known := self._calibration or self._source_calibration():
                self._scaled = known.scaled_to(*size)
            else:
                self._scaled = calibration_from_fov(*size, *self._field_of_view())
        return camera_info_of(frame, self._scaled)

    def _source_calibration(self) -> Calibration | None:
        source = self._source.source if self._source is not None else None
        return source.calibration if source is not None else None

    def _bag_time_ns(self) -> int | None:
        source = self._source.source if self._source is not None else None
        return source.time_ns if source is not None else None

    def _field_of_view(self) -> tuple[float, ...]:
        if self.config.field_of_view > 0:
            return (self.config.field_of_view,)
        source = self._source.source if self._source is not None else None
        known = source.horizontal_fov_deg if source is not None else None
        return () if known is None else (known,)

    def _show_shutter(self) -> None:
        outputs = (self._images, self._compressed)
        if self.is_running or not self._is_open or not any(each.has_subscribers for each in outputs):
            return
        width, height = self._size
        if self._shutter_picture is None or self._shutter_picture.shape[:2] != (height, width):
            self._shutter_picture = placeholder(
                width,
                height,
                "The camera is off",
                "The privacy shutter is closed: no picture is taken.",
                "Open it with the key C in the window, or on the page.",
                sign=Sign.SHUTTER,
            )
        frame = Frame(self._shutter_picture, self.now_ns(), self.config.frame_id, is_placeholder=True)
        for output in outputs:
            output.publish(frame)


def main() -> None:
    """Entry point of the `camera_node` executable."""
    leave(run_node(CameraNode))
