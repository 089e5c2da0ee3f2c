"""The window on SDL's dummy driver: what is submitted is what is seen, keys do what the help says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pygame
import pytest

from mirror_core.errors import MirrorError
from mirror_core.frame import Frame
from mirror_display.effect_name import SHOWN_S as EFFECT_NAME_S
from mirror_display.parameters import WindowParameters
from mirror_display.privacy_light import Light, PrivacyLight
from mirror_display.toasts import SHOWN_S
from mirror_display.window import MirrorWindow

PLAIN = WindowParameters(width=160, height=90, background="#000000")
ROOMY = replace(PLAIN, width=640, height=360)


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def actions():
    return []


@pytest.fixture
def shown():
    return []


@pytest.fixture
def window(monkeypatch, clock, actions, shown):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    # The light in the corner has tests of its own; here all pixels are the picture's.
    monkeypatch.setattr(PrivacyLight, "look", lambda self, now_s: Light.UNKNOWN)
    window = MirrorWindow(PLAIN, on_shown=shown.append, on_action=actions.append, clock=clock)
    window.open()
    yield window
    window.close()


def picture(width: int = 160, height: int = 90, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def flat(value: int, width: int = 160, height: int = 90) -> Frame:
    return Frame(np.full((height, width, 3), value, np.uint8), 0)


def show(window: MirrorWindow, frame: Frame) -> np.ndarray:
    window.submit(frame)
    assert window.step(0.0)
    return window.snapshot()


def press(key: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def test_a_frame_appears_mirrored_pixel_by_pixel(window, shown):
    frame = Frame(picture(), 0)
    assert np.array_equal(show(window, frame), frame.image[:, ::-1])
    assert shown == [frame]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_screen_shows_the_turned_picture(window, rotation):
    size = {"width": 90, "height": 160} if rotation in (90, 270) else {}
    window.update(replace(PLAIN, rotation=rotation, **size))
    image = picture()
    assert np.array_equal(show(window, Frame(image, 0)), np.rot90(image[:, ::-1], -rotation // 90))


def test_letterbox_bars_have_the_background_colour(window):
    window.update(replace(PLAIN, background="#102030"))
    seen = show(window, flat(200, 90, 90))
    assert (seen[:, :35] == (0x30, 0x20, 0x10)).all() and (seen[:, 125:] == (0x30, 0x20, 0x10)).all()
    assert (seen[:, 35:125] == 200).all()


def test_fill_leaves_no_bars(window):
    window.update(replace(PLAIN, fit="fill"))
    assert (show(window, flat(200, 90, 90)) == 200).all()


def test_settings_change_while_a_picture_stands(window):
    image = picture()
    show(window, Frame(image, 0))
    window.update(replace(PLAIN, mirrored=False))
    window.step(0.0)
    assert np.array_equal(window.snapshot(), image)


def test_the_window_takes_another_size_while_open(window):
    show(window, flat(200))
    window.update(replace(PLAIN, width=320, height=180))
    window.step(0.0)
    assert window.snapshot().shape == (180, 320, 3) and (window.snapshot() == 200).all()


def test_the_newest_frame_wins_and_the_others_are_counted(window, shown):
    for value in (10, 20, 30):
        window.submit(flat(value))
    assert window.step(0.0) and not window.step(0.0)
    assert [int(frame.image[0, 0, 0]) for frame in shown] == [30] and window.replaced == 2


def test_frames_may_change_their_size(window):
    show(window, flat(10, 320, 180))
    assert (show(window, flat(20, 80, 45)) == 20).all()


def test_a_frame_of_one_pixel_is_shown(window):
    seen = show(window, flat(77, 1, 1))
    assert (seen[:, 35:125] == 77).all() and (seen[:, :35] == 0).all()


def test_a_placeholder_is_not_mirrored_so_that_its_sentence_reads(window):
    image = picture()
    assert np.array_equal(show(window, Frame(image, 0, is_placeholder=True)), image)


@pytest.mark.parametrize(
    ("key", "action"),
    [
        (pygame.K_RIGHT, "next_effect"),
        (pygame.K_SPACE, "next_effect"),
        (pygame.K_LEFT, "previous_effect"),
        (pygame.K_c, "shutter"),
        (pygame.K_o, "own_face"),
        (pygame.K_p, "capture"),
        (pygame.K_w, "wear_next"),
        (pygame.K_n, "who_am_i"),
        (pygame.K_r, "pair"),
        (pygame.K_a, "first_start"),
        (pygame.K_f, "toggle_fullscreen"),
        (pygame.K_i, "toggle_hud"),
        (pygame.K_m, "toggle_mood_ring"),
        (pygame.K_h, "help"),
        (pygame.K_q, "quit"),
    ],
)
def test_a_key_is_handed_on_as_its_action(window, actions, key, action):
    press(key)
    window.step(0.0)
    assert actions == [action]


def test_the_keys_for_full_screen_head_up_display_and_moods_act_at_once(window):
    press(pygame.K_f)
    press(pygame.K_i)
    press(pygame.K_m)
    window.step(0.0)
    assert window.settings.fullscreen and window.settings.hud and window.settings.mood_ring
    press(pygame.K_f)
    window.step(0.0)
    window.step(0.0)
    assert not window.settings.fullscreen and window.snapshot().shape == (90, 160, 3)


def test_escape_closes_the_help_before_it_quits(window, actions):
    for key in (pygame.K_h, pygame.K_ESCAPE, pygame.K_ESCAPE):
        press(key)
    window.step(0.0)
    assert actions == ["help", "help", "quit"]


def test_help_appears_over_the_picture_and_goes(window):
    window.update(replace(PLAIN, width=800, height=450))
    before = show(window, flat(200, 800, 450))
    press(pygame.K_h)
    window.step(0.0)
    window.step(0.0)
    assert (window.snapshot()[200:250, 380:420] < 150).mean() > 0.5
    press(pygame.K_h)
    window.step(0.0)
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_quitting_and_closing_the_window_end_the_loop(window, actions):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.run(threading.Event())
    assert actions == ["quit"]


def test_frames_from_another_thread_are_shown_by_the_loop(window, shown):
    stop = threading.Event()

    def deliver() -> None:
        window.submit(flat(123))
        while not shown:
            stop.wait(0.005)
        stop.set()

    thread = threading.Thread(target=deliver)
    thread.start()
    window.run(stop)
    thread.join()
    assert (window.snapshot() == 123).all()


def test_a_notice_stands_over_the_picture_until_taken_back(window):
    window.update(ROOMY)
    before = show(window, flat(200))
    window.show_notice("Camera lost")
    window.step(0.0)
    noticed = window.snapshot()
    assert (noticed[:90] != before[:90]).any(axis=2).mean() > 0.05
    assert np.array_equal(noticed[90:], before[90:])
    window.show_notice(None)
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_a_notice_is_not_mirrored(window):
    window.show_notice("LLLLLL")
    window.step(0.0)
    unmirrored = window.snapshot()
    window.update(replace(PLAIN, mirrored=False))
    window.step(0.0)
    assert np.array_equal(window.snapshot(), unmirrored)


def test_a_notice_turns_with_the_screen(window):
    window.show_notice("Camera is off")
    window.step(0.0)
    upright = window.snapshot()
    window.update(replace(PLAIN, width=90, height=160, rotation=90))
    window.step(0.0)
    assert np.array_equal(window.snapshot(), np.rot90(upright, -1))


def test_a_new_effects_name_stands_for_a_moment(window, clock):
    window.update(ROOMY)
    before = show(window, flat(200))
    window.set_effect_name("Karikatur über alles")
    window.step(0.0)
    assert (window.snapshot()[180:] != before[180:]).any()
    assert np.array_equal(window.snapshot()[:180], before[:180])
    clock.now += EFFECT_NAME_S + 0.1
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)
    window.set_effect_name("Karikatur über alles")
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_texts_that_no_font_can_draw_do_no_harm(window):
    show(window, flat(200))
    window.show_notice("zero \0 byte, emoji 🙂, a_very_long_word_" + "x" * 500)
    window.step(0.0)
    assert (window.snapshot() != 200).any()


def test_while_a_capture_may_be_cancelled_escape_does_that_and_does_not_quit(window, actions):
    window.set_can_cancel(True)
    press(pygame.K_ESCAPE)
    window.step(0.0)
    window.set_can_cancel(False)
    press(pygame.K_ESCAPE)
    window.step(0.0)
    assert actions == ["capture", "quit"]


def test_the_answer_to_a_key_stands_for_a_moment(window, clock):
    window.update(ROOMY)
    before = show(window, flat(200))
    window.show_toast("You are Ada")
    window.step(0.0)
    assert (window.snapshot()[:90] != before[:90]).any(axis=2).mean() > 0.03
    clock.now += SHOWN_S["note"] + 0.1
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_clearing_removes_the_last_picture(window):
    show(window, flat(200))
    window.clear()
    window.step(0.0)
    assert not (window.snapshot() == 200).all(axis=2).any()


def test_offscreen_is_said_in_one_sentence(window):
    assert window.offscreen_reason == "SDL_VIDEODRIVER is dummy, so the mirror runs offscreen."
    assert window.driver == "dummy"


def test_a_screen_that_cannot_be_opened_becomes_offscreen_with_the_reason(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no_such_driver")
    window = MirrorWindow(PLAIN)
    window.open()
    try:
        assert window.offscreen_reason is not None
        assert "could not be opened (" in window.offscreen_reason and "offscreen" in window.offscreen_reason
        assert (show(window, flat(50))[45:] == 50).all()  # the privacy light is above
        assert os.environ["SDL_VIDEODRIVER"] == "no_such_driver"
    finally:
        window.close()


def test_a_closed_window_can_be_opened_again_and_says_when_it_is_closed(window):
    window.close()
    with pytest.raises(MirrorError, match="not open"):
        window.snapshot()
    with pytest.raises(MirrorError, match="open"):
        window.step(0.0)
    window.open()
    assert (show(window, flat(9)) == 9).all()


def test_snapshots_from_other_threads_are_whole_pictures(window):
    stop, torn = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            seen = window.snapshot()
            torn.append(len(np.unique(seen)) != 1)

    show(window, flat(0))
    thread = threading.Thread(target=look)
    thread.start()
    for value in range(200):
        show(window, flat(value))
    stop.set()
    thread.join()
    assert torn and not any(torn)


def test_sdl_leaves_the_termination_signal_alone():
    code = (
        "import os, signal, time; from mirror_display.window import MirrorWindow;"
        "w = MirrorWindow(); w.open();"
        "os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)"
    )
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGTERM, done.stderr.decode()
