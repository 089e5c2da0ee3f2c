"""What a starting mirror says and opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import StoreError
from mirror_gallery.consent import Consent, Scope
from mirror_web import welcome
from mirror_web.faces_testing import FakeFaces
from mirror_web.health_control import HealthState, NodeFigures, NodeState
from mirror_web.health_record import HealthRecord
from mirror_web.parameters import WebParameters
from mirror_web.privacy_control import stored_destination
from mirror_web.shell import PageContext
from mirror_web.stream import FrameBroadcaster
from mirror_web.testing import FakeControl, FakePrivacy
from mirror_web.welcome import Welcome, graphics_words, open_in_browser, welcome_wish

DESKTOP = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("browser", "environment", "is_terminal", "wish"),
    [
        ("auto", DESKTOP, True, "open"),
        ("auto", {"WAYLAND_DISPLAY": "wayland-0"}, True, "open"),
        ("auto", DESKTOP, False, "say"),  # a service or a test
        ("auto", {**DESKTOP, "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, True, "say"),
        ("auto", {}, True, "say"),
        ("true", DESKTOP, False, "open"),
        ("true", {}, True, "say"),
        ("false", DESKTOP, True, "say"),
    ],
)
def test_the_page_is_opened_for_a_person_at_a_desktop(browser, environment, is_terminal, wish):
    assert welcome_wish(browser, environment, is_terminal) == wish


def test_the_desktops_own_program_opens_the_page(monkeypatch):
    started: list[Any] = []
    monkeypatch.setattr(welcome.shutil, "which", lambda name: f"/bin/{name}" if name == "xdg-open" else None)
    assert open_in_browser("http://127.0.0.1:8080", lambda words, **_: started.append(words))
    assert started == [["/bin/xdg-open", "http://127.0.0.1:8080"]]
    monkeypatch.setattr(welcome.shutil, "which", lambda name: None)
    assert not open_in_browser("http://127.0.0.1:8080", lambda words, **_: started.append(words))
    assert len(started) == 1


def test_graphics_processors_are_named(tmp_path: Path):
    assert graphics_words(tmp_path) == "none was found; the mirror needs none"
    for name in ("nvidia0", "nvidiactl", "dri/renderD128"):
        (tmp_path / "dev" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dev" / name).touch()
    assert graphics_words(tmp_path) == "/dev/nvidia0, /dev/dri/renderD128"


@pytest.fixture
def said(monkeypatch):
    """`said()`: what a mirror with two stored faces and a bucket says, by topic."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("mirror_camera.cameras.find_cameras", lambda: ())
    faces, privacy, health = FakeFaces(), FakePrivacy(), HealthRecord("mirror")
    faces.store("Ada", Consent(Scope.UNTIL_REVOKED))
    faces.store("Grace", Consent(Scope.UNTIL_REVOKED))
    faces.store("Smile", preset=True)
    privacy.told = (stored_destination("gallery_pictures", "s3://faces/mirror?secret_access_key=hush"),)
    health.take_status("mirror/camera", 0, "Running.", {"source": "demo"})
    health.take_status("mirror/display", 0, "Running.", {})
    context = PageContext(
        WebParameters(), FrameBroadcaster(), FakeControl(), faces, health=health, privacy=privacy
    )

    def lines(url: str = "http://127.0.0.1:8080") -> dict[str, str]:
        head, *rest = Welcome(context, url).lines()
        assert head == "The mirror is ready."
        return {line[:11].strip(): line[11:] for line in rest}

    lines.faces, lines.health = faces, health
    return lines


def test_a_few_lines_say_what_was_found(said):
    found = said()
    assert list(found) == ["Page", "Camera", "Screen", "GPU", "People", "Storage"]
    assert found["Page"] == "http://127.0.0.1:8080"
    assert found["Camera"].startswith("none was found, so the demo reel is shown")
    assert found["Screen"] == "SDL_VIDEODRIVER is dummy, so the mirror runs offscreen."
    assert found["People"] == "2 faces are stored"
    assert "GB free" in found["Storage"]
    assert "s3://faces/mirror" in found["Storage"]
    assert "hush" not in found["Storage"]


def test_a_mirror_without_a_window_says_so(said, monkeypatch):
    monkeypatch.setattr(welcome, "WINDOW_S", 0.2)
    monkeypatch.setattr(
        said.health, "health", lambda: HealthState(nodes=(NodeFigures("camera", NodeState.OK),))
    )
    monkeypatch.setattr(welcome, "CAMERA_S", 0.2)
    assert said()["Screen"] == "no window runs"


def test_a_port_that_was_taken_is_said(said):
    expected = "http://127.0.0.1:8081  (port 8080 is taken by another program)"
    assert said("http://127.0.0.1:8081")["Page"] == expected


def test_little_room_on_the_disk_and_a_silent_gallery_are_said(said, monkeypatch):
    usage = type("Usage", (), {"free": 2**20})
    monkeypatch.setattr(welcome.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(said.faces, "faces", lambda *_: (_ for _ in ()).throw(StoreError("It is locked.")))
    found = said()
    assert "0.0 GB free; make room, or faces and moods cannot be stored" in found["Storage"]
    assert found["People"] == "It is locked."
