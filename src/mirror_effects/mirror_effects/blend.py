"""Seamless cloning on every frame: lays a rendered face into the picture so that no border shows.

The difference target − source along the mask's border is interpolated inwards (`membrane`) and added
to the source: at the border it then has the target's colours, inside it keeps its own details. The
differences are taken, and the sheet through them solved, at half resolution, because it is smooth;
the source itself is never scaled. Nothing is remembered from frame to frame: a change of light on the
target is followed at once.

Rules:
- Border data come from a thin band just inside the eroded mask, where both pictures are known. Where
  the mask runs off the picture there is no border and no data.
- Holes in the mask (eyes, mouth) are borders too.
- Several faces are blended in their order. What an earlier one covers is not taken as border data for
  a later one, unless the later one has no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ParameterError, ShapeError
from mirror_core.frame import Image, require_bgr
from mirror_effects.membrane import membrane
from mirror_effects.mixed_gradients import mixed_detail

__all__ = ["BlendSettings", "Layer", "blend", "blend_layers"]

Plane = NDArray[np.float32]
Mask = NDArray[np.uint8]

SOLID = 128  # pixels of this opacity or more belong to the source's shape
BAND_PX = 2.5  # width of the band that border data come from
MAX_DEPTH_PX = 1e5  # beyond what any picture has


@dataclass(frozen=True, slots=True)
class BlendSettings:
    """How a source is blended.

    Attributes:
        strength: 0 shows the target, 1 the source.
        feather_px: width over which the source fades in, inwards from the eroded border; 0 is a hard
            edge.
        erosion_px: how far the border is moved inwards first. More keeps hair and background at the
            mask's edge from tinting the face.
        mixed_gradients: 0 … 1; at 1 the target's details stay where they are stronger than the
            source's (pores, wrinkles, glasses, edges of shadows).
        seamless: 0 … 1, share of the target's light that is taken over; 0 is plain pasting.
    """

    strength: float = 1.0
    feather_px: float = 12.0
    erosion_px: float = 3.0
    mixed_gradients: float = 0.0
    seamless: float = 1.0

    def __post_init__(self) -> None:
        for name in ("strength", "mixed_gradients", "seamless"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ParameterError(f"{name} must be 0 … 1, not {getattr(self, name)}.")
        for name in ("feather_px", "erosion_px"):
            if not 0.0 <= getattr(self, name) <= 1000.0:
                raise ParameterError(f"{name} must be 0 … 1000 pixels, not {getattr(self, name)}.")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A rendered face and where it belongs.

    Attributes:
        source: uint8 [h, w, 3], BGR.
        mask: uint8 [h, w], opacity.
        x0, y0: column and row of its upper left pixel in the target; may lie outside.
    """

    source: Image
    mask: Mask
    x0: int
    y0: int

    def __post_init__(self) -> None:
        if self.source.dtype != np.uint8 or self.source.ndim != 3 or self.source.shape[2] != 3:
            raise ShapeError(
                f"source must be uint8 [h, w, 3], not {self.source.dtype} {list(self.source.shape)}."
            )
        if self.mask.dtype != np.uint8 or self.mask.shape != self.source.shape[:2]:
            raise ShapeError(
                f"mask must be uint8 {list(self.source.shape[:2])} like its source, "
                f"not {self.mask.dtype} {list(self.mask.shape)}."
            )


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a layer inside the target.

    Attributes:
        target, layer: (rows, columns) in each.
        cut: whether (top, bottom, left, right) of the layer runs off the target.
    """

    target: tuple[slice, slice]
    layer: tuple[slice, slice]
    cut: tuple[bool, bool, bool, bool]


def blend(  # noqa: PLR0917 – a picture, its mask and its place read well in this order
    target: Image, source: Image, mask: Mask, x0: int, y0: int, settings: BlendSettings
) -> None:
    """Blend one source into `target`, in place.

    Args:
        target: uint8 [H, W, 3], BGR, writable.
        source: uint8 [h, w, 3], BGR; need not be known where the mask is 0.
        mask: uint8 [h, w], opacity.
        x0, y0: where the source's upper left pixel lies in the target; any integers.
        settings: how.

    Raises:
        ShapeError: on other shapes or dtypes, or if the target is read-only.
    """
    blend_layers(target, [Layer(source, mask, x0, y0)], settings)


def blend_layers(target: Image, layers: Sequence[Layer], settings: BlendSettings) -> None:
    """Blend several sources into `target`, in place, the last on top.

    Args:
        target: uint8 [H, W, 3], BGR, writable.
        layers: the sources in the order of drawing.
        settings: the same for all.

    Raises:
        ShapeError: if the target is not uint8 [H, W, 3] or read-only.
    """
    require_bgr(target, "target")
    if not target.flags.writeable:
        raise ShapeError("target must be writable, because it is blended into in place.")
    if settings.strength == 0:
        return
    taken = np.zeros(target.shape[:2], np.uint8) if len(layers) > 1 else None
    for layer in layers:
        window = _window(layer, target.shape[1], target.shape[0])
        if window is None:
            continue
        pixels, mask = target[window.target], layer.mask[window.layer]
        earlier = None if taken is None else taken[window.target]
        source = layer.source[window.layer]
        _blend_part(pixels, source, mask, earlier=earlier, cut=window.cut, settings=settings)
        if earlier is not None:
            np.maximum(earlier, mask, out=earlier)


def _window(layer: Layer, width: int, height: int) -> _Window | None:
    rows, columns = layer.mask.shape
    top, left = max(0, -layer.y0), max(0, -layer.x0)
    bottom, right = min(rows, height - layer.y0), min(columns, width - layer.x0)
    if bottom <= top or right <= left:
        return None
    return _Window(
        (slice(layer.y0 + top, layer.y0 + bottom), slice(layer.x0 + left, layer.x0 + right)),
        (slice(top, bottom), slice(left, right)),
        (layer.y0 + top == 0, layer.y0 + bottom == height, layer.x0 + left == 0, layer.x0 + right == width),
    )


def _blend_part(
    target: Image,
    source: Image,
    mask: Mask,
    *,
    earlier: Mask | None,
    cut: tuple[bool, bool, bool, bool],
    settings: BlendSettings,
) -> None:
    """Blend arrays of one size; `earlier` is what other faces cover already."""
    depth = _depth(_halved(mask), cut)
    fade: Plane = np.clip((depth - settings.erosion_px) / max(settings.feather_px, 1e-3), 0, 1)
    shown = cv2.multiply(_doubled(fade, mask.shape), mask, scale=settings.strength / 255, dtype=cv2.CV_32F)
    opacity = np.asarray(shown, np.float32)
    lit = source
    if settings.seamless > 0 or settings.mixed_gradients > 0:
        light = _doubled(_light(target, source, depth, earlier, settings), mask.shape)
        if settings.mixed_gradients > 0:
            detail = mixed_detail(target, source, opacity) * np.float32(settings.mixed_gradients)
            light = np.asarray(cv2.add(light, cv2.cvtColor(detail, cv2.COLOR_GRAY2BGR)), np.float32)
        lit = np.asarray(cv2.add(source, light, dtype=cv2.CV_8U), np.uint8)
    target[:] = cv2.blendLinear(lit, target, opacity, 1 - opacity)


def _light(
    target: Image, source: Image, depth: Plane, earlier: Mask | None, settings: BlendSettings
) -> Plane:
    """What to add to the source, at half resolution: float32 [⌈h/2⌉, ⌈w/2⌉, 3]."""
    difference = np.asarray(cv2.subtract(_halved(target), _halved(source), dtype=cv2.CV_32F), np.float32)
    band = (depth >= settings.erosion_px) & (depth <= settings.erosion_px + BAND_PX)
    if earlier is not None and earlier.any():
        own = band & (_halved(earlier) == 0)
        band = own if own.any() else band
    return membrane(difference, band) * np.float32(settings.seamless)


def _doubled(half: Plane, shape: tuple[int, ...]) -> Plane:
    """Values at half resolution, interpolated for a picture of `shape` (rows, columns)."""
    full = cv2.resize(half, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: shape[0], : shape[1]], np.float32)


def _halved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mean of each 2 × 2 pixels; the last row and column are doubled where there is an odd one."""
    height, width = picture.shape[:2]
    if height % 2 or width % 2:
        padded = cv2.copyMakeBorder(picture, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        picture = np.asarray(padded, np.uint8)
    size = (picture.shape[1] // 2, picture.shape[0] // 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _depth(mask: Mask, cut: tuple[bool, bool, bool, bool]) -> Plane:
    """Distance in full-resolution pixels from the shape's border, inwards; 0 or less outside.

    Args:
        mask: uint8 [h, w], opacity at half resolution.
        cut: sides (top, bottom, left, right) on which the picture ends: no border there.
    """
    solid = (mask >= SOLID).view(np.uint8)
    padded = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    outermost = (padded[0], padded[-1], padded[:, 0], padded[:, -1])
    for is_cut, line in zip(cut, outermost, strict=True):
        if not is_cut:
            line[:] = 0
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    distance = np.minimum(distance, MAX_DEPTH_PX)  # a mask without any border has no finite one
    return np.asarray((distance - 0.5) * 2, np.float32)
