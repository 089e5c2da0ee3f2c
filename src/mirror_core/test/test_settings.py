"""What was set on the page: kept whole, set aside when broken, taken by the nodes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mirror_core.errors import StoreError
from mirror_core.parameters import parameter
from mirror_core.settings import (
    SETTINGS_VARIABLE,
    SettingsFile,
    default_settings_file,
    kept_settings,
    named_on_command_line,
    parameters_for,
)

CAMERA = "/mirror/camera"


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "state" / "settings.yaml")


def test_values_come_back_with_their_types_and_the_file_is_private_and_of_ros_form(
    settings: SettingsFile,
) -> None:
    values = {"width": 640, "rate_hz": 30.0, "loop": False, "path": "on", "names": ("a", "b")}
    settings.keep(CAMERA, values)
    settings.keep("/mirror/display", {"rotation": 90})
    found = SettingsFile(settings.path).nodes()
    assert found == {CAMERA: values, "/mirror/display": {"rotation": 90}}
    assert [type(found[CAMERA][name]) for name in values] == [int, float, bool, str, tuple]
    assert yaml.safe_load(settings.path.read_text())[CAMERA]["ros__parameters"]["path"] == "on"
    assert settings.path.stat().st_mode & 0o777 == 0o600
    assert settings.path.parent.stat().st_mode & 0o777 == 0o700


def test_later_values_replace_earlier_ones_and_the_others_stay(settings: SettingsFile) -> None:
    settings.keep(CAMERA, {"width": 640, "height": 480})
    settings.keep(CAMERA, {"width": 1280})
    assert settings.nodes() == {CAMERA: {"width": 1280, "height": 480}}


def test_values_are_forgotten_one_by_one_by_node_and_all(settings: SettingsFile) -> None:
    for node in (CAMERA, "/mirror/web", "/mirror/display"):
        settings.keep(node, {"a": 1, "b": 2})
    settings.forget(CAMERA, ["a"])
    settings.forget("/mirror/web")
    assert settings.nodes() == {CAMERA: {"b": 2}, "/mirror/display": {"a": 1, "b": 2}}
    settings.forget()
    assert settings.nodes() == {}
    assert settings.path.exists()


@pytest.mark.parametrize(
    "text",
    ["/mirror/camera: [", "- a\n- b\n", "/mirror/camera: {width: 1}\n", "a: {ros__parameters: {b: {}}}"],
)
def test_a_broken_file_is_set_aside_whole(settings: SettingsFile, text: str) -> None:
    settings.keep(CAMERA, {"width": 1})
    for number in ("", "1"):
        settings.path.write_text(text)
        with pytest.raises(StoreError, match="are damaged"):
            settings.keep(CAMERA, {"width": 2})
        assert settings.path.read_text() == text
        sentence = settings.set_aside()
        aside = settings.path.with_name(f"settings.yaml.broken{number}")
        assert str(aside) in sentence
        assert aside.read_text() == text
        assert settings.nodes() == {}
    assert settings.set_aside() == ""


def test_a_file_that_cannot_be_written_stays_as_it_was(
    settings: SettingsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.keep(CAMERA, {"width": 1})

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="cannot be written: No space left on device"):
        settings.keep(CAMERA, {"width": 2})
    assert settings.nodes() == {CAMERA: {"width": 1}}
    assert [path.name for path in settings.path.parent.iterdir()] == ["settings.yaml"]


def test_a_node_gets_its_own_values_without_what_its_command_line_says(
    settings: SettingsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.keep(CAMERA, {"source": "video", "path": "a.mp4", "width": 640})
    monkeypatch.delenv(SETTINGS_VARIABLE, raising=False)
    assert kept_settings(CAMERA) == {}
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings.path))
    assert default_settings_file() == settings.path
    assert kept_settings("/hall/camera") == {}
    words = ["x", "--ros-args", "-p", 'source:="demo"', "--param", "camera:path:=b", "--params-file", "c"]
    assert named_on_command_line(words) == ("source", "path")
    assert kept_settings(CAMERA, named_on_command_line(words)) == {"width": 640}


def test_parameter_files_are_read_as_ros_reads_them() -> None:
    content = yaml.safe_load(
        """
        /**: {ros__parameters: {a: 1, b: 1, c: 1}}
        /**/camera: {ros__parameters: {b: 2}}
        hall: {mirror: {camera: {ros__parameters: {c: 3}}}}
        /*/camera: {ros__parameters: {d: 4}}
        /mirror/camera2: {ros__parameters: {a: 9}}
        """
    )
    assert parameters_for(content, CAMERA) == {"a": 1, "b": 2, "c": 1, "d": 4}
    assert parameters_for(content, "/hall/mirror/camera") == {"a": 1, "b": 2, "c": 3}
    assert parameters_for(content, "/mirror/web") == {"a": 1, "b": 1, "c": 1}
    assert parameters_for(None, CAMERA) == {}


@dataclass(frozen=True)
class Settings:
    low: int = parameter(1, "Low.", minimum=0, maximum=100)
    high: int = parameter(9, "High.", minimum=0, maximum=100)

    def __post_init__(self) -> None:
        from mirror_core.errors import ParameterError

        if self.low > self.high:
            raise ParameterError(f"low = {self.low} with high = {self.high} is refused.")


@pytest.fixture
def make(settings: SettingsFile, monkeypatch: pytest.MonkeyPatch, ros: None) -> Iterator[Callable[..., Any]]:
    from mirror_core.node import MirrorNode

    class Kept(MirrorNode):
        NAME = "kept"
        CONFIG = Settings

    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings.path))
    nodes: list[Any] = []

    def create(*words: str) -> Any:
        nodes.append(Kept(namespace="mirror", cli_args=["--ros-args", *words]))
        return nodes[-1]

    yield create
    for node in nodes:
        node.destroy_node()


def test_a_node_starts_with_what_was_set_and_leaves_out_what_is_allowed_no_more(
    settings: SettingsFile, make: Callable[..., Any]
) -> None:
    settings.keep("/mirror/kept", {"low": 20, "high": 30})  # only allowed together
    assert make().config == Settings(20, 30)
    assert make("-p", "high:=50").config == Settings(20, 50)
    settings.keep("/mirror/kept", {"low": 200, "gone": "x"})
    node = make()
    assert node.config == Settings(1, 30)
    assert node.get_parameter("high").value == 30
    settings.path.write_text("broken: [")
    assert make().config == Settings()


def test_changes_that_are_made_together_are_checked_together(make: Callable[..., Any]) -> None:
    from rclpy.parameter import Parameter

    node = make()
    changes = [Parameter("low", value=20), Parameter("high", value=30)]
    assert not node.set_parameters(changes)[0].successful
    assert node.set_parameters_atomically(changes).successful
    assert node.config == Settings(20, 30)
