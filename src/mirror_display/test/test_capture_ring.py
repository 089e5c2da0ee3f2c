"""The ring around a captured face: where it lies, how far it is filled, and that nothing else is touched."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from mirror_core.faces import Roi
from mirror_display.capture_ring import _COLOURS, draw_ring
from mirror_display.captures import CaptureState, CaptureView
from mirror_display.layout import canvas_to_window, place
from mirror_display.ring import ring_around
from mirror_display.surface import pixels_of, read_surface

IMAGE = (640, 360)
BOX = Roi(200.0, 80.0, 120.0, 150.0)
GROUND = 60
ACCENT = np.array(_COLOURS[CaptureState.RUNNING][:3])


def drawn(placement, view: CaptureView) -> np.ndarray:
    width, height = placement.window_size
    pixels = np.full((height, width, 4), GROUND, np.uint8)
    draw_ring(pixels, view, placement)
    return pixels[:, :, :3].astype(int)


def window_pixel(placement, canvas_x: float, canvas_y: float) -> tuple[int, int]:
    x, y = canvas_to_window(canvas_x, canvas_y, placement.window_size, placement.rotation)
    return int(y), int(x)


PLACEMENTS = [
    place(IMAGE, IMAGE, True, 0, "letterbox"),
    place(IMAGE, IMAGE, False, 0, "letterbox"),
    place(IMAGE, (1280, 800), True, 0, "letterbox"),
    place(IMAGE, (500, 500), True, 0, "fill"),
    place(IMAGE, (360, 640), True, 90, "letterbox"),
    place(IMAGE, IMAGE, True, 180, "letterbox"),
    place(IMAGE, (360, 640), False, 270, "letterbox"),
]


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
def test_the_ring_lies_around_the_face_as_the_window_shows_it(placement):
    ring = ring_around(BOX, placement)
    window = canvas_to_window(ring.x, ring.y, placement.window_size, placement.rotation)
    x, y = placement.image_point(*window)
    assert x == pytest.approx(BOX.centre[0], abs=1e-6)
    assert y == pytest.approx(BOX.centre[1] - 0.05 * BOX.height, abs=1e-6)
    scale = placement.target[2] / placement.source[2]
    assert ring.half_width == pytest.approx(0.72 * BOX.width * scale)
    assert ring.half_height == pytest.approx(0.69 * BOX.height * scale)


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
@pytest.mark.parametrize("progress", [0.2, 0.5, 0.8])
def test_it_is_filled_clockwise_from_the_top_as_the_person_sees_it(placement, progress):
    pixels = drawn(placement, CaptureView(7, progress=progress, box=BOX))
    ring = ring_around(BOX, placement)
    for share in np.arange(0.03, 1.0, 0.04):
        if abs(share - progress) < 0.03:
            continue
        colour = pixels[window_pixel(placement, *ring.point(share))]
        assert (np.abs(colour - ACCENT).max() < 30) == (share < progress), f"at {share:.2f}"


def test_only_pixels_on_the_ring_change():
    placement = PLACEMENTS[0]
    pixels = drawn(placement, CaptureView(7, progress=0.6, box=BOX))
    ring = ring_around(BOX, placement)
    y, x = np.mgrid[: IMAGE[1], : IMAGE[0]] + 0.5
    radius = np.hypot((x - ring.x) / ring.half_width, (y - ring.y) / ring.half_height)
    changed = (pixels != GROUND).any(axis=2)
    assert changed.any()
    reach = (ring.thickness + 2) / min(ring.half_width, ring.half_height)
    assert not changed[np.abs(radius - 1) > reach].any()


def test_an_empty_ring_has_no_filled_part():
    pixels = drawn(PLACEMENTS[0], CaptureView(7, progress=0.0, box=BOX))
    assert (np.abs(pixels - ACCENT).max(axis=2) > 60).all()
    assert (pixels != GROUND).any()


def test_without_a_face_nothing_is_drawn():
    assert (drawn(PLACEMENTS[0], CaptureView(7, progress=0.5)) == GROUND).all()


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
@pytest.mark.parametrize("state", [CaptureState.DONE, CaptureState.FAILED])
def test_an_end_has_its_colour_and_a_badge_at_the_lowest_point(placement, state):
    view = CaptureView(7, state, 1.0, box=BOX)
    pixels, ring = drawn(placement, view), ring_around(BOX, placement)
    colour = np.array(_COLOURS[state][:3])
    assert np.abs(pixels[window_pixel(placement, *ring.point(0.25))] - colour).max() < 30
    low_x, low_y = ring.point(0.5)
    # Beside its middle, where neither tick nor cross is, the badge is wider than the ring.
    beside = pixels[window_pixel(placement, low_x, low_y + 2.2 * ring.thickness)]
    assert np.abs(beside - colour).max() < 30


def test_a_cancelled_ring_is_grey():
    pixels = drawn(PLACEMENTS[0], CaptureView(7, CaptureState.CANCELLED, 0.7, box=BOX))
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() < 20


def test_a_face_at_the_edge_or_beyond_does_no_harm():
    for box in (Roi(-300.0, -200.0, 120.0, 150.0), Roi(600.0, 300.0, 900.0, 900.0), Roi(0.0, 0.0, 0.0, 0.0)):
        for placement in PLACEMENTS:
            drawn(placement, CaptureView(7, CaptureState.DONE, 1.0, box=box))


@pytest.mark.parametrize("bits", [24, 32])
def test_what_is_drawn_on_a_surfaces_pixels_is_on_the_surface(bits):
    surface = pygame.Surface((8, 6), 0, bits)
    surface.fill((9, 9, 9))
    with pixels_of(surface) as pixels:
        pixels[2, 5] = (10, 20, 30, 0)
        del pixels
    seen = read_surface(surface)
    assert seen[2, 5].tolist() == [10, 20, 30]
    assert (np.delete(seen.reshape(-1, 3), 2 * 8 + 5, axis=0) == 9).all()
