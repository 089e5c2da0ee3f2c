"""The effect `then_and_now`: your stored face of weeks ago beside today's, both upright and of one size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.parameters import parameter
from mirror_effects.age_words import age_words, date_words, nobody_words
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.effect_texts import effect_texts
from mirror_effects.face_alignment import EyePlaces, aligned, alignment, oval_opacity
from mirror_effects.film.views import CORNERS, Box
from mirror_effects.plate import Plate, caption
from mirror_effects.stored_face import StoredFace, nearest_in_time
from mirror_effects.time_layout import ABOVE, BESIDE, INSET, TimeLayout, draw_edge
from mirror_gallery.consent import utc_now

__all__ = ["ThenAndNowEffect", "ThenAndNowParameters"]

LETTERS, SENTENCE_LETTERS, MARGIN = 0.038, 0.045, 0.03  # shares of the picture's shorter side
INSET_ASPECT = 0.8  # width over height of the picture in the corner
LIGHT_BGR, DARK_BGR = (74, 66, 62), (26, 22, 20)  # of the ground behind both faces, in the middle and outside
MOST_OF_TILE = 0.94  # of a tile's width that a caption takes at most


@dataclass(frozen=True)
class ThenAndNowParameters:
    """Which stored face is shown, and where."""

    weeks: float = parameter(
        4.0,
        "About how many weeks ago: of several stored faces that whose age is nearest to this.",
        minimum=0.0,
        maximum=2600.0,
    )
    at_least: float = parameter(
        1.0, "A face stored less than this many days ago is not shown.", minimum=0.0, maximum=3650.0
    )
    layout: str = parameter(
        BESIDE,
        "beside: then on the left, today on the right; above: then above today; inset: then small in a "
        "corner of the whole picture.",
        choices=(BESIDE, ABOVE, INSET),
    )
    corner: str = parameter("bottom_right", "Corner in the layout inset.", choices=CORNERS)
    inset_size: float = parameter(
        0.2, "Share of the picture's width that it has there.", minimum=0.1, maximum=0.5
    )
    caption: bool = parameter(True, "Write the dates under the faces.")
    mirrored: bool = parameter(
        True, "The picture is shown mirrored: then is on the left and texts read right there."
    )


class ThenAndNowEffect(Effect):
    """Shows the stored face of weeks ago beside today's, of a person who is known and has one."""

    name = "then_and_now"
    needs = frozenset({"faces", "stored"})
    any_resolution = False  # its tiles are as sharp as the picture
    alters_faces = False
    Parameters = ThenAndNowParameters

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self._now = now
        self._then: tuple[StoredFace, tuple[int, int], Image] | None = None

    def apply(self, image: Image, scene: Scene) -> Image:
        """Both faces of the largest one who has a stored face that is old enough, or a sentence instead."""
        parameters: ThenAndNowParameters = self.parameters
        found = self._found(scene)
        if found is None:
            self._then = None
            if scene.faces and all(face.track_id in scene.stored for face in scene.faces):
                return self._sentence(image, scene.language)
            return image
        face, stored = found
        size = (image.shape[1], image.shape[0])
        layout = TimeLayout.of(
            parameters.layout,
            size,
            parameters.corner,
            parameters.inset_size,
            aspect=INSET_ASPECT,
            mirrored=parameters.mirrored,
        )
        then = self._tile_of(stored, layout.then)
        if parameters.layout == INSET:
            shown = writable(image)
            shown[layout.then.slices] = then
            draw_edge(shown, layout.then)
        else:
            shown = np.zeros_like(image)
            shown[layout.now.slices] = _tile(image, face.landmarks, layout.now, None)
            shown[layout.then.slices] = then
        if parameters.caption:
            texts, now = effect_texts(scene.language), self._now()
            age = age_words(texts, stored.created, now)
            if parameters.layout == INSET:
                self._write(shown, layout.then, (age,))
            else:
                self._write(shown, layout.then, (date_words(texts, stored.created), age))
                self._write(shown, layout.now, (date_words(texts, now), texts["then_and_now.today"]))
        return shown

    def forget(self) -> None:
        """Forget the face that was drawn last."""
        self._then = None

    def close(self) -> None:
        """Forget the face that was drawn last."""
        self.forget()

    def _found(self, scene: Scene) -> tuple[Face, StoredFace] | None:
        parameters: ThenAndNowParameters = self.parameters
        now = self._now()
        for face in scene.faces:
            faces = scene.stored.get(face.track_id, ())
            stored = nearest_in_time(faces, now, 7 * parameters.weeks, parameters.at_least)
            if stored is not None:
                return face, stored
        return None

    def _tile_of(self, stored: StoredFace, box: Box) -> Image:
        """The stored face in the size of a box; drawn once."""
        size = (box.width, box.height)
        if self._then is None or self._then[0] is not stored or self._then[1] != size:
            view = stored.portrait.views[0]
            self._then = (stored, size, _tile(view.image, view.landmarks, box, view.opacity))
        return self._then[2]

    def _write(self, shown: Image, box: Box, lines: tuple[str, ...]) -> None:
        """Write a caption at the foot of a box, in place."""
        unit = min(shown.shape[:2]) * (0.7 if box.width < shown.shape[1] / 2.5 else 1.0)
        plate = _caption(
            lines, LETTERS * unit, round(MOST_OF_TILE * box.width), mirrored=self.parameters.mirrored
        )
        x = box.x + (box.width - plate.width) // 2
        plate.lay(shown, x, box.y + box.height - plate.height - round(MARGIN * unit))

    def _sentence(self, image: Image, language: str) -> Image:
        words = nobody_words(effect_texts(language), self.parameters.at_least)
        height, width = image.shape[:2]
        size_px = SENTENCE_LETTERS * min(width, height)
        plate = _caption((words,), size_px, round(MOST_OF_TILE * width), mirrored=self.parameters.mirrored)
        shown = writable(image)
        plate.lay(shown, (width - plate.width) // 2, height - 2 * plate.height)
        return shown


@lru_cache(maxsize=16)
def _caption(lines: tuple[str, ...], size_px: float, most_px: int, *, mirrored: bool) -> Plate:
    plate = caption(lines, size_px, most_px)
    return plate.mirrored() if mirrored else plate


@lru_cache(maxsize=4)
def _ground(width: int, height: int) -> Image:
    """The ground behind a face: dark, a little lighter around the middle."""
    places = EyePlaces.of(width, height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = np.float32(3.2 * places.distance)
    far = np.hypot(x - places.middle[0], y - places.middle[1] - 0.5 * places.distance) / reach
    light = np.exp(-(far**2))[..., None]
    dark, bright = np.array(DARK_BGR, np.float32), np.array(LIGHT_BGR, np.float32)
    return np.asarray(np.rint(dark + light * (bright - dark)), np.uint8)


def _tile(image: Image, landmarks: NDArray[np.float32], box: Box, opacity: NDArray[np.uint8] | None) -> Image:
    """A face on the ground, upright and with its eyes in their places: uint8 [h, w, 3] of a box.

    Args:
        image: uint8 [height, width, 3].
        landmarks: [468 or 478, 3] in its pixels.
        box: whose size it gets.
        opacity: uint8 [height, width] of a cut-out; None: the face's oval.
    """
    size = (box.width, box.height)
    places = EyePlaces.of(*size)
    matrix = alignment(landmarks, places)
    ground = _ground(*size)
    if matrix is None:
        return ground
    part, seen = oval_opacity(landmarks, matrix, size, places.distance)
    if seen.size == 0:
        return ground
    matrix[:, 2] -= (part[1].start, part[0].start)
    part_size = (seen.shape[1], seen.shape[0])
    face = aligned(image, matrix, part_size)
    if opacity is not None:
        seen = np.minimum(seen, aligned(opacity, matrix, part_size))
    keep = cv2.cvtColor(seen, cv2.COLOR_GRAY2BGR)
    tile = ground.copy()
    behind = cv2.multiply(tile[part], cv2.bitwise_not(keep), scale=1 / 255)
    tile[part] = cv2.add(cv2.multiply(face, keep, scale=1 / 255), behind)
    return tile
