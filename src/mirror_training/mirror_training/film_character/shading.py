"""From the posed mesh to lit pixels: what is seen, with its materials, relief, lights and shadows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.atlas import atlas
from mirror_training.film_character.camera import Camera
from mirror_training.film_character.film_look import VIGNETTE, vignette
from mirror_training.film_character.light import (
    FILL,
    LANTERN,
    MOON,
    Light,
    Surface,
    cone,
    film_curve,
    length,
    lit,
)
from mirror_training.film_character.mesh import Mesh
from mirror_training.film_character.raster import Seen, facing, seen
from mirror_training.film_character.rotations import Floats
from mirror_training.film_character.shadow import ShadowMap
from mirror_training.film_character.skinning import vertex_normals
from mirror_training.opencv import cv2

__all__ = ["Drawing", "Drawn"]

Field = NDArray[np.float32]
INNER_SIDE = 0.30  # brightness of a cloth's inner side
HOLLOW_M = 0.055  # size of the hollows that the surroundings' light does not reach
HOLLOW_DARK = 0.55
RIM = 1.9  # how much stronger the lamps behind are on the character than on the wall, as a film set has it


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The lit character on nothing, drawn larger than the picture will be.

    Attributes:
        colour: float32 [n, n, 3], 0 … 1, the screen's values; 0 where nothing is.
        cover: float32 [n, n], 1 where the character is.
        depth: float32 [n, n], distance from the camera's plane, infinite where nothing is.
    """

    colour: Field
    cover: Field
    depth: Field


class Drawing:
    """Draws a mesh.

    Args:
        mesh: at rest, with textures and materials.
        camera: sees it.
        fine: side of the drawing in pixels.
        dark_corners: strength of the vignette, 0 for none.
    """

    def __init__(self, mesh: Mesh, camera: Camera, fine: int, dark_corners: float = VIGNETTE) -> None:
        self._mesh, self._camera, self._fine = mesh, camera, fine
        self._vignette = vignette(fine, dark_corners).ravel()
        self._atlas = atlas(mesh.materials, float(np.clip(fine / 1024, 0.25, 1.0)))
        corners = mesh.texture[mesh.triangles]
        along = corners[:, 1:] - corners[:, :1]  # [t, 2, 2], the edges on the material's picture
        area = along[:, 0, 0] * along[:, 1, 1] - along[:, 0, 1] * along[:, 1, 0]
        area = np.where(np.abs(area) < 1e-12, 1e-12, area)
        # What first and second edge in space count in the directions of the picture's right and down.
        self._right = np.stack([along[:, 1, 1] / area, -along[:, 0, 1] / area])
        self._down = np.stack([-along[:, 1, 0] / area, along[:, 0, 0] / area])
        self._texture = np.ascontiguousarray(mesh.texture.T, np.float32)

    def draw(self, vertices: Floats, lamp: Light, shadow: ShadowMap, flame: Light | None = None) -> Drawn:
        """Draw the mesh with its vertices at float64 [v, 3].

        Args:
            vertices: float64 [v, 3].
            lamp: the swinging lamp.
            shadow: what it sees.
            flame: a match between the hands.
        """
        mesh, fine = self._mesh, self._fine
        corners = self._camera.project(vertices, fine)[mesh.triangles]
        area = facing(corners)
        shown = seen(corners, np.flatnonzero((area < 0) | mesh.two_sided), fine)
        surface = self._surface(shown, vertices, area[shown.triangle] > 0)
        arrives = shadow.reaches(surface.place) * cone(*surface.place)
        lights: list[tuple[Light, Field | float]] = [
            (lamp, arrives),
            (LANTERN, RIM),
            (MOON, RIM),
            (FILL, 1.0),
        ]
        if flame is not None:
            lights.append((flame, 1.0))
        colour = np.zeros((fine * fine, 3), np.float32)
        colour[shown.index] = film_curve(lit(surface, lights) * self._vignette[shown.index]).T
        cover = np.zeros(fine * fine, np.float32)
        cover[shown.index] = 1.0
        depth = np.full(fine * fine, np.inf, np.float32)
        depth[shown.index] = shown.depth
        return Drawn(colour.reshape(fine, fine, 3), cover.reshape(fine, fine), depth.reshape(fine, fine))

    def _surface(self, shown: Seen, vertices: Floats, inner: NDArray[np.bool_]) -> Surface:
        """What the pixels show, with the relief of the materials in the normals."""
        mesh = self._mesh
        normals = vertex_normals(mesh, vertices)
        corners = [mesh.triangles[shown.triangle, i] for i in range(3)]

        def mixed(values: Field) -> Field:
            first, second, third = (values[:, each] for each in corners)
            return np.asarray(first * shown.corners[0] + second * shown.corners[1] + third * shown.corners[2])

        place = mixed(np.ascontiguousarray(vertices.T, np.float32))
        normal = mixed(np.ascontiguousarray(normals.T, np.float32))
        material = mesh.material[shown.triangle]
        colour, tilt = self._atlas.look(material, mixed(self._texture))
        right, down = self._tangents(vertices)
        normal -= tilt[0] * right[:, shown.triangle] + tilt[1] * down[:, shown.triangle]
        normal *= np.where(inner, -1.0, 1.0).astype(np.float32) / length(normal)
        view = self._camera.position.astype(np.float32)[:, None] - place
        view /= length(view)
        colour *= np.where(inner, INNER_SIDE, 1.0).astype(np.float32)
        gloss, shine, sheen = self._atlas.finish[material].T
        return Surface(place, normal, view, colour, gloss, shine, sheen, self._open(shown))

    def _tangents(self, vertices: Floats) -> tuple[Field, Field]:
        """Directions in space of the materials' right and down on the triangles, float32 [3, t]."""
        a, b, c = (np.ascontiguousarray(vertices[self._mesh.triangles[:, i]].T) for i in range(3))
        first, second = b - a, c - a
        found = []
        for share in (self._right, self._down):
            direction = (first * share[0] + second * share[1]).astype(np.float32)
            found.append(np.asarray(direction / (length(direction) + np.float32(1e-9)), np.float32))
        return found[0], found[1]

    def _open(self, shown: Seen) -> Field:
        """How open the seen points are: what lies behind its neighbours in the picture is a hollow.

        Source: T. Luft et al., "Image enhancement by unsharp masking the depth buffer", 2006.
        """
        fine = self._fine
        behind = float(shown.depth.max()) if len(shown.depth) else 0.0
        depth = np.full(fine * fine, behind, np.float32)
        depth[shown.index] = shown.depth
        # The neighbourhood is wide, so that half the resolution will do.
        half = cv2.resize(depth.reshape(fine, fine), (fine // 2, fine // 2), interpolation=cv2.INTER_AREA)
        sigma = HOLLOW_M * self._camera.focal(fine) / self._camera.distance_m / 4
        around = cv2.resize(
            cv2.GaussianBlur(half, (0, 0), sigma), (fine, fine), interpolation=cv2.INTER_LINEAR
        )
        deeper = np.clip((shown.depth - around.ravel()[shown.index]) * np.float32(1 / HOLLOW_M), 0.0, 1.0)
        return np.asarray(1.0 - HOLLOW_DARK * deeper, np.float32)
