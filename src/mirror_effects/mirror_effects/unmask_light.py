"""Gives what was found beneath a mask the light and colour of the skin around the mask.

A network guesses the shapes beneath a mask better than their exact colour: what light falls there it can read
only from the skin that it sees, and a small error shows as an edge all along the mask. So the colours just
inside the border are compared with those just outside, and the differences carried inwards (normalised
convolution: Knutsson and Westin, "Normalized and differential convolution", 1993). Where they are large there
are two things at the border (a chin beside a collar, a cheek beside hair), not two lights, and they
say nothing. In a picture without colours nothing gets any.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.unmask_input import opacity

__all__ = ["lit_like_the_skin_around"]

Floats = NDArray[np.float32]

SHRINK, FURTHER = 2, 4  # light is smooth: it is compared at a half of the size, and spread at an eighth
INSIDE, OUTSIDE = 0.95, 0.04  # opacity from which, and alpha up to which, a pixel is one or the other alone
NEAR = 0.042  # of the side, standard deviation over which colours along the border are averaged
REACH = 0.31  # of the side, over which differences are carried inwards
SAME, OTHER = 20.0, 60.0  # grey levels up to which a difference is of light, and from which of things
BOTH = 4.0  # weight of border pixels that have as much of both sides as a straight border gives, about
COLOURED = 4.0  # grey levels by which channels differ from their mean, from which a picture is in full colour
LEAST = 0.002  # weight below which there is no border near enough to say anything


def lit_like_the_skin_around(square: Image, colour: Floats, alpha: Floats) -> Floats:
    """The colours with the light of the skin around the mask.

    Args:
        square: uint8 [side, side, 3], BGR: what the network saw.
        colour: float32 [side, side, 3] in 0 … 1: what it found.
        alpha: float32 [side, side] in 0 … 1: where the mask is.

    Returns:
        float32 [side, side, 3]; may lie a little outside 0 … 1. `colour` itself where there is no mask.
    """
    side = alpha.shape[0]
    half = (side // SHRINK, side // SHRINK)
    seen = _resized(square.astype(np.float32), half)
    found = _resized(colour, half) * np.float32(255)
    there = _resized(alpha, half)
    core = np.ones((3, 3), np.uint8)  # a pixel of two sides shows neither side's colour
    inside = cv2.erode((opacity(there) > INSIDE).astype(np.uint8), core).astype(np.float32)
    outside = cv2.erode((there < OUTSIDE).astype(np.uint8), core).astype(np.float32)
    near = NEAR * half[0]
    share_in, share_out = _blurred(inside, near), _blurred(outside, near)
    mean_in = _blurred(found * inside[..., None], near) / (share_in[..., None] + np.float32(1e-4))
    mean_out = _blurred(seen * outside[..., None], near) / (share_out[..., None] + np.float32(1e-4))
    apart = mean_out - mean_in
    is_light = np.clip((OTHER - np.abs(apart).max(axis=2)) / (OTHER - SAME), 0, 1)
    weight = np.minimum(BOTH * np.minimum(share_in, share_out), 1) * is_light.astype(np.float32)
    small = (max(1, half[0] // FURTHER),) * 2
    reach = REACH * small[0]
    total = _blurred(_resized(weight, small), reach)
    carried = _blurred(_resized(apart * weight[..., None], small), reach) / (
        total[..., None] + np.float32(LEAST)
    )
    if not inside.any() or not outside.any():
        return colour
    light = cv2.resize(carried, (side, side), interpolation=cv2.INTER_LINEAR)
    return _as_colourful(np.asarray(colour + light * np.float32(1 / 255), np.float32), seen[outside > 0])


def _as_colourful(colour: Floats, skin: Floats) -> Floats:
    """The colours, or greys where what is seen beside the mask [n, 3] is grey: a network only knows skin."""
    chroma = float(np.abs(skin - skin.mean(axis=1, keepdims=True)).mean())
    share = min(chroma / COLOURED, 1.0)
    if share >= 1:
        return colour
    grey = colour.mean(axis=2, keepdims=True)
    return np.asarray(grey + np.float32(share) * (colour - grey), np.float32)


def _resized(plane: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _blurred(plane: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)
