"""Pixels between BGR arrays and pygame surfaces."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray

from mirror_core.frame import Image

__all__ = ["pixels_of", "read_surface", "write_surface"]

_BGRX_MASKS = (0x00FF0000, 0x0000FF00, 0x000000FF)  # little-endian bytes in memory: blue, green, red, unused


def write_surface(surface: pygame.Surface, image: Image, x: int, y: int) -> None:
    """Put a BGR image onto a surface, its upper left corner at (x, y).

    Writing into the surface's own memory takes one pass (0.16 ms at 1280×720, where a blit of a
    24-bit surface takes 0.31 ms). Surfaces of another layout are blitted to.

    Args:
        surface: the target; the image must lie wholly inside.
        image: uint8 [height, width, 3].
        x, y: position in pixels.
    """
    height, width = image.shape[:2]
    if _is_bgrx(surface):
        cv2.cvtColor(image, cv2.COLOR_BGR2BGRA, _own_pixels(surface)[y : y + height, x : x + width])
        return
    surface.blit(pygame.image.frombuffer(np.ascontiguousarray(image).data, (width, height), "BGR"), (x, y))


def _is_bgrx(surface: pygame.Surface) -> bool:
    return (
        surface.get_bitsize() == 32
        and not surface.mustlock()
        and surface.get_masks()[:3] == _BGRX_MASKS
        and surface.get_offset() == (0, 0)
    )


def _own_pixels(surface: pygame.Surface) -> NDArray[np.uint8]:
    """The surface's own memory, to be used while the surface lives and is not resized.

    By address, because pygame's own views lock the surface until they are collected, and a surface that is
    still locked refuses the next blit; a surface in ordinary memory needs no lock.
    """
    pitch, height = surface.get_pitch(), surface.get_height()
    memory = (ctypes.c_uint8 * (pitch * height)).from_address(surface._pixels_address)
    shape, strides = (height, surface.get_width(), 4), (pitch, 4, 1)
    return np.ndarray(shape, np.uint8, buffer=memory, strides=strides)


@contextmanager
def pixels_of(surface: pygame.Surface) -> Iterator[NDArray[np.uint8]]:
    """The surface's pixels to draw on, uint8 [height, width, 4], BGRX; do not keep them.

    They are the surface's own memory where its layout allows, else a copy that is written back.
    """
    if _is_bgrx(surface):
        yield _own_pixels(surface)
        return
    copy = np.asarray(cv2.cvtColor(read_surface(surface), cv2.COLOR_BGR2BGRA), np.uint8)
    yield copy
    write_surface(surface, np.asarray(cv2.cvtColor(copy, cv2.COLOR_BGRA2BGR), np.uint8), 0, 0)


def read_surface(surface: pygame.Surface) -> Image:
    """A copy of a surface's pixels as uint8 [height, width, 3], BGR."""
    return np.ascontiguousarray(pygame.surfarray.array3d(surface).transpose(1, 0, 2)[:, :, ::-1])
