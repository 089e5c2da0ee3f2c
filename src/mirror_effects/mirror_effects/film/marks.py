"""What is written over the scene: the points of a round, the figure to follow, and a take's consent stamp."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

import numpy as np

from mirror_core.body_points import BodyPoint
from mirror_core.frame import Image
from mirror_effects.film.pose import HIDDEN, Pose
from mirror_effects.film.rounds import Standing
from mirror_effects.film.skeleton import CHEST, PELVIS, SKULL, joints
from mirror_effects.film.views import Box
from mirror_effects.overlay import Colour, draw_label, draw_polylines

__all__ = ["draw_consent", "draw_standing", "in_ascii"]

PLAYING: Final[Colour] = (90, 210, 255)  # blue, green, red
STANDING: Final[Colour] = (120, 230, 140)
RECORDING: Final[Colour] = (110, 110, 255)
LABEL = 0.07  # height of the points, as a share of the scene's
GUIDE = 0.3  # height of the figure to follow, likewise
STAMP = 0.04  # height of the consent stamp as a share of the picture's


HEAD = 0.55  # radius of its head, as a share of the way from the ears to the chest
_ANGLES: Final = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
_CIRCLE: Final = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


def _limb(side: str, *names: str) -> tuple[int, ...]:
    return tuple(int(BodyPoint[f"{side}_{name}"]) for name in names)


_STROKES: Final = (
    (int(CHEST), int(PELVIS)),
    *(
        (trunk, *_limb(side, *names))
        for side in ("LEFT", "RIGHT")
        for trunk, names in (
            (int(CHEST), ("SHOULDER", "ELBOW", "WRIST", "INDEX")),
            (int(PELVIS), ("HIP", "KNEE", "ANKLE", "FOOT_INDEX")),
        )
    ),
)
"""The lines of the figure to follow, through joints."""


def draw_standing(
    image: Image, box: Box, standing: Standing, size: tuple[int, int], *, mirrored: bool
) -> None:
    """Draw a round's points below in the middle, and above at the side the figure to follow.

    Args:
        image: writable, uint8 [h, w, 3].
        box: of the scene in it.
        standing: of the round.
        size: width and height of the scene's picture, in which the guide's pose is.
        mirrored: for a picture that is shown mirrored.
    """
    words = f"Score {standing.points}"
    if standing.is_over:
        words = f"Final score {standing.points}"
    elif not standing.has_begun:
        words = "Follow the small figure"
    colour = STANDING if standing.is_over else PLAYING
    height = LABEL * box.height
    where = (box.x + box.width / 2, box.y + box.height - 0.8 * height)
    draw_label(image, words, where, colour, height, mirrored=mirrored)
    if not standing.is_over:
        _draw_guide(image, box, standing.guide, size, mirrored=mirrored)


def _draw_guide(image: Image, box: Box, pose: Pose, size: tuple[int, int], *, mirrored: bool) -> None:
    width, height = size
    scale = GUIDE * box.height / height
    wide, high = round(width * scale), round(height * scale)
    room = round(0.02 * box.height)
    x = box.x + box.width - room - wide if mirrored else box.x + room
    y = box.y + room
    plate = image[y : y + high, x : x + wide]
    plate[:] = (plate * 0.35).astype(np.uint8)
    places = joints(pose.points)[:, :2] * scale
    if mirrored:
        places[:, 0] = wide - places[:, 0]
    places += (x, y)
    seen = np.ones(len(places))
    seen[: len(BodyPoint)] = pose.visibility
    lines = []
    for stroke in _STROKES:
        shown = [joint for joint in stroke if seen[joint] > HIDDEN]
        if len(shown) > 1:
            lines.append(places[shown])
    if pose.visibility.max() <= HIDDEN:
        return
    thickness = max(2, round(0.006 * box.height))
    draw_polylines(image, lines, PLAYING, thickness)
    radius = HEAD * float(np.linalg.norm(places[SKULL] - places[CHEST]))
    draw_polylines(image, [places[SKULL] + radius * _CIRCLE], PLAYING, thickness, closed=True)


def in_ascii(text: str) -> str:
    """The text without accents and without what OpenCV's letters do not have."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip()


def draw_consent(image: Image, name: str, when: datetime, *, mirrored: bool) -> None:
    """Write who is recorded, since when, and that they agreed, small in the lower left corner as shown.

    Args:
        image: writable, uint8 [h, w, 3].
        name: of who agreed.
        when: the take began.
        mirrored: for a picture that is shown mirrored.
    """
    words = [in_ascii(name), f"{when:%Y-%m-%d %H:%M}", "recorded with consent"]
    height, width = image.shape[:2]
    place = (width if mirrored else 0, height)
    label = ", ".join(word for word in words if word)
    draw_label(image, label, place, RECORDING, max(18.0, STAMP * height), mirrored=mirrored)
