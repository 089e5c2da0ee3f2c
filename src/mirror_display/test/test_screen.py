"""The choice of the screen follows the environment, and says why there is none."""

from __future__ import annotations

import pytest

from mirror_display.screen import choose_screen


def test_the_users_driver_is_respected(tmp_path):
    assert choose_screen({"SDL_VIDEODRIVER": "wayland", "DISPLAY": ":0"}, tmp_path).driver == "wayland"


def test_a_driver_without_a_screen_is_named_as_the_reason(tmp_path):
    choice = choose_screen({"SDL_VIDEODRIVER": "dummy"}, tmp_path)
    assert choice.driver == "dummy"
    assert choice.offscreen_reason == "SDL_VIDEODRIVER is dummy, so the mirror runs offscreen."


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_desktop_gives_a_window(tmp_path, name):
    choice = choose_screen({name: "0"}, tmp_path)
    assert choice.driver is None and choice.offscreen_reason is None


def test_a_console_with_a_graphics_card_needs_no_desktop(tmp_path):
    (tmp_path / "card0").touch()
    choice = choose_screen({}, tmp_path)
    assert choice.driver == "kmsdrm" and choice.offscreen_reason is None


def test_without_any_screen_the_mirror_runs_offscreen_and_says_so(tmp_path):
    choice = choose_screen({}, tmp_path / "missing")
    assert choice.driver == "dummy"
    assert choice.offscreen_reason is not None and "runs offscreen" in choice.offscreen_reason
