"""How a graph is started without ROS's launch: what its processes are told through the environment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror import running
from mirror.running import run_graph
from mirror_core.settings import PARAMETER_FILE_VARIABLE, SETTINGS_VARIABLE
from mirror_web.welcome import WELCOME_VARIABLE

Started = Callable[..., tuple[dict[str, str], Any]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """`started("camera:=demo", DISPLAY=":0")`: the environment and the watchdog that a supervisor gets."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", WELCOME_VARIABLE, SETTINGS_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found: dict[str, Any] = {}

    class Recorded:  # stands for the supervisor
        def __init__(
            self, processes: Sequence[Any], environment: Mapping[str, str], watchdog: Any, **_: Any
        ) -> None:
            found.update(environment=dict(environment), watchdog=watchdog)

        def run(self) -> int:
            return 0

    monkeypatch.setattr(running, "Supervisor", Recorded)

    def start(*words: str, **variables: str) -> tuple[dict[str, str], Any]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert run_graph("full", words) == 0
        return found["environment"], found["watchdog"]

    return start


def test_settings_are_used_and_kept_unless_they_are_switched_off(started: Started, tmp_path: Path) -> None:
    environment, watchdog = started("camera:=demo")
    assert environment[SETTINGS_VARIABLE] == str(tmp_path / "mirror" / "settings.yaml")
    assert Path(environment[PARAMETER_FILE_VARIABLE]).name == "full.yaml"
    assert watchdog is None
    assert started("settings:=false")[0][SETTINGS_VARIABLE] == ""


def test_a_broken_file_is_set_aside_before_anything_starts(
    started: Started, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "settings.yaml").write_text("broken: [")
    with caplog.at_level(logging.WARNING):
        started("camera:=demo")
    assert "settings.yaml.broken, and the mirror uses its defaults." in caplog.text
    assert (tmp_path / "mirror" / "settings.yaml.broken").read_text() == "broken: ["


def test_the_page_is_opened_only_where_that_is_asked_for_or_a_person_sits(started: Started) -> None:
    assert started("camera:=demo", DISPLAY=":0")[0][WELCOME_VARIABLE] == "say"  # a test has no terminal
    assert started("browser:=true")[0][WELCOME_VARIABLE] == "open"
    assert started("browser:=false")[0][WELCOME_VARIABLE] == "say"


def test_systemd_is_told_of_pictures_only_where_there_is_a_window(started: Started, tmp_path: Path) -> None:
    with_window, watchdog = started("camera:=demo", NOTIFY_SOCKET=str(tmp_path / "nobody"))
    assert "NOTIFY_SOCKET" not in with_window
    assert Path(with_window["MIRROR_HEARTBEAT"]).exists()
    watchdog.stop()
    assert not Path(with_window["MIRROR_HEARTBEAT"]).exists()
    blind, watchdog = started("display:=false")
    assert watchdog is not None
    assert "MIRROR_HEARTBEAT" not in blind
