"""The display node: image in, the window out.

Subscribed: image (sensor_msgs/Image, only while the window does not rest), camera/image_raw
(sensor_msgs/Image, only while one's own face is asked for), gallery/captures (mirror_msgs/CaptureStatus),
gallery/state (mirror_msgs/GalleryState), faces (mirror_msgs/FaceArray, only while a face is captured, a key
asks who stands there, moods are shown, or nobody was seen for a while), bodies (mirror_msgs/BodyArray, only
while nobody was seen for longer), gestures (mirror_msgs/Gesture, only while one would do something), moods
(mirror_msgs/MoodArray, only while they are shown), health (diagnostic_msgs/DiagnosticStatus).
It asks the service page/pair (std_srvs/Trigger) for the link to the page, which is shown and never
published. Where widgets need them, it asks gallery/list whose consent lets them be named, and reads the mood
log by its URL. The window runs on the process's main thread.
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
from mirror_core.errors import StoreError
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.graph_control import GraphControl
from mirror_core.heartbeat import Heartbeat
from mirror_core.hosting import leave, run_node, seconds_since_start
from mirror_core.main_thread import main_thread
from mirror_core.moods import MoodSet
from mirror_core.node import MirrorNode
from mirror_display.actions import WindowAction
from mirror_display.captures import CaptureView
from mirror_display.first_start import remember_shown, was_shown
from mirror_display.gallery_keys import GalleryKeys
from mirror_display.link_panel import can_draw_links
from mirror_display.page_link import PageLink
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.stage_feeds import StageFeeds
from mirror_display.toasts import ToastKind
from mirror_display.widgets.feed import WidgetFeed
from mirror_display.widgets.registry import find_widgets
from mirror_display.window import MirrorWindow
from mirror_msgs.msg import CaptureStatus

__all__ = ["DisplayNode"]

CLOSE_S = 5.0
OWN_FACE_LASTS_S = 0.5  # without the camera's pictures for so long the mirror's are shown again
STEPS = {WindowAction.NEXT_EFFECT: 1, WindowAction.PREVIOUS_EFFECT: -1}
TOGGLED = {  # keys that change a parameter
    WindowAction.TOGGLE_FULLSCREEN: "fullscreen",
    WindowAction.TOGGLE_HUD: "hud",
    WindowAction.TOGGLE_MOOD_RING: "mood_ring",
}


class DisplayNode(MirrorNode):
    """Shows the mirror's picture in a window."""

    NAME = "display"
    CONFIG = WindowParameters

    def __init__(self, **node_arguments: Any) -> None:
        self._registry = find_widgets()
        super().__init__(**node_arguments)

    def extra_configs(self) -> dict[str, Any]:
        """One group for each widget: `<widget>.<parameter>`."""
        return {f"{name}.": widget.Parameters() for name, widget in self._registry.widgets.items()}

    def open(self) -> None:
        """Let the main thread open the window."""
        self._window = MirrorWindow(
            self.config,
            self._on_shown,
            self._on_action,
            on_choice=self._on_choice,
            on_first_start_end=self._on_first_start_end,
        )
        self._heartbeat = Heartbeat()
        self._begun = threading.Event()
        self._closing = threading.Event()
        self._closed = threading.Event()
        self._control = GraphControl(self, self._on_graph_changed)
        self.at_close(self._control.close)
        self._keys = GalleryKeys(
            self,
            lambda text: self._window.show_toast(text, topic="gallery"),
            self._window.set_can_cancel,
            texts=lambda: self._window.stage.texts,
        )
        self.at_close(self._keys.close)
        self._feeds = StageFeeds(self, self._window, self._is_capturing, self._follow_demand)
        self.at_close(self._feeds.close)
        self._widgets = WidgetFeed(self, self._registry, self._window.widgets)
        self.at_close(self._widgets.close)
        self._link = PageLink(self, self._show_link, self._refuse_link)
        self.at_close(self._link.close)
        self._demand_changed = self.create_guard_condition(self._follow_demand)
        self.at_close(self.destroy_guard_condition, self._demand_changed)
        self._images: Any = None
        self._own_faces: Any = None
        self._own_face_s = -math.inf
        self._dropped_before = 0
        self._faces: Any = None
        self._moods: Any = None
        captures = self.create_subscription(CaptureStatus, "gallery/captures", self._on_capture, 10)
        self.at_close(self.destroy_subscription, captures)
        main_thread().post(self._run_window)
        self.at_close(self._close_window)
        self._shown = 0
        self._first_picture_s = math.nan
        self.health.counters.update(
            {
                "frames": lambda: self._shown,
                "dropped": self._dropped,
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
        if prefix and hasattr(self, "_window"):
            self._window.widgets.set_parameters(prefix.removesuffix("."), new)
        elif hasattr(self, "_window"):
            self._window.update(new)
            if new.first_start == "always" != old.first_start:
                self._window.stage.tell_first_start()
            if new.language != old.language:
                self._on_graph_changed()

    @property
    def window(self) -> MirrorWindow:
        """The window; for tests and screenshots."""
        return self._window

    @property
    def is_settled(self) -> bool:
        """Whether the window has shown a picture of the camera."""
        return super().is_settled and self._shown > 0

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
            self._begin_first_start()
            self._window.run(self._closing, self._on_turn)
        except Exception as error:
            self.fail(error)
        finally:
            self._window.close()
            self._closed.set()

    def _begin_first_start(self) -> None:
        wish, is_seen = self.config.first_start, self._window.offscreen_reason is None
        if wish == "always" or (wish == "once" and is_seen and not was_shown()):
            self._window.stage.tell_first_start()

    def _on_first_start_end(self) -> None:
        try:
            remember_shown()
        except StoreError as error:
            self.get_logger().warning(f"The first start will be told again: {error}")

    def _on_turn(self) -> None:
        if self._window.stage.rest is not Rest.AWAKE:
            self._heartbeat.beat()  # no picture is shown, and the window is well all the same

    def _on_shown(self, frame: Frame) -> None:
        self._heartbeat.beat()
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
        elif action in STEPS:
            if not self._window.stage.step_carousel(STEPS[action]):
                self._control.step_effect(STEPS[action])
        elif action is WindowAction.OWN_FACE:
            self._demand_changed.trigger()
        elif action is WindowAction.PAIR:
            self._link.ask()
        elif action is WindowAction.FIRST_START:
            self._window.stage.tell_first_start()
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
            self._window.show_toast(self._window.stage.texts["window.no_moods"])

    def _on_choice(self, effect: str) -> None:
        self._control.request_effects([effect])

    # ---- the publisher's thread, or the executor's

    def _on_frame(self, frame: Frame) -> None:
        if not self.is_running:
            return
        # Why there is no picture has to be seen; that the shutter is closed may give way to the clock.
        stage = self._window.stage
        stage.keep_awake(frame.is_placeholder and self._control.camera_is_on is not False)
        has_own_face = time.monotonic() - self._own_face_s < OWN_FACE_LASTS_S
        if not (has_own_face and stage.own_face_is_asked):
            self._window.submit(frame)

    def _on_own_face(self, frame: Frame) -> None:
        if self.is_running and self._window.stage.own_face_is_asked and not frame.is_placeholder:
            self._own_face_s = time.monotonic()
            self._window.submit(frame, is_own_face=True)

    # ---- executor thread

    def _dropped(self) -> int:
        dropped = self._images.dropped if self._images is not None else 0
        return int(self._dropped_before + dropped + self._window.replaced)

    def _is_capturing(self) -> bool:
        return self._window.captures.is_any(time.monotonic())

    def _show_link(self, url: str, valid_s: float) -> None:
        if not can_draw_links():
            self._refuse_link(self._window.stage.texts["link.no_code"])
            return
        self._window.stage.show_link(url, valid_s)
        self._window.wake()

    def _refuse_link(self, reason: str) -> None:
        self._window.show_toast(reason or self._window.stage.texts["link.no_page"], ToastKind.ERROR, "link")

    def _on_capture(self, message: CaptureStatus) -> None:
        state = capture_state(message)
        texts = self._window.stage.texts
        hint = texts.get(f"hints.{message.hint_key}", message.hint)
        if state is CaptureState.DONE:
            hint = texts["window.face_stored"].format(name=message.name)
        view = CaptureView(message.face_id, state, min(max(message.progress, 0.0), 1.0), hint)
        self._window.captures.tell(view, time.monotonic())
        self._follow_demand()

    def _follow_demand(self) -> None:
        stage, running = self._window.stage, self.is_running
        self._feeds.follow()
        self._widgets.look(running and stage.rest is Rest.AWAKE)
        self._images = self._follow_pictures(
            self._images, running and stage.rest is Rest.AWAKE, "image", self._on_frame
        )
        self._own_faces = self._follow_pictures(
            self._own_faces, running and stage.own_face_is_asked, "camera/image_raw", self._on_own_face
        )
        moods = running and self.config.mood_ring and stage.rest is Rest.AWAKE
        wanted = running and (moods or self._is_capturing() or self._keys.wants_faces or stage.wants_faces)
        self._moods = self.follow(self._moods, moods, MOODS, "moods", self._on_moods)
        self._faces = self.follow(self._faces, wanted, FACES, "faces", self._on_faces)

    def _follow_pictures(self, pictures: Any, wanted: bool, topic: str, callback: Any) -> Any:
        if wanted and pictures is None:
            return self.subscription(FRAMES, topic, callback, direct=True)
        if not wanted and pictures is not None:
            self._dropped_before += pictures.dropped
            self.release(pictures)
            return None
        return pictures

    def _on_faces(self, faces: FaceSet) -> None:
        now_s = time.monotonic()
        self._feeds.see(bool(faces.faces))
        self._window.captures.see(faces, now_s)
        self._window.moods.see(faces, now_s)
        self._keys.see(faces)

    def _on_moods(self, moods: MoodSet) -> None:
        self._window.moods.tell(moods, time.monotonic())

    def _on_graph_changed(self) -> None:
        control, stage = self._control, self._window.stage
        self._window.set_effect_name(stage.texts.stack(control.active_effects))
        stage.set_effects(control.effects, control.active_effects)
        stage.tell_camera(control.camera_is_on)
        self._window.wake()


def main() -> None:
    """Entry point of the `display_node` executable."""
    leave(run_node(DisplayNode))
