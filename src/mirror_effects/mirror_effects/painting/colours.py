"""Mixing colours: ramps, layers, and the finished texture. Colours are red, green, blue, 0 … 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.noise import Field

__all__ = ["Colour", "hexadecimal", "laid_over", "ramp", "texture", "toned"]

Colour = tuple[float, float, float]


def hexadecimal(code: str) -> Colour:
    """The colour of "#rrggbb"."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def ramp(value: Field, stops: Sequence[tuple[float, str]]) -> Field:
    """Colours [size, size, 3] of values, interpolated between (value, "#rrggbb")."""
    at = [stop for stop, _ in stops]
    colours = np.array([hexadecimal(code) for _, code in stops])
    channels = [np.interp(value, at, colours[:, i]) for i in range(3)]
    return np.stack(channels, axis=2).astype(np.float32)


def laid_over(picture: Field, colour: Field | str, opacity: Field | float) -> Field:
    """`picture` [size, size, 3] with a layer over it; a colour is "#rrggbb" or [size, size, 3]."""
    layer = np.asarray(hexadecimal(colour), np.float32) if isinstance(colour, str) else colour
    share = np.clip(opacity, 0, 1)
    share = share[..., None] if isinstance(share, np.ndarray) and share.ndim == 2 else share
    return np.asarray(picture + (layer - picture) * share, np.float32)


def toned(picture: Field, factor: NDArray[Any] | float) -> Field:
    """`picture` made lighter or darker."""
    return np.asarray(picture * (factor[..., None] if isinstance(factor, np.ndarray) else factor), np.float32)


def texture(picture: Field, opacity: Field) -> NDArray[np.uint8]:
    """The finished texture uint8 [size, size, 4]: blue, green, red, opacity (not premultiplied)."""
    layers = np.concatenate([picture[..., ::-1], opacity[..., None]], axis=2)
    return np.asarray(np.rint(np.clip(layers, 0, 1) * 255), np.uint8)
