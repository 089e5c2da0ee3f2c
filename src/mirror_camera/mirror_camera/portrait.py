"""The person of the demo reel: scikit-image's public-domain astronaut portrait, cut out.

The photograph (NASA, Eileen Collins; public domain) lies inside the scikit-image package and is read
from there without importing scikit-image. The cut-out masks lie in `data/astronaut_matte.png`, made
by `tools/make_astronaut_matte.py`.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from mirror_core.errors import SourceError
from mirror_core.frame import Image

__all__ = ["FACE_CENTRE", "FACE_HEIGHT", "PORTRAIT_SIZE", "Portrait", "load_photograph", "load_portrait"]

PORTRAIT_SIZE = 512  # px, width and height of the photograph
FACE_CENTRE = (224.0, 124.0)  # px in the photograph: middle of the face, forehead to chin
FACE_HEIGHT = 106.0  # px in the photograph, top of the forehead to chin
BLOCK = 8  # px in the photograph; resolution at which the person's outline is known
TEXTURE_SCALE = 2  # the texture is enlarged once, carefully, so that frames may use cheap sampling
OPAQUE = 250  # mask value from which a pixel's colour is taken as the person's own
SKIN_TONE = (0.76, 0.84, 0.92)  # gain (B, G, R) of the second person's skin
HAIR_TONE = (0.16, 0.21, 0.29)  # gain (B, G, R) that makes the second person's hair dark brown
BRIGHTNESS_OF_CLOTH = 110.0  # grey value at which SUIT_COLOUR is met
SUIT_COLOUR = (112.0, 84.0, 30.0)  # B, G, R of the second person's suit at mid brightness


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A cut-out person as a texture.

    Attributes:
        texture: uint8 [s, s, 4], blue, green, red multiplied by alpha, then alpha.
        scale: texture pixels per photograph pixel.
        coverage: bool [512 / BLOCK, 512 / BLOCK], whether anything of the person lies in or near a block.
    """

    texture: NDArray[np.uint8]
    scale: float
    coverage: NDArray[np.bool_]

    def covers(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether the person lies at or near photograph coordinates (arrays of one shape)."""
        last = PORTRAIT_SIZE - 1
        block_x, block_y = (np.clip(axis, 0, last).astype(np.intp) // BLOCK for axis in (x, y))
        near = BLOCK  # outside by less than this still counts
        inside = (x > -near) & (x < last + near) & (y > -near) & (y < last + near)
        return np.asarray(self.coverage[block_y, block_x] & inside)


def load_photograph() -> Image:
    """The portrait as it comes with scikit-image, uint8 [512, 512, 3].

    Raises:
        SourceError: if scikit-image is not installed or lacks the picture.
    """
    spec = importlib.util.find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise SourceError("The demo reel needs scikit-image's portrait: pip install scikit-image.")
    path = Path(spec.submodule_search_locations[0]) / "data" / "astronaut.png"
    try:  # Pillow: OpenCV warns on the terminal about this file's colour profile
        with PilImage.open(path) as photograph:
            picture = np.asarray(photograph.convert("RGB"), np.uint8)
    except OSError as error:
        raise SourceError(
            f"The demo reel's portrait {path} is missing or damaged: reinstall scikit-image."
        ) from error
    if picture.shape != (PORTRAIT_SIZE, PORTRAIT_SIZE, 3):
        raise SourceError(f"The demo reel's portrait {path} is another picture: reinstall scikit-image.")
    return np.ascontiguousarray(picture[..., ::-1])


def load_portrait(second: bool = False) -> Portrait:
    """The person, or (`second`) the same mirrored with dark hair and a teal suit.

    Raises:
        SourceError: if the photograph or the masks cannot be read.
    """
    photograph = load_photograph()
    data = resources.files("mirror_camera").joinpath("data/astronaut_matte.png").read_bytes()
    masks = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if masks is None or masks.shape != photograph.shape:
        raise SourceError("mirror_camera's data/astronaut_matte.png is damaged: reinstall mirror_camera.")
    person, hair, suit = (np.asarray(masks[..., i], np.uint8) for i in range(3))
    colours = _recoloured(photograph, hair, suit) if second else photograph
    colours = _spread_inner_colours(colours, person)
    if second:
        colours, person = np.asarray(colours[:, ::-1]), np.asarray(person[:, ::-1])
    size = (PORTRAIT_SIZE * TEXTURE_SCALE, PORTRAIT_SIZE * TEXTURE_SCALE)
    large = cv2.resize(np.ascontiguousarray(colours), size, interpolation=cv2.INTER_LANCZOS4)
    large = cv2.addWeighted(large, 1.35, cv2.GaussianBlur(large, (0, 0), 2.0), -0.35, 0)
    alpha = cv2.resize(np.ascontiguousarray(person), size, interpolation=cv2.INTER_CUBIC)
    premultiplied = cv2.multiply(large, cv2.merge([alpha] * 3), scale=1 / 255)
    texture = np.asarray(cv2.merge([*cv2.split(premultiplied), alpha]), np.uint8)
    blocks = cv2.dilate(np.ascontiguousarray(person), np.ones((3 * BLOCK, 3 * BLOCK), np.uint8))
    return Portrait(texture, TEXTURE_SCALE, np.asarray(blocks[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK] > 0))


def _spread_inner_colours(colours: Image, person: NDArray[np.uint8]) -> Image:
    """Replace the colours of the soft border by those just inside it, so that no backdrop shines through."""
    inner = (person >= OPAQUE).astype(np.float32)
    weighted = cv2.GaussianBlur(colours.astype(np.float32) * inner[..., None], (0, 0), 3.0)
    weight = cv2.GaussianBlur(inner, (0, 0), 3.0)
    spread = weighted / np.maximum(weight, 1e-4)[..., None]
    own = cv2.GaussianBlur(cv2.erode(inner, np.ones((3, 3), np.uint8)), (0, 0), 1.0)[..., None]
    return np.asarray(np.clip(colours * own + spread * (1 - own), 0, 255), np.uint8)


def _recoloured(photograph: Image, hair: NDArray[np.uint8], suit: NDArray[np.uint8]) -> Image:
    """Another person's colours: darker hair, another skin tone, a suit of another colour."""
    picture = photograph.astype(np.float32)
    hair_share = (hair.astype(np.float32) / 255)[..., None]
    suit_share = (suit.astype(np.float32) / 255)[..., None]
    brightness = cv2.cvtColor(photograph, cv2.COLOR_BGR2GRAY).astype(np.float32)[..., None]
    skin = picture * np.array(SKIN_TONE, np.float32)
    dark = brightness * np.array(HAIR_TONE, np.float32) + picture * 0.2
    cloth = brightness / BRIGHTNESS_OF_CLOTH * np.array(SUIT_COLOUR, np.float32)
    mixed = skin * (1 - hair_share) + dark * hair_share
    mixed = mixed * (1 - suit_share) + cloth * suit_share
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)
