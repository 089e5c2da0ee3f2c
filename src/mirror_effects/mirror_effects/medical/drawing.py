"""Draws a mask on one face of a picture: lights its texture, lays it, casts its shadow, gives its opacity."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.medical.atlas import BODY
from mirror_effects.medical.fitted_head import FittedHead, fit_head
from mirror_effects.medical.kinds import KINDS
from mirror_effects.medical.light import FaceLight, face_light, rest_at
from mirror_effects.medical.look import MaskLook
from mirror_effects.medical.painter import Painting, paint
from mirror_effects.medical.shape import COLUMNS, ROWS, MaskShape, shape_of
from mirror_effects.mesh_warp import MeshWarper, WarpMap

__all__ = ["Drawn", "MaskArtist"]

Mask = NDArray[np.uint8]

SIDES = (128, 192, 256, 320, 384, 448, 512)  # of textures, pixels; the smallest that is fine enough is used
MASK_WIDTH_M, FACE_WIDTH_M = 0.165, 0.14
LEAST_BLUR_PX = 0.15
SMALL_PX_PER_M = 1150.0  # of a head: a face about 160 px wide
OVERSAMPLING, PARTS_OVERSAMPLING = 1.05, 1.3  # texture pixels for one of the picture
REST_REACH_M = 0.020  # over which the skin's own shadows are smoothed before they fall on the mask
SHADOW_REACH_M, SHADOW_FALL_M = 0.0045, 0.0030  # blur of the shadow on the skin, and how far it falls
SHADOW_DARKNESS = 0.75
SHADOW_BLUR_PX = 2.5  # standard deviation at which it is drawn
LEAST_SHADE, KNEE = 0.30, 1.10  # of the light on a mask; above the knee it is pressed together
SHINE = 70.0  # grey levels of a shiny mask's highlight in full light
SHINE_POWER = 8  # of the cosine by which the highlight falls off
PRESSED = 0.35  # slope of brightness above the knee
UNITY = 160.0  # the gain, as uint8, that leaves a colour as it is
LUMA = np.array([0.114, 0.587, 0.299])[None]
KEPT = 8  # paintings that an artist remembers


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A mask as it lies on a picture.

    Attributes:
        x0, y0: column and row of the part's upper left pixel in the picture.
        colour: uint8 [h, w, 3], BGR, already multiplied by the opacity of the mask.
        mask: uint8 [h, w], opacity of the mask and its bands.
        shadow: uint8 [h, w], how much the skin is darkened beside it.
    """

    x0: int
    y0: int
    colour: Image
    mask: Mask
    shadow: Mask

    @property
    def kept(self) -> Mask:
        """uint8 [h, w], 0 … 255: how much of the picture stays. The shadow is black, below the mask."""
        return np.asarray(cv2.multiply(255 - self.mask, 255 - self.shadow, scale=1 / 255), np.uint8)

    def put_on(self, image: Image, seen: Mask | None = None) -> Mask:
        """Draw it into a picture, in place.

        Args:
            image: uint8 [height, width, 3], writable.
            seen: uint8 [h, w], 255 where nothing is in front of the face; None for everywhere.

        Returns:
            uint8 [h, w], opacity of what was laid on the picture: where it is 0, the picture is as it was.
        """
        height, width = self.mask.shape
        part = image[self.y0 : self.y0 + height, self.x0 : self.x0 + width]
        kept, colour = self.kept, self.colour
        if seen is not None:
            kept = np.asarray(255 - cv2.multiply(255 - kept, seen, scale=1 / 255), np.uint8)
            colour = np.asarray(cv2.multiply(colour, cv2.merge([seen] * 3), scale=1 / 255), np.uint8)
        part[:] = cv2.add(cv2.multiply(part, cv2.merge([kept] * 3), scale=1 / 255), colour)
        return np.asarray(255 - kept, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """What of a look does not hang on the face."""

    shape: MaskShape
    warper: MeshWarper
    painting: Painting
    rest_weights: NDArray[np.float32]


class MaskArtist:
    """Draws masks; remembers the last few it has painted."""

    def __init__(self) -> None:
        self._ready: OrderedDict[tuple[MaskLook, int], _Ready] = OrderedDict()

    def draw(
        self, image: Image, landmarks: NDArray[np.floating[Any]], look: MaskLook, white: float
    ) -> Drawn | None:
        """A mask on a face, not yet in the picture.

        Args:
            image: uint8 [height, width, 3], BGR.
            landmarks: [468 or more, 2 or more], pixels (pixel i covers i … i+1).
            look: the mask.
            white: of the picture, from `light.picture_white`.

        Returns:
            None where nothing of the mask is in the picture.

        Raises:
            ShapeError: on landmarks of another shape or that are not finite.
        """
        head = fit_head(landmarks)
        if head is None:
            return None
        ready = self._made_ready(look, _side_for(head, look))
        points = ready.shape.lay_on(head)
        # Small faces are drawn twice as large: their masks' edges are then as smooth as a camera's.
        finer = 2 if head.scale < SMALL_PX_PER_M else 1
        size = (image.shape[1] * finer, image.shape[0] * finer)
        warp_map = ready.warper.map(points * np.float32(finer), size, hidden=ready.shape.hidden)
        if warp_map.is_empty:
            return None
        light = face_light(image, landmarks, head, white)
        texture = _lit(ready, light, look)
        warped = ready.warper.warp(texture, warp_map)
        part, x0, y0 = _in_place(warped, warp_map, finer, image, _margin(look, head))
        return _laid(part, x0, y0, look, head)

    def _made_ready(self, look: MaskLook, side: int) -> _Ready:
        # What only matters when light falls or the mask is laid does not need another painting.
        plain = replace(
            look,
            lighting=0.0,
            skin_light=0.0,
            contact_shadow=0.0,
            exposure=0.0,
            brightness=1.0,
            match_colour=0.0,
            softness=0.0,
            grain=0.0,
            strength=1.0,
        )
        key = (plain, side)
        found = self._ready.pop(key, None)
        if found is None:
            shape = shape_of(look)
            warper = _warper(shape.triangles.tobytes(), shape.texture.tobytes(), side)
            weights = rest_at(shape.grid[::4, ::4].reshape(-1, 3), REST_REACH_M)
            found = _Ready(shape, warper, paint(look, side), weights.astype(np.float32))
        self._ready[key] = found
        while len(self._ready) > KEPT:
            self._ready.popitem(last=False)
        return found


@lru_cache(maxsize=32)
def _warper(triangles: bytes, texture: bytes, side: int) -> MeshWarper:
    """Which triangles are neighbours takes long to find out, and only hangs on the kind of mask."""
    places = np.frombuffer(texture, np.float64).reshape(-1, 2)
    return MeshWarper(places * side, np.frombuffer(triangles, np.int64).reshape(-1, 3))


def _side_for(head: FittedHead, look: MaskLook) -> int:
    wanted = head.scale * MASK_WIDTH_M * (PARTS_OVERSAMPLING if KINDS[look.kind].discs else OVERSAMPLING)
    return next((side for side in SIDES if side >= wanted), SIDES[-1])


def _lit(ready: _Ready, light: FaceLight, look: MaskLook) -> NDArray[np.uint8]:
    """The texture in the face's light: uint8 [side, side, 4]."""
    painting = ready.painting
    side = painting.opacity.shape[0]
    direction = light.direction * look.lighting
    ambient = 1 + (light.ambient - 1) * look.lighting
    row = np.append(direction, ambient).astype(np.float32)[None]
    shade: Any = cv2.transform(painting.normals, row)
    if look.skin_light > 0:
        rows, columns = BODY.slices(side)
        rest = (ready.rest_weights @ light.rest.astype(np.float32)).reshape(
            len(range(0, ROWS, 4)), len(range(0, COLUMNS, 4))
        )
        rest = 1 + (rest - 1) * np.float32(look.skin_light)
        shade[rows, columns] *= cv2.resize(
            rest, (columns.stop - columns.start, rows.stop - rows.start), interpolation=cv2.INTER_LINEAR
        )
    bright = np.maximum(shade - np.float32(KNEE), 0)  # above the knee it is pressed together
    shade = np.maximum(shade + bright * np.float32(PRESSED - 1), np.float32(LEAST_SHADE))
    level = (light.white / 255.0) ** look.exposure * look.brightness
    cast = level * (1 + (light.cast - 1) * look.match_colour)
    saturation = 1 + (light.saturation - 1) * look.match_colour
    mix = saturation * np.eye(3) + (1 - saturation) * LUMA
    colour = cv2.transform(painting.colour, (mix * cast[:, None]).astype(np.float32))
    gain = cv2.convertScaleAbs(shade, alpha=UNITY)
    lit = cv2.multiply(colour, cv2.merge([gain, gain, gain]), scale=1 / UNITY)
    if painting.gloss > 0 and look.lighting > 0:
        shine = _highlight(painting, light, level)
        lit = cv2.add(lit, cv2.merge([shine, shine, shine]))
    return np.asarray(cv2.merge([*cv2.split(lit), painting.opacity]), np.uint8)


def _highlight(painting: Painting, light: FaceLight, level: float) -> NDArray[np.uint8]:
    """Of a shiny surface, seen from the front: Blinn and Phong with the light's and the head's directions."""
    strength = float(np.linalg.norm(light.direction))
    half = light.direction / max(strength, 1e-6) + np.array([1.0, 0.0, 0.0])
    half = half / max(float(np.linalg.norm(half)), 1e-6)
    across = np.maximum(cv2.transform(painting.normals, half.astype(np.float32)[None]), 0)
    return np.asarray(cv2.convertScaleAbs(cv2.pow(across, SHINE_POWER), alpha=SHINE * painting.gloss * level))


def _margin(look: MaskLook, head: FittedHead) -> int:
    """Pixels around the mask that its blur and its shadow reach."""
    reach = 3 * (SHADOW_REACH_M + SHADOW_FALL_M) + 3 * look.softness * FACE_WIDTH_M
    return int(reach * head.scale) + 2


def _in_place(
    warped: NDArray[np.uint8], warp_map: WarpMap, finer: int, image: Image, margin: int
) -> tuple[NDArray[np.uint8], int, int]:
    """The drawing premultiplied by its opacity, in the picture's pixels, with a margin around it.

    Returns:
        uint8 [h, w, 4], and column and row of its upper left pixel.
    """
    opacity = cv2.extractChannel(warped, 3)
    drawn: Any = cv2.multiply(
        warped, cv2.merge([opacity, opacity, opacity, np.full_like(opacity, 255)]), scale=1 / 255
    )
    height, width = opacity.shape
    x0, y0 = warp_map.x0 // finer, warp_map.y0 // finer
    x1 = -(-(warp_map.x0 + width) // finer)
    y1 = -(-(warp_map.y0 + height) // finer)
    left, top = min(margin, x0), min(margin, y0)
    right, bottom = min(margin, image.shape[1] - x1), min(margin, image.shape[0] - y1)
    drawn = cv2.copyMakeBorder(
        drawn,
        warp_map.y0 - (y0 - top) * finer,
        (y1 + bottom) * finer - warp_map.y0 - height,
        warp_map.x0 - (x0 - left) * finer,
        (x1 + right) * finer - warp_map.x0 - width,
        cv2.BORDER_CONSTANT,
        value=(0, 0, 0, 0),
    )
    if finer > 1:
        size = (drawn.shape[1] // finer, drawn.shape[0] // finer)
        drawn = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
    return np.asarray(drawn, np.uint8), x0 - left, y0 - top


def _laid(part: NDArray[np.uint8], x0: int, y0: int, look: MaskLook, head: FittedHead) -> Drawn:
    blur = look.softness * FACE_WIDTH_M * head.scale
    if blur > LEAST_BLUR_PX:
        part = np.asarray(cv2.GaussianBlur(part, (0, 0), blur), np.uint8)
    colour: Any = cv2.cvtColor(part, cv2.COLOR_BGRA2BGR)
    mask: Any = cv2.extractChannel(part, 3)
    if look.grain > 0:
        noise = np.random.default_rng([look.seed, 17]).standard_normal(mask.shape, np.float32)
        noise *= mask.astype(np.float32) * np.float32(look.grain / 255)
        colour = cv2.add(colour, cv2.merge([noise] * 3), dtype=cv2.CV_8U)
    shadow: Any = _shadow(mask, look, head)
    if look.strength < 1:
        mask = cv2.convertScaleAbs(mask, alpha=look.strength)
        shadow = cv2.convertScaleAbs(shadow, alpha=look.strength)
        colour = cv2.convertScaleAbs(colour, alpha=look.strength)
    return Drawn(x0, y0, colour, mask, shadow)


def _shadow(mask: Mask, look: MaskLook, head: FittedHead) -> Mask:
    """A soft darkening along the edge, longer below: the light comes from above."""
    if look.contact_shadow <= 0:
        return np.zeros_like(mask)
    # The shadow is soft: a small picture of it will do.
    shrink = max(SHADOW_REACH_M * head.scale / SHADOW_BLUR_PX, 1.0)
    height, width = mask.shape
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    down = head.matrix[:2] @ np.array([0.0, 0.0, -SHADOW_FALL_M]) / shrink
    moved = cv2.warpAffine(small, np.array([[1, 0, down[0]], [0, 1, down[1]]]), size, flags=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(moved, (0, 0), max(SHADOW_REACH_M * head.scale / shrink, 0.5))
    dark = cv2.convertScaleAbs(soft, alpha=SHADOW_DARKNESS * look.contact_shadow)
    return np.asarray(cv2.resize(dark, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
