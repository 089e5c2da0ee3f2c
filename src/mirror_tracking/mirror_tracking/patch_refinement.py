"""Makes landmarks calmer without making them late: patches of this face's own past correct the mesh.

The mesh finds each landmark anew in every frame, with an error of its own each time. What surrounds it is the
same skin, brow or lip as before; so the mean of its patches over the last seconds, whose errors have averaged
out, says where it is now. All landmarks are moved together: the displacement of the face is a
smooth field (the largest modes of a Gaussian process over the mean head), found by Gauss-Newton steps on the
difference between patches and templates (B. D. Lucas, T. Kanade, 1981; inverse compositional after S. Baker,
I. Matthews, "Lucas-Kanade 20 Years On", 2004), with the mesh itself as the prior. An edge is so believed
across and not along, and a patch that has become another (a hand, an open mouth) is not believed at all.
docs/experiments/patch_experts.md has what it was chosen from, and what it achieves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    LEFT_BROW,
    LEFT_EYE_OUTER,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE_OUTER,
)

__all__ = ["PatchRefinement"]

NOSE = np.array([1, 2, 4, 98, 327, 129, 358, 168, 6, 197, 195, 5], np.int32)
EYE_CORNERS = np.array([33, 246, 7, 133, 173, 155, 362, 398, 382, 263, 466, 249], np.int32)
POINTS = np.concatenate([EYE_CORNERS, RIGHT_BROW, LEFT_BROW, OUTER_LIPS, NOSE])
"""Landmarks with something to see around them that belongs to the face.

Cheeks and the outline have nothing and move with the others. Between the corners of the eyes are the pupils,
which go their own way, and the lids that cover them: their patches would hold a blink open.
"""

SURFACE = 468  # points of the mesh without the irises
CANVAS = 128  # side of the upright, scaled face in pixels
EYE_DISTANCE = 46.0  # between the outer corners of the eyes in it
PATCH = 11  # side of a patch in its pixels: a quarter of the distance between the eyes
STEPS = 2
MODES = 32  # of the displacement field, in each direction
FIELD_LENGTH = 0.18  # distances between the eyes over which displacements belong together
FIELD_SIZE = 1.0  # usual displacement in canvas pixels: the mesh's own error
NOISE = 0.11  # usual difference between a pixel of a patch of length 1 and its template (they err together)
SIMILAR = 0.6  # correlation with its template below which a patch says nothing
LEAST_TRUSTED = 0.3  # share of the patches that must look like their templates for any to count
MEMORY_S = 2.0  # time over which templates average
FIRST_FRAMES = 5  # from how many frames on templates are used
MAX_GAP_S = 0.5  # after a longer pause templates begin anew

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """The smooth displacement field: its values at `POINTS` and at all points for each mode."""

    at_points: NDArray[np.float32]
    everywhere: NDArray[np.float32]
    precisions: NDArray[np.float32]


@cache
def _canvas_face() -> Points:
    """The mean face from the front in the canvas, [468, 2]."""
    face = mean_face()[:SURFACE].astype(np.float64)
    flat = np.stack([face[:, 1], -face[:, 2]], axis=1)  # the person's left is the picture's right
    flat -= (flat.min(axis=0) + flat.max(axis=0)) / 2
    eyes = float(np.linalg.norm(flat[LEFT_EYE_OUTER] - flat[RIGHT_EYE_OUTER]))
    return np.asarray(flat * (EYE_DISTANCE / eyes) + (CANVAS - 1) / 2)


@cache
def _field() -> _Field:
    face = _canvas_face()
    squares = ((face[:, None] - face[None, POINTS]) ** 2).sum(axis=2)
    to_all = FIELD_SIZE**2 * np.exp(-squares / (2 * (FIELD_LENGTH * EYE_DISTANCE) ** 2))
    values, vectors = np.linalg.eigh(to_all[POINTS])
    values, vectors = values[::-1][:MODES], vectors[:, ::-1][:, :MODES]
    # A mode's amplitude has the variance `values`; between the points it goes on as the kernel does.
    return _Field(
        vectors.astype(np.float32),
        (to_all @ vectors / values).astype(np.float32),
        (1.0 / values).astype(np.float32),
    )


def _similarity(landmarks: NDArray[Any]) -> Points:
    """float64 [2, 3]: brings the landmarks nearest to the mean face in the canvas (pixel centres)."""
    target = _canvas_face()
    source = np.asarray(landmarks[:SURFACE, :2], np.float64) - 0.5
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - goal
    size = float((a**2).sum())
    cos = float((a * b).sum()) / size
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([turn, (goal - turn @ middle)[:, None]])


class PatchRefinement:
    """Refines the landmarks of one face over time."""

    def __init__(self) -> None:
        """Begin without a past."""
        self._templates: NDArray[np.float32] | None = None
        self._frames = 0
        self._stamp_ns = 0
        offsets = np.arange(PATCH, dtype=np.float32) - PATCH // 2
        self._grid = np.stack(np.meshgrid(offsets, offsets), axis=-1).reshape(-1, 2)

    def reset(self) -> None:
        """Forget the past."""
        self._templates, self._frames = None, 0

    def __call__(self, image: Image, landmarks: NDArray[np.float32], stamp_ns: int) -> NDArray[np.float32]:
        """The landmarks of the next frame, refined.

        Args:
            image: uint8 [h, w, 3], BGR.
            landmarks: float32 [468 or more, 2 or more] as the mesh has them, not smoothed, in pixels (pixel i
                covers i … i+1).
            stamp_ns: of the frame; a step back or a long gap begins anew.

        Returns:
            A new array in which x and y of the surface's 468 points have moved.
        """
        passed_s = (stamp_ns - self._stamp_ns) * 1e-9
        if self._templates is not None and not 0.0 <= passed_s <= MAX_GAP_S:
            self.reset()
        self._stamp_ns = stamp_ns
        to_canvas = _similarity(landmarks)
        face = cv2.warpAffine(image, to_canvas, (CANVAS, CANVAS), borderMode=cv2.BORDER_REPLICATE)
        canvas = np.asarray(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), np.uint8)
        places = (landmarks[POINTS, :2] - 0.5) @ to_canvas[:, :2].T + to_canvas[:, 2]
        at_mesh = self._patches(canvas, places.astype(np.float32))
        refined = landmarks.copy()
        if self._templates is not None and self._frames >= FIRST_FRAMES:
            shift = self._fit(canvas, places.astype(np.float32), at_mesh, self._templates)
            refined[:SURFACE, :2] += np.linalg.solve(to_canvas[:, :2], shift.T).T.astype(np.float32)
        self._learn(at_mesh, passed_s)
        return refined

    def _patches(self, canvas: NDArray[np.uint8], places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Patches around places [n, 2], normalised: float32 [n, PATCH²], mean 0, length 1."""
        x, y = places[:, :1] + self._grid[:, 0], places[:, 1:] + self._grid[:, 1]
        values = cv2.remap(canvas, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        patches = values.astype(np.float32)
        patches -= patches.mean(axis=1, keepdims=True)
        lengths = np.sqrt(np.einsum("np,np->n", patches, patches))[:, None]
        return np.asarray(patches / np.maximum(lengths, 1.0), np.float32)

    def _fit(
        self,
        canvas: NDArray[np.uint8],
        places: NDArray[np.float32],
        patches: NDArray[np.float32],
        templates: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """The displacement of all points, float32 [468, 2] in canvas pixels."""
        field = _field()
        squares = templates.reshape(-1, PATCH, PATCH)
        down, right = np.gradient(squares, axis=(1, 2))
        slopes = np.stack([right, down], axis=1).reshape(len(templates), 2, -1)
        slopes -= slopes.mean(axis=2, keepdims=True)
        modes = len(field.precisions)
        amplitudes = np.zeros((2, modes), np.float32)
        trust = self._trust(patches, templates)
        if np.count_nonzero(trust) < LEAST_TRUSTED * len(trust):  # what looks alike does so by chance
            return np.zeros((SURFACE, 2), np.float32)
        information = np.einsum("nip,njp->nij", slopes, slopes) * trust[:, None, None]
        system = np.zeros((2, modes, 2, modes), np.float32)
        for i in range(2):
            for j in range(2):
                system[i, :, j] = field.at_points.T @ (information[:, i, j, None] * field.at_points)
            system[i, range(modes), i, range(modes)] += field.precisions
        matrix = system.reshape(2 * modes, 2 * modes)
        for step in range(STEPS):
            if step > 0:
                shifted = places + (field.at_points @ amplitudes.T)
                patches = self._patches(canvas, shifted)
            # Where the template rises to the right, a patch brighter than it lies too far right.
            pull = np.einsum("nip,np->ni", slopes, templates - patches) * trust[:, None]
            gradient = (pull.T @ field.at_points) - amplitudes * field.precisions
            amplitudes += np.linalg.solve(matrix, gradient.ravel()).reshape(2, modes)
        return np.asarray(field.everywhere @ amplitudes.T, np.float32)

    @staticmethod
    def _trust(patches: NDArray[np.float32], templates: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much each patch counts: nothing where it does not look like its template."""
        lengths = np.sqrt(np.einsum("np,np->n", templates, templates))
        alike = np.einsum("np,np->n", patches, templates) / np.maximum(lengths, 1e-3)
        share = np.clip((alike - SIMILAR) / (1.0 - SIMILAR), 0.0, 1.0)
        return np.asarray(share / NOISE**2, np.float32)

    def _learn(self, patches: NDArray[np.float32], passed_s: float) -> None:
        """Average the patches where the mesh has the landmarks: where the refinement has them would drift."""
        self._frames += 1
        if self._templates is None:
            self._templates = patches
            return
        share = max(1.0 / self._frames, 1.0 - float(np.exp(-passed_s / MEMORY_S)))
        self._templates = self._templates + np.float32(share) * (patches - self._templates)
