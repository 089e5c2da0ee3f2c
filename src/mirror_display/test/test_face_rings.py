"""What the window draws around faces: captures and moods, mirrored and turned with the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.testing import FakeClock, synthetic_face, synthetic_faces
from mirror_display.captures import CaptureState, CaptureView
from mirror_display.parameters import WindowParameters
from mirror_display.privacy_light import Light, PrivacyLight
from mirror_display.window import MirrorWindow

ROOMY = WindowParameters(width=640, height=360, background="#000000")
YELLOW = MOOD_COLOURS[MoodLabel.HAPPY]


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def window(monkeypatch, clock):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(PrivacyLight, "look", lambda self, now_s: Light.UNKNOWN)  # it has tests of its own
    window = MirrorWindow(ROOMY, clock=clock)
    window.open()
    yield window
    window.close()


def flat(value: int, width: int = 640, height: int = 360) -> Frame:
    return Frame(np.full((height, width, 3), value, np.uint8), 0)


def show(window: MirrorWindow, frame: Frame) -> np.ndarray:
    window.submit(frame)
    assert window.step(0.0)
    return window.snapshot()


def captured(window: MirrorWindow, clock: FakeClock, view: CaptureView) -> np.ndarray:
    """The window some time after a capture was told, with its ring come to rest."""
    face = synthetic_face((320.0, 150.0), 120.0, track_id=view.track_id)
    for _ in range(20):
        window.captures.tell(view, clock())
        window.captures.see(synthetic_faces(0, face), clock())
        clock.advance(0.1)
        window.step(0.0)
    return window.snapshot()


def test_a_capture_has_its_ring_around_the_face_and_its_hint_below(window, clock):
    before = show(window, flat(200))
    seen = captured(window, clock, CaptureView(7, CaptureState.RUNNING, 0.5, "Hold still."))
    changed = (seen != before).any(axis=2)
    assert changed[40:260, 200:440].any() and changed[270:].mean() > 0.05
    orange = (seen[:, :, 2] > 230) & (seen[:, :, 0] < 120)
    ring = orange[:260]
    assert ring[:, 320:].sum() > 300 and ring[:, :316].sum() == 0
    clock.advance(60.0)
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_a_capture_moves_on_without_new_frames(window, clock):
    show(window, flat(200))
    early = captured(window, clock, CaptureView(7, CaptureState.RUNNING, 0.2, "Hold still."))
    late = captured(window, clock, CaptureView(7, CaptureState.RUNNING, 0.8, "Hold still."))
    assert (early != late).any()


def test_two_hints_stand_on_their_persons_sides(window, clock):
    before = show(window, flat(200))
    faces = synthetic_faces(
        0, synthetic_face((160.0, 150.0), 90.0, track_id=1), synthetic_face((480.0, 150.0), 90.0, track_id=2)
    )
    window.captures.tell(CaptureView(1, CaptureState.RUNNING, 0.0, "Hold still."), clock())
    window.captures.see(faces, clock())
    window.step(0.0)
    window.captures.tell(CaptureView(2, CaptureState.DONE, 1.0, "Done."), clock())
    window.captures.see(faces, clock())
    window.step(0.0)
    seen = window.snapshot()[270:]
    # The picture is mirrored: the face on its left stands on the right, and so does its hint.
    green = (seen[:, :, 1] > 200) & (seen[:, :, 2] < 120)
    assert green[:, :320].sum() > 20 and green[:, 320:].sum() == 0
    assert (seen[:, 400:560] != before[270:, 400:560]).any()


def happy(window: MirrorWindow, clock: FakeClock, *track_ids: int) -> np.ndarray:
    """The window some time after these people were told to be happy, beside each other."""
    shares = np.array([0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.1], np.float32)
    places = [(160.0 + 320.0 * n, track_id) for n, track_id in enumerate(track_ids)]
    faces = synthetic_faces(0, *(synthetic_face((x, 160.0), 90.0, track_id=t) for x, t in places))
    for _ in range(20):
        window.moods.tell(MoodSet(0, "camera_optical", tuple(Mood(t, shares) for t in track_ids)), clock())
        window.moods.see(faces, clock())
        window.captures.see(faces, clock())
        clock.advance(0.1)
        window.step(0.0)
    return window.snapshot()


def coloured(picture: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    return np.abs(picture.astype(int) - rgb[::-1]).max(axis=2) < 12


def test_moods_are_shown_only_while_that_is_on(window, clock):
    before = show(window, flat(200))
    assert np.array_equal(happy(window, clock, 7), before)
    window.update(replace(ROOMY, mood_ring=True))
    # The picture is mirrored: the face on its left stands on the right.
    yellow = coloured(happy(window, clock, 7), YELLOW)
    ring, beside = yellow[:, 400:], yellow[:, :400]
    assert ring.sum() > 300 and 0 < beside.sum() < 200  # beside it there is the dot of the words
    window.update(ROOMY)
    window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


def test_a_mood_vanishes_with_its_face(window, clock):
    window.update(replace(ROOMY, mood_ring=True))
    before = show(window, flat(200))
    assert coloured(happy(window, clock, 7), YELLOW).any()
    for _ in range(20):
        clock.advance(0.1)
        window.step(0.0)
    assert np.array_equal(window.snapshot(), before)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_mood_turns_with_the_screen_and_its_words_read_correctly(window, clock, rotation):
    window.update(replace(ROOMY, mood_ring=True))
    show(window, flat(200))
    upright = happy(window, clock, 7)
    size = {"width": 360, "height": 640} if rotation in (90, 270) else {}
    window.update(replace(ROOMY, mood_ring=True, rotation=rotation, **size))
    turned = np.rot90(happy(window, clock, 7), rotation // 90)
    # Edges are smoothed a little differently in each direction.
    assert np.abs(turned.astype(int) - upright).mean() < 1.0
    words = upright[:, :300].min(axis=2) < 60
    assert words.mean() > 0.05 and np.array_equal(turned[:, :300].min(axis=2) < 60, words)


def test_a_mood_is_not_shown_on_a_placeholder(window, clock):
    window.update(replace(ROOMY, mood_ring=True))
    image = np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)
    show(window, Frame(image, 0, is_placeholder=True))
    assert np.array_equal(happy(window, clock, 7), image)


def test_whoever_is_captured_has_the_captures_ring_only(window, clock):
    window.update(replace(ROOMY, mood_ring=True))
    show(window, flat(200))
    window.captures.tell(CaptureView(7, CaptureState.RUNNING, 0.5, "Hold still."), clock())
    yellow = coloured(happy(window, clock, 7, 8), YELLOW)
    assert yellow[:, 320:].sum() == 0 and yellow[:, :320].sum() > 300
