"""The display node: image in, the window out.

Subscribed: image (sensor_msgs/Image), gallery/captures (mirror_msgs/CaptureStatus), gallery/state
(mirror_msgs/GalleryState), faces (mirror_msgs/FaceArray, only while a face is captured, a key asks who
stands there, or moods are shown), moods (mirror_msgs/MoodArray, only while they are shown). The window
runs on the process's main thread.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from typing import Any

from rclpy.parameter import Parameter

from mirror_core.capture_state import CaptureState
from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.conversions import capture_state
from mirror_core.diagnostics import Level
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.graph_control import GraphControl
from mirror_core.hosting import leave, run_node, seconds_since_start
from mirror_core.main_thread import main_thread
from mirror_core.moods import MoodSet
from mirror_core.node import MirrorNode
from mirror_display.actions import WindowAction
from mirror_display.captures import CaptureView
from mirror_display.gallery_keys import GalleryKeys
from mirror_display.parameters import WindowParameters
from mirror_display.window import MirrorWindow
from mirror_msgs.msg import CaptureStatus

__all__ = ["DisplayNode"]

CLOSE_S = 5.0
DONE = "Done: {name} is stored."
NO_MOODS = "Nobody reads moods: the mood node is not running."
TOGGLED = {  # keys that change a parameter
    WindowAction.TOGGLE_FULLSCREEN: "fullscreen",
    WindowAction.TOGGLE_HUD: "hud",
    WindowAction.TOGGLE_MOOD_RING: "mood_ring",
}


class DisplayNode(MirrorNode):
    """Shows the mirror's picture in a window."""

    NAME = "display"
    CONFIG = WindowParameters

    def open(self) -> None:
        """Let the main thread open the window."""
        self._window = MirrorWindow(self.config, self._on_shown, self._on_action)
        self._begun = threading.Event()
        self._closing = threading.Event()
        self._closed = threading.Event()
        self._control = GraphControl(self, self._on_graph_changed)
        self.at_close(self._control.close)
        self._keys = GalleryKeys(self, self._window.show_toast, self._window.set_can_cancel)
        self.at_close(self._keys.close)
        self._faces: Any = None
        self._moods: Any = None
        captures = self.create_subscription(CaptureStatus, "gallery/captures", self._on_capture, 10)
        self.at_close(self.destroy_subscription, captures)
        main_thread().post(self._run_window)
        self.at_close(self._close_window)
        images = self.subscription(FRAMES, "image", self._on_frame, direct=True)
        self._shown = 0
        self._first_picture_s = math.nan
        self.health.counters.update(
            {
                "frames": lambda: self._shown,
                "dropped": lambda: images.dropped + self._window.replaced,
                "first picture [s]": lambda: self._first_picture_s,
            }
        )
        self.follow_demand(self._follow_demand)

    def _close_window(self) -> None:
        self._closing.set()
        # A process that ends while it starts may never come to the window.
        if self._begun.is_set():
            self._closed.wait(CLOSE_S)

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Show the picture with the new settings."""
        if hasattr(self, "_window"):
            self._window.update(new)

    @property
    def window(self) -> MirrorWindow:
        """The window; for tests and screenshots."""
        return self._window

    # ---- main thread

    def _run_window(self) -> None:
        self._begun.set()
        try:
            if self._closing.is_set():
                return
            self._window.open()
            if self._window.offscreen_reason is not None:
                self.get_logger().info(self._window.offscreen_reason)
                self.health.set_condition("offscreen", Level.OK, self._window.offscreen_reason)
            self._window.run(self._closing)
        except Exception as error:
            self.fail(error)
        finally:
            self._window.close()
            self._closed.set()

    def _on_shown(self, frame: Frame) -> None:
        if not frame.is_placeholder:
            self._shown += 1
            if self._shown == 1:
                self._first_picture_s = seconds_since_start()
                self.get_logger().info(f"First picture {self._first_picture_s:.1f} s after the start.")
            self.health.rate.tick()
            self.health.latency.add(frame.trace.age_s())

    def _on_action(self, action: WindowAction) -> None:
        if action is WindowAction.QUIT:
            os.kill(os.getpid(), signal.SIGTERM)  # the whole mirror stops in order, as after Ctrl-C
        elif action is WindowAction.NEXT_EFFECT:
            self._control.step_effect(1)
        elif action is WindowAction.PREVIOUS_EFFECT:
            self._control.step_effect(-1)
        elif action is WindowAction.SHUTTER:
            self._control.toggle_shutter()
        elif action is WindowAction.CAPTURE:
            self._keys.capture()
        elif action is WindowAction.WEAR_NEXT:
            self._keys.wear_next()
        elif action is WindowAction.WHO_AM_I:
            self._keys.who_am_i()
        elif action in TOGGLED:
            # The window has done it already; the parameters follow, so that both stay the same.
            settings = self._window.settings
            self.set_parameters([Parameter(name, value=getattr(settings, name)) for name in TOGGLED.values()])
            if action is WindowAction.TOGGLE_MOOD_RING and settings.mood_ring:
                self._warn_without_moods()

    def _warn_without_moods(self) -> None:
        if self.count_publishers(self.resolve_topic_name("moods")) == 0:
            self._window.show_toast(NO_MOODS)

    # ---- the publisher's thread, or the executor's

    def _on_frame(self, frame: Frame) -> None:
        if self.is_running:
            self._window.submit(frame)

    # ---- executor thread

    def _on_capture(self, message: CaptureStatus) -> None:
        state = capture_state(message)
        hint = DONE.format(name=message.name) if state is CaptureState.DONE else message.hint
        view = CaptureView(message.face_id, state, min(max(message.progress, 0.0), 1.0), hint)
        self._window.captures.tell(view, time.monotonic())
        self._follow_demand()

    def _follow_demand(self) -> None:
        captures = self._window.captures.is_any(time.monotonic())
        moods = self.is_running and self.config.mood_ring
        wanted = moods or (self.is_running and (captures or self._keys.wants_faces))
        self._moods = self.follow(self._moods, moods, MOODS, "moods", self._on_moods)
        self._faces = self.follow(self._faces, wanted, FACES, "faces", self._on_faces)

    def _on_faces(self, faces: FaceSet) -> None:
        now_s = time.monotonic()
        self._window.captures.see(faces, now_s)
        self._window.moods.see(faces, now_s)
        self._keys.see(faces)

    def _on_moods(self, moods: MoodSet) -> None:
        self._window.moods.tell(moods, time.monotonic())

    def _on_graph_changed(self) -> None:
        self._window.set_effect_name(", ".join(self._control.active_effects))


def main() -> None:
    """Entry point of the `display_node` executable."""
    leave(run_node(DisplayNode))
