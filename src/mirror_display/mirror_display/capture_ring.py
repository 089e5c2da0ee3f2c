"""The ring around a face that is captured: fills clockwise from the top, ends in a tick or a cross.

Drawn straight into the window's pixels, after mirroring and turning, with 1/16 px precision; one ring
around a face of 400 px takes about 0.3 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Roi
from mirror_display.captures import CaptureState, CaptureView
from mirror_display.layout import Placement, canvas_to_window

__all__ = ["Ring", "draw_ring", "ring_around"]

HALF_WIDTH, HALF_HEIGHT = 0.72, 0.69  # radii as shares of the face's box
UP = 0.05  # the centre stands so much of the box's height above its middle: hair is not in the box
THICKNESS_PX = 7  # of the filled part where the canvas's shorter side has 720 px
REFERENCE_SIDE = 720
SHIFT = 4  # fractional bits of cv2's coordinates

_SHADOW = (12, 10, 8, 0)  # BGRX
_TRACK = (150, 146, 142, 0)
_COLOURS = {
    CaptureState.RUNNING: (92, 190, 255, 0),
    CaptureState.DONE: (141, 211, 95, 0),
    CaptureState.FAILED: (122, 122, 255, 0),
    CaptureState.CANCELLED: _TRACK,
}
_TICK = np.array([(-0.42, 0.02), (-0.12, 0.32), (0.44, -0.30)])  # in shares of the badge's radius
_CROSS = (np.array([(-0.32, -0.32), (0.32, 0.32)]), np.array([(-0.32, 0.32), (0.32, -0.32)]))


@dataclass(frozen=True, slots=True)
class Ring:
    """An ellipse on the canvas, which is what the person sees upright.

    Attributes:
        x, y: its centre.
        half_width, half_height: its radii.
        thickness: of its filled part; all in pixels.
    """

    x: float
    y: float
    half_width: float
    half_height: float
    thickness: float

    def point(self, progress: float) -> tuple[float, float]:
        """The canvas point up to which the ring is filled at a progress of 0 … 1."""
        angle = 2 * np.pi * progress
        return (
            float(self.x + self.half_width * np.sin(angle)),
            float(self.y - self.half_height * np.cos(angle)),
        )


def ring_around(box: Roi, placement: Placement) -> Ring:
    """The ring around a face.

    Args:
        box: of the face, in pixels of the camera's picture.
        placement: where that picture lies in the window.
    """
    x, y, width, height = placement.source
    left, top, target_width, target_height = placement.target
    scale_x, scale_y = target_width / width, target_height / height
    u = box.centre[0] - x
    if placement.mirrored:
        u = width - u
    short = min(placement.window_size)
    return Ring(
        left + u * scale_x,
        top + (box.centre[1] - UP * box.height - y) * scale_y,
        max(HALF_WIDTH * box.width * scale_x, 4.0),
        max(HALF_HEIGHT * box.height * scale_y, 4.0),
        max(THICKNESS_PX * short / REFERENCE_SIDE, 3.0),
    )


def draw_ring(pixels: NDArray[np.uint8], view: CaptureView, placement: Placement) -> None:
    """Draw a capture's ring.

    Args:
        pixels: uint8 [window height, window width, 4], BGRX, drawn on in place.
        view: the capture; without a box nothing is drawn.
        placement: where the picture lies in the window.
    """
    if view.box is None:
        return
    ring = ring_around(view.box, placement)
    x, y = canvas_to_window(ring.x, ring.y, placement.window_size, placement.rotation)
    # Pixel i covers i … i+1, but cv2 puts its coordinate i into the middle of pixel i.
    centre = (_fixed(x - 0.5), _fixed(y - 0.5))
    axes = (_fixed(ring.half_width), _fixed(ring.half_height))

    def arc(begin: float, end: float, colour: tuple[int, ...], thickness: float) -> None:
        cv2.ellipse(
            pixels,
            centre,
            axes,
            placement.rotation,
            -90 + 360 * begin,
            -90 + 360 * end,
            colour,
            max(round(thickness), 1),
            cv2.LINE_AA,
            SHIFT,
        )

    filled = 0.0 if view.state is CaptureState.CANCELLED else view.progress
    arc(0.0, 1.0, _SHADOW, ring.thickness * 1.4)
    arc(filled, 1.0, _TRACK, ring.thickness * 0.4)
    if filled > 0:
        arc(0.0, filled, _COLOURS[view.state], ring.thickness)
    if view.state in (CaptureState.DONE, CaptureState.FAILED):
        _draw_badge(pixels, ring, view.state, placement)


def _fixed(value: float) -> int:
    return round(value * (1 << SHIFT))


def _draw_badge(pixels: NDArray[np.uint8], ring: Ring, state: CaptureState, placement: Placement) -> None:
    """The tick or the cross at the ring's lowest point."""
    radius = ring.thickness * 3.2
    low = (ring.x, ring.y + ring.half_height)
    x, y = canvas_to_window(*low, placement.window_size, placement.rotation)
    centre = (_fixed(x - 0.5), _fixed(y - 0.5))
    cv2.circle(pixels, centre, _fixed(radius * 1.12), _SHADOW, -1, cv2.LINE_AA, SHIFT)
    cv2.circle(pixels, centre, _fixed(radius), _COLOURS[state], -1, cv2.LINE_AA, SHIFT)
    lines = (_TICK,) if state is CaptureState.DONE else _CROSS
    for line in lines:
        on_canvas = line * radius + low
        in_window = [canvas_to_window(u, v, placement.window_size, placement.rotation) for u, v in on_canvas]
        points = np.array([[_fixed(u - 0.5), _fixed(v - 0.5)] for u, v in in_window], np.int32)
        thickness = max(round(ring.thickness * 0.8), 1)
        cv2.polylines(pixels, [points], False, _SHADOW, thickness, cv2.LINE_AA, SHIFT)
