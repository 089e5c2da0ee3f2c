"""What cameras, trackers and the light do to a pair; the masked and the true picture change alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["Jitter", "photographed"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Jitter:
    """How strongly pairs are changed; standard deviations, or shares of pairs that are changed at all.

    Attributes:
        flip: whether half of them are mirrored.
        turn_deg: of the face in the square.
        scale: of its size, as a logarithm.
        shift: of its place, as a share of the square's side.
        hue_deg: of all colours.
        saturation: as a logarithm.
        brightness: as a logarithm.
        contrast: as a logarithm.
        cast: of each channel, as a logarithm.
        blurred: share of pairs that are blurred or enlarged from a smaller picture.
        noisy: share with a camera's noise.
        compressed: share with JPEG's blocks.
    """

    flip: bool = True
    turn_deg: float = 4.0
    scale: float = 0.05
    shift: float = 0.015
    hue_deg: float = 4.0
    saturation: float = 0.2
    brightness: float = 0.2
    contrast: float = 0.15
    cast: float = 0.05
    blurred: float = 0.25
    noisy: float = 0.4
    compressed: float = 0.35

    def moved(
        self, similarity: NDArray[np.float64], side: int, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """The similarity as a tracker that trembles would have found it."""
        turn, scale, x, y = rng.standard_normal(4)
        turned = cv2.getRotationMatrix2D(
            (side / 2, side / 2), self.turn_deg * turn, float(np.exp(self.scale * scale))
        )
        turned[:, 2] += self.shift * side * np.array([x, y])
        linear = turned[:, :2] @ similarity[:, :2]
        return np.column_stack([linear, turned[:, :2] @ similarity[:, 2] + turned[:, 2]])


def photographed(
    masked: Image, truth: Image, jitter: Jitter, rng: np.random.Generator
) -> tuple[Image, Image]:
    """Both pictures in another light and through another camera, the same one for both.

    Args:
        masked: uint8 [h, w, 3], BGR.
        truth: the same face without a mask.
        jitter: how strongly.
        rng: what is drawn.
    """
    gain = np.exp(jitter.brightness * rng.standard_normal() + jitter.cast * rng.standard_normal(3))
    contrast = float(np.exp(jitter.contrast * rng.standard_normal()))
    saturation = float(np.exp(jitter.saturation * rng.standard_normal()))
    angle = float(np.radians(jitter.hue_deg * rng.standard_normal()))
    # One linear map of colours: turned about grey, more or less saturated, brighter, with a cast.
    matrix = np.diag(gain) @ _colour_matrix(angle, saturation) * contrast
    middle = float(truth.mean())
    offset = (1 - contrast) * middle * gain.mean()
    table = np.column_stack([matrix, np.full(3, offset)]).astype(np.float32)
    blur = float(rng.uniform(0.4, 1.4)) if rng.random() < jitter.blurred else 0.0
    smaller = float(rng.uniform(0.35, 0.9)) if blur and rng.random() < 0.5 else 0.0
    noise = None
    if rng.random() < jitter.noisy:
        grain = rng.standard_normal(truth.shape, np.float32)
        if rng.random() < 0.5:  # a camera's own processing makes grains larger than a pixel
            grain = cv2.GaussianBlur(grain, (0, 0), 0.7) * 2
        noise = np.float32(rng.uniform(0, 6)) * grain
    quality = int(rng.integers(30, 95)) if rng.random() < jitter.compressed else 0

    def changed(picture: Image) -> Image:
        result: Floats = cv2.transform(picture.astype(np.float32), table)
        if smaller:
            size = max(8, round(smaller * picture.shape[0]))
            result = cv2.resize(result, (size, size), interpolation=cv2.INTER_AREA)
            result = cv2.resize(result, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        elif blur:
            result = cv2.GaussianBlur(result, (0, 0), blur)
        if noise is not None:
            result = result + noise
        done = np.clip(np.rint(result), 0, 255).astype(np.uint8)
        if quality:
            encoded = cv2.imencode(".jpg", done, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            done = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
        return done

    return changed(masked), changed(truth)


def _colour_matrix(angle: float, saturation: float) -> NDArray[np.float64]:
    """Turns colours about the grey axis by an angle and stretches them away from it."""
    axis = np.ones(3) / np.sqrt(3)
    grey = np.outer(axis, axis)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    return np.asarray(grey + saturation * (np.cos(angle) * (np.eye(3) - grey) + np.sin(angle) * cross))
