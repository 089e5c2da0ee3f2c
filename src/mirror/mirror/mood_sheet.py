"""Pictures of the emotion directions and their opposites, on the mean face and on a photograph."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face, Roi
from mirror_core.frame import Image, read_only
from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel
from mirror_effects import Scene
from mirror_effects.expression import OPPOSITE, ExpressionEffect, ExpressionParameters
from mirror_effects.overlay import draw_label
from mirror_tracking.emotion_directions import EMOTIONS, EmotionDirections
from mirror_tracking.shape_drawing import BACKGROUND, draw_shape
from mirror_tracking.shape_model import ShapeModel, shared_shape_model

__all__ = ["clay_rows", "directions_sheet", "photo_rows", "photo_sheet"]

TILE_PX, LABEL_PX, STRIP_PX = 240, 22, 30
LEAST_OPEN, MOST_OPEN = np.array([0.01, 0.02]), np.array([10.0, 10.0])  # mouth, eyes; in the model's units
MARGIN = 0.22  # around the face, as a share of its height


def clay_rows(directions: EmotionDirections, model: ShapeModel, strength: float = 1.0) -> list[list[Image]]:
    """The neutral face with each emotion, and with the opposite of each: two rows of seven tiles."""
    rows = []
    for sign in (strength, -strength):
        shapes = [
            directions.neutral,
            *(directions.neutral + sign * directions.direction(e) for e in EMOTIONS),
        ]
        rows.append(
            [draw_shape(model.shape(directions.within(p, LEAST_OPEN, MOST_OPEN)), TILE_PX) for p in shapes]
        )
    return rows


def photo_rows(
    photo: Image, landmarks: NDArray[np.float32], directions: EmotionDirections, strength: float = 1.0
) -> list[list[Image]]:
    """A photograph with each emotion, and with the opposite of each: two rows of seven tiles.

    Args:
        photo: uint8 [h, w, 3], BGR.
        landmarks: float32 [478, 3], of the one face in it.
        directions: what the effect shall use.
        strength: of the effect.
    """
    face, source = Face(1, 1.0, Roi.around(landmarks), landmarks), read_only(photo)
    rows = []
    for opposite in (False, True):
        tiles = [_part(source, face)]
        for emotion in EMOTIONS:
            effect = ExpressionEffect(directions)
            chosen = OPPOSITE if opposite else emotion
            effect.parameters = ExpressionParameters(emotion=chosen, strength=strength)
            tiles.append(_part(effect.apply(source, Scene(0, (face,), moods={1: _sure_of(emotion)})), face))
        rows.append(tiles)
    return rows


def directions_sheet(directions: EmotionDirections) -> Image:
    """The emotion directions on the mean face."""
    return _labelled(clay_rows(directions, shared_shape_model()))


def photo_sheet(photo: Image, landmarks: NDArray[np.float32], directions: EmotionDirections) -> Image:
    """The emotion directions on the mean face, and below on a photograph; arguments as for `photo_rows`."""
    rows = clay_rows(directions, shared_shape_model()) + photo_rows(photo, landmarks, directions)
    return _labelled(rows)


def _sure_of(emotion: str) -> Mood:
    probabilities = np.zeros(MOOD_COUNT, np.float32)
    probabilities[MoodLabel[emotion.upper()]] = 1
    return Mood(1, probabilities)


def _part(picture: Image, face: Face) -> Image:
    """The face and what is around it, TILE_PX wide and high."""
    side = (1 + 2 * MARGIN) * face.roi.height
    scale, (x, y) = TILE_PX / side, face.roi.centre
    place = np.array([[scale, 0, TILE_PX / 2 - scale * x], [0, scale, TILE_PX / 2 - scale * y]])
    place[:, 2] += 0.5 * scale - 0.5  # OpenCV counts from the centres of pixels
    # A smaller picture is smoothed first: warpAffine looks at four pixels only.
    source = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale) if scale < 0.8 else picture
    size = (TILE_PX, TILE_PX)
    drawn = cv2.warpAffine(source, place, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def _labelled(rows: list[list[Image]]) -> Image:
    """Rows of tiles as one picture; every second row holds opposites."""
    lines = []
    for number, row in enumerate(rows):
        tiles = []
        for name, tile in zip(("yourself" if number > 1 else "neutral", *EMOTIONS), row, strict=True):
            framed = cv2.copyMakeBorder(tile, 0, STRIP_PX, 0, 0, cv2.BORDER_CONSTANT, value=BACKGROUND)
            drawn = np.asarray(framed, np.uint8)
            text = name if number % 2 == 0 or name not in EMOTIONS else f"opposite of {name}"
            draw_label(
                drawn, text, (TILE_PX / 2, TILE_PX + STRIP_PX - 8), (255, 255, 255), LABEL_PX, mirrored=False
            )
            tiles.append(drawn)
        lines.append(np.hstack(tiles))
    return np.asarray(np.vstack(lines), np.uint8)
