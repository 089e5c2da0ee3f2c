"""Renders the demo reel: `Reel(size).render(t)` is the picture at second t, the same every time.

Each person is one remap of the cut-out portrait. The map comes from a coarse grid: the inverse of
the body's placement, the head's tilt about the neck, and its turn as a parallax of a depth field
(an ellipsoid with a nose). The portrait's colours are multiplied by alpha, so that laying it over
the room takes one multiplication and one addition.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_camera.choreography import Light, Stance, light_at, stances_at
from mirror_camera.coarse_grid import CoarseGrid
from mirror_camera.portrait import FACE_CENTRE, FACE_HEIGHT, PORTRAIT_SIZE, Portrait, load_portrait
from mirror_camera.room import GAIN_UNIT, Room, light_colour
from mirror_core.errors import ShapeError
from mirror_core.frame import Image

__all__ = ["Reel", "ReelFace"]

HEAD_CENTRE = (226.0, 106.0)  # px in the photograph; middle of the head with its hair
HEAD_RADII = (84.0, 98.0)  # px; half axes of the ellipsoid
HEAD_DEPTH = 74.0  # px; half axis towards the camera
DEPTH_EASE = 0.12  # rounds the depth's edge, where an ellipsoid would be vertical
NOSE = (223.5, 126.0, 13.0, 16.0)  # px; x, y, standard deviation, extra depth
NECK = (224.0, 186.0)  # px; about which the head tilts
HEAD_REACH = (
    0.92,
    1.24,
)  # in head radii: within the first all moves with the head, beyond the second nothing
BODY_AXIS_X, BODY_HALF_WIDTH = 212.0, 190.0  # px; the torso as a cylinder, for its shading
SHADE = 0.42  # how much darker the side away from the light is at azimuth ±1
HEADROOM = (0.40, 0.15)  # face centre's y as a share of the height: constant, plus per face height
LOWEST_BODY_PX = 500.0  # row of the photograph that must stay below the frame's lower edge
BODY_SIDES_PX = (20.0, 508.0)  # columns of the photograph between which the body lies
HEAD_TOP_PX = 8.0  # row of the photograph above which there is nothing
WIDTH_SHARE = 0.75  # people are scaled by the frame's height, but at most by this share of its width
HIDDEN_DISTANCE = 1.35  # heads nearer than this many face heights hide the one behind
INNER_FACE = (0.42, 0.5)  # half size of a face in face heights, for what the frame's border cuts


@dataclass(frozen=True, slots=True)
class ReelFace:
    """Where a face is in a rendered frame, for tests and calibration.

    Attributes:
        person: 0 or 1.
        centre: (x, y) of the face in pixels.
        height: forehead to chin in pixels.
        yaw_deg, pitch_deg, roll_deg: as in `Stance`; roll includes the body's lean.
    """

    person: int
    centre: tuple[float, float]
    height: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True)
class _Placement:
    """Where a stance puts the portrait: scale in px per photograph px, the face centre's pixel."""

    scale: float
    x: float
    y: float


class Reel:
    """The demo reel at one size.

    Args:
        width, height: size of the pictures in pixels, 1 or more.

    Raises:
        ShapeError: on a size below 1 × 1.
        SourceError: if the portrait cannot be loaded.
    """

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        if width < 1 or height < 1:
            raise ShapeError(f"The reel's size must be 1 × 1 or more, not {width} × {height}.")
        self.width, self.height = width, height
        self._room = Room(width, height)
        self._portraits = (load_portrait(), load_portrait(second=True))

    def render(self, time_s: float) -> Image:
        """The picture at `time_s` (any finite number of seconds), uint8 [height, width, 3], newly made."""
        light = light_at(time_s)
        picture = self._room.lit(light)
        for stance in stances_at(time_s):
            self._draw(picture, stance, light)
        return picture

    def truth(self, time_s: float) -> tuple[ReelFace, ...]:
        """The faces that can be seen at `time_s`: wholly in the frame, not hidden by the other head."""
        faces: list[ReelFace] = []
        for stance in reversed(stances_at(time_s)):
            face = self._face(stance)
            (x, y), (half_x, half_y) = face.centre, (share * face.height for share in INNER_FACE)
            inside = half_x <= x <= self.width - half_x and half_y <= y <= self.height - half_y
            hidden = any(
                math.dist(face.centre, other.centre) < HIDDEN_DISTANCE * other.height for other in faces
            )
            if inside and not hidden:
                faces.append(face)
        return tuple(faces)

    def _place(self, stance: Stance) -> _Placement:
        unit = min(self.height, WIDTH_SHARE * self.width)
        scale = stance.face_height * unit / FACE_HEIGHT
        head_x = _mirrored(FACE_CENTRE[0], stance.person)
        sides = sorted(_mirrored(edge, stance.person) for edge in BODY_SIDES_PX)
        if stance.x < 0:
            x = stance.x * (sides[1] - head_x) * scale
        elif stance.x > 1:
            x = self.width + (stance.x - 1) * (head_x - sides[0]) * scale
        else:
            x = stance.x * self.width
        y = (HEADROOM[0] + HEADROOM[1] * stance.face_height) * self.height
        return _Placement(scale, x, max(y, self.height - (LOWEST_BODY_PX - FACE_CENTRE[1]) * scale))

    def _face(self, stance: Stance) -> ReelFace:
        place = self._place(stance)
        head_x, neck_x = (_mirrored(x, stance.person) for x in (FACE_CENTRE[0], NECK[0]))
        x, y = _turned(head_x - neck_x, FACE_CENTRE[1] - NECK[1], stance.roll_deg)
        depth = HEAD_DEPTH * (1 - DEPTH_EASE)
        x += neck_x - head_x + depth * math.sin(math.radians(stance.yaw_deg))
        y += NECK[1] - FACE_CENTRE[1] + depth * math.sin(math.radians(stance.pitch_deg))
        x, y = _turned(x, y, stance.lean_deg)
        return ReelFace(
            person=stance.person,
            centre=(place.x + place.scale * x, place.y + place.scale * y),
            height=place.scale * FACE_HEIGHT,
            yaw_deg=stance.yaw_deg,
            pitch_deg=stance.pitch_deg,
            roll_deg=stance.roll_deg + stance.lean_deg,
        )

    def _draw(self, picture: Image, stance: Stance, light: Light) -> None:
        """Lay one person over `picture`, in place."""
        place = self._place(stance)
        head_x = _mirrored(FACE_CENTRE[0], stance.person)
        sides = sorted(_mirrored(edge, stance.person) for edge in BODY_SIDES_PX)
        left = max(math.floor(place.x + (sides[0] - head_x - 30) * place.scale), 0)
        right = min(math.ceil(place.x + (sides[1] - head_x + 30) * place.scale), self.width)
        top = max(math.floor(place.y - (FACE_CENTRE[1] - HEAD_TOP_PX + 12) * place.scale), 0)
        if right <= left or top >= self.height:
            return
        grid = CoarseGrid(picture[top:, left:right])
        x, y = _to_photograph(grid.x + (left - place.x), grid.y + (top - place.y), place.scale, stance)
        portrait = self._portraits[stance.person]
        texture_map = cv2.merge([(axis + 0.5) * portrait.scale - 0.5 for axis in (x, y)])
        gain = _shading(x, y, stance.person, light)
        for window in grid.windows(portrait.covers(x, y)):
            _lay_over(window.pixels, portrait, window.enlarged(texture_map), window.enlarged(gain))


def _lay_over(pixels: Image, portrait: Portrait, texture_map: NDArray[Any], gain: NDArray[Any]) -> None:
    """Lay the portrait, seen through `texture_map` and lit by `gain`, over `pixels`, in place."""
    person = cv2.remap(  # type: ignore[call-overload]  # OpenCV's types lack the absent second map
        portrait.texture, texture_map, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    colours = cv2.multiply(cv2.cvtColor(person, cv2.COLOR_BGRA2BGR), gain, scale=1 / GAIN_UNIT)
    uncovered = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(person, 3)), cv2.COLOR_GRAY2BGR)
    cv2.add(cv2.multiply(pixels, uncovered, scale=1 / 255), colours, dst=pixels)


_Plane = NDArray[np.float32]


def _mirrored(x: float, person: int) -> float:
    """A column of the photograph, in the second person's mirrored one."""
    return x if person == 0 else PORTRAIT_SIZE - 1 - x


def _turned(x: float, y: float, degrees: float) -> tuple[float, float]:
    """(x, y) turned clockwise in the picture."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return x * cos - y * sin, x * sin + y * cos


def _to_photograph(x: _Plane, y: _Plane, scale: float, stance: Stance) -> tuple[_Plane, _Plane]:
    """Offsets from the face centre in frame px → coordinates in the photograph."""
    cos, sin = (f(math.radians(stance.lean_deg)) / scale for f in (math.cos, math.sin))
    u = x * cos + y * sin + _mirrored(FACE_CENTRE[0], stance.person)
    v = y * cos - x * sin + FACE_CENTRE[1]
    neck_x, neck_y = _mirrored(NECK[0], stance.person), NECK[1]
    with_head = _share_of_head(u, v, stance.person)
    cos, sin = math.cos(math.radians(stance.roll_deg)), math.sin(math.radians(stance.roll_deg))
    from_neck_x, from_neck_y = u - neck_x, v - neck_y
    u = u + with_head * (from_neck_x * (cos - 1) + from_neck_y * sin)
    v = v + with_head * (from_neck_y * (cos - 1) - from_neck_x * sin)
    yaw, pitch = math.sin(math.radians(stance.yaw_deg)), math.sin(math.radians(stance.pitch_deg))
    moved_u, moved_v = u, v
    for _ in range(3):  # the depth belongs to the point that is looked for
        depth = _depth(moved_u, moved_v, stance.person)
        moved_u, moved_v = u - depth * yaw, v - depth * pitch
    return moved_u, moved_v


def _head_radius(u: _Plane, v: _Plane, person: int) -> _Plane:
    """Distance from the head's middle in head radii."""
    x = (u - _mirrored(HEAD_CENTRE[0], person)) / HEAD_RADII[0]
    y = (v - HEAD_CENTRE[1]) / HEAD_RADII[1]
    return np.sqrt(x * x + y * y)


def _share_of_head(u: _Plane, v: _Plane, person: int) -> _Plane:
    """1 on the head, 0 on the body, smooth between."""
    inner, outer = HEAD_REACH
    share = np.clip((outer - _head_radius(u, v, person)) / (outer - inner), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _depth(u: _Plane, v: _Plane, person: int) -> _Plane:
    """How far the head stands out towards the camera, in photograph px."""
    bulge = np.maximum(1 - _head_radius(u, v, person) ** 2, 0)
    x, y, spread, height = NOSE
    nose_distance = (u - _mirrored(x, person)) ** 2 + (v - y) ** 2
    nose = height * np.exp(-nose_distance / (2 * spread * spread))
    return np.asarray(HEAD_DEPTH * bulge * bulge / (bulge + DEPTH_EASE) + nose, np.float32)


def _shading(u: _Plane, v: _Plane, person: int, light: Light) -> NDArray[np.uint8]:
    """Gain of the light on the person's surface, uint8 [r, c, 3] in units of 1 / GAIN_UNIT."""
    with_head = _share_of_head(u, v, person)
    head = (u - _mirrored(HEAD_CENTRE[0], person)) / HEAD_RADII[0]
    body = (u - _mirrored(BODY_AXIS_X, person)) / BODY_HALF_WIDTH
    sideways = np.clip(with_head * head + (1 - with_head) * body, -1, 1)
    gain = 1 + light.azimuth * SHADE * np.sin(sideways * math.pi / 2) - 0.06 * abs(light.azimuth)
    return np.asarray(np.clip(gain[..., None] * light_colour(light) * GAIN_UNIT, 0, 255), np.uint8)
