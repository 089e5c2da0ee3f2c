"""The Settings page's way to the graph over ROS: what is set counts at once, is kept, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.node import MirrorNode
from mirror_core.parameters import specs_of
from mirror_core.settings import PARAMETER_FILE_VARIABLE, SETTINGS_VARIABLE, SettingsFile
from mirror_display.parameters import WindowParameters
from mirror_display.widgets.clock import ClockParameters
from mirror_effects.delay import DelayParameters
from mirror_effects.effects_node import EffectsParameters
from mirror_effects.watermark import WatermarkParameters
from mirror_mood.mood_log_node import MoodLogParameters
from mirror_web.settings_view import CONFIGURATIONS, SettingsView

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
NAME = "/mirror/display"


class Window(MirrorNode):
    """Has the window's parameters, and no window."""

    NAME = "display"
    CONFIG = WindowParameters

    def extra_configs(self) -> dict[str, Any]:
        return {"clock.": ClockParameters()}


class Effects(MirrorNode):
    """Has the watermark's parameters among others, and no effects."""

    NAME = "effects"
    CONFIG = EffectsParameters

    def extra_configs(self) -> dict[str, Any]:
        return {"watermark.": WatermarkParameters(), "delay.": DelayParameters()}


class Page(MirrorNode):
    """Owns the view."""

    NAME = "web"

    def open(self) -> None:
        self.view = SettingsView(self)
        self.at_close(self.view.close)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SettingsFile:
    (tmp_path / "full.yaml").write_text("/**/display: {ros__parameters: {rotation: 90, hud: true}}\n")
    monkeypatch.setenv(PARAMETER_FILE_VARIABLE, str(tmp_path / "full.yaml"))
    monkeypatch.setenv(SETTINGS_VARIABLE, str(tmp_path / "settings.yaml"))
    return SettingsFile(tmp_path / "settings.yaml")


@pytest.fixture
def started(settings: SettingsFile, start_host: Callable[..., Any], tmp_path: Path) -> tuple[Any, Any]:
    words = [*PLACE, "--params-file", str(tmp_path / "full.yaml")]
    window = start_host(lambda: Window(cli_args=words))
    page = start_host(lambda: Page(cli_args=PLACE))
    return window.node, page.node.view


def values(view: Any) -> dict[str, Any]:
    return {parameter.name: parameter.value for parameter in view.parameters("display")}


def test_what_is_set_counts_at_once_is_kept_and_counts_after_a_restart(
    started: tuple[Any, Any],
    settings: SettingsFile,
    start_host: Callable[..., Any],
    eventually: Callable[..., Any],
    tmp_path: Path,
) -> None:
    window, view = started
    eventually(lambda: values(view).get("rotation") == 90, "the window's parameters")
    rotation = next(p for p in view.parameters("display") if p.name == "rotation")
    assert rotation.choices == ("0", "90", "180", "270")
    before = view.changes()
    assert view.set_parameters("display", {"rotation": 180, "fit": "fill"}) is None
    assert (window.config.rotation, window.config.fit) == (180, "fill")
    assert view.changes() != before
    eventually(lambda: values(view)["rotation"] == 180, "the new value")
    assert settings.nodes() == view.kept() == {NAME: {"rotation": 180, "fit": "fill"}}
    assert view.kept_in() == str(settings.path)
    again = start_host(lambda: Window(cli_args=[*PLACE, "--params-file", str(tmp_path / "full.yaml")]))
    assert (again.node.config.rotation, again.node.config.fit, again.node.config.hud) == (180, "fill", True)


def test_a_refused_value_is_told_and_not_kept(
    started: tuple[Any, Any], settings: SettingsFile, eventually: Callable[..., Any]
) -> None:
    _, view = started
    eventually(lambda: values(view), "the window's parameters")
    refusal = view.set_parameters("display", {"rotation": 45, "hud": False})
    assert refusal == "rotation = 45 is refused: allowed is 0 | 90 | 180 | 270."
    assert values(view)["hud"] is True
    assert settings.nodes() == {}


def test_a_reset_brings_back_what_the_parameter_file_and_the_code_say(
    started: tuple[Any, Any], settings: SettingsFile, eventually: Callable[..., Any]
) -> None:
    window, view = started
    eventually(lambda: values(view), "the window's parameters")
    view.set_parameters("display", {"rotation": 270, "fit": "fill"})
    settings.keep("/elsewhere/display", {"rotation": 180})
    defaults = view.defaults("display")
    assert (defaults["rotation"], defaults["hud"], defaults["fit"]) == (90, True, "letterbox")
    assert view.reset() is None
    assert (window.config.rotation, window.config.fit) == (90, "letterbox")
    assert settings.nodes() == {}


def test_what_somebody_else_sets_is_counted(started: tuple[Any, Any], eventually: Callable[..., Any]) -> None:
    from rclpy.parameter import Parameter

    window, view = started
    eventually(lambda: values(view), "the window's parameters")
    before = view.changes()
    window.set_parameters([Parameter("mood_ring", value=True)])
    eventually(lambda: view.changes() > before, "the change")
    eventually(lambda: values(view)["mood_ring"] is True, "its value")


def test_a_broken_file_is_set_aside_by_the_first_change_and_a_silent_node_is_told(
    started: tuple[Any, Any], settings: SettingsFile, eventually: Callable[..., Any]
) -> None:
    _, view = started
    eventually(lambda: values(view), "the window's parameters")
    settings.path.write_text("broken: [")
    assert view.set_parameters("display", {"hud": False}) is None
    assert settings.nodes() == {NAME: {"hud": False}}
    assert settings.path.with_name("settings.yaml.broken").read_text() == "broken: ["
    assert view.parameters("camera") == ()
    assert "does not answer" in view.set_parameters("camera", {"source": "demo"})
    assert settings.nodes() == {NAME: {"hud": False}}


def test_without_a_file_changes_last_until_the_end(
    start_host: Callable[..., Any], eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, "")
    window = start_host(lambda: Window(cli_args=PLACE)).node
    view = start_host(lambda: Page(cli_args=PLACE)).node.view
    eventually(lambda: values(view), "the window's parameters")
    assert view.set_parameters("display", {"hud": True}) is None
    assert window.config.hud
    assert (view.kept_in(), view.kept()) == ("", {})
    assert "counts from the next start on" in view.set_parameters("gallery", {"pictures_url": "/data"})
    assert view.reset() == "There is nothing to reset: this mirror keeps no settings."


def test_widgets_are_placed_and_set_kept_and_go_back(
    started: tuple[Any, Any], settings: SettingsFile, eventually: Callable[..., Any]
) -> None:
    window, view = started
    eventually(lambda: values(view), "the window's parameters")
    placed = {"widgets": ("clock@top_left",), "clock.hours": 12}
    assert view.set_parameters("display", placed) is None
    assert (window.config.widgets, window.config_of("clock.").hours) == (("clock@top_left",), 12)
    assert settings.nodes() == {NAME: placed}
    assert "the regions are" in view.set_parameters("display", {"widgets": ("clock@attic",)})
    assert view.set_parameters("display", {"widgets": ("",)}) is None
    assert window.config.widget_places == ()
    assert view.defaults("display")["clock.hours"] == 24
    assert view.reset() is None
    assert (window.config.widgets, window.config_of("clock.").hours) == (("",), 24)


def test_of_the_effects_only_the_watermark_is_read_and_it_is_kept(
    settings: SettingsFile, start_host: Callable[..., Any], eventually: Callable[..., Any], tmp_path: Path
) -> None:
    from rclpy.parameter import Parameter

    (tmp_path / "full.yaml").write_text("/**/effects: {ros__parameters: {watermark: {text: Ours}}}\n")
    words = [*PLACE, "--params-file", str(tmp_path / "full.yaml")]
    effects = start_host(lambda: Effects(cli_args=words)).node
    view = start_host(lambda: Page(cli_args=PLACE)).node.view

    def shown() -> dict[str, Any]:
        return {p.name: p.value for p in view.parameters("effects")}

    eventually(shown, "the watermark's parameters")
    assert set(shown()) == {"language", *(f"watermark.{spec.name}" for spec in specs_of(WatermarkParameters))}
    assert "picture to a PNG file first" in view.set_parameters("effects", {"watermark.show": "picture"})
    assert view.set_parameters("effects", {"watermark.show": "text", "watermark.size": 0.1}) is None
    mark = effects.config_of("watermark.")
    assert (mark.show, mark.size, mark.text) == ("text", 0.1, "Ours")
    eventually(lambda: shown()["watermark.show"] == "text", "the new value")
    assert settings.nodes() == {"/mirror/effects": {"watermark.show": "text", "watermark.size": 0.1}}
    again = start_host(lambda: Effects(cli_args=words)).node
    assert again.config_of("watermark.").show == "text"
    before = view.changes()
    effects.set_parameters([Parameter("watermark.corner", value="top_left")])  # by somebody else
    eventually(lambda: shown()["watermark.corner"] == "top_left", "somebody else's change")
    assert view.changes() > before
    assert view.defaults("effects")["watermark.text"] == "Ours"
    assert view.reset() is None
    assert (effects.config_of("watermark.").show, effects.config_of("watermark.").text) == ("off", "Ours")


class Log(MirrorNode):
    """Has the mood log's parameters, and no log."""

    NAME = "mood_log"
    CONFIG = MoodLogParameters


def test_what_counts_from_the_next_start_on_is_not_told_to_the_node_before(
    settings: SettingsFile, start_host: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    log = start_host(lambda: Log(cli_args=PLACE)).node
    view = start_host(lambda: Page(cli_args=PLACE)).node.view

    def shown() -> dict[str, Any]:
        return {p.name: p.value for p in view.parameters("mood_log")}

    eventually(shown, "the log's parameters")
    assert view.set_parameters("mood_log", {"database_url": "/data/moods.sqlite", "keep_days": 7}) is None
    assert (log.config.database_url, log.config.keep_days) == ("", 7)
    assert (shown()["database_url"], shown()["keep_days"]) == ("/data/moods.sqlite", 7)
    assert "up to 128 printable" in view.set_parameters("mood_log", {"mirror_id": "x" * 200})
    again = start_host(lambda: Log(cli_args=PLACE)).node
    assert again.config.database_url == "/data/moods.sqlite"
    assert view.reset() is None
    assert (shown()["database_url"], shown()["keep_days"]) == ("", 30)
    assert settings.nodes() == {}


@pytest.mark.parametrize("node", CONFIGURATIONS)
def test_the_table_of_configurations_names_the_nodes_own(node: str) -> None:
    import importlib

    from mirror.graph import graph_named

    module, _, name = CONFIGURATIONS[node].partition(":")
    spec = next(spec for spec in graph_named("full").plan({}).nodes if spec.name == node)
    node_module, _, node_class = spec.factory.partition(":")
    assert getattr(importlib.import_module(node_module), node_class).CONFIG is getattr(
        importlib.import_module(module), name
    )
