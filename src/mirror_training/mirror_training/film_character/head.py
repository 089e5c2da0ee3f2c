"""The detective's head: a loft with a sculpted face, ears, neck and the hat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.lofts import grid, interpolated, rings, smoothstep, transformed
from mirror_training.film_character.mesh import Part
from mirror_training.film_character.rotations import Floats, about
from mirror_training.film_character.skeleton import BONE_INDEX, HEAD_SCALE, Bones

__all__ = ["EYE", "HEAD_BOTTOM_M", "HEAD_TOP_M", "MOUTH_Y_M", "head"]

HEAD_PROFILE = (
    (-0.098, 0.016, 0.052, 0.020),
    (-0.094, 0.026, 0.076, 0.008),
    (-0.085, 0.036, 0.086, -0.008),
    (-0.068, 0.048, 0.089, -0.032),
    (-0.045, 0.056, 0.089, -0.056),
    (-0.020, 0.063, 0.090, -0.076),
    (0.005, 0.068, 0.090, -0.090),
    (0.030, 0.071, 0.089, -0.098),
    (0.052, 0.074, 0.093, -0.102),
    (0.082, 0.076, 0.091, -0.103),
    (0.112, 0.071, 0.079, -0.094),
    (0.135, 0.054, 0.054, -0.068),
    (0.146, 0.030, 0.024, -0.038),
    (0.150, 0.002, -0.006, -0.010),
)
"""Height, half width, front and back in the head's frame; y = 0 is about the nostrils' height plus 2 cm."""
HEAD_BOTTOM_M, HEAD_TOP_M = HEAD_PROFILE[0][0], HEAD_PROFILE[-1][0]
EYE = (0.0315, 0.028)  # x and y of the left eye's middle, in metres
MOUTH_Y_M = -0.043

# x, y, width in x, width in y, how far out: bumps and hollows of the face, each also on the other side.
FEATURES = (
    (0.000, 0.030, 0.0075, 0.016, 0.008),  # bridge of the nose
    (0.000, 0.008, 0.0080, 0.016, 0.016),
    (0.000, -0.010, 0.0090, 0.0095, 0.020),  # tip
    (0.0125, -0.016, 0.0060, 0.0060, 0.009),  # wing
    (0.000, -0.027, 0.0090, 0.0050, -0.003),  # under the nose
    (EYE[0], EYE[1] - 0.001, 0.0150, 0.0100, -0.0105),  # eye socket
    (EYE[0], EYE[1] - 0.001, 0.0090, 0.0060, 0.0045),  # eyeball
    (0.026, 0.047, 0.0180, 0.0060, 0.0050),  # brow ridge
    (0.047, -0.002, 0.0150, 0.0120, 0.0045),  # cheekbone
    (0.038, -0.034, 0.0120, 0.0150, -0.0045),  # hollow cheek
    (0.000, MOUTH_Y_M + 0.005, 0.0160, 0.0040, 0.0040),  # upper lip
    (0.000, MOUTH_Y_M - 0.007, 0.0140, 0.0045, 0.0045),  # lower lip
    (0.000, MOUTH_Y_M - 0.016, 0.0150, 0.0050, -0.0030),
    (0.000, -0.076, 0.0150, 0.0120, 0.0080),  # chin
    (0.044, -0.072, 0.0130, 0.0140, 0.0040),  # corner of the jaw
)
BRIM_SECTION = (  # from the crown outwards on top and back below: share of the width, and height in metres
    (0.0, 0.003), (0.25, 0.003), (0.55, 0.003), (0.85, 0.003), (1.0, 0.002), (1.0, -0.002),
    (0.85, -0.003), (0.4, -0.003), (0.0, -0.003),
)  # fmt: skip
HAT_TILT = (-5.0, 4.0)  # degrees about x and z by which the hat is worn
HAT_Y = 0.069  # height of the brim's root in the head's frame


def _face(points: Floats) -> Floats:
    """The rings with the face's features, which stand out along their direction from the head's axis."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    front = smoothstep(0.0, 0.05, z)
    out = np.zeros_like(x)
    for at_x, at_y, wide, high, far in FEATURES:
        vertical = np.exp(-0.5 * ((y - at_y) / high) ** 2)
        for middle in {at_x, -at_x}:
            out += far * vertical * np.exp(-0.5 * ((x - middle) / wide) ** 2)
    direction = np.stack([0.25 * x, np.zeros_like(x), np.maximum(z, 0.02)], axis=-1)
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    return np.asarray(points + direction * (out * front)[..., None])


def _skull() -> Floats:
    """Rings whose corners are dense in front, where the features are."""
    profile = interpolated(HEAD_PROFILE, 40)
    even = rings(profile, 180, 2.15)
    angle = np.linspace(-1.0, 1.0, 59)
    dense = 0.42 * angle + 0.58 * angle**3  # slow near 0: the middle of the face
    column = np.clip(np.rint((dense + 1.0) * 90).astype(int), 0, 180)
    return _face(even[:, column])


def _ear(sign: float) -> Floats:
    """A flat ellipsoid that stands off at the back."""
    height = np.linspace(-1.0, 1.0, 9)
    radius = np.sqrt(np.maximum(1.0 - height**2, 0.0))
    wide = radius * (0.72 + 0.28 * smoothstep(-0.8, 0.4, height))  # narrower at the lobe
    table = np.column_stack([0.029 * height, 0.0075 * wide + 1e-4, 0.0145 * wide, -0.0145 * wide])
    points = rings(table, 12)
    points[..., 2] -= 0.12 * points[..., 1]
    return transformed(points, about("y", sign * -16.0), np.array([sign * 0.0700, 0.012, -0.012]))


def _crown() -> Floats:
    """The hat's crown: tapered, pinched at both sides in front and creased along its top."""
    rows = []
    for height, half, deep in (
        (0.000, 0.0835, 0.1060), (0.020, 0.0825, 0.1050), (0.040, 0.0810, 0.1030), (0.060, 0.0780, 0.1000),
        (0.080, 0.0740, 0.0960), (0.098, 0.0690, 0.0910), (0.110, 0.0620, 0.0850), (0.1165, 0.053, 0.0770),
        (0.118, 0.0420, 0.0660), (0.115, 0.0300, 0.0540), (0.109, 0.0170, 0.0400), (0.104, 0.006, 0.0250),
        (0.1030, 0.0010, 0.0100),
    ):  # fmt: skip
        rows.append((height, half, deep, -deep))
    table = np.array(rows)
    points = rings(table, 40, 2.1)
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    high = smoothstep(0.035, 0.11, y)
    pinch = high * np.exp(-(((z - 0.062) / 0.030) ** 2))
    points[..., 0] = x * (1.0 - 0.42 * pinch)
    points[..., 1] = y + high * (0.10 * (z - 0.0)) * 0.9 * smoothstep(0.0, 1.0, high)  # higher in front
    return points


def _brim() -> Floats:
    """The brim: down in front, up at the sides and at the back."""
    angle = np.linspace(-np.pi, np.pi, 57)
    sine, cosine = np.sin(angle), np.cos(angle)
    rows = []
    for share, thick in BRIM_SECTION:
        width = 0.060 + 0.010 * np.clip(cosine, 0, 1)
        half, deep = 0.080 + width * share, 0.102 + width * share
        curl = share**1.6 * (
            0.024 * sine**2 - 0.024 * np.clip(cosine, 0, 1) ** 1.5 + 0.016 * np.clip(-cosine, 0, 1)
        )
        rows.append(np.stack([half * sine, curl + thick, deep * cosine], axis=1))
    return np.asarray(np.stack(rows)[::-1])


def head(rest: Bones) -> list[Part]:
    """Head, ears, neck and hat in the rest pose."""
    index = BONE_INDEX["head"]
    rotation, origin = rest.rotations[index], rest.origins[index]

    def placed(points: NDArray[Any], material: str, weights: Any = None, **lids: bool) -> Part:
        vertices, triangles, texture = grid(points, **lids)
        return Part(
            transformed(HEAD_SCALE * vertices, rotation, origin),
            triangles,
            texture,
            weights or {"head": 1.0},
            material,
        )

    skull = _skull()
    vertices, triangles, _ = grid(skull)
    # The face's picture is wrapped round the head as a cylinder: 0 … 1 is once round, and bottom to top.
    turn = np.arctan2(vertices[:, 0], vertices[:, 2] + 0.004) / (2 * np.pi) + 0.5
    seam = np.tile(np.arange(skull.shape[1]), skull.shape[0])
    turn = np.where(seam == 0, 0.0, np.where(seam == skull.shape[1] - 1, 1.0, turn))
    texture = np.column_stack([turn, (HEAD_TOP_M - vertices[:, 1]) / (HEAD_TOP_M - HEAD_BOTTOM_M)])
    face = Part(
        transformed(HEAD_SCALE * vertices, rotation, origin), triangles, texture, {"head": 1.0}, "face"
    )
    ears = [placed(_ear(sign), "ear") for sign in (-1.0, 1.0)]
    tilt = about("x", HAT_TILT[0]) @ about("z", HAT_TILT[1])
    seat = np.array([0.0, HAT_Y, -0.006])
    hat = [
        placed(transformed(shape, tilt, seat), name) for shape, name in ((_crown(), "hat"), (_brim(), "brim"))
    ]
    return [face, *ears, *hat, _neck()]


def _neck() -> Part:
    table = [
        (1.440, 0.064, 0.050, -0.072), (1.490, 0.056, 0.040, -0.066),
        (1.530, 0.055, 0.040, -0.064), (1.575, 0.056, 0.044, -0.066), (1.600, 0.050, 0.036, -0.062),
    ]  # fmt: skip
    vertices, triangles, texture = grid(rings(interpolated(table, 12), 24))
    up = smoothstep(1.48, 1.59, vertices[:, 1])
    low = 1.0 - smoothstep(1.44, 1.50, vertices[:, 1])
    weights = {"head": 0.8 * up, "chest": low, "neck": np.clip(1.0 - 0.8 * up - low, 0.0, 1.0)}
    return Part(vertices, triangles, texture, weights, "skin")
