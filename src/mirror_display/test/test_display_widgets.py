"""The display node and its widgets: checked when they are set, fed while they are shown, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_display.display_node import DisplayNode
from mirror_msgs.msg import Consent, GalleryFace, GalleryState, Presence
from mirror_msgs.srv import ListFaces

PLACE = ["--ros-args", "-r", "__ns:=/mirror", "-p", "idle_after:=0.0", "-p", "first_start:=never"]


class Gallery(MirrorNode):
    """Stands for the gallery: Ada agreed to be recognised, Bo did not, and both are there."""

    NAME = "gallery"

    def open(self) -> None:
        self.faces = [
            GalleryFace(
                id=key, name=key.title(), consent=Consent(scope=Consent.UNTIL_REVOKED, recognise=agrees)
            )
            for key, agrees in (("ada", True), ("bo", False))
        ]
        self.state = self.create_publisher(GalleryState, "gallery/state", LATCHED)
        self.create_service(ListFaces, "gallery/list", self._list)

    def start(self) -> None:
        there = [Presence(face_id=track, gallery_id=key) for track, key in ((1, "bo"), (2, "ada"))]
        self.state.publish(GalleryState(revision=1, present=there))

    def _list(self, request: Any, response: Any) -> Any:
        response.faces, response.total = self.faces, len(self.faces)
        return response


@pytest.fixture
def display(start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[DisplayNode]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    node = start_host(lambda: DisplayNode(cli_args=PLACE), "display").node
    assert isinstance(node, DisplayNode)
    node.window.open()  # this test is the process's main thread
    yield node
    node.window.close()


def said(display: DisplayNode) -> dict[str, Any]:
    """What each widget says in the window now."""
    display.window.step(0.01)
    return {shown.widget.name: shown.content for shown in display.window.widgets._shown}


def test_widgets_are_checked_shown_and_fed(
    display: DisplayNode, start_host: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    (answer,) = display.set_parameters([Parameter("widgets", value=["clock@top_middle"])])
    assert not answer.successful
    assert answer.reason.startswith("widgets = clock@top_middle is refused: the regions are top_left,")
    assert display.count_subscribers("/mirror/gallery/state") == 1  # the keys'
    start_host(lambda: Gallery(cli_args=PLACE[:3]), "gallery")
    display.set_parameters([Parameter("widgets", value=["clock@top_left", "greeting@bottom_centre"])])
    greeting = eventually(lambda: said(display).get("greeting"), "the greeting")
    assert greeting.endswith(", Ada")
    assert display.count_subscribers("/mirror/gallery/state") == 2
    assert said(display)["clock"][1] == ""
    display.set_parameters([Parameter("clock.hours", value=12)])
    eventually(lambda: said(display)["clock"][1] in ("am", "pm"), "twelve hours")
    display.set_parameters([Parameter("widgets", value=["clock@top_left"])])
    eventually(
        lambda: display.count_subscribers("/mirror/gallery/state") == 1, "the gallery to be left alone"
    )
    assert list(said(display)) == ["clock"]
