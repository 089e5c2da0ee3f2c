"""The effects node: camera/image_raw and faces in, image out.

Subscribed: camera/image_raw (sensor_msgs/Image), faces (mirror_msgs/FaceArray, only while an effect
needs them), bodies (mirror_msgs/BodyArray, only while an effect needs them), moods
(mirror_msgs/MoodArray, only while an effect needs them), gallery/state (mirror_msgs/GalleryState, only while
an effect needs the faces that people wear or have stored).
Published: image (sensor_msgs/Image), what the mirror shows, governor (std_msgs/UInt8, latched, how far work
is lowered because the processor is short of time). It asks the services gallery/get
and gallery/list for worn and stored faces.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from mirror_core.bodies import Body, BodySet
from mirror_core.codecs import BODIES, FACES, FRAMES, MOODS
from mirror_core.diagnostics import Level
from mirror_core.errors import ParameterError
from mirror_core.face_prediction import predicted_faces
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame, Image
from mirror_core.governor import GovernorParameters
from mirror_core.hosting import leave, run_node
from mirror_core.joiner import Joined, Joint, StampJoiner
from mirror_core.moods import Mood, MoodSet
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_effects.effect import JOINED, Scene
from mirror_effects.effect_texts import DEFAULT_LANGUAGE, language_codes
from mirror_effects.governing import Governing
from mirror_effects.marking import Marking
from mirror_effects.own_faces import OwnFaces
from mirror_effects.registry import Registry, find_effects
from mirror_effects.stack import EffectStack
from mirror_effects.watermark import WatermarkParameters
from mirror_effects.worn_faces import WornFaces

__all__ = ["EffectsNode", "EffectsParameters"]

BODIES_LAST_NS = 500_000_000  # for which bodies stand when none come any more
GOVERNOR, WATERMARK = "governor.", "watermark."  # prefixes of their parameters
MOODS_LAST_NS = 2_000_000_000  # for which moods stand when none come any more


@cache
def _names() -> tuple[str, ...]:
    return tuple(find_effects().effects)


@dataclass(frozen=True)
class EffectsParameters:
    """The stack and how long it waits."""

    effects: tuple[str, ...] = parameter(("landmarks",), "The effects in order.", choices=_names)
    patience: float = parameter(
        0.025,
        "How long a frame waits for its own faces, in seconds, before it is shown with earlier ones.",
        minimum=0.0,
        maximum=3600.0,
    )

    language: str = parameter(
        DEFAULT_LANGUAGE, "Language of what effects and the watermark write.", choices=language_codes
    )

    def __post_init__(self) -> None:
        for name in self.effects:
            if self.effects.count(name) > 1:
                raise ParameterError(
                    f"effects = {', '.join(self.effects)} is refused: each effect may stand once."
                )


class EffectsNode(MirrorNode):
    """Joins frames with faces and applies the stack, while somebody looks at `image`."""

    NAME = "effects"
    CONFIG = EffectsParameters

    def __init__(self, **node_arguments: Any) -> None:
        self._registry: Registry = find_effects()
        super().__init__(**node_arguments)

    def extra_configs(self) -> dict[str, Any]:
        """The groups of governor and watermark, and one for each effect: `<effect>.<parameter>`."""
        groups = {f"{name}.": effect.Parameters() for name, effect in self._registry.effects.items()}
        return {GOVERNOR: GovernorParameters(), WATERMARK: WatermarkParameters(), **groups}

    def open(self) -> None:
        """Create the output and the stack; inputs follow when somebody looks."""
        self._stack = EffectStack(self._registry.effects)
        self.at_close(self._stack.close)
        for name in self._registry.effects:
            self._stack.set_parameters(name, self.config_of(f"{name}."))
        self._joiner = StampJoiner(frozenset(), self.config.patience)
        self._frames: Any = None
        self._faces: Any = None
        self._bodies: Any = None
        self._newest_bodies: BodySet | None = None
        self._moods: Any = None
        self._newest_moods: MoodSet | None = None
        self._newest_faces: FaceSet | None = None
        self._faces_before: FaceSet | None = None
        self._canvas: tuple[int, Image | None] = (0, None)
        self._worn: WornFaces | None = None
        self.at_close(self._follow_worn, False)
        self._own: OwnFaces | None = None
        self.at_close(self._follow_own, False)
        self._marking = Marking(self, self._stack, self.config_of(WATERMARK), self.config.language)
        self._output = self.publisher(FRAMES, "image")
        self._choose(self.config.effects)
        self._deadline_timer = self.timer(1.0, self._on_deadline)
        self._deadline_timer.cancel()
        self.follow_demand(self._follow_demand)
        self.health.stages = self._stack.stages
        self.health.counters.update(
            {
                "effects": lambda: ", ".join(self._stack.order),
                "dropped": self._dropped,
                "shown with earlier faces": lambda: self._joiner.late,
                "worn faces": lambda: len(self._worn) if self._worn is not None else 0,
            }
        )
        self._governing = Governing(self, self._stack, self._dropped, self.config_of(GOVERNOR))
        for index, problem in enumerate(self._registry.problems):
            self.get_logger().warning(problem)
            self.health.set_condition(f"plugin {index}", Level.WARN, problem)

    def stop(self) -> None:
        """Forget what still waits."""
        self._deadline_timer.cancel()
        self._joiner.reset()
        self._stack.forget()

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Apply a live change: the stack, the patience, or an effect's parameters."""
        if not hasattr(self, "_stack"):
            return
        if prefix == GOVERNOR:
            if hasattr(self, "_governing"):
                self._governing.configure(new)
            return
        if prefix == WATERMARK:
            self._marking.configure(new)
            return
        if prefix:
            self._stack.set_parameters(prefix.removesuffix("."), new)
            return
        self._joiner.patience_s = new.patience
        self._marking.speak(new.language)
        if old.effects != new.effects or self._stack.failed:  # choosing again gives another chance
            self._choose(new.effects)
            self._follow_demand()

    def _choose(self, names: tuple[str, ...]) -> None:
        self._stack.choose(names)
        self._joiner.set_inputs(self._stack.needs & JOINED)
        self.health.clear_condition("effect")

    def _dropped(self) -> int:
        waiting = self._frames.dropped if self._frames is not None else 0
        return int(waiting + self._joiner.skipped)

    # ---- inputs, only while they are needed

    def _follow_demand(self) -> None:
        wanted = self.is_running and self._output.has_subscribers
        self._frames = self.follow(self._frames, wanted, FRAMES, "camera/image_raw", self._on_frame)
        faces_wanted = wanted and "faces" in self._stack.needs
        self._faces = self.follow(self._faces, faces_wanted, FACES, "faces", self._on_faces)
        bodies_wanted = wanted and "bodies" in self._stack.needs
        self._bodies = self.follow(self._bodies, bodies_wanted, BODIES, "bodies", self._on_bodies)
        moods_wanted = wanted and "moods" in self._stack.needs
        self._moods = self.follow(self._moods, moods_wanted, MOODS, "moods", self._on_moods)
        self._follow_worn(self.is_running and "worn" in self._stack.needs)
        self._follow_own(self.is_running and "stored" in self._stack.needs)
        if not wanted:
            self._stack.forget()

    def _follow_worn(self, wanted: bool) -> None:
        if wanted and self._worn is None:
            self._worn = WornFaces(self)
        elif not wanted and self._worn is not None:
            self._worn.close()
            self._worn = None

    def _follow_own(self, wanted: bool) -> None:
        if wanted and self._own is None:
            self._own = OwnFaces(self)
        elif not wanted and self._own is not None:
            self._own.close()
            self._own = None

    # ---- the frame path

    def _on_frame(self, frame: Frame) -> None:
        if frame.is_placeholder or not self._joiner.inputs:
            self._show(Joint(frame, {}))
            return
        self._joiner.add_frame(frame, time.monotonic())
        if self._stack.prepares:
            faces = predicted_faces(self._faces_before, self._newest_faces, frame.stamp_ns)
            if faces:
                self._stack.prepare(frame.image, Scene(frame.stamp_ns, faces))
        has_faces = self._newest_faces is not None and self._newest_faces.faces
        if has_faces and not self._stack.draws_smaller:
            # There will be something to draw: the copy for it is made while the faces are being found.
            self._canvas = (frame.stamp_ns, frame.image.copy())
        self._show_ready()

    def _on_faces(self, faces: FaceSet) -> None:
        self._faces_before, self._newest_faces = self._newest_faces, faces
        self._joiner.add_result("faces", faces.stamp_ns, faces, time.monotonic())
        self._show_ready()

    def _on_bodies(self, bodies: BodySet) -> None:
        self._newest_bodies = bodies

    def _bodies_at(self, stamp_ns: int) -> tuple[Body, ...]:
        """The newest bodies, as long as they are of about this time."""
        newest = self._newest_bodies
        if newest is None or abs(stamp_ns - newest.stamp_ns) > BODIES_LAST_NS:
            return ()
        return newest.bodies

    def _on_moods(self, moods: MoodSet) -> None:
        self._newest_moods = moods

    def _moods_at(self, stamp_ns: int) -> dict[int, Mood]:
        """The newest moods, as long as they are of about this time."""
        newest = self._newest_moods
        if newest is None or abs(stamp_ns - newest.stamp_ns) > MOODS_LAST_NS:
            return {}
        return {mood.track_id: mood for mood in newest.moods}

    def _on_deadline(self) -> None:
        self._deadline_timer.cancel()
        self._show_ready()

    def _show_ready(self) -> None:
        joint = self._joiner.pop(time.monotonic())
        if joint is not None:
            self._show(joint)
        deadline = self._joiner.next_deadline_s()
        if deadline is None:
            self._deadline_timer.cancel()
        else:
            wait_ns = max(1_000_000, int((deadline - time.monotonic()) * 1e9))
            self._deadline_timer.timer_period_ns = wait_ns
            self._deadline_timer.reset()

    def _show(self, joint: Joint) -> None:
        frame = joint.frame
        if frame.is_placeholder:
            self._stack.forget()  # nothing is kept of what was before the shutter closed
            self._output.publish(frame)
            return
        joined = joint.results.get("faces", Joined())
        faces = joined.value.faces if joined.value is not None else ()
        tracks = tuple(face.track_id for face in faces)
        scene = Scene(
            frame.stamp_ns,
            faces,
            faces_are_stale=joined.is_stale,
            worn=self._worn.worn_by(tracks) if self._worn is not None else {},
            moods=self._moods_at(frame.stamp_ns),
            camera=frame.image,
            bodies=self._bodies_at(frame.stamp_ns),
            stored=self._own.of(tracks) if self._own is not None else {},
            language=self.config.language,
        )
        stamp_ns, canvas = self._canvas
        self._canvas = (0, None)
        image = canvas if canvas is not None and stamp_ns == frame.stamp_ns else frame.image
        image = self._marking.marked(self._stack.apply(image, scene), scene)
        self._stack.shown(image, frame.stamp_ns)
        shown = frame.with_image(image, "effects")
        for name, reason in self._stack.failed.items():
            self.health.set_condition(
                "effect", Level.WARN, f"Effect {name} is off until it is chosen again ({reason})."
            )
        self.health.rate.tick()
        age_s = shown.trace.age_s()
        self.health.latency.add(age_s)
        self._governing.add(age_s)
        self._output.publish(shown)


def main() -> None:
    """Entry point of the `effects_node` executable."""
    leave(run_node(EffectsNode))
