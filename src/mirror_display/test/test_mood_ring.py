"""The ring of a mood: its segments, their colours, and where nothing is drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
import pytest

from mirror_core.faces import Roi
from mirror_core.mood_colours import MOOD_COLOURS, UNSURE_COLOUR
from mirror_core.moods import MoodLabel
from mirror_display.layout import canvas_to_window, place
from mirror_display.mood_ring import draw_mood_ring, segments
from mirror_display.mood_rings import MoodReading, MoodView
from mirror_display.ring import ring_around

IMAGE = (640, 360)
BOX = Roi(200.0, 80.0, 120.0, 150.0)
GROUND = 90
SHARES = (0.10, 0.05, 0.15, 0.30, 0.12, 0.08, 0.20)
VIEW = MoodView(7, BOX, SHARES, 1.0, 1.0, MoodReading())

PLACEMENTS = [
    place(IMAGE, (1280, 720), True, 0, "letterbox"),
    place(IMAGE, (1280, 720), False, 0, "letterbox"),
    place(IMAGE, (1280, 800), True, 0, "letterbox"),
    place(IMAGE, (700, 700), True, 0, "fill"),
    place(IMAGE, (720, 1280), True, 90, "letterbox"),
    place(IMAGE, (1280, 720), True, 180, "letterbox"),
    place(IMAGE, (720, 1280), False, 270, "letterbox"),
]

# From linear red, green, blue to what is seen with each kind of colour blindness: G. M. Machado,
# M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (2009), severity 1.0.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def drawn(placement, view: MoodView = VIEW) -> np.ndarray:
    width, height = placement.window_size
    pixels = np.full((height, width, 4), GROUND, np.uint8)
    draw_mood_ring(pixels, view, placement)
    return pixels[:, :, 2::-1].astype(int)  # red, green, blue


def colour_at(pixels: np.ndarray, placement, share: float) -> np.ndarray:
    """The colour on the ring, this share of a turn from the top clockwise as the person sees it."""
    point = ring_around(BOX, placement).point(share)
    x, y = canvas_to_window(*point, placement.window_size, placement.rotation)
    return pixels[int(y), int(x)]


def test_a_segments_angle_is_its_moods_probability():
    parts = segments(SHARES)
    assert [mood for mood, _, _ in parts] == list(MoodLabel)
    assert [end - begin for _, begin, end in parts] == pytest.approx(SHARES)
    assert (parts[0][1], parts[-1][2]) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
def test_each_point_of_the_ring_has_the_colour_of_its_mood(placement):
    pixels = drawn(placement)
    for mood, begin, end in segments(SHARES):
        for share in (begin + 0.012, (begin + end) / 2, end - 0.012):
            assert np.abs(colour_at(pixels, placement, share) - MOOD_COLOURS[mood]).max() < 12, mood.word


def test_the_drawn_lengths_are_proportional_to_the_probabilities():
    pixels = drawn(PLACEMENTS[0])
    shares = np.arange(0.0, 1.0, 0.001)
    seen = np.array([colour_at(pixels, PLACEMENTS[0], share) for share in shares])
    for mood in MoodLabel:
        is_mood = np.abs(seen - MOOD_COLOURS[mood]).max(axis=1) < 12
        # A narrow gap parts it from its neighbours.
        assert is_mood.mean() == pytest.approx(SHARES[mood], abs=0.007), mood.word


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
def test_an_unsure_ring_is_grey_all_around(placement):
    pixels = drawn(placement, replace(VIEW, sureness=0.0))
    for share in np.arange(0.0, 1.0, 0.02):
        assert np.abs(colour_at(pixels, placement, share) - UNSURE_COLOUR).max() < 12
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() < 20


def test_half_sure_is_half_way_to_grey():
    pixels = drawn(PLACEMENTS[0], replace(VIEW, sureness=0.5))
    _, begin, end = segments(SHARES)[MoodLabel.HAPPY]
    between = (np.array(MOOD_COLOURS[MoodLabel.HAPPY]) + UNSURE_COLOUR) / 2
    assert np.abs(colour_at(pixels, PLACEMENTS[0], (begin + end) / 2) - between).max() < 12


def test_a_certain_mood_fills_the_ring_without_a_gap():
    certain = tuple(float(mood is MoodLabel.SAD) for mood in MoodLabel)
    pixels = drawn(PLACEMENTS[0], replace(VIEW, probabilities=certain))
    for share in np.arange(0.0, 1.0, 0.005):
        assert np.abs(colour_at(pixels, PLACEMENTS[0], share) - MOOD_COLOURS[MoodLabel.SAD]).max() < 12


def test_only_pixels_on_the_ring_change():
    pixels = drawn(PLACEMENTS[0])
    ring = ring_around(BOX, PLACEMENTS[0])
    y, x = np.mgrid[:720, :1280] + 0.5
    radius = np.hypot((x - ring.x) / ring.half_width, (y - ring.y) / ring.half_height)
    changed = (pixels != GROUND).any(axis=2)
    assert changed.any()
    reach = (ring.thickness + 2) / min(ring.half_width, ring.half_height)
    assert not changed[np.abs(radius - 1) > reach].any()


def test_a_face_at_the_edge_or_beyond_does_no_harm():
    for box in (Roi(-300.0, -200.0, 120.0, 150.0), Roi(600.0, 300.0, 900.0, 900.0), Roi(0.0, 0.0, 0.0, 0.0)):
        for placement in PLACEMENTS:
            for sureness in (0.0, 1.0):
                drawn(placement, replace(VIEW, box=box, sureness=sureness, presence=0.1))


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_colour_blind_people_tell_the_moods_apart(blindness):
    def seen(colour: tuple[int, int, int]) -> np.ndarray:
        value = np.array(colour) / 255
        linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
        linear = np.clip(BLINDNESS[blindness] @ linear, 0, 1)
        value = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
        return cv2.cvtColor(value.astype(np.float32)[None, None], cv2.COLOR_RGB2Lab)[0, 0]

    for first, second in combinations(MOOD_COLOURS.values(), 2):
        # A difference of 2.3 in CIELAB is just noticed; seven times that is another colour.
        assert np.linalg.norm(seen(first) - seen(second)) > 16
