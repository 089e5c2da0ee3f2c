"""The gestures node: faces in, gestures out, and what gestures do.

Subscribed: faces (mirror_msgs/FaceArray, only while somebody listens, or while a gesture has an action and
somebody looks at the picture), gallery/captures (mirror_msgs/CaptureStatus), gallery/state
(mirror_msgs/GalleryState). Published: gestures (mirror_msgs/Gesture). It steers the effects by their
parameters and asks the gallery through its action and services. While a face is captured no gesture acts,
because the guide asks people to turn their heads.
"""

from __future__ import annotations

import time
from typing import Any

from mirror_core.bus import process_bus
from mirror_core.codecs import FACES
from mirror_core.diagnostics import Level
from mirror_core.faces import FaceSet
from mirror_core.graph_control import GraphControl
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_msgs.msg import Gesture
from mirror_tracking.conversions import gesture_to_message
from mirror_tracking.gesture_actions import (
    CAPTURE,
    CHECK_IN,
    NEXT_EFFECT,
    PLAIN,
    ActionGate,
    GestureActionParameters,
    PlainPicture,
    stepped,
)
from mirror_tracking.gesture_gallery import GestureGallery
from mirror_tracking.gestures import GestureRecognizer, HeadGesture
from mirror_tracking.head_angles import head_angles

__all__ = ["GesturesNode"]

DEPTH = 10  # gestures that a slow reader may be behind
NO_EFFECTS = "The effects node does not answer, so that a gesture cannot change the effects."
NO_POSES = "The faces have no head pose: set head_pose of the faces node to true."


class GesturesNode(MirrorNode):
    """Recognises head gestures and acts on them, while somebody wants to know."""

    NAME = "gestures"
    CONFIG = GestureActionParameters

    def open(self) -> None:
        """Create the output; inputs and what actions need follow when they are wanted."""
        self._recognizer = GestureRecognizer(self.config)
        self._gate, self._plain = ActionGate(), PlainPicture()
        self._control: GraphControl | None = None  # both are made as soon as a gesture has an action
        self._gallery: GestureGallery | None = None
        self._faces: Any = None
        self._count = self._acted = 0
        self._last_gesture = self._last_action = "none"
        self._gestures = self.create_publisher(Gesture, "gestures", DEPTH)
        self.at_close(self.destroy_publisher, self._gestures)
        self.at_close(self._release_actions)
        self.follow_demand(self._follow_demand)
        self.health.counters.update(
            {
                "state": self._state,
                "gestures": lambda: self._count,
                "last gesture": lambda: self._last_gesture,
                "actions": lambda: self._acted,
                "last action": lambda: self._last_action,
                "dropped": lambda: self._faces.dropped if self._faces is not None else 0,
            }
        )

    def stop(self) -> None:
        """Forget the heads; they may be others when work goes on."""
        self._recognizer.reset()
        self._gate.reset()

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Go on with other settings."""
        if hasattr(self, "_recognizer"):
            self._recognizer.configure(new)
            self.health.clear_condition("action")
            self._follow_demand()

    # ---- inputs, only while they are wanted

    def _follow_demand(self) -> None:
        acts = self.is_running and self.config.has_actions
        if acts and self._control is None:
            self._prepare_actions()
        wanted = self.is_running and (
            self._gestures.get_subscription_count() > 0 or (acts and self._picture_is_watched())
        )
        had = self._faces is not None
        self._faces = self.follow(self._faces, wanted, FACES, "faces", self._on_faces)
        if had and not wanted:
            self._recognizer.reset()
            self.health.clear_condition("poses")

    def _picture_is_watched(self) -> bool:
        topic = self.resolve_topic_name("image")
        key = (self.context.get_domain_id(), topic)
        return process_bus().receiver_count(key) > 0 or self.count_subscribers(topic) > 0

    def _prepare_actions(self) -> None:
        self._control = GraphControl(self)
        # What a capture's guide asks for, to turn the head, is no gesture.
        self._gallery = GestureGallery(self, self._done, self._refused, self._recognizer.reset)

    def _release_actions(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._gallery is not None:
            self._gallery.close()
        self._control = self._gallery = None

    # ---- recognising

    def _on_faces(self, faces: FaceSet) -> None:
        began = time.perf_counter()
        angles = {
            face.track_id: head_angles(face.head_pose) for face in faces.faces if face.head_pose is not None
        }
        gestures = self._recognizer.update(faces.stamp_ns, angles)
        if angles:
            self.health.clear_condition("poses")
        elif faces.faces:
            self.health.set_condition("poses", Level.WARN, NO_POSES)
        for gesture in gestures:
            self._count += 1
            self._last_gesture = _described(gesture)
            self._gestures.publish(gesture_to_message(gesture, faces.frame_id))
        nearest = faces.faces[0].track_id if faces.faces else None
        control, gallery = self._control, self._gallery
        if gestures and control is not None and gallery is not None and not gallery.is_capturing:
            chosen = self._gate.choose(gestures, nearest, self.config)
            if chosen is not None:
                self._act(control, gallery, chosen)
        self.health.stages["recognise"].add(time.perf_counter() - began)
        self.health.rate.tick()

    def _state(self) -> str:
        if self._faces is None:
            return "idle"
        is_capturing = self._gallery is not None and self._gallery.is_capturing
        return "waits for a capture to end" if is_capturing else "watching"

    # ---- acting

    def _act(self, control: GraphControl, gallery: GestureGallery, gesture: HeadGesture) -> None:
        action = self.config.action_of(gesture.kind)
        if action == CAPTURE:
            gallery.capture(gesture.track_id, _described(gesture))
            return
        if action == CHECK_IN:
            gallery.check_in(gesture.track_id, _described(gesture))
            return
        if not control.effects or not control.active_effects:
            self._refused(NO_EFFECTS)
            return
        stack = (
            self._plain.toggled(control.active_effects)
            if action == PLAIN
            else stepped(control.effects, control.active_effects, 1 if action == NEXT_EFFECT else -1)
        )
        if stack is None:
            return
        future = control.request_effects(stack)
        if future is None:
            self._refused(NO_EFFECTS)
            return
        said = f"{', '.join(stack)} after {_described(gesture)}"
        future.add_done_callback(lambda answer: self._on_effects_answer(answer, said))

    def _on_effects_answer(self, future: Any, said: str) -> None:
        result = future.result().results[0]
        if result.successful:
            self._done(said)
        else:
            self._refused(result.reason)

    def _done(self, said: str) -> None:
        self._acted += 1
        self._last_action = said
        self.health.clear_condition("action")
        self.get_logger().info(f"Gesture: {said}.")

    def _refused(self, sentence: str) -> None:
        self.health.set_condition("action", Level.WARN, sentence)
        self.get_logger().warning(sentence)


def _described(gesture: HeadGesture) -> str:
    kind = gesture.kind.name.lower().replace("_", " ")
    return f"{kind} of face {gesture.track_id} ({gesture.confidence:.0%} sure)"


def main() -> None:
    """Entry point of the `gestures_node` executable."""
    leave(run_node(GesturesNode))
