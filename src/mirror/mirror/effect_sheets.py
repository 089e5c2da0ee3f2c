"""Sheets of pictures that show what an effect can do, for the documentation: the demo person many times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror.film_sheet import film_sheet
from mirror.mood_sheet import directions_sheet
from mirror.window_sheets import WINDOW_SHEETS
from mirror_camera.reel import Reel
from mirror_core.errors import ModelError
from mirror_core.faces import Face
from mirror_core.frame import Frame, Image, read_only
from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel
from mirror_effects import Effect, Scene
from mirror_effects.caricature import CaricatureEffect, CaricatureParameters
from mirror_effects.deform import DeformEffect, DeformParameters
from mirror_effects.deform_presets import PRESETS as DEFORMATIONS
from mirror_effects.expression import OPPOSITE, ExpressionEffect, ExpressionParameters
from mirror_effects.mask import MaskEffect, MaskParameters
from mirror_effects.mask_names import PRESETS as MASKS
from mirror_effects.medical import KINDS
from mirror_effects.overlay import draw_label
from mirror_effects.plain import PlainEffect
from mirror_effects.swap import SwapEffect, SwapParameters
from mirror_effects.unmask import UnmaskEffect
from mirror_effects.wear_mask import WearMaskEffect, WearMaskParameters
from mirror_gallery.presets import load_preset, preset_names
from mirror_tracking.emotion_directions import EMOTIONS, shared_emotion_directions
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.shape_sheet import component_sheet
from mirror_tracking.tracker import FaceTracker

__all__ = ["SHEETS"]

TIME_S, LEAD_S, RATE_HZ = 29.0, 1.0, 30.0  # of the demo reel: near, and looking at the mirror
COLUMNS, TILE_PX = 4, 280
MARGIN = 0.22  # around the face, as a share of its height
UNMASK_TILE_PX, UNMASK_MARGIN = 200, 0.24
HEAD_PX, GAP_PX = 24, 12  # height of the titles, and between the halves of that sheet
LABEL_PX = 26
ANSWER_S = 60.0  # for loading the unmasking network and its answer, on a machine that does much else
FACTORS = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 7.0)


def _person(size: tuple[int, int]) -> tuple[Frame, tuple[Face, ...]]:
    """The demo person at the moment of the sheets, tracked."""
    reel, tracker = Reel(*size), FaceTracker()
    try:
        for index in range(round(LEAD_S * RATE_HZ) + 1):
            time_s = TIME_S - LEAD_S + index / RATE_HZ
            frame = Frame(reel.render(time_s), round(time_s * 1e9))
            faces = tracker.update(frame).faces
    finally:
        tracker.close()
    return frame, faces


def _sheet(
    effects: Iterable[tuple[str, Callable[[], Effect]]],
    margin: float = MARGIN,
    moods: NDArray[np.float32] | None = None,
) -> Image:
    """One tile for each named effect, mirrored as in the window: uint8, BGR.

    `moods` [7] are what is read from the person; None: nothing.
    """
    frame, faces = _person((1280, 720))
    known = {} if moods is None else {face.track_id: Mood(face.track_id, moods) for face in faces}
    part = _around(faces[0], margin)
    tiles = []
    for name, make in effects:
        effect = make()
        shown = effect.apply(frame.image, Scene(frame.stamp_ns, faces, moods=known))
        effect.close()
        tiles.append(_tile(shown[part], TILE_PX))
        _name(tiles[-1], name)
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
    return np.vstack([np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)])


def _around(face: Face, margin: float) -> tuple[slice, slice]:
    """The rows and columns of the square around a face."""
    (x, y), half = face.roi.centre, face.roi.height * (0.5 + margin)
    return slice(round(y - half), round(y + half)), slice(round(x - half), round(x + half))


def _tile(part: Image, side: int) -> Image:
    """A part of a picture, as wide and high as `side`, mirrored as in the window."""
    small = cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[:, ::-1], np.uint8)


def _name(tile: Image, text: str, height: float = LABEL_PX) -> None:
    """Write below what a tile shows."""
    side = tile.shape[0]
    draw_label(tile, text, (side / 2, side - 8), (255, 255, 255), height, mirrored=False)


def _with(effect: Effect, parameters: Any) -> Effect:
    effect.parameters = parameters
    return effect


def _wearing(name: str) -> Effect:
    effect = SwapEffect()
    effect.parameters = SwapParameters(preset=name)
    effect.make_ready()
    return effect


def masks_sheet() -> Image:
    """All preset masks."""
    return _sheet((name, lambda name=name: _with(MaskEffect(), MaskParameters(mask=name))) for name in MASKS)  # type: ignore[misc]


def medical_masks_sheet() -> Image:
    """All kinds of medical masks, one with a pattern, and one as it should not be worn."""
    worn = {name: WearMaskParameters(kind=name, seed=1) for name in KINDS}
    worn["cloth, flowers"] = WearMaskParameters(kind="cloth", colour="#3d5a80", texture="flowers")
    worn["under the nose"] = WearMaskParameters(fit="under_nose", colour="#eef0f0", seed=2)
    return _sheet(
        ((name, lambda looks=looks: _with(WearMaskEffect(), looks)) for name, looks in worn.items()),  # type: ignore[misc]
        0.3,
    )


def presets_sheet() -> Image:
    """All preset faces; without them only the own one."""
    names = [(load_preset(name).name, lambda name=name: _wearing(name)) for name in preset_names()]
    return _sheet([("yourself", lambda: _wearing("none")), *names])


def caricature_sheet() -> Image:
    """What the factor does, while the picture around bends too."""
    return _sheet(
        (
            (
                f"{factor:g}",
                lambda factor=factor: _with(  # type: ignore[misc]
                    CaricatureEffect(), CaricatureParameters(factor=factor, around="bends")
                ),
            )
            for factor in FACTORS
        ),
        0.4,
    )


def deform_sheet() -> Image:
    """All presets of `deform`."""
    return _sheet(
        (
            (name, lambda name=name: _with(DeformEffect(), DeformParameters(preset=name)))  # type: ignore[misc]
            for name in DEFORMATIONS
        ),
        0.4,
    )


def expression_sheet() -> Image:
    """All emotions, and the opposite of the demo person's smile."""
    smile = np.zeros(MOOD_COUNT, np.float32)
    smile[MoodLabel.HAPPY] = 1
    return _sheet(
        (
            ("yourself", PlainEffect),
            *(
                (
                    emotion,
                    lambda emotion=emotion: _with(ExpressionEffect(), ExpressionParameters(emotion=emotion)),
                )
                for emotion in EMOTIONS
            ),
            ("opposite", lambda: _with(ExpressionEffect(), ExpressionParameters(emotion=OPPOSITE))),
        ),
        moods=smile,
    )


def unmask_sheet() -> Image:
    """The demo person with each kind of medical mask, what the mirror shows of them, and their true face."""
    frame, faces = _person((1280, 720))
    part = _around(faces[0], UNMASK_MARGIN)
    triptychs = []
    for kind in KINDS:
        look = _with(WearMaskEffect(), WearMaskParameters(kind=kind, seed=1))
        masked = read_only(look.apply(frame.image, Scene(frame.stamp_ns, faces)))
        look.close()
        shown = _unmasked(masked)
        tiles = [_tile(picture[part], UNMASK_TILE_PX) for picture in (masked, shown, frame.image)]
        _name(tiles[0], kind, HEAD_PX)
        triptychs.append(np.hstack(tiles))
    head = np.zeros((HEAD_PX, triptychs[0].shape[1], 3), np.uint8)
    for number, title in enumerate(("with a mask", "what the mirror shows", "the true face")):
        middle = (number + 0.5) * UNMASK_TILE_PX
        draw_label(head, title, (middle, HEAD_PX), (255, 255, 255), HEAD_PX, mirrored=False)
    triptychs += [np.full_like(triptychs[0], 255)] * (len(triptychs) % 2)
    half = len(triptychs) // 2
    columns = [np.vstack([head, *triptychs[:half]]), np.vstack([head, *triptychs[half:]])]
    gap = np.full((columns[0].shape[0], GAP_PX, 3), 255, np.uint8)
    return np.hstack([columns[0], gap, columns[1]])


def _unmasked(masked: Image) -> Image:
    """What the mirror shows of a masked person: tracked with the mask on, and seen by the network.

    Raises:
        ModelError: if there is no face, or the network does not answer.
    """
    effect, tracker = UnmaskEffect(), FaceTracker()
    try:
        for index in range(round(LEAD_S * RATE_HZ)):
            found = tracker.update(Frame(masked, round((index + 1) * 1e9 / RATE_HZ)))
        scene = Scene(found.stamp_ns, found.faces)
        effect.apply(masked, scene)
        if effect.unmasker is None:
            raise ModelError("The tracker finds no face behind the mask.")
        if not effect.unmasker.wait(ANSWER_S):
            raise ModelError(f"The unmasking network did not answer within {ANSWER_S:.0f} s.")
        return effect.apply(masked, scene)
    finally:
        tracker.close()
        effect.close()


def mood_directions_sheet() -> Image:
    """The emotion directions on the mean face."""
    return directions_sheet(shared_emotion_directions())


def shape_sheet() -> Image:
    """The first components of the shape model."""
    return component_sheet(shared_shape_model(), 9)


def film_character_strip() -> Image:
    """Stills of the film character."""
    from mirror_training.film_character import strip

    return strip()


SHEETS: dict[str, Callable[[], Image]] = {
    "masks": masks_sheet,
    "medical_masks": medical_masks_sheet,
    "presets": presets_sheet,
    "caricature": caricature_sheet,
    "deform": deform_sheet,
    "expression": expression_sheet,
    "unmask": unmask_sheet,
    "mood_directions": mood_directions_sheet,
    "shape": shape_sheet,
    "film_character": film_character_strip,
    "film": film_sheet,
    **WINDOW_SHEETS,
}
"""Name of the picture → what makes it."""
