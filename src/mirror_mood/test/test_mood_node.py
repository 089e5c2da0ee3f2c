"""The mood node among stand-ins for its neighbours: what it publishes, what rules do, when it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_core import graph_control
from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.diagnostics import Level
from mirror_core.errors import ModelError
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Frame
from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel, MoodSet
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.testing import synthetic_face
from mirror_mood import mood_node
from mirror_mood.mood_node import MoodNode
from mirror_msgs.msg import MoodEvent
from mirror_msgs.srv import GetBaseline, KeepBaseline

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
STEP_S = 0.1
SIZE = (320, 240)


@dataclass(frozen=True)
class Stack:
    """The parameter of the effects node."""

    effects: tuple[str, ...] = parameter(("mask",), "Effects.", choices=("none", "mask", "deform"))


@dataclass(frozen=True)
class Bend:
    """The parameters of an effect."""

    preset: str = parameter("none", "Which.", choices=("none", "cheery"))
    strength: float = parameter(1.0, "How much.", minimum=0.0, maximum=2.0)


class Effects(MirrorNode):
    """Stands for the effects node."""

    NAME = "effects"
    CONFIG = Stack

    def extra_configs(self) -> dict[str, Any]:
        return {"deform.": Bend()}


class World(MirrorNode):
    """Stands for camera and tracker."""

    NAME = "world"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.faces = self.publisher(FACES, "faces")


class Page(MirrorNode):
    """Stands for whoever shows moods."""

    NAME = "page"

    def open(self) -> None:
        self.moods: list[MoodSet] = []
        self.subscription(MOODS, "moods", self.moods.append, depth=50)


class Gallery(MirrorNode):
    """Stands for the gallery: keeps the baselines of those who agreed."""

    NAME = "gallery"

    def open(self) -> None:
        self.baselines = {"ada": b"ada at rest"}
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.create_service(GetBaseline, "gallery/get_baseline", self._on_get)
        self.create_service(KeepBaseline, "gallery/keep_baseline", self._on_keep)

    def _on_get(self, request: Any, answer: Any) -> Any:
        self.asked.append(request.gallery_id)
        answer.success = True
        answer.data = list(self.baselines.get(request.gallery_id, b""))
        return answer

    def _on_keep(self, request: Any, answer: Any) -> Any:
        answer.success = request.gallery_id in self.baselines
        if answer.success:
            self.baselines[request.gallery_id] = bytes(request.data)
        else:
            self.refused.append(request.gallery_id)
            answer.message = "They have not agreed."
        return answer


class ScriptedReader:
    """Stands for `MoodReader`: everybody is in the mood that the scene says."""

    word = "neutral"
    fault: Exception | None = None
    instances: list[ScriptedReader]

    def __init__(self, parameters: Any) -> None:
        self.parameters = parameters
        self.problems: tuple[str, ...] = ()
        self.ready_baselines = 0
        self.given: dict[str, bytes] = {}
        self.to_keep: dict[str, bytes] = {}
        ScriptedReader.instances.append(self)

    def configure(self, parameters: Any) -> None:
        self.parameters = parameters

    def give_baseline(self, person: str, data: bytes) -> None:
        self.given[person] = data

    def known_baselines(self) -> dict[str, bytes]:
        return self.to_keep

    def read(self, image: np.ndarray, faces: FaceSet) -> MoodSet:
        if ScriptedReader.fault is not None:
            raise ScriptedReader.fault
        values = np.full(MOOD_COUNT, 0.05, np.float32)
        values[MoodLabel[ScriptedReader.word.upper()]] = 0.7
        moods = tuple(Mood(face.track_id, values, person=face.person) for face in faces.faces)
        return MoodSet(faces.stamp_ns, faces.frame_id, moods)


def somebody(person: str = "", track_id: int = 4) -> Face:
    return replace(synthetic_face((160.0, 120.0), track_id=track_id), person=person)


class Scene:
    """A mood node, the people it sees, and what stands around it."""

    def __init__(self, start_host: Callable[..., Any], eventually: Callable[..., Any]) -> None:
        self._start, self.eventually = start_host, eventually
        self.world = self.add(World)
        self.node: Any = None
        self._stamp_ns = 1_000_000_000_000

    def add(self, create: Callable[..., Any]) -> Any:
        return self._start(lambda: create(cli_args=PLACE), create.NAME).node

    def begin(self, **parameters: Any) -> Any:
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        create = lambda: MoodNode(cli_args=PLACE, parameter_overrides=overrides)  # noqa: E731
        self.node = self._start(create, "mood").node
        return self.node

    def works(self) -> None:
        self.eventually(
            lambda: self.world.frames.has_subscribers and self.world.faces.has_subscribers,
            "the node to follow frames and faces",
        )

    def show(self, word: str, *faces: Face, seconds: float = STEP_S) -> None:
        """Everybody is in a mood for some seconds, ten frames a second; waits until each is read."""
        ScriptedReader.word = word
        for _ in range(round(seconds / STEP_S)):
            read = self.node.health.stages["read"]
            before, taken = read.count, self.node._read
            stamp_ns, self._stamp_ns = self._stamp_ns, self._stamp_ns + round(STEP_S * 1e9)
            self.world.frames.publish(Frame(np.zeros((*SIZE[::-1], 3), np.uint8), stamp_ns))
            self.world.faces.publish(FaceSet(stamp_ns, "camera_optical", SIZE, faces))
            self.eventually(lambda read=read, before=before: read.count > before, "the frame to be read")
            if ScriptedReader.fault is None:
                self.eventually(
                    lambda taken=taken: self.node._read == taken + len(faces), "the moods to be taken"
                )


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_control, "POLL_S", 0.05)
    monkeypatch.setattr(mood_node, "MoodReader", ScriptedReader)
    monkeypatch.setattr(ScriptedReader, "fault", None)
    monkeypatch.setattr(ScriptedReader, "instances", [], raising=False)


@pytest.fixture
def scene(start_host: Callable[..., Any], eventually: Callable[..., Any]) -> Scene:
    return Scene(start_host, eventually)


@pytest.fixture
def events(spinner: Any) -> list[MoodEvent]:
    messages: list[MoodEvent] = []
    node = spinner.node("robot", namespace="/mirror")
    node.create_subscription(MoodEvent, "mood_events", messages.append, 10)
    return messages


def test_moods_carry_the_frame_s_stamp_and_the_faces_ids(scene: Scene, eventually: Any) -> None:
    scene.begin()
    page = scene.add(Page)
    scene.works()
    scene.show("sad", somebody("ada"), somebody(track_id=9))
    eventually(lambda: page.moods, "the moods")
    (moods,) = page.moods
    assert (moods.stamp_ns, moods.frame_id) == (1_000_000_000_000, "camera_optical")
    assert [(mood.track_id, mood.person, mood.dominant) for mood in moods.moods] == [
        (4, "ada", MoodLabel.SAD),
        (9, "", MoodLabel.SAD),
    ]


def test_without_listener_and_rules_nothing_is_read_and_no_model_is_loaded(
    scene: Scene, start_host: Any, eventually: Any
) -> None:
    node = scene.begin()
    assert node.report().values["state"] == "idle"
    assert not scene.world.frames.has_subscribers
    page = start_host(lambda: Page(cli_args=PLACE), "page")
    scene.works()
    assert ScriptedReader.instances == []  # not before the first face
    page.request_stop()
    eventually(lambda: not scene.world.frames.has_subscribers, "the node to let go of the frames")
    eventually(lambda: not scene.world.faces.has_subscribers, "the node to let go of the faces")


def test_faces_are_read_at_the_rate_that_is_asked_for(scene: Scene, eventually: Any) -> None:
    node = scene.begin(rate=2.5)
    scene.add(Page)
    scene.works()
    for step in range(20):  # two seconds at 10 Hz
        stamp_ns = 5_000_000_000 + step * 100_000_000
        scene.world.frames.publish(Frame(np.zeros((240, 320, 3), np.uint8), stamp_ns))
        scene.world.faces.publish(FaceSet(stamp_ns, "camera_optical", SIZE, (somebody(),)))
        expected = step // 4 + 1
        eventually(lambda expected=expected: node._read == expected, f"{expected} readings")


def test_a_rule_sends_its_event_and_changes_the_effects_and_brings_them_back(
    scene: Scene, eventually: Any, spinner: Any, events: list[MoodEvent]
) -> None:
    rule = "name=cheer mood=sad duration=1 effects=deform deform.preset=cheery deform.strength=1.5 lasts=1"
    node = scene.begin(rules=[rule])
    effects = scene.add(Effects)
    scene.works()  # although nobody listens to moods
    eventually(lambda: node._actions._control.active_effects == ("mask",), "the stack")
    scene.show("happy", somebody(), seconds=0.5)
    scene.show("sad", somebody("ada"), seconds=1.5)
    eventually(lambda: effects.config.effects == ("deform",), "the rule's effect")
    assert effects.config_of("deform.") == Bend("cheery", 1.5)
    eventually(lambda: effects.config.effects == ("mask",), "the stack of before")
    spinner.until(lambda: events, "the event")
    (event,) = events
    assert (event.rule, event.mood, event.face_id, event.person) == ("cheer", MoodLabel.SAD, 4, "ada")
    assert event.duration == pytest.approx(1.0, abs=0.01)
    assert event.action == "effect:deform deform.preset=cheery deform.strength=1.5"
    values = node.report().values
    assert (values["rules fired"], values["last rule"]) == ("1", "cheer")


def test_what_somebody_chose_meanwhile_stays(scene: Scene, eventually: Any) -> None:
    node = scene.begin(rules=["name=a mood=sad duration=0.5 effects=deform lasts=1"])
    effects = scene.add(Effects)
    scene.works()
    eventually(lambda: node._actions._control.active_effects == ("mask",), "the stack")
    scene.show("sad", somebody(), seconds=0.8)
    eventually(lambda: effects.config.effects == ("deform",), "the rule's effect")
    task = effects.executor.create_task(
        lambda: effects.set_parameters([Parameter("effects", value=["none"])])
    )
    eventually(task.done, "somebody to choose")
    eventually(lambda: node._actions._return is None, "the rule's time to end")
    eventually(lambda: node._actions._control.active_effects == ("none",), "the node to know")
    assert effects.config.effects == ("none",)


def test_a_rule_that_the_effects_refuse_is_said(scene: Scene, eventually: Any) -> None:
    node = scene.begin(rules=["name=a mood=sad duration=0.5 deform.preset=gloomy"])
    scene.add(Effects)
    scene.works()
    eventually(lambda: node._actions._control.active_effects == ("mask",), "the stack")
    scene.show("sad", somebody(), seconds=0.8)
    eventually(lambda: "deform.preset = gloomy is refused" in node.report().message, "the reason")
    assert node.report().level == Level.WARN


def test_a_rule_that_makes_no_sense_is_refused_and_the_old_ones_stay(scene: Scene, eventually: Any) -> None:
    node = scene.begin(rules=["name=a mood=sad"])
    task = node.executor.create_task(
        lambda: node.set_parameters([Parameter("rules", value=["name=b mood=gloomy"])])
    )
    eventually(task.done, "the answer")
    (result,) = task.result()
    assert not result.successful
    assert "allowed are angry, disgust, fear" in result.reason
    assert node.report().values["rules"] == "1"


def test_a_missing_model_is_said_and_the_node_runs_on(scene: Scene, eventually: Any) -> None:
    node = scene.begin()
    page = scene.add(Page)
    scene.works()
    ScriptedReader.fault = ModelError("The mood model is missing.")
    scene.show("sad", somebody())
    eventually(lambda: node.report().level == Level.ERROR, "the fault to be said")
    assert node.report().message == "Moods are not read: The mood model is missing."
    ScriptedReader.fault = None
    scene.show("sad", somebody())
    eventually(lambda: page.moods, "the moods")
    eventually(lambda: node.report().level == Level.OK, "the fault to be over")


def test_baselines_are_fetched_once_and_kept_only_where_agreed(
    scene: Scene, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mood_node, "KEEP_PERIOD_S", 0.0)
    node = scene.begin()
    scene.add(Page)
    gallery = scene.add(Gallery)
    scene.works()
    eventually(node._keeper._get.service_is_ready, "the gallery")
    both = somebody("ada"), somebody("ben", track_id=9)
    scene.show("neutral", *both)
    (reader,) = ScriptedReader.instances
    eventually(lambda: reader.given == {"ada": b"ada at rest"}, "Ada's baseline")
    reader.to_keep = {"ada": b"ada anew", "ben": b"ben at rest"}
    scene.show("neutral", *both, seconds=0.5)
    eventually(lambda: gallery.baselines == {"ada": b"ada anew"}, "Ada's new baseline")
    eventually(lambda: gallery.refused, "Ben's to be refused")
    scene.show("neutral", *both, seconds=0.5)
    assert sorted(gallery.asked) == ["ada", "ben"]
    assert gallery.refused == ["ben"]
    assert node.report().level == Level.OK
