"""The scene's lights and how a surface answers them.

Colours are blue, green, red and linear. Many points are held component by component, [3, n], because numpy
works fastest on long rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AMBIENT_DOWN",
    "AMBIENT_UP",
    "FILL",
    "LAMP",
    "LANTERN",
    "MOON",
    "STANDARD_M",
    "Light",
    "Surface",
    "airlight",
    "cone",
    "film_curve",
    "lamp_at",
    "length",
    "lit",
]

Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp.

    Attributes:
        position: metres.
        colour: blue, green, red; what a white surface sends back that faces it in a distance of 3 m.
        gleams: whether it makes highlights.
    """

    position: tuple[float, float, float]
    colour: tuple[float, float, float]
    gleams: bool = True


LAMP = Light((-1.75, 2.60, 2.20), (1.02, 1.46, 1.74))  # on a cable before the scene, outside of the picture
LANTERN = Light((-1.24, 2.08, -1.66), (0.26, 0.52, 0.78))  # the street lamp, behind the character
MOON = Light((3.0, 3.0, -2.4), (1.20, 0.84, 0.58))  # cold light over the roofs
FILL = Light((2.2, 1.6, 4.2), (0.20, 0.155, 0.115), gleams=False)  # beside the camera: shadows are not dead
AMBIENT_UP = (0.060, 0.044, 0.032)  # from the sky
AMBIENT_DOWN = (0.016, 0.017, 0.018)  # from the wet street

SWING_S = 4.4  # in which the lamp swings there and back
SWING_M = (0.30, 0.05, 0.12)
EXPOSURE = 1.0
SIZE_M = 0.07  # of a lamp: nothing gets nearer than that to a point of light
AIM = (0.05, 0.85, 0.0)  # what the lamp's shade points at
CONE = (0.955, 0.855)  # cosines of the angles in which the light is full, and gone
HAZE = 0.016  # how much of a lamp's light a metre of fog scatters
STANDARD_M = 3.0  # distance that lights' colours are meant for
MUTED = 0.20  # how far colours are drawn to grey
COLD = (0.016, 0.006, -0.002)  # tint of the shadows


def lamp_at(time_s: float, swing: float = 1.0) -> Light:
    """The lamp on its cable, which swings in the wind.

    Args:
        time_s: seconds.
        swing: how far it swings, 0 for not at all.
    """
    phase = 2 * math.pi * time_s / SWING_S
    moved = (math.sin(phase), 1.0 - math.cos(2 * phase), math.sin(phase + 1.1))
    x, y, z = (
        start + swing * far * share for start, far, share in zip(LAMP.position, SWING_M, moved, strict=True)
    )
    return Light((x, y, z), LAMP.colour)


def cone(x: Field, y: Field, z: Field) -> Field:
    """How much of the lamp's light its shade lets through to places: a cone with a soft edge."""
    aim = np.array(AIM) - np.array(LAMP.position)
    aim /= np.linalg.norm(aim)
    dx, dy, dz = (v - np.float32(p) for v, p in zip((x, y, z), LAMP.position, strict=True))
    along = dx * np.float32(aim[0]) + dy * np.float32(aim[1]) + dz * np.float32(aim[2])
    cosine = along / np.sqrt(dx * dx + dy * dy + dz * dz)
    share = np.clip((cosine - np.float32(CONE[1])) * np.float32(1.0 / (CONE[0] - CONE[1])), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


def airlight(light: Light, eye: Field, rays: Field, far: Field) -> Field:
    """Light that fog scatters to the eye along rays: float32 [..., 3].

    The integral of 1/distance² to the lamp along the ray, which is an arc tangent (B. Sun et
    al., "A practical analytic single scattering model for real time rendering", 2005, without extinction).

    Args:
        light: the lamp.
        eye: float32 [3].
        rays: float32 [..., 3], of length 1.
        far: float32 [...], how long the rays are, in metres.
    """
    towards = np.asarray(light.position, np.float32) - eye
    along = rays @ towards
    apart = np.sqrt(np.maximum(float(towards @ towards) - along**2, 0.01))
    arc = (np.arctan((far - along) / apart) + np.arctan(along / apart)) / apart
    return np.asarray(HAZE * arc[..., None] * np.asarray(light.colour, np.float32), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Points of surfaces; n of them.

    Attributes:
        place, normal, view: float32 [3, n]; `normal` and `view` (to the camera) have length 1.
        colour: float32 [3, n], share of light sent back.
        gloss, shine, sheen: float32 [n], as in `cloth.Swatch`.
        open: float32 [n], 0 … 1, how much of the surroundings reaches the point.
    """

    place: Field
    normal: Field
    view: Field
    colour: Field
    gloss: Field
    shine: Field
    sheen: Field
    open: Field


def _dot(a: Field, b: Field) -> Field:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def length(vectors: Field) -> Field:
    """Lengths [n] of vectors [3, n]."""
    return np.sqrt(_dot(vectors, vectors))


def lit(surface: Surface, lights: Sequence[tuple[Light, Field | float]]) -> Field:
    """Light that the points send to the camera, float32 [3, n], linear.

    Lambert's and Blinn's laws; cloth gets brighter where one looks along it, as its fibres stand up.

    Args:
        surface: the points.
        lights: each with how much of it arrives, float32 [n] or one number.
    """
    normal, view = surface.normal, surface.view
    up = 0.5 + 0.5 * normal[1]
    grazing = 1.0 - np.clip(_dot(normal, view), 0.0, 1.0)
    square = grazing * grazing
    fuzz = 1.0 + 3.0 * surface.sheen * square * grazing
    gloss = surface.gloss * (1.0 + 5.0 * square * square) * (0.5 + 0.02 * surface.shine)
    diffuse = np.stack(
        [(low + (high - low) * up) * surface.open for low, high in zip(AMBIENT_DOWN, AMBIENT_UP, strict=True)]
    ).astype(np.float32)
    mirrored = np.zeros_like(diffuse)
    for lamp, arrives in lights:
        towards = np.asarray(lamp.position, np.float32)[:, None] - surface.place
        far = _dot(towards, towards) + np.float32(SIZE_M**2)
        towards *= 1.0 / np.sqrt(far)
        facing = np.maximum(_dot(normal, towards), 0.0)
        strength = np.float32(STANDARD_M**2) * np.asarray(arrives, np.float32) / far
        fallen = facing * strength * fuzz
        for channel in range(3):
            diffuse[channel] += fallen * np.float32(lamp.colour[channel])
        if lamp.gleams:
            half = towards + view
            spot = np.clip(_dot(normal, half) / length(half), 1e-3, 1.0)
            gleam = np.exp(np.log(spot) * surface.shine) * gloss * strength * (facing > 0)
            for channel in range(3):
                mirrored[channel] += gleam * np.float32(lamp.colour[channel])
    return np.asarray(surface.colour * diffuse + mirrored, np.float32)


def film_curve(light: Field) -> Field:
    """Linear light as a picture's values 0 … 1: film's toe and shoulder, and a cold tint in the shadows.

    Source: the filmic curve of J. Hejl and R. Burgess-Dawson, 2010, which includes the screen's gamma.

    Args:
        light: float32 [3, ...].
    """
    x = np.maximum(light * np.float32(EXPOSURE) - np.float32(0.004), 0.0)
    curve = (x * (6.2 * x + 0.5)) / (x * (6.2 * x + 1.7) + 0.06)
    grey = 0.114 * curve[0] + 0.587 * curve[1] + 0.299 * curve[2]
    dark = 1.0 - grey
    dark = dark * dark * dark
    for channel, tint in enumerate(COLD):
        curve[channel] = curve[channel] * (1.0 - MUTED) + MUTED * grey + tint * dark
    return np.asarray(np.clip(curve, 0.0, 1.0), np.float32)
