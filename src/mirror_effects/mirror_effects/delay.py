"""The effect `delay`: yourself some seconds ago."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mirror_core.frame import Image
from mirror_core.parameters import parameter
from mirror_effects.delayed_pictures import DelayedPictures
from mirror_effects.effect import Effect, Scene
from mirror_effects.effect_texts import effect_texts
from mirror_effects.film.views import CORNERS, Box
from mirror_effects.plate import Plate, caption
from mirror_effects.time_layout import ABOVE, BESIDE, FULL, INSET, TimeLayout, cover, draw_edge

__all__ = ["DelayEffect", "DelayParameters"]

LETTERS = 0.04  # height of captions, as a share of the shorter side
MARGIN = 0.025  # below a caption, likewise


@dataclass(frozen=True)
class DelayParameters:
    """How long ago, and where that is seen."""

    seconds: float = parameter(3.0, "How many seconds ago.", minimum=0.5, maximum=10.0)
    layout: str = parameter(
        BESIDE,
        "full: the earlier picture alone; beside: on the left, with the present one on the right; above: "
        "above the present one; inset: small in a corner of the present one.",
        choices=(FULL, BESIDE, ABOVE, INSET),
    )
    corner: str = parameter(
        "bottom_right", "Corner of the earlier picture in the layout inset.", choices=CORNERS
    )
    inset_size: float = parameter(
        0.3, "Share of the picture's width that it has there.", minimum=0.1, maximum=0.5
    )
    caption: bool = parameter(True, "Write under the earlier picture how long ago it is.")
    mirrored: bool = parameter(
        True, "The picture is shown mirrored: the earlier one is on the left and texts read right there."
    )


class DelayEffect(Effect):
    """Shows you as you were some seconds ago, beside yourself or alone."""

    name = "delay"
    any_resolution = False  # it keeps pictures of one size
    alters_faces = False
    Parameters = DelayParameters

    def __init__(self) -> None:
        super().__init__()
        self._pictures: DelayedPictures | None = None

    @property
    def bytes_used(self) -> int:
        """Memory that the kept pictures take, compressed."""
        return 0 if self._pictures is None else self._pictures.bytes_used

    def apply(self, image: Image, scene: Scene) -> Image:
        """The frame with the picture of some seconds ago; until there is one, with how long it takes."""
        parameters: DelayParameters = self.parameters
        if self._pictures is None or self._pictures.seconds != parameters.seconds:
            self.close()
            self._pictures = DelayedPictures(parameters.seconds)
        then = self._pictures.exchange(scene.stamp_ns, image)
        size = (image.shape[1], image.shape[0])
        whole = Box(0, 0, *size)
        if then is None:
            shown = image.copy()  # the kept one stays as it is
            left_s = self._pictures.left_s(scene.stamp_ns)
            self._write(shown, whole, "wait", scene.language, left=max(1, math.ceil(left_s)))
            return shown
        if parameters.layout == FULL:
            if not parameters.caption:
                return then
            shown = then.copy()
            self._write(shown, whole, "ago", scene.language)
            return shown
        layout = TimeLayout.of(
            parameters.layout, size, parameters.corner, parameters.inset_size, mirrored=parameters.mirrored
        )
        if parameters.layout == INSET:
            shown = image.copy()
            shown[layout.then.slices] = cover(then, layout.then)
            draw_edge(shown, layout.then)
        else:
            shown = np.zeros_like(image)
            shown[layout.then.slices] = cover(then, layout.then)
            shown[layout.now.slices] = cover(image, layout.now)
        if parameters.caption:
            self._write(shown, layout.then, "ago", scene.language)
        return shown

    def forget(self) -> None:
        """Forget all kept pictures."""
        if self._pictures is not None:
            self._pictures.clear()

    def close(self) -> None:
        """Forget all kept pictures and end the thread."""
        if self._pictures is not None:
            self._pictures.close()
            self._pictures = None

    def _write(self, shown: Image, box: Box, key: str, language: str, **values: int) -> None:
        """Write a caption at the foot of a box, in place."""
        unit = min(shown.shape[:2]) * (0.75 if box.width < shown.shape[1] / 2.1 else 1.0)
        text = effect_texts(language)[f"delay.{key}"].format(seconds=f"{self.parameters.seconds:g}", **values)
        plate = _caption(text, LETTERS * unit, box.width, mirrored=self.parameters.mirrored)
        x = box.x + (box.width - plate.width) // 2
        plate.lay(shown, x, box.y + box.height - plate.height - round(MARGIN * unit))


@lru_cache(maxsize=16)
def _caption(text: str, size_px: float, most_px: int, *, mirrored: bool) -> Plate:
    plate = caption((text,), size_px, most_px)
    return plate.mirrored() if mirrored else plate
