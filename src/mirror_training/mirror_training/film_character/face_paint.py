"""The face's picture, which is wrapped round the head: eyes, brows, lips, stubble, hair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.cloth import Swatch, cloud
from mirror_training.film_character.head import EYE, HEAD_BOTTOM_M, HEAD_TOP_M, MOUTH_Y_M
from mirror_training.opencv import cv2

__all__ = ["face_swatch"]

Field = NDArray[np.float32]
Outline = list[tuple[float, float]]
HEIGHT, WIDTH = 640, 1024
DEPTH_M = 0.090  # of the face's front from the axis that the picture is wrapped round
SKIN = np.array((0.175, 0.300, 0.56), np.float32)
HAIR = (0.016, 0.020, 0.028)
FINE = 4  # bits of a fraction of a pixel in OpenCV's drawing


class _Canvas:
    """A picture that is drawn on in metres: x to the left of the person, y up, on the front of the face."""

    def __init__(self, colour: Field) -> None:
        self.colour = colour

    @staticmethod
    def place(x: float, y: float) -> tuple[float, float]:
        column = (np.arctan2(x, DEPTH_M) / (2 * np.pi) + 0.5) * WIDTH
        return float(column), (HEAD_TOP_M - y) / (HEAD_TOP_M - HEAD_BOTTOM_M) * HEIGHT

    def mask(self, outline: Outline, soft_m: float = 0.0006) -> Field:
        """A polygon with soft edges, float32 [HEIGHT, WIDTH]."""
        points = np.array([self.place(x, y) for x, y in outline])
        drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
        fixed = np.rint(points * (1 << FINE)).astype(np.int32)
        cv2.fillPoly(drawn, [fixed], 255, cv2.LINE_AA, FINE)
        sigma = soft_m / (HEAD_TOP_M - HEAD_BOTTOM_M) * HEIGHT
        return np.asarray(cv2.GaussianBlur(drawn, (0, 0), max(sigma, 0.3)) / 255.0, np.float32)

    def paint(self, mask: Field, colour: tuple[float, ...], strength: float = 1.0) -> None:
        share = np.asarray(strength * mask, np.float32)[..., None]
        painted = self.colour * (1.0 - share) + np.array(colour, np.float32) * share
        self.colour = np.asarray(painted, np.float32)

    def shade(self, mask: Field, factor: float) -> None:
        self.colour = self.colour * (1.0 - (1.0 - factor) * mask)[..., None]

    def spot(self, x: float, y: float, wide: float, high: float) -> Field:
        """A Gaussian, 0 … 1."""
        column, row = self.place(x, y)
        per_x = WIDTH / (2 * np.pi * DEPTH_M)
        per_y = HEIGHT / (HEAD_TOP_M - HEAD_BOTTOM_M)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        square = ((columns - column) / (wide * per_x)) ** 2 + ((rows - row) / (high * per_y)) ** 2
        return np.asarray(np.exp(-0.5 * square), np.float32)


def _ellipse(x: float, y: float, wide: float, high: float, lean: float = 0.0) -> Outline:
    angle = np.linspace(0.0, 2 * np.pi, 33)[:-1]
    return [(x + wide * np.cos(a), y + high * np.sin(a) + lean * wide * np.cos(a)) for a in angle]


def _eye(canvas: _Canvas, sign: float) -> None:
    x, y = sign * EYE[0], EYE[1]
    canvas.shade(canvas.spot(x, y + 0.001, 0.015, 0.010), 0.72)
    canvas.shade(canvas.spot(x, y - 0.011, 0.012, 0.004), 0.80)

    def around(*offsets: tuple[float, float]) -> Outline:
        """Places about the eye's middle, x outwards."""
        return [(sign * (EYE[0] + out), y + up) for out, up in offsets]

    white = around(
        (-0.0150, -0.0015), (-0.008, 0.0038), (0.0, 0.0054), (0.008, 0.0042), (0.0150, 0.0005),
        (0.007, -0.0038), (0.0, -0.0050), (-0.008, -0.0040),
    )  # fmt: skip
    opening = canvas.mask(white, 0.0004)
    canvas.paint(opening, (0.62, 0.66, 0.68))
    canvas.paint(canvas.mask(_ellipse(x, y + 0.0004, 0.0056, 0.0058)) * opening, (0.050, 0.050, 0.040))
    canvas.paint(canvas.mask(_ellipse(x, y + 0.0004, 0.0026, 0.0028)) * opening, (0.004, 0.004, 0.004))
    canvas.paint(canvas.mask(_ellipse(x - 0.0018, y + 0.0026, 0.0013, 0.0013), 0.0003), (0.9, 0.9, 0.9))
    lid = around(
        (-0.0150, -0.0010), (-0.008, 0.0046), (0.0, 0.0064), (0.009, 0.0050), (0.0165, 0.0006),
        (0.008, 0.0034), (0.0, 0.0044), (-0.008, 0.0030),
    )  # fmt: skip
    canvas.paint(canvas.mask(lid, 0.0004), (0.010, 0.012, 0.016), 0.9)
    brow = around(
        (-0.019, 0.0135), (-0.0075, 0.0180), (0.0085, 0.0205), (0.0235, 0.0150), (0.0095, 0.0160),
        (-0.0065, 0.0120), (-0.019, 0.0085),
    )  # fmt: skip
    canvas.paint(canvas.mask(brow, 0.0009), HAIR, 0.9)


def _mouth_and_nose(canvas: _Canvas) -> None:
    y = MOUTH_Y_M
    upper = [
        (-0.024, y), (-0.012, y + 0.0050), (-0.004, y + 0.0072), (0.0, y + 0.0058), (0.004, y + 0.0072),
        (0.012, y + 0.0050), (0.024, y), (0.0, y - 0.0005),
    ]  # fmt: skip
    lower = [
        (-0.023, y - 0.0005), (0.0, y - 0.001), (0.023, y - 0.0005), (0.012, y - 0.0085), (0.0, y - 0.0105),
        (-0.012, y - 0.0085),
    ]  # fmt: skip
    canvas.paint(canvas.mask(upper, 0.0012), (0.115, 0.130, 0.335), 0.75)
    canvas.paint(canvas.mask(lower, 0.0014), (0.150, 0.180, 0.420), 0.70)
    line = [
        (-0.026, y - 0.0008), (-0.012, y + 0.0010), (0.012, y + 0.0010), (0.026, y - 0.0008),
        (0.012, y - 0.0012), (-0.012, y - 0.0012),
    ]  # fmt: skip
    canvas.paint(canvas.mask(line, 0.0005), (0.020, 0.018, 0.045), 0.9)
    canvas.shade(canvas.spot(0.0, y - 0.015, 0.012, 0.003), 0.82)
    for sign in (-1.0, 1.0):
        canvas.shade(canvas.mask(_ellipse(sign * 0.0075, -0.0235, 0.0042, 0.0026), 0.0008), 0.22)
        fold = [
            (sign * 0.017, -0.014),
            (sign * 0.031, -0.042),
            (sign * 0.029, -0.043),
            (sign * 0.015, -0.018),
        ]
        canvas.shade(canvas.mask(fold, 0.0022), 0.72)
        canvas.shade(canvas.spot(sign * 0.0135, 0.020, 0.004, 0.020), 0.86)  # the nose's sides
        canvas.shade(canvas.spot(sign * 0.046, -0.034, 0.012, 0.016), 0.84)


def face_swatch(seed: int = 11) -> Swatch:
    """The face's material."""
    rng = np.random.default_rng(seed)
    mottle = 0.035 * cloud(rng, HEIGHT, WIDTH, (24, 40)) + 0.03 * cloud(rng, HEIGHT, WIDTH, (60, 90))
    canvas = _Canvas(np.asarray(SKIN * (1.0 + mottle)[..., None], np.float32))
    red = canvas.spot(0.0, -0.008, 0.012, 0.012) + canvas.spot(0.042, -0.010, 0.014, 0.012)
    red += canvas.spot(-0.042, -0.010, 0.014, 0.012)
    canvas.paint(np.clip(red, 0, 1), (0.16, 0.24, 0.52), 0.35)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    y = HEAD_TOP_M - rows / HEIGHT * (HEAD_TOP_M - HEAD_BOTTOM_M)
    turn = np.abs(columns / WIDTH - 0.5) * 360.0
    # A day's beard: on jaw, chin and upper lip, with grains.
    beard = np.clip((-0.028 - y) / 0.014, 0, 1) * np.clip((82 - turn) / 20, 0, 1)
    beard *= 1.0 - np.clip(canvas.spot(0.0, MOUTH_Y_M - 0.001, 0.022, 0.0065) * 1.3, 0, 1)
    cheek = canvas.spot(0.040, -0.036, 0.016, 0.012) + canvas.spot(-0.040, -0.036, 0.016, 0.012)
    beard = np.asarray(beard * (1.0 - 0.5 * cheek), np.float32)
    grains = np.clip(0.75 + 0.35 * rng.standard_normal((HEIGHT, WIDTH)), 0, 1.4).astype(np.float32)
    canvas.paint(np.clip(cv2.GaussianBlur(beard, (0, 0), 5) * grains, 0, 1), (0.075, 0.085, 0.105), 0.55)
    for sign in (-1.0, 1.0):
        _eye(canvas, sign)
    _mouth_and_nose(canvas)
    # Hair: behind the ears, and sideburns before them.
    edge = 74.0 - 15.0 * np.clip((y - 0.034) / 0.035, 0, 1) + 5.0 * cloud(rng, HEIGHT, WIDTH, (30, 60))
    low = -0.030 + 0.004 * cloud(rng, HEIGHT, WIDTH, (6, 50))
    hair = ((turn > edge) & (y > low + 0.00055 * np.clip(104 - turn, 0, 40))) | (y > 0.088)
    hair |= (turn > 112) & (y > -0.055)
    strands = 1.0 + 0.4 * cloud(rng, HEIGHT, WIDTH, (12, 160))
    soft = cv2.GaussianBlur(hair.astype(np.float32), (0, 0), 2.5)
    hairs = np.asarray(np.array(HAIR, np.float32) * strands[..., None], np.float32)
    canvas.colour = canvas.colour * (1 - soft[..., None]) + hairs * soft[..., None]
    relief = 0.00012 * cloud(rng, HEIGHT, WIDTH, (50, 90)) + 0.0004 * soft * strands
    return Swatch(canvas.colour.astype(np.float32), relief.astype(np.float32), (0.56, 0.25), 0.10, 16.0, 0.05)
