"""Pixels between arrays and surfaces: what is written is what is there, whatever the surface's layout."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from mirror_display.surface import pixels_of, read_surface, write_surface

BGRX = (0x00FF0000, 0x0000FF00, 0x000000FF, 0)
RGBX = (0x000000FF, 0x0000FF00, 0x00FF0000, 0)


def make(masks: tuple[int, int, int, int], width: int = 37, height: int = 11) -> pygame.Surface:
    return pygame.Surface((width, height), 0, 32, masks)


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (5, 9, 3), np.uint8)


@pytest.mark.parametrize("surface", [make(BGRX), make(RGBX), pygame.Surface((37, 11), 0, 24)])
def test_an_image_lies_where_it_was_put_and_nowhere_else(surface: pygame.Surface, image: np.ndarray) -> None:
    write_surface(surface, image, 20, 4)
    seen = read_surface(surface)
    np.testing.assert_array_equal(seen[4:9, 20:29], image)
    seen[4:9, 20:29] = 0
    assert not seen.any()


@pytest.mark.parametrize("surface", [make(BGRX), make(RGBX)])
def test_what_is_drawn_on_the_pixels_is_on_the_surface(surface: pygame.Surface) -> None:
    with pixels_of(surface) as pixels:
        assert pixels.shape == (11, 37, 4)
        pixels[3, 30] = (10, 20, 30, 0)
    assert tuple(read_surface(surface)[3, 30]) == (10, 20, 30)


def test_a_surface_takes_a_text_while_its_pixels_are_held(image: np.ndarray) -> None:
    surface = make(BGRX)
    with pixels_of(surface) as pixels:
        write_surface(surface, image, 0, 0)
        assert not surface.get_locked()
        surface.fill((1, 2, 3), (0, 0, 2, 2))
        surface.blit(make(RGBX, 2, 2), (30, 3))  # a locked surface raises pygame.error here
        assert tuple(pixels[0, 0, :3]) == (3, 2, 1)
