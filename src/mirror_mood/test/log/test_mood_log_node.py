"""The mood log node: silent unless it is told to keep moods, and then it says how it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.codecs import MOODS
from mirror_core.diagnostics import Level
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.node import MirrorNode
from mirror_mood.log.queries import MoodQueries
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.mood_log_node import MoodLogNode, MoodLogParameters
from mirror_msgs.msg import GalleryFace, GalleryState
from mirror_msgs.srv import ListFaces

Make = Callable[..., MoodRow]
NANOSECONDS = 1_000_000_000


class World(MirrorNode):
    """The mood node and the gallery in one."""

    NAME = "world"

    def open(self) -> None:
        self.moods = self.publisher(MOODS, "moods", depth=10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.gallery = self.create_publisher(GalleryState, "gallery/state", latched)
        self.faces: list[str] = []
        self.fails = False
        self.asked = 0
        self.create_service(ListFaces, "gallery/list", self._list)

    def _list(self, request: ListFaces.Request, response: ListFaces.Response) -> ListFaces.Response:
        self.asked += 1
        if self.fails:
            return response
        response.faces = [GalleryFace(id=face) for face in self.faces]
        response.faces.append(GalleryFace(id="preset", preset=True))
        response.total = len(response.faces)
        return response

    def show(self, second: int, *people: str) -> None:
        """Moods of one frame, everybody happy."""
        probabilities = np.full(7, 0.1, np.float32)
        probabilities[MoodLabel.HAPPY] = 0.4
        found = tuple(Mood(index, probabilities, person=person) for index, person in enumerate(people))
        self.moods.publish(MoodSet(second * NANOSECONDS, "camera", found))


@dataclass
class Scene:
    """The node under test, with the rest of a mirror around it."""

    spinner: Any
    url: str
    world: World

    def start(self, *words: str) -> MoodLogNode:
        given = [f"database_url:={self.url}", "mirror_id:=hall", "write_period:=0.1", *words]
        arguments = [word for each in given for word in ("-p", each)]
        node: MoodLogNode = self.spinner.add(MoodLogNode(cli_args=["--ros-args", *arguments]))
        assert node.trigger_configure() == TransitionCallbackReturn.SUCCESS, node.failure
        assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS, node.failure
        return node

    def shows(self) -> bool:
        return self.world.moods.has_subscribers


@pytest.fixture
def scene(spinner: Any, file_url: str) -> Scene:
    world = spinner.add(World())
    world.trigger_configure()
    world.trigger_activate()
    return Scene(spinner, file_url, world)


def test_by_default_nothing_is_subscribed_or_written(scene: Scene) -> None:
    assert MoodLogParameters().log is False
    node = scene.start()
    end = time.monotonic() + 1.5
    scene.spinner.until(lambda: time.monotonic() > end, "some time to pass")
    assert not scene.shows()
    assert node._recorder is None
    assert scene.world.gallery.get_subscription_count() == 0
    assert not Path(scene.url).parent.exists()


def test_it_keeps_moods_while_it_is_told_to(scene: Scene) -> None:
    node = scene.start("log:=true")
    scene.spinner.until(scene.shows, "the subscription")
    now = int(time.time())
    for second in range(3):
        scene.world.show(now + second, "ada", "")
        scene.spinner.until(
            lambda second=second: node._recorder._averager._second == now + second, "the moods to arrive"
        )
    (answer,) = node.set_parameters([Parameter("log", value=False)])
    assert answer.successful
    scene.spinner.until(lambda: not scene.shows(), "the subscription's end")
    with MoodQueries(scene.url) as log:
        assert [(each.name, each.count) for each in log.people()] == [("", 3), ("ada", 3)]
        assert [each.name for each in log.mirrors()] == ["hall"]
        assert log.total(now, now + 3).dominant is MoodLabel.HAPPY
    (answer,) = node.set_parameters([Parameter("log", value=True)])
    assert answer.successful
    scene.spinner.until(scene.shows, "the subscription")


def test_erasing_a_face_erases_its_moods_also_while_nothing_is_kept(scene: Scene, row: Make) -> None:
    with MoodStore(scene.url) as store:
        store.add([row(int(time.time()), person="ada"), row(int(time.time()), person="ben")])
    scene.world.faces = ["ada", "ben"]
    node = scene.start()
    scene.world.gallery.publish(GalleryState(revision=1))
    scene.spinner.until(lambda: node._recorder._ever_known == {"ada", "ben"}, "the gallery to be heard of")
    assert not scene.shows()
    scene.world.faces = ["ben"]
    scene.world.gallery.publish(GalleryState(revision=2))
    with MoodQueries(scene.url) as log:
        scene.spinner.until(lambda: [each.name for each in log.people()] == ["ben"], "ada's moods to go")


def test_a_gallery_that_fails_erases_nobody_s_moods(scene: Scene, row: Make) -> None:
    with MoodStore(scene.url) as store:
        store.add([row(int(time.time()), person="ada")])
    scene.world.faces = ["ada"]
    node = scene.start()
    scene.world.gallery.publish(GalleryState(revision=1))
    scene.spinner.until(lambda: node._recorder._ever_known == {"ada"}, "the gallery to be heard of")
    scene.world.fails = True
    asked = scene.world.asked
    scene.world.gallery.publish(GalleryState(revision=2))
    scene.spinner.until(lambda: scene.world.asked > asked and node._answer.done(), "an empty answer")
    assert node._recorder._known == {"ada"}


def test_a_log_that_cannot_be_written_is_an_error_in_the_report(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("no database\n" * 1000)
    node = scene.start("log:=true", f"database_url:={tmp_path}/notes")
    scene.spinner.until(lambda: node.report().level == Level.ERROR, "the report")
    assert f"The mood log {tmp_path}/notes is no SQLite database" in node.report().message
    assert node.report().values["rows written"] == "0"
    (answer,) = node.set_parameters([Parameter("log", value=False)])
    assert answer.successful
    assert node.report().level == Level.OK


def test_parameters_that_make_no_sense_are_refused_in_a_sentence(scene: Scene) -> None:
    node = scene.start()
    (answer,) = node.set_parameters([Parameter("keep_days", value=500)])
    assert not answer.successful
    assert "summaries are kept at least as long as the seconds" in answer.reason
    (answer,) = node.set_parameters([Parameter("mirror_id", value="a\nb")])
    assert not answer.successful
    (answer,) = node.set_parameters([Parameter("keep_days", value=14)])
    assert answer.successful


def test_a_url_that_is_no_log_s_stops_the_node_with_a_sentence(spinner: Any) -> None:
    words = ["--ros-args", "-p", "log:=true", "-p", "database_url:=mysql://x/y"]
    node = spinner.add(MoodLogNode(cli_args=words))
    assert node.trigger_configure() == TransitionCallbackReturn.FAILURE
    assert "The mood log must be sqlite:////path/to/file or postgresql" in str(node.failure)
