"""Bends the surface with the bones: dual quaternion skinning, and cloth that is kept off the legs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.coat import SKIRT
from mirror_training.film_character.mesh import Mesh
from mirror_training.film_character.rotations import Floats, dual_quaternions
from mirror_training.film_character.skeleton import BONE_INDEX, SHIN_M, THIGH_M, Bones

__all__ = ["Skin", "vertex_normals"]

CLOTH_M = 0.020  # distance that the skirt keeps from the legs' surface
LEG_RADII_M = (0.098, 0.080, 0.074)  # of the trousers at hip, knee and ankle


def _turned(quaternion: NDArray[np.float64], points: Floats) -> Floats:
    """Points [n, 3] turned by unit quaternions [n, 4]."""
    real, imaginary = quaternion[:, :1], quaternion[:, 1:]
    first = _cross(imaginary, points) + real * points
    return np.asarray(points + 2.0 * _cross(imaginary, first))


class Skin:
    """A mesh bound to its bones at rest.

    A vertex goes with the normalised sum of its bones' dual quaternions, which keeps limbs round where
    matrices would pinch them (L. Kavan et al., "Skinning with dual quaternions", 2007).

    Args:
        mesh: the surface at rest.
        rest: the bones at rest.
    """

    def __init__(self, mesh: Mesh, rest: Bones) -> None:
        self.mesh = mesh
        self._rest = rest
        self._skirt = mesh.parts.get(SKIRT, slice(0, 0))

    def vertices(self, bones: Bones) -> Floats:
        """Where the vertices are in a pose: float64 [v, 3]."""
        turns = bones.rotations @ self._rest.rotations.transpose(0, 2, 1)
        shifts = bones.origins - np.einsum("bij,bj->bi", turns, self._rest.origins)
        motions = dual_quaternions(turns, shifts)
        chosen = motions[self.mesh.bones]
        same_half = np.einsum("vki,vi->vk", chosen[..., :4], chosen[:, 0, :4]) >= 0
        shares = np.where(same_half, self.mesh.shares, -self.mesh.shares)
        blended = np.einsum("vk,vki->vi", shares, chosen)
        blended /= _lengths(blended[:, :4])[:, None]
        real, dual = blended[:, :4], blended[:, 4:]
        moved = _turned(real, self.mesh.vertices)
        moved += 2.0 * (
            real[:, :1] * dual[:, 1:] - dual[:, :1] * real[:, 1:] + _cross(real[:, 1:], dual[:, 1:])
        )
        moved[self._skirt] = self._off_the_legs(moved[self._skirt], bones)
        return moved

    def _off_the_legs(self, cloth: Floats, bones: Bones) -> Floats:
        """Cloth pushed out of thighs and shins, which are cones with round ends."""
        out = cloth
        for _ in range(2):  # what one leg pushes out may be in the other
            for side in ("left", "right"):
                for bone, length, radii in (
                    ("thigh", THIGH_M, LEG_RADII_M[:2]),
                    ("shin", SHIN_M, LEG_RADII_M[1:]),
                ):
                    index = BONE_INDEX[f"{side}_{bone}"]
                    axis = -bones.rotations[index][:, 1]
                    from_joint = out - bones.origins[index]
                    along = np.clip(from_joint @ axis, 0.0, length)
                    away = from_joint - along[:, None] * axis
                    distance = _lengths(away)
                    wanted = radii[0] + (radii[1] - radii[0]) * along / length + CLOTH_M
                    lacking = np.maximum(wanted - distance, 0.0)
                    out = out + away * (lacking / np.maximum(distance, 1e-6))[:, None]
        return out


def vertex_normals(mesh: Mesh, vertices: Floats) -> Floats:
    """Normals of the vertices, float64 [v, 3] of length 1: means of the triangles' about them, by area."""
    a, b, c = (vertices[mesh.triangles[:, i]] for i in range(3))
    normals = mesh.corners @ _cross(b - a, c - a)
    return np.asarray(normals / np.maximum(_lengths(normals), 1e-12)[:, None])


def _cross(a: Floats, b: Floats) -> Floats:
    """Cross products of vectors [n, 3]; `np.cross` takes three times as long."""
    out = np.empty_like(a)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[:, i] = a[:, j] * b[:, k] - a[:, k] * b[:, j]
    return out


def _lengths(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ni,ni->n", vectors, vectors)))
