"""Reads a mask's picture and makes it ready to be worn: checked, scaled, holes cut, edge softened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import EncodingError, UsageError
from mirror_core.picture_size import can_be_decoded
from mirror_effects.mask_names import PRESETS
from mirror_effects.texture_pyramid import TexturePyramid
from mirror_effects.uv_chart import FACE_OUTLINE, HOLES, TEXTURE_SIZE

__all__ = ["LARGEST_SIDE_PX", "Cut", "finished", "read_mask", "read_preset"]

LARGEST_SIDE_PX = 4096
HOLE_SOFTNESS_PX = 7.0  # over which a hole's edge fades, in texture pixels
SUBPIXEL_BITS = 4
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cut:
    """What is taken away from a mask.

    Attributes:
        eyes: cut the eyes out.
        mouth: cut the open mouth out.
        feather: width over which the outer edge fades, as a share of the face's width, 0 … 0.3.
    """

    eyes: bool = True
    mouth: bool = True
    feather: float = 0.0


def read_preset(name: str) -> Picture:
    """A preset's picture: uint8 [1024, 1024, 4], BGR and opacity."""
    file = resources.files("mirror_effects").joinpath("data", "masks", f"{name}.webp")
    return _decoded(file.read_bytes(), f"The preset mask {name}") if name in PRESETS else _no_preset(name)


def read_mask(path: Path) -> Picture:
    """A person's own mask: uint8 [1024, 1024, 4], BGR and opacity, whatever its size was.

    Raises:
        UsageError: where the file cannot be read, is no PNG or is larger than 4096 × 4096.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The mask {path} cannot be read: {error.strerror or error}.") from error
    if not data.startswith(PNG_SIGNATURE) or len(data) < 24:
        raise UsageError(f"The mask {path} is no PNG picture: save it as PNG.")
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    if (
        max(width, height) > LARGEST_SIDE_PX
    ):  # looked up before decoding: a small file can hold a huge picture
        raise UsageError(
            f"The mask {path} has {width} × {height} pixels: "
            f"at most {LARGEST_SIDE_PX} × {LARGEST_SIDE_PX} is allowed."
        )
    return _decoded(data, f"The mask {path}")


def finished(picture: Picture, cut: Cut) -> TexturePyramid:
    """A mask's picture [1024, 1024, 4] with its holes cut and its edge softened."""
    opacity = picture[..., 3]
    wanted = [name for name, is_cut in (("eyes", cut.eyes), ("mouth", cut.mouth)) if is_cut]
    kept = np.ones(opacity.shape, np.float32)
    for name in wanted:
        kept *= _kept(name)
    if cut.feather > 0:
        t = np.clip(_depth() / (cut.feather * TEXTURE_SIZE), 0, 1)
        kept *= t * t * (3 - 2 * t)
    worn = picture.copy()
    worn[..., 3] = np.rint(opacity * kept)
    return TexturePyramid(worn)


def _no_preset(name: str) -> Picture:
    raise UsageError(f"{name} is not a preset mask: allowed are {', '.join(PRESETS)}.")


def _decoded(data: bytes, what: str) -> Picture:
    try:
        is_picture = can_be_decoded(data, what)
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if is_picture else None
    except EncodingError as error:
        raise UsageError(str(error)) from None
    except cv2.error:
        picture = None
    if picture is None:
        raise UsageError(f"{what} is damaged: save it again.")
    if picture.dtype == np.uint16:
        picture = (np.asarray(picture) // 256).astype(np.uint8)
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGRA)
    elif picture.shape[2] == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    return _scaled(np.asarray(picture, np.uint8))


def _scaled(picture: Picture) -> Picture:
    """The picture at the chart's size; colours are weighted by opacity, so that hidden ones stay hidden."""
    height, width = picture.shape[:2]
    if (height, width) == (TEXTURE_SIZE, TEXTURE_SIZE):
        return picture
    shrinks = min(height, width) > TEXTURE_SIZE
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    layers = picture.astype(np.float32)
    layers[..., :3] *= layers[..., 3:] / 255
    size = (TEXTURE_SIZE, TEXTURE_SIZE)
    layers = np.asarray(cv2.resize(layers, size, interpolation=method), np.float32)
    layers[..., :3] /= np.maximum(layers[..., 3:] / 255, 1e-3)
    return np.asarray(np.clip(np.rint(layers), 0, 255), np.uint8)


def _filled(outline: NDArray[np.float32]) -> Picture:
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    fixed = np.rint((outline - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(image, [fixed], (255,), cv2.LINE_8, SUBPIXEL_BITS)
    return image


@cache
def _depth() -> NDArray[np.float32]:
    """Distance to the face's outline inside it in texture pixels, 0 outside."""
    return np.asarray(
        cv2.distanceTransform(_filled(FACE_OUTLINE), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
    )


@cache
def _kept(hole: str) -> NDArray[np.float32]:
    """1 outside a hole, 0 in it; the edge fades outwards, so that no rim of the mask stays inside."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    for outline in HOLES[hole]:
        image |= _filled(outline)
    outside = cv2.distanceTransform(255 - image, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.clip(outside / HOLE_SOFTNESS_PX, 0, 1).astype(np.float32)
