"""`mirror settings`, and how a start is told where settings are."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror.command import app
from mirror.graph import GRAPHS, graph_named
from mirror_core.errors import UsageError
from mirror_core.settings import SETTINGS_VARIABLE, SettingsFile


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SettingsFile:
    settings = SettingsFile(tmp_path / "settings.yaml")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings.path))
    settings.keep("/mirror/camera", {"width": 640, "height": 480})
    settings.keep("/mirror/gallery", {"database_url": "postgresql://me:hush@db/faces"})
    return settings


def said(*words: str) -> str:
    result = CliRunner().invoke(app, ["settings", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_what_was_set_is_shown_without_passwords(settings: SettingsFile) -> None:
    output = said("show")
    assert "/mirror/camera" in output
    assert "640" in output
    assert "postgresql://***@db/faces" in output
    assert "hush" not in output
    settings.forget()
    assert "Nothing is set" in said("show")


def test_one_a_node_or_all_of_it_is_undone(settings: SettingsFile) -> None:
    said("reset", "/mirror/camera.width")
    assert settings.nodes()["/mirror/camera"] == {"height": 480}
    said("reset", "/mirror/gallery")
    assert settings.nodes() == {"/mirror/camera": {"height": 480}}
    with pytest.raises(UsageError, match=r"/mirror/gallery is not set: allowed are /mirror/camera\.height\."):
        said("reset", "/mirror/gallery")
    said("reset")
    assert settings.nodes() == {}


def test_a_broken_file_is_told_and_set_aside(settings: SettingsFile) -> None:
    settings.path.write_text("broken: [")
    with pytest.raises(UsageError, match="`mirror settings reset` sets the file aside"):
        said("show")
    said("reset")
    assert settings.path.with_name("settings.yaml.broken").read_text() == "broken: ["


@pytest.mark.parametrize("name", GRAPHS)
def test_every_live_graph_keeps_settings_unless_told_not_to_and_a_replay_never(
    settings: SettingsFile, name: str
) -> None:
    plan = graph_named(name).plan({})
    expected = "" if name == "replay" else str(settings.path)
    assert plan.settings_variables[SETTINGS_VARIABLE] == expected
    if name != "replay":
        off = graph_named(name).plan({"settings": "false"})
        assert off.settings_variables == {SETTINGS_VARIABLE: ""}


def test_what_the_command_line_asks_for_goes_to_the_node_word_by_word() -> None:
    plan = graph_named("full").plan({"camera": "demo"})
    camera = next(spec for spec in plan.nodes if spec.name == "camera")
    assert plan.parameter_words(camera) == ["-p", 'source:="demo"', "-p", 'path:=""']
    silent = graph_named("full").plan({})
    assert silent.parameter_words(next(spec for spec in silent.nodes if spec.name == "camera")) == []
