"""The Mood page's way to the mirror over ROS: live moods, the log's switch and where the log is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.codecs import MOODS
from mirror_core.errors import ParameterError
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_mood.log.queries import NoMoodLogError
from mirror_web.mood_control import no_mood_log
from mirror_web.mood_testing import at, known_rows, write_rows
from mirror_web.mood_view import MoodView
from mirror_web.web_node import WebNode

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


@dataclass(frozen=True)
class LogParameters:
    """The parameters of a mood log that the page reads."""

    log: bool = parameter(False, "Keep moods.")
    database_url: str = parameter("", "Where.", live=False)


class MoodLog(MirrorNode):
    """Stands for the log's node; it refuses to be switched off."""

    NAME = "mood_log"
    CONFIG = LogParameters

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        if old.log and not new.log:
            raise ParameterError("It is locked.")


class Page(MirrorNode):
    """Owns the view."""

    NAME = "web"

    def open(self) -> None:
        self.view = MoodView(self)
        self.at_close(self.view.close)


class MoodSource(MirrorNode):
    """Publishes moods when it is told to."""

    NAME = "mood"

    def open(self) -> None:
        self.moods = self.publisher(MOODS, "moods")


@pytest.fixture
def view(start_host: Callable[..., Any]) -> MoodView:
    return start_host(lambda: Page(cli_args=PLACE)).node.view


def test_without_the_logs_node_nobody_answers(view: MoodView) -> None:
    assert view.log_is_on() is None
    assert view.switch_log(True) == no_mood_log()


def test_the_log_is_switched_through_its_parameter_and_read_where_it_is(
    view: MoodView, start_host: Callable[..., Any], eventually: Callable[..., Any], tmp_path: Path
) -> None:
    database = str(tmp_path / "moods.sqlite")
    log = start_host(lambda: MoodLog(cli_args=[*PLACE, "-p", f"database_url:={database}"]))
    eventually(lambda: view.log_is_on() is False, "the log to be off")
    assert view.switch_log(True) is None
    assert log.node.config.log
    assert view.log_is_on() is True
    assert "It is locked." in (view.switch_log(False) or "")
    assert view.log_is_on() is True
    with pytest.raises(NoMoodLogError):
        view.log.state()
    write_rows(database, known_rows(at(20, 9), 3, MoodLabel.HAPPY, 0.7))
    assert view.log.state().latest_s == at(20, 9) + 2


def test_moods_are_subscribed_only_while_a_browser_shows_the_page(
    start_host: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    source = start_host(lambda: MoodSource(cli_args=PLACE)).node
    web = start_host(lambda: WebNode(cli_args=[*PLACE, "-p", "port:=0"])).node
    live = web._moods.live
    assert web._moods_in is None
    live.watch()
    eventually(lambda: web._moods_in is not None, "the subscription")
    mood = Mood(3, np.eye(len(MoodLabel), dtype=np.float32)[MoodLabel.FEAR])

    def arrived() -> bool:
        live.watch()
        source.moods.publish(MoodSet(1, "camera", (mood,)))
        return [found.dominant for found in live.present()] == [MoodLabel.FEAR]

    eventually(arrived, "the mood")
    eventually(lambda: web._moods_in is None, "the end of the subscription")
