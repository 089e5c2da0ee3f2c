"""The character in the night street: from a state of the body and a time to a picture and its 33 points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BODY_POINT_COUNT
from mirror_core.errors import ShapeError, UsageError
from mirror_core.frame import Image
from mirror_training.film_character.angles import SIDES, BodyState
from mirror_training.film_character.camera import Camera
from mirror_training.film_character.figure import detective, rest_bones
from mirror_training.film_character.film_look import VIGNETTE
from mirror_training.film_character.landmarks import pixels, places, visibility
from mirror_training.film_character.light import lamp_at
from mirror_training.film_character.match import match_flame
from mirror_training.film_character.mirror_image import mirror_image
from mirror_training.film_character.shading import Drawing
from mirror_training.film_character.shadow import ShadowMap
from mirror_training.film_character.skeleton import ANKLE_HEIGHT_M, BONE_INDEX, Bones, forward
from mirror_training.film_character.skinning import Skin
from mirror_training.film_character.street import street
from mirror_training.opencv import cv2

__all__ = ["SIZES", "RenderedFrame", "Renderer", "render"]

Field = NDArray[np.float32]
SIZES = (64, 1024)  # smallest and largest picture in pixels
SAMPLES = 2  # of the character per pixel, across and down
SHADOW_M = 0.0075  # what a pixel of the shadow map covers on the character, for 256 pixels
SOLE = (0.0, -ANKLE_HEIGHT_M, 0.055)  # middle of a sole in the foot's frame
CONTACT_M = (0.085, 0.19)  # half width and depth of the darkness under a shoe
CONTACT_DARK = 0.62
UNSEEN = 12.0  # a shadow that changes the street by fewer grey levels is no shadow there


@dataclass(frozen=True, slots=True, eq=False)
class RenderedFrame:
    """One picture of the film.

    Attributes:
        image: uint8 [s, s, 3], blue, green, red: the street with the character, without grain.
        alpha: uint8 [s, s]: how much of the picture is not the still background: the character, its shadow
            and its mirror image on the wet ground. Where it is 0, `image` is the background, byte for byte.
        body: uint8 [s, s]: how much of the pixel is the character's body.
        points: float32 [33, 3], in the order of `BodyPoint`: x, y in continuous pixels; z in the same
            scale, 0 at the hips, negative nearer to the camera.
        visibility: float32 [33], 0 … 1.
    """

    image: Image
    alpha: NDArray[np.uint8]
    body: NDArray[np.uint8]
    points: Field
    visibility: Field

    def __post_init__(self) -> None:
        size = self.image.shape[0]
        if self.image.shape != (size, size, 3) or not self.alpha.shape == self.body.shape == (size, size):
            raise ShapeError(
                f"A frame's image, alpha and body are [s, s, 3], [s, s] and [s, s], "
                f"not {list(self.image.shape)}, {list(self.alpha.shape)} and {list(self.body.shape)}."
            )
        if self.points.shape != (BODY_POINT_COUNT, 3) or self.visibility.shape != (BODY_POINT_COUNT,):
            raise ShapeError(
                f"A frame has points [{BODY_POINT_COUNT}, 3] and visibility [{BODY_POINT_COUNT}], "
                f"not {list(self.points.shape)} and {list(self.visibility.shape)}."
            )


class Renderer:
    """Draws frames of one size; the street is made once.

    Args:
        size: side of the pictures in pixels.
        swing: how far the lamp swings, 1 as in the film, 0 for a lamp that hangs still.
        camera: where from.
        dark_corners: strength of the vignette, 0 for none.

    Raises:
        UsageError: for a size that is too small or too large.
    """

    def __init__(
        self, size: int, swing: float = 1.0, camera: Camera | None = None, dark_corners: float = VIGNETTE
    ) -> None:
        if not SIZES[0] <= size <= SIZES[1]:
            raise UsageError(f"A picture is {SIZES[0]} to {SIZES[1]} pixels wide, not {size}.")
        self.size, self.swing = size, swing
        self.camera = camera or Camera()
        self.street = street(self.camera, size, dark_corners)
        self._mesh = detective()
        self._skin = Skin(self._mesh, rest_bones())
        self._drawing = Drawing(self._mesh, self.camera, size * SAMPLES, dark_corners)
        lit, dark = self.street.picture.astype(np.float32), self.street.dark.astype(np.float32)
        self._lit, self._dark = lit, dark
        self._darkens = np.clip(np.abs(lit - dark).max(axis=2) / UNSEEN, 0.0, 1.0)
        self._takes = ((lit - dark) / np.maximum(lit, 1.0)).max(axis=2).clip(0.0, 1.0)
        reached = self._darkens > 0
        self._lamplit = _extent(reached.any(axis=1)), _extent(reached.any(axis=0))
        self._lamplit_places = np.ascontiguousarray(np.moveaxis(self.street.place[self._lamplit], 2, 0))
        self._road = _extent(self.street.place[:, 0, 1] < 0.01)
        self._shadow_size = int(np.clip(round(2.44 / SHADOW_M * (size / 256) ** 0.5), 192, 768))

    @property
    def background(self) -> Image:
        """The street without the character, uint8 [s, s, 3]."""
        return self.street.picture

    def render(self, state: BodyState, time_s: float) -> RenderedFrame:
        """The picture of a state of the body.

        Args:
            state: how the body stands.
            time_s: when, in seconds: the lamp swings.
        """
        bones = forward(state)
        vertices = self._skin.vertices(bones)
        lamp = lamp_at(time_s, self.swing)
        middle = np.array([state.position[0], 1.0, state.position[2]])
        shadow = ShadowMap(np.array(lamp.position), middle, vertices, self._mesh, self._shadow_size)
        drawn = self._drawing.draw(vertices, lamp, shadow, match_flame(bones))
        body = cv2.resize(drawn.cover, (self.size, self.size), interpolation=cv2.INTER_AREA)
        colour = cv2.resize(drawn.colour, (self.size, self.size), interpolation=cv2.INTER_AREA) * 255.0
        image, alpha = self._under(shadow, colour, body, bones)
        image = image * (1.0 - body[..., None]) + colour
        alpha = 1.0 - (1.0 - alpha) * (1.0 - body)
        alpha8 = np.ceil(np.clip(alpha, 0.0, 1.0) * 255.0 - 0.25).astype(np.uint8)
        picture = np.rint(np.clip(image, 0.0, 255.0)).astype(np.uint8)
        still = alpha8 == 0
        picture[still] = self.background[still]
        points = places(bones)
        return RenderedFrame(
            picture,
            alpha8,
            np.rint(body * 255.0).astype(np.uint8),
            pixels(points, self.camera, self.size),
            visibility(points, self.camera, drawn.depth),
        )

    def _under(self, shadow: ShadowMap, colour: Field, body: Field, bones: Bones) -> tuple[Field, Field]:
        """The street with the character's shadow and mirror image, and how much that changes it."""
        dark = np.zeros_like(self._darkens)
        if self._lamplit_places.size:
            dark[self._lamplit] = shadow.on_street(self._lamplit_places) * self._darkens[self._lamplit]
        image = self._lit + (self._dark - self._lit) * dark[..., None]
        z = float(bones.origins[BONE_INDEX["pelvis"], 2])
        mirrored, share = mirror_image(self.street, self.camera, colour, body, z)
        image = image * (1.0 - share[..., None]) + mirrored
        contact = self._contact(bones)
        image *= 1.0 - contact[..., None]
        # As little as can be: a shadow is black laid thinly over the street, not a darker street.
        return image, 1.0 - (1.0 - dark * self._takes) * (1.0 - share) * (1.0 - contact)

    def _contact(self, bones: Bones) -> Field:
        """How much darker the ground is beside the shoes, where no light gets between."""
        x, _, z = (self.street.place[self._road, :, i] for i in range(3))
        dark = np.zeros_like(self._darkens)
        for side in SIDES:
            foot = bones.place(f"{side}_foot", SOLE)
            near = np.exp(-(((x - foot[0]) / CONTACT_M[0]) ** 2) - ((z - foot[2]) / CONTACT_M[1]) ** 2)
            lifted = np.exp(-max(float(foot[1]), 0.0) / 0.05)
            np.maximum(dark[self._road], CONTACT_DARK * lifted * near, out=dark[self._road])
        dark[dark < 0.5 / 255.0] = 0.0
        return np.asarray(dark)


def _extent(chosen: NDArray[np.bool_]) -> slice:
    """From the first to the last True."""
    found = np.flatnonzero(chosen)
    return slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0)


@lru_cache(maxsize=3)
def _renderer(size: int, swing: float) -> Renderer:
    return Renderer(size, swing)


def render(state: BodyState, size: int, time_s: float, swing: float = 1.0) -> RenderedFrame:
    """One frame; renderers are kept, so that a second frame of a size is quick. See `Renderer`."""
    return _renderer(size, swing).render(state, time_s)
