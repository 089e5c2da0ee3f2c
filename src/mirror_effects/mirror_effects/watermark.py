"""The watermark: a small mark in a corner of every picture in which an effect has changed a face.

It is laid on after the last effect, so that window, page, bag and takes have it. Untouched pictures have
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mirror_core.errors import ParameterError
from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.parameters import parameter
from mirror_effects.effect import writable
from mirror_effects.effect_texts import DEFAULT_LANGUAGE, effect_texts
from mirror_effects.film.views import CORNERS
from mirror_effects.plate import Plate, marked_text

__all__ = ["OFF", "PICTURE", "TEXT", "Watermark", "WatermarkParameters", "is_altered"]

OFF, TEXT, PICTURE = "off", "text", "picture"
PLACES = (*CORNERS, "top_centre", "bottom_centre")
MARGIN = 0.025  # from the picture's edges, as a share of its shorter side
AROUND = 0.15  # of a face's box on each side: what effects change reaches beyond the mesh
ROWS, FACE_ROWS = 16, 4  # every so manieth row of the picture, and of a face, is compared
LARGEST_SIDE_PX = 4096  # of a picture file


@dataclass(frozen=True)
class WatermarkParameters:
    """The mark on altered pictures."""

    show: str = parameter(
        OFF,
        "What marks a picture in which an effect has changed a face: off, a text, or a picture of your own.",
        choices=(OFF, TEXT, PICTURE),
    )
    text: str = parameter("", 'The text; empty: "altered picture" in the language of the effects.')
    picture: str = parameter("", "File of the own picture, a PNG; its transparency counts.")
    corner: str = parameter(
        "bottom_right",
        "Where it stands, as shown; in the middle where the window cuts off the sides (fit: fill).",
        choices=PLACES,
    )
    opacity: float = parameter(0.7, "Opacity of the mark.", minimum=0.2, maximum=1.0)
    size: float = parameter(
        0.035,
        "Height of the text's letters or of the own picture, as a share of the picture's shorter side.",
        minimum=0.02,
        maximum=0.3,
    )
    mirrored: bool = parameter(True, "The picture is shown mirrored: the mark reads right there.")

    def __post_init__(self) -> None:
        if self.show == PICTURE and not self.picture:
            raise ParameterError(
                "watermark.show = picture is refused: set watermark.picture to a PNG file first."
            )


class Watermark:
    """Marks pictures; made anew when a parameter changes.

    Args:
        parameters: how.
        language: of the text, as of `effect_texts`.

    Raises:
        ParameterError: if the own picture cannot be read.
    """

    def __init__(
        self, parameters: WatermarkParameters | None = None, language: str = DEFAULT_LANGUAGE
    ) -> None:
        self._parameters = parameters or WatermarkParameters()
        self._text = self._parameters.text.strip() or effect_texts(language)["watermark.text"]
        self._file = _read(self._parameters.picture) if self._parameters.show == PICTURE else None
        self._plate: tuple[tuple[int, int], Plate] | None = None

    @property
    def is_on(self) -> bool:
        """Whether altered pictures are marked."""
        return self._parameters.show != OFF

    def mark(self, image: Image) -> Image:
        """The picture with the mark: uint8 [height, width, 3]; drawn in place where that may be."""
        if not self.is_on:
            return image
        height, width = image.shape[:2]
        if self._plate is None or self._plate[0] != (width, height):
            self._plate = ((width, height), self._made(width, height))
        plate = self._plate[1]
        margin = round(MARGIN * min(width, height))
        is_left = self._parameters.corner.endswith("left") != self._parameters.mirrored
        x = margin if is_left else width - margin - plate.width
        if self._parameters.corner.endswith("centre"):
            x = (width - plate.width) // 2
        is_top = self._parameters.corner.startswith("top")
        y = margin if is_top else height - margin - plate.height
        image = writable(image)
        plate.lay(image, x, y)
        return image

    def _made(self, width: int, height: int) -> Plate:
        size_px = self._parameters.size * min(width, height)
        if self._file is None:
            plate = marked_text(self._text, size_px, self._parameters.opacity)
        else:
            rows, columns = self._file.shape[:2]
            wide = max(1, min(round(columns * size_px / rows), width))
            size = (wide, max(1, round(size_px)))
            small = np.asarray(cv2.resize(self._file, size, interpolation=cv2.INTER_AREA), np.uint8)
            plate = Plate.of(small[..., :3], small[..., 3], self._parameters.opacity)
        return plate.mirrored() if self._parameters.mirrored else plate


def _read(path: str) -> Image:
    """A picture file as uint8 [h, w, 4], BGR and opacity."""
    file = Path(path).expanduser()
    read = cv2.imread(str(file), cv2.IMREAD_UNCHANGED) if file.is_file() else None
    if read is None or read.dtype != np.uint8 or max(read.shape[:2]) > LARGEST_SIDE_PX:
        raise ParameterError(
            f"watermark.picture = {path} is refused: allowed is a readable PNG file of at most "
            f"{LARGEST_SIDE_PX} px a side."
        )
    if read.ndim == 2:
        read = cv2.cvtColor(read, cv2.COLOR_GRAY2BGR)
    if read.shape[2] == 3:
        read = cv2.cvtColor(read, cv2.COLOR_BGR2BGRA)
    return np.asarray(read, np.uint8)


def is_altered(shown: Image, camera: Image, faces: Sequence[Face]) -> bool:
    """Whether a picture is another one than the camera's, at a face or elsewhere.

    Rows are compared, not every pixel: an effect changes areas.

    Args:
        shown: uint8 [height, width, 3], after all effects.
        camera: the same size, before them.
        faces: where they are in the camera's picture.
    """
    if shown is camera:
        return False
    if shown.shape != camera.shape:
        return True
    height, width = camera.shape[:2]
    for face in faces:
        roi = face.roi
        x0, y0 = int(roi.x - AROUND * roi.width), int(roi.y - AROUND * roi.height)
        x1, y1 = int(roi.x + (1 + AROUND) * roi.width), int(roi.y + (1 + AROUND) * roi.height)
        part = (
            slice(max(y0, 0), min(max(y1, 0), height), FACE_ROWS),
            slice(max(x0, 0), min(max(x1, 0), width)),
        )
        if not np.array_equal(shown[part], camera[part]):
            return True
    return not np.array_equal(shown[::ROWS], camera[::ROWS])
