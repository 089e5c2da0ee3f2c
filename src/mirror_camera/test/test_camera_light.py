"""The camera node says when its pictures are too dark, and takes that back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_camera import darkness
from mirror_camera.camera_node import CameraNode
from mirror_core.codecs import FRAMES
from mirror_core.diagnostics import Level
from mirror_core.node import MirrorNode
from mirror_core.troubles import TOO_DARK

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


class Onlooker(MirrorNode):
    """Somebody who looks, without whom the camera stays closed."""

    NAME = "onlooker"

    def open(self) -> None:
        self.subscription(FRAMES, "camera/image_raw", lambda frame: None)


def test_dark_pictures_are_told_in_the_diagnostics_until_there_is_light(
    start_host: Callable[..., Any],
    eventually: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(darkness, "PERIOD_S", 0.02)
    for name, brightness in (("dark", 6), ("light", 120)):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "a.png"), np.full((90, 160, 3), brightness, np.uint8))
    words = ["-p", "source:=images", "-p", f"path:={tmp_path / 'dark'}", "-p", "rate_hz:=50.0"]
    camera = start_host(lambda: CameraNode(cli_args=[*PLACE, *words]), "camera").node
    start_host(lambda: Onlooker(cli_args=PLACE), "onlooker")
    eventually(lambda: camera.health.condition("light") == TOO_DARK, "the darkness")
    report = camera.report()
    assert report.level == Level.WARN and TOO_DARK in report.message and report.values["brightness"] == "6"
    camera.set_parameters([Parameter("path", value=str(tmp_path / "light"))])
    eventually(lambda: camera.report().values["brightness"] == "120", "the light")
    assert camera.health.condition("light") == ""
