"""Gives a worn face the colour and the light of the wearer's own skin, anew in every frame.

In the perceptual space CIELAB, each of the two skins, the wearer's and the drawn one, is described by a
surface of second order over the face: its colour, and from which side it is lit. The drawn face gets the
wearer's surface in place of its own and keeps its details, scaled by how strong details are on the wearer
(Reinhard, Ashikhmin, Gooch, Shirley, "Color Transfer between Images", 2001, with surfaces in place of the
means). Brows, eyes and lips say nothing about skin and are left out; beards, fringes and spectacles are
outliers and weigh little.

The surfaces are steadied over time: small changes (noise, a landmark that trembles) are smoothed, a change
of the light is followed in the very frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.face_cells import TERMS, FaceCells
from mirror_tracking.topology import FACE_OVAL, LEFT_BROW, LEFT_EYE, OUTER_LIPS, RIGHT_BROW, RIGHT_EYE

__all__ = ["ColourMatch", "Skins"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

FEATURES = (RIGHT_BROW, LEFT_BROW, RIGHT_EYE, LEFT_EYE, OUTER_LIPS)
RIDGE = np.diag([1e-6, 0.02, 0.02, 0.15, 0.15, 0.15])  # how strongly each term is held at 0
OUTLIER_L = 9.0  # difference in lightness (0 … 100) from the surface at which a cell weighs half
FIRST_PASSES = 2  # of the robust fit without a past; later one is enough
BEARD_V = 0.25  # place along the face, −1 at the forehead … 1 at the chin, below which beards grow
LOWER_FACE = 0.3  # weight of the skin there
SAMPLED = 2  # each so many cells are looked at: some hundreds are enough
LEAST_SAMPLES = 12.0  # sum of weights below which nothing is known about a skin
LEAST_DETAIL, MOST_DETAIL = 0.65, 1.05
STEP_LAB = 3.0  # a change of the surface by so much is followed at once
MEMORY_S = 0.15  # time constant with which smaller changes are smoothed
LONGEST_GAP_S = 0.5
WEARER, DRAWN = slice(0, 3), slice(3, 6)  # channels of the two skins
SUBCELL_BITS = 3
LOOKED_AT = ((0.0, 0.0), (-0.7, 0.0), (0.7, 0.0), (0.0, -0.7), (0.0, 0.7))
COMPARED: Doubles = np.array([[1, u, v, u * u, u * v, v * v] for u, v in LOOKED_AT])
"""float64 [5, TERMS], where two surfaces are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Skins:
    """Two skins on a face's grid.

    Attributes:
        own: float32 [rows, columns, 3], BGR: the drawn face's skin without its details.
        wanted: the same of what it shall be.
        detail: factor of the drawn face's lighter details.
    """

    own: Floats
    wanted: Floats
    detail: float


@dataclass(slots=True, eq=False)
class _Surfaces:
    """Coefficients [TERMS, 6] of the wearer's and of the drawn face's Lab, and the details' factor."""

    lab: Doubles
    detail: float
    stamp_ns: int


class ColourMatch:
    """The colours of one wearer over time."""

    def __init__(self) -> None:
        self._last: _Surfaces | None = None

    def skins(self, cells: FaceCells, stamp_ns: int, strength: float = 1.0) -> Skins:
        """The correction for this frame.

        Args:
            cells: the drawn face and its surroundings.
            stamp_ns: of the frame.
            strength: 0 leaves the drawn face as it is … 1.

        Returns:
            Two equal skins where too little skin is seen, now and lately.
        """
        weight = _weight(cells).ravel()
        known = np.flatnonzero(weight)[::SAMPLED]
        share = weight[known].astype(np.float64)
        terms = cells.terms[known]
        share[terms[:, 2] > BEARD_V] *= LOWER_FACE
        if float(share.sum()) >= LEAST_SAMPLES:
            both = np.concatenate([_lab(cells.target)[known], _lab(cells.drawn)[known]], axis=1)
            surfaces, details = _fit(terms, both, share, self._last)
            detail = min(max(details[0] / max(details[1], 1e-3), LEAST_DETAIL), MOST_DETAIL)
            self._remember(_Surfaces(surfaces, detail, stamp_ns))
        if self._last is None or strength <= 0:
            plain = np.full((*cells.opacity.shape, 3), 128, np.float32)
            return Skins(plain, plain, 1.0)
        own, wanted = (_bgr(cells.surface(self._last.lab[:, part])) for part in (DRAWN, WEARER))
        if strength < 1:
            wanted = own + np.float32(strength) * (wanted - own)
        return Skins(own, wanted, 1 + strength * (self._last.detail - 1))

    def _remember(self, now: _Surfaces) -> None:
        last = self._last
        if last is not None and 0 <= (passed_s := (now.stamp_ns - last.stamp_ns) * 1e-9) <= LONGEST_GAP_S:
            change = float(np.abs(COMPARED @ (now.lab - last.lab)).max())
            share = min(1.0, max((change / STEP_LAB) ** 2, 1 - math.exp(-passed_s / MEMORY_S)))
            now.lab = last.lab + share * (now.lab - last.lab)
            now.detail = last.detail + share * (now.detail - last.detail)
        self._last = now


def _weight(cells: FaceCells) -> Floats:
    """How much each cell says about skin, float32 [rows, columns]."""
    places = np.rint(cells.points * (1 << SUBCELL_BITS) - (1 << SUBCELL_BITS - 1)).astype(np.int32)
    skin = np.zeros(cells.opacity.shape, np.uint8)
    cv2.fillPoly(skin, [places[FACE_OVAL]], (1,), shift=SUBCELL_BITS)
    cv2.fillPoly(skin, [places[FEATURES[-1]]], (0,), shift=SUBCELL_BITS)
    for part in FEATURES[:-1]:
        cv2.fillConvexPoly(skin, cv2.convexHull(places[part]), (0,), shift=SUBCELL_BITS)
    full = (
        cells.opacity.astype(np.float32) * np.float32(4 / 255) - 3
    )  # a cell that is partly hidden tells nothing
    return np.asarray(full.clip(0, 1) * skin, np.float32)


def _fit(
    terms: Doubles, skins: Floats, weight: Doubles, past: _Surfaces | None
) -> tuple[Doubles, tuple[float, float]]:
    """The surfaces through two skins, and how strong the details in lightness are on each.

    Args:
        terms: [n, TERMS].
        skins: [n, 6], Lab of the wearer and of the drawn face; cells far from their surface in lightness
            weigh less, for both.
        weight: [n].
        past: the last frame's surfaces, from which outliers are known already, but not how bright they are.

    Returns:
        float64 [TERMS, 6], and the standard deviations of the details without outliers.
    """
    shift = skins.mean(axis=0, dtype=np.float64)
    values = skins - shift
    if past is None:
        rest = 0.5 * (skins[:, ::3] - np.median(skins[:, ::3], axis=0))
    else:
        rest = skins[:, ::3] - terms @ past.lab[:, ::3]
        rest -= [np.partition(column, len(column) // 2)[len(column) // 2] for column in rest.T.copy()]
    surfaces = np.zeros((TERMS, 6))
    for _ in range(FIRST_PASSES if past is None else 1):
        share = weight / (1 + (rest * rest).sum(axis=1) / OUTLIER_L**2)
        weighted = terms * share[:, None]
        normal = terms.T @ weighted + RIDGE * share.sum()
        # Not numpy's, which may wake a second core for these 6 × 6 numbers and wait for it.
        surfaces = np.asarray(
            cv2.solve(normal, weighted.T @ values, flags=cv2.DECOMP_CHOLESKY)[1], np.float64
        )
        rest = values[:, ::3] - terms @ surfaces[:, ::3]
    surfaces[0] += shift
    rest = rest.clip(-OUTLIER_L, OUTLIER_L)
    wearer, drawn = np.sqrt((weight @ (rest * rest)) / weight.sum())
    return surfaces, (float(wearer), float(drawn))


def _lab(picture: Image) -> Floats:
    """float32 [pixels, 3]."""
    scaled = picture.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB), np.float32).reshape(-1, 3)


def _bgr(lab: Floats) -> Floats:
    np.clip(lab[..., 0], 2, 98, out=lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR) * np.float32(255), np.float32)
