"""The gallery node's switch for recognition where what it needs is not installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter

from mirror_core.diagnostics import Level
from mirror_gallery import dlib_network
from mirror_gallery.gallery_node import GalleryNode

SENTENCE = "Recognising people needs dlib, which is not installed; run `scripts/setup --recognise`."


@pytest.fixture(autouse=True)
def no_dlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dlib_network, "LIBRARY", "no_such_package_anywhere")


def started(spinner: Any, folder: Path, *words: str) -> GalleryNode:
    words = ("-p", f"database_url:={folder}/faces.sqlite", "-p", f"pictures_url:={folder}/pictures", *words)
    node: GalleryNode = spinner.add(GalleryNode(cli_args=["--ros-args", *words]))
    assert node.trigger_configure() == TransitionCallbackReturn.SUCCESS, node.failure
    assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS, node.failure
    return node


def test_it_cannot_be_switched_on_and_the_answer_says_what_to_do(spinner: Any, tmp_path: Path) -> None:
    node = started(spinner, tmp_path)
    (answer,) = node.set_parameters([Parameter("recognition", value=True)])
    assert not answer.successful
    assert answer.reason == SENTENCE
    assert node.config.recognition is False


def test_a_mirror_that_starts_with_it_goes_on_without_and_says_so(spinner: Any, tmp_path: Path) -> None:
    node = started(spinner, tmp_path, "-p", "recognition:=true")
    spinner.until(lambda: node.report().level == Level.ERROR, "the report to say it")
    assert SENTENCE in node.report().message
    node.set_parameters([Parameter("recognition", value=False)])
    spinner.until(lambda: node.report().level == Level.OK, "the report to be good again")
