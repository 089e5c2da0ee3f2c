"""The Privacy page's way to the graph over ROS: where nodes keep and send things; erasing the mood log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.moods import MoodLabel
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.store.audit import AuditLog, Event
from mirror_mood.log.queries import MoodQueries
from mirror_web.mood_erasure import erase_log
from mirror_web.mood_reader import MoodReader
from mirror_web.mood_testing import BATH, at, known_rows, write_rows
from mirror_web.privacy_control import Destination, Reach
from mirror_web.privacy_view import PrivacyView

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


@dataclass(frozen=True)
class GalleryParameters:
    """The parameters of a gallery that the page reads."""

    database_url: str = parameter("", "Where.", live=False)
    pictures_url: str = parameter("", "Where.", live=False)


class Gallery(MirrorNode):
    """Stands for the gallery."""

    NAME = "gallery"
    CONFIG = GalleryParameters


@dataclass(frozen=True)
class LogParameters:
    """The parameters of a mood log that the page reads."""

    database_url: str = parameter("", "Where.", live=False)
    export_url: str = parameter("", "Where to.", live=False)


class MoodLog(MirrorNode):
    """Stands for the mood log."""

    NAME = "mood_log"
    CONFIG = LogParameters


class Page(MirrorNode):
    """Owns the view."""

    NAME = "web"

    def open(self) -> None:
        self.view = PrivacyView(self, lambda: "0.0.0.0")
        self.at_close(self.view.close)


def test_what_the_nodes_say_is_told_without_credentials(
    start_host: Callable[..., Any], eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRROR_GALLERY_PICTURES", "s3://faces/hall")
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    monkeypatch.delenv("ROS_STATIC_PEERS", raising=False)
    url = "postgresql://me:hush@db.example.org/faces"
    view = start_host(lambda: Page(cli_args=PLACE)).node.view

    def told() -> dict[str, Destination]:
        return {destination.key: destination for destination in view.destinations()}

    assert told()["gallery_database"].reach is Reach.UNKNOWN
    start_host(lambda: Gallery(cli_args=[*PLACE, "-p", f"database_url:={url}"]))
    start_host(lambda: MoodLog(cli_args=PLACE))
    eventually(lambda: Reach.UNKNOWN not in {found.reach for found in told().values()}, "both answers")
    found = told()
    assert found["gallery_database"] == Destination(
        "gallery_database", Reach.OUTSIDE, "postgresql://***@db.example.org/faces"
    )
    assert found["gallery_pictures"] == Destination("gallery_pictures", Reach.OUTSIDE, "s3://faces/hall")
    assert found["mood_database"].reach is Reach.INSIDE
    assert found["mood_export"].reach is Reach.OFF
    assert found["page"] == Destination("page", Reach.OUTSIDE, "0.0.0.0")
    assert found["foxglove"].reach is Reach.OFF
    assert found["graph"].reach is Reach.INSIDE


def test_the_audit_log_is_read(
    start_host: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    view = start_host(lambda: Page(cli_args=PLACE)).node.view
    assert view.deeds(5) == ()
    log = AuditLog()
    for number in range(4):
        log.note(Event.WORN, f"face {number}", "mirror")
    assert [deed.who for deed in view.deeds(3)] == [log.number(f"face {number}") for number in (1, 2, 3)]


def test_all_moods_are_erased(tmp_path: Path) -> None:
    database = str(tmp_path / "moods.sqlite")
    assert erase_log(database) == 0
    assert not Path(database).exists()
    write_rows(
        database,
        known_rows(at(9, 12), 20, MoodLabel.HAPPY, 0.7, person="ada"),
        known_rows(at(9, 13), 10, MoodLabel.SAD, 0.7, mirror=BATH),
    )
    assert erase_log(database) == 30
    reader = MoodReader(lambda: MoodQueries(database))
    assert reader.state().first_s is None
    reader.close()
