"""The average of many faces, sharp and in natural colours.

1. Each photograph is brought into the target's shape (`face_textures`) and to the group's usual colours.
2. It is registered on the average of all: small smooth shifts by dense inverse search (Kroeger et al., "Fast
   Optical Flow using Dense Inverse Search", 2016), with the shifts that all have in common taken out.
3. The mean at each pixel leaves out what is far from the median: hair, glasses, hands, padding.
4. Averaging takes contrast from fine structures. Each band of a Laplacian pyramid (Burt & Adelson 1983)
   gets back part of what a single photograph has in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.face_textures import PortraitPhoto, Target, texture
from mirror_training.opencv import cv2

__all__ = ["average_face", "robust_mean"]

ROUNDS = 2  # of registration
LARGEST_SHIFT_PX = 10.0  # of a registration, in pixels of the target
SMOOTH_PX = (16.0, 10.0)  # standard deviation of the shifts' smoothing, per round
RIM_PX = 30.0  # from the face's outline, over which shifts fade to nothing
FAR_SPREADS, FAR_LEVELS = 1.8, 4.0  # robust deviations and grey levels from the median that still count
ROWS = 32  # that the mean is made of at once, for memory's sake
GAIN_LIMITS = (0.6, 1.5)  # of a photograph's contrast
BANDS = 5
COMPARED = 60  # photographs whose contrast is looked at
MOST_BAND_GAIN = (1.5, 1.7, 1.5, 1.25, 1.1)  # from fine to coarse
BAND_SHARE = 0.75  # of the lost contrast that is given back

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def average_face(
    photos: Sequence[PortraitPhoto], target: Target, report: Callable[[str], None] = lambda _: None
) -> Image:
    """The symmetric average of photographs in the target's shape: uint8 [h, w, 3], BGR, 0 outside."""
    pictures, valid = _laid_out(photos, target)
    core = cv2.erode(target.coverage, np.ones((41, 41), np.uint8)) > 0
    pictures = _usual_colours(pictures, core)
    mean = _even(robust_mean(pictures, valid))
    strength = _fade(target)[..., None]
    registered, shown = pictures, valid
    for number in range(ROUNDS):
        shifts = _shifts(mean, pictures, SMOOTH_PX[number])
        common = np.mean(shifts, axis=0)
        common = (common + common[:, ::-1] * (-1, 1)) / 2
        registered, shown, size = [], [], 0.0
        for picture, is_valid, shift in zip(pictures, valid, shifts, strict=True):
            own = cv2.resize(shift - common, target.size) * strength
            size += float(np.hypot(own[..., 0], own[..., 1])[core].mean()) / len(pictures)
            moved, kept = _moved(picture, is_valid, own)
            registered.append(moved)
            shown.append(kept)
        mean = _even(robust_mean(registered, shown))
        report(f"  registration {number + 1}: shifts of {size:.1f} px in the mean")
    clear = _clear(mean, registered, core)
    clear[target.coverage == 0] = 0
    return np.asarray(np.clip(np.rint(clear), 0, 255), np.uint8)


def _laid_out(photos: Sequence[PortraitPhoto], target: Target) -> tuple[list[Image], list[Mask]]:
    both = [texture(photo, target.points, target.size) for photo in photos]
    return [picture for picture, _ in both], [valid for _, valid in both]


def _usual_colours(pictures: list[Image], core: Mask) -> list[Image]:
    """Each picture with the median picture's mean and, within limits, its contrast, in each channel."""
    means = np.array([picture[core].mean(axis=0) for picture in pictures])
    spreads = np.array([picture[core].std(axis=0) for picture in pictures])
    usual_mean, usual_spread = np.median(means, axis=0), np.median(spreads, axis=0)
    done = []
    for picture, mean, spread in zip(pictures, means, spreads, strict=True):
        gain = np.clip(usual_spread / np.maximum(spread, 1.0), *GAIN_LIMITS)
        changed = (picture.astype(np.float32) - mean.astype(np.float32)) * gain.astype(np.float32)
        done.append(np.clip(changed + usual_mean.astype(np.float32), 0, 255).astype(np.uint8))
    return done


def robust_mean(pictures: Sequence[Image], valid: Sequence[Mask]) -> Floats:
    """The mean at each pixel of those pictures whose brightness is near the median there.

    Args:
        pictures: uint8 [h, w, 3] each.
        valid: bool [h, w] each, where a picture counts.

    Returns:
        float32 [h, w, 3]; 0 where no picture counts.
    """
    height, width = pictures[0].shape[:2]
    mean = np.zeros((height, width, 3), np.float32)
    for top in range(0, height, ROWS):
        rows = slice(top, top + ROWS)
        counts = np.stack([one[rows] for one in valid])
        some = counts.any(axis=0)
        if not some.any():
            continue
        shown = counts[:, some]
        stack = np.stack([picture[rows][some] for picture in pictures])  # [n, pixels, 3]
        light = stack[..., 1].copy()  # green is most of the brightness, and eight bits are sorted quickly
        usual = (light * shown).sum(axis=0) // shown.sum(axis=0)
        light = np.where(shown, light, usual[None]).astype(np.uint8)  # those that do not count take no side
        middle = _median(light)
        away = np.abs(light.astype(np.int16) - middle).astype(np.uint8)
        near = shown & (away <= FAR_SPREADS * 1.4826 * _median(away) + FAR_LEVELS)
        total = np.einsum("np,npc->pc", near.astype(np.float32), stack.astype(np.float32))
        part = mean[rows]
        part[some] = total / np.maximum(near.sum(axis=0), 1)[:, None]
    return mean


def _median(values: NDArray[np.uint8]) -> NDArray[np.int16]:
    middle = len(values) // 2
    return np.asarray(np.partition(values, middle, axis=0)[middle], np.int16)


def _even(picture: Floats) -> Floats:
    return (picture + picture[:, ::-1]) / 2


def _fade(target: Target) -> Floats:
    """How much of a shift counts, float32 [h, w]: 1 inside the face, 0 at its outline and beyond."""
    depth = cv2.distanceTransform((target.coverage > 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.clip(depth / RIM_PX, 0, 1), np.float32)


def _shifts(mean: Floats, pictures: list[Image], smooth_px: float) -> list[Floats]:
    """The way from the mean's pixels to each picture's: float32 [h / 2, w / 2, 2], in whole pixels."""
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    reference = _features(mean)
    found = []
    for picture in pictures:
        shift = flow.calc(reference, _features(picture), None)
        shift = cv2.GaussianBlur(shift, (0, 0), smooth_px / 2)
        length = np.hypot(shift[..., 0], shift[..., 1])
        shift *= np.minimum(2, LARGEST_SHIFT_PX / np.maximum(length, 1e-6))[..., None]
        found.append(np.asarray(shift, np.float32))
    return found


def _features(picture: NDArray[np.float32] | Image) -> NDArray[np.uint8]:
    """Brightness at half the size with its local mean taken out and its local contrast made alike."""
    grey = cv2.cvtColor(np.clip(picture, 0, 255).astype(np.uint8), cv2.COLOR_BGR2GRAY)
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32)
    detail = half - cv2.GaussianBlur(half, (0, 0), 14)
    contrast = np.sqrt(cv2.GaussianBlur(detail**2, (0, 0), 14)) + 6
    return np.asarray(np.clip(128 + 40 * detail / contrast, 0, 255), np.uint8)


def _moved(picture: Image, valid: Mask, shift: Floats) -> tuple[Image, Mask]:
    height, width = valid.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    places = x + shift[..., 0].astype(np.float32), y + shift[..., 1].astype(np.float32)
    moved = cv2.remap(picture, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    kept = cv2.remap(valid.astype(np.uint8), *places, cv2.INTER_NEAREST)
    return moved, kept > 0


def _clear(mean: Floats, pictures: Sequence[Image], core: Mask) -> Floats:
    """The mean with part of a single photograph's contrast in each band of detail."""
    energies = np.zeros(BANDS)
    some = pictures[:: max(1, len(pictures) // COMPARED)]
    for picture in some:
        bands, _ = _bands(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32))
        energies += [float((band[core] ** 2).mean()) for band in bands]
    greys, _ = _bands(cv2.cvtColor(mean, cv2.COLOR_BGR2GRAY))
    bands, rest = _bands(mean)
    result = rest
    for band, grey, energy, most in zip(bands, greys, energies / len(some), MOST_BAND_GAIN, strict=True):
        lost = np.sqrt(energy / max(float((grey[core] ** 2).mean()), 1e-6))
        result = result + band * np.float32(np.clip(1 + BAND_SHARE * (lost - 1), 1.0, most))
    return np.asarray(result, np.float32)


def _bands(picture: Floats) -> tuple[list[Floats], Floats]:
    """Differences of a picture blurred more and more, fine to coarse, and what is left."""
    bands, last = [], picture
    for number in range(BANDS):
        blurred = cv2.GaussianBlur(last, (0, 0), 1.2 * 2**number)
        bands.append(last - blurred)
        last = blurred
    return bands, last
