"""The mood node: faces and their pictures in, moods out, and what moods do.

Subscribed: camera/image_raw (sensor_msgs/Image), faces (mirror_msgs/FaceArray), both only while somebody
listens to moods, or while there are rules. Published: moods (mirror_msgs/MoodArray), mood_events
(mirror_msgs/MoodEvent, when a rule fires).

Reading is done in a thread of its own, at most `rate` times a second; the frame path never waits for it.
Rules steer the effects by their parameters. What a known person looks like at rest is fetched from the
gallery and, where they agreed to be recognised, kept there by the services gallery/get_baseline and
gallery/keep_baseline.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.conversions import header
from mirror_core.diagnostics import Level
from mirror_core.errors import ModelError
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.hosting import leave, run_node
from mirror_core.joiner import StampJoiner
from mirror_core.model_runner import ModelResult, ModelRunner
from mirror_core.moods import MoodSet
from mirror_core.node import MirrorNode
from mirror_mood.baseline_keeper import BaselineKeeper
from mirror_mood.mood_actions import MoodActions
from mirror_mood.mood_parameters import MoodParameters
from mirror_mood.reader import MoodReader
from mirror_mood.rules import Fired, RuleEngine, parse_rules
from mirror_msgs.msg import MoodEvent

__all__ = ["MoodNode"]

EVENTS_DEPTH = 10  # events that a slow reader may be behind
PATIENCE_S = 1.0  # for which a frame waits for its faces; nobody waits for the frame
EARLY = 0.9  # part of the period after which the next frame is taken: cameras are not regular
KEEP_PERIOD_S = 20.0  # how often baselines are given to the gallery
NO_MODEL = "Moods are not read"


class MoodNode(MirrorNode):
    """Reads moods while somebody wants to know, and acts on them; see the module."""

    NAME = "mood"
    CONFIG = MoodParameters

    def open(self) -> None:
        """Create the outputs; inputs and models follow when they are wanted."""
        self._frames: Any = None
        self._faces: Any = None
        self._runner: ModelRunner[tuple[Frame, FaceSet], MoodSet] | None = None
        self._reader: MoodReader | None = None
        self._actions: MoodActions | None = None
        self._keeper: BaselineKeeper | None = None
        self._news: deque[MoodSet] = deque(maxlen=50)  # from the runner's thread
        self._taken_ns: int | None = None
        self._kept_s = 0.0
        self._read = self._fired = 0
        self._last_rule = "none"
        self._joiner = StampJoiner(frozenset({"faces"}), PATIENCE_S)
        self._rules = RuleEngine(parse_rules(self.config.rules))
        self._moods = self.publisher(MOODS, "moods", depth=EVENTS_DEPTH)
        self._events = self.create_publisher(MoodEvent, "mood_events", EVENTS_DEPTH)
        self.at_close(self.destroy_publisher, self._events)
        self._wake = self.create_guard_condition(self._take_news)
        self.at_close(self.destroy_guard_condition, self._wake)
        self.at_close(self._release)
        self.follow_demand(self._follow_demand)
        self.health.counters.update(
            {
                "state": lambda: "reading" if self._faces is not None else "idle",
                "faces read": lambda: self._read,
                "dropped": lambda: self._runner.dropped if self._runner is not None else 0,
                "baselines": lambda: self._reader.ready_baselines if self._reader is not None else 0,
                "rules": lambda: len(self._rules.rules),
                "rules fired": lambda: self._fired,
                "last rule": lambda: self._last_rule,
            }
        )

    def stop(self) -> None:
        """Forget who was there; they may be others when work goes on."""
        self._joiner.reset()
        self._rules.reset()
        self._taken_ns = None

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Go on with other settings."""
        if not hasattr(self, "_rules"):
            return
        if self._reader is not None:
            self._reader.configure(new)
        if old.rules != new.rules:
            self._rules = RuleEngine(parse_rules(new.rules))
            self.health.clear_condition("rule")
        self._follow_demand()

    # ---- inputs and models, only while they are wanted

    def _follow_demand(self) -> None:
        wanted = self.is_running and (self._moods.has_subscribers or bool(self._rules.rules))
        if wanted and self._runner is None:
            self._prepare()
        self._frames = self.follow(self._frames, wanted, FRAMES, "camera/image_raw", self._on_frame)
        self._faces = self.follow(self._faces, wanted, FACES, "faces", self._on_faces)
        if self._actions is not None:
            self._actions.look()
        if not wanted and self._taken_ns is not None:
            self.stop()

    def _prepare(self) -> None:
        self._runner = ModelRunner(self._read_moods, self._on_moods, self._on_error, "mood")
        self._keeper = BaselineKeeper(self, self._on_baseline, self._on_not_kept)
        self._actions = MoodActions(self, self._done, self._refused)

    def _release(self) -> None:
        if self._runner is not None:
            self._runner.close()
        if self._keeper is not None:
            self._keeper.close()
        if self._actions is not None:
            self._actions.close()
        self._runner = self._reader = self._keeper = self._actions = None

    # ---- the frame path

    def _on_frame(self, frame: Frame) -> None:
        if frame.is_placeholder:
            return
        since_ns = frame.stamp_ns - self._taken_ns if self._taken_ns is not None else None
        if since_ns is not None and 0 <= since_ns < EARLY * 1e9 / self.config.rate:
            return
        self._taken_ns = frame.stamp_ns
        self._joiner.add_frame(frame, time.monotonic())
        self._submit()

    def _on_faces(self, faces: FaceSet) -> None:
        self._joiner.add_result("faces", faces.stamp_ns, faces, time.monotonic())
        self._submit()

    def _submit(self) -> None:
        joint = self._joiner.pop(time.monotonic())
        if joint is None or joint.results["faces"].is_stale or self._runner is None:
            return
        faces: FaceSet = joint.results["faces"].value
        self._runner.submit(faces.stamp_ns, (joint.frame, faces))

    # ---- in the runner's thread

    def _read_moods(self, seen: tuple[Frame, FaceSet]) -> MoodSet:
        if self._reader is None:
            self._reader = MoodReader(self.config)
        frame, faces = seen
        with self.health.stages["read"].measure():
            return self._reader.read(frame.image, faces)

    def _on_moods(self, result: ModelResult[MoodSet]) -> None:
        self._moods.publish(result.value)
        self._news.append(result.value)
        self._wake.trigger()

    def _on_error(self, error: Exception) -> None:
        sentence = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
        self.health.set_condition("model", Level.ERROR, f"{NO_MODEL}: {sentence}")

    # ---- in the node's thread again

    def _take_news(self) -> None:
        while self._news:
            self._take(self._news.popleft())

    def _take(self, moods: MoodSet) -> None:
        reader = self._reader
        if reader is None:
            return
        self.health.clear_condition("model")
        for problem in reader.problems:
            self.health.set_condition("model", Level.WARN, problem)
        self._read += len(moods.moods)
        self.health.rate.tick()
        for fired in self._rules.update(moods):
            self._act(fired, moods)
        keeper = self._keeper
        if keeper is not None:
            keeper.see(mood.person for mood in moods.moods if mood.person)
            if time.monotonic() - self._kept_s > KEEP_PERIOD_S:
                self._kept_s = time.monotonic()
                keeper.keep(reader.known_baselines())

    def _act(self, fired: Fired, moods: MoodSet) -> None:
        self._fired += 1
        self._last_rule = fired.rule.name
        self._events.publish(
            MoodEvent(
                header=header(moods.stamp_ns, moods.frame_id),
                rule=fired.rule.name,
                mood=int(fired.rule.mood),
                face_id=fired.mood.track_id,
                person=fired.mood.person,
                duration=float(fired.duration_s),
                action=fired.rule.action,
            )
        )
        if self._actions is not None:
            self._actions.act(fired)

    def _on_baseline(self, person: str, data: bytes) -> None:
        if self._reader is not None:
            try:
                self._reader.give_baseline(person, data)
            except ModelError as error:
                self.get_logger().warning(str(error))

    def _on_not_kept(self, sentence: str) -> None:
        self.get_logger().info(f"A neutral baseline is not kept: {sentence}")

    def _done(self, said: str) -> None:
        self.health.clear_condition("rule")
        self.get_logger().info(f"Mood: {said}.")

    def _refused(self, sentence: str) -> None:
        self.health.set_condition("rule", Level.WARN, sentence)
        self.get_logger().warning(sentence)


def main() -> None:
    """Entry point of the `mood_node` executable."""
    leave(run_node(MoodNode))
