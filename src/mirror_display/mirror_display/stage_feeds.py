"""What the graph tells the stage: people, gestures, changed parameters, troubles; only while it is wanted.

The graph's side of `Stage`; its callbacks come in the owner node's executor thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rcl_interfaces.msg import ParameterEvent
from rclpy.parameter import parameter_value_to_python
from rclpy.qos import qos_profile_parameter_events

from mirror_core.bodies import BodySet
from mirror_core.codecs import BODIES
from mirror_core.diagnostics import Level
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_core.troubles import lasting_trouble
from mirror_display.parameter_news import change_words
from mirror_display.toasts import ToastKind
from mirror_display.window import MirrorWindow
from mirror_msgs.msg import Gesture

__all__ = ["StageFeeds"]

SURE = 0.5  # confidence from which on a gesture acts
GESTURES = {
    Gesture.NOD: "nod",
    Gesture.SHAKE: "shake",
    Gesture.TILT_LEFT: "tilt_left",
    Gesture.TILT_RIGHT: "tilt_right",
}
DEPTH = 10
LONGEST = 160  # characters of a node's sentence that are shown


class StageFeeds:
    """Feeds a window's stage.

    Args:
        node: the owner; its executor must spin.
        window: whose stage is fed.
        is_capturing: whether a face is being captured, when people turn their heads as they are asked to.
        woken: called when somebody has woken the window.
    """

    def __init__(
        self,
        node: MirrorNode,
        window: MirrorWindow,
        is_capturing: Callable[[], bool],
        woken: Callable[[], None],
    ) -> None:
        self._node, self._window, self._stage = node, window, window.stage
        self._is_capturing, self._woken = is_capturing, woken
        self._bodies: Any = None
        self._gestures: Any = None
        self._effects_node = node.resolve_topic_name("effects")
        self._said, self._level = "", int(Level.OK)
        self._subscriptions = [
            node.create_subscription(
                ParameterEvent, "/parameter_events", self._on_parameters, qos_profile_parameter_events
            ),
            node.create_subscription(DiagnosticStatus, "health", self._on_health, LATCHED),
        ]

    def close(self) -> None:
        """Release everything; call it in the owner's thread."""
        self._follow_gestures(False)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def follow(self) -> None:
        """Take or release what the stage wants to know."""
        if self._stage.wants_faces and not self._is_anybody_watching():
            self._stage.see_person()  # where nobody could be seen, everybody would be taken for gone
        running = self._node.is_running
        wanted = running and self._stage.wants_bodies
        self._bodies = self._node.follow(self._bodies, wanted, BODIES, "bodies", self._on_bodies)
        self._follow_gestures(running and self._stage.wants_gestures)

    def see(self, is_anybody_there: bool) -> None:
        """Take whether faces or bodies are seen."""
        if is_anybody_there and self._stage.see_person():
            self._window.wake()
            self._woken()

    def _is_anybody_watching(self) -> bool:
        topics = ("faces", "bodies")
        return any(self._node.count_publishers(self._node.resolve_topic_name(topic)) for topic in topics)

    def _follow_gestures(self, wanted: bool) -> None:
        if wanted and self._gestures is None:
            self._gestures = self._node.create_subscription(Gesture, "gestures", self._on_gesture, DEPTH)
        elif not wanted and self._gestures is not None:
            self._node.destroy_subscription(self._gestures)
            self._gestures = None

    def _on_bodies(self, bodies: BodySet) -> None:
        self.see(bool(bodies.bodies))

    def _on_gesture(self, message: Gesture) -> None:
        if message.confidence >= SURE and message.kind in GESTURES and not self._is_capturing():
            self._stage.gesture(GESTURES[message.kind])
            self._window.wake()
            self._woken()

    def _on_parameters(self, event: ParameterEvent) -> None:
        if event.node != self._effects_node:
            return
        changes = {p.name: parameter_value_to_python(p.value) for p in event.changed_parameters}
        self._window.show_toast(change_words(changes, self._stage.texts), topic="parameters")

    def _on_health(self, message: DiagnosticStatus) -> None:
        trouble = lasting_trouble(entry.value for entry in message.values)
        self._stage.show_trouble(trouble)
        if message.level == bytes([Level.ERROR]) and message.message != self._said and not trouble:
            self._window.show_toast(_shortened(message.message), ToastKind.ERROR, topic="health")
        level = message.level[0]
        if level > self._level and trouble != "too_dark":
            self.see(is_anybody_there=True)  # what is wrong shall be seen, and may be why nobody is
        self._said, self._level = message.message, level
        self._window.wake()


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 1].rstrip() + "…"
