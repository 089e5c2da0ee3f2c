"""Sparse components of shapes: each moves one part of the face and leaves the rest alone.

Sparse principal components (Mairal et al., "Online Dictionary Learning for Sparse Coding", 2009, as
scikit-learn has it) of offsets that are split first into what both halves of the face do alike and what
they do differently. With mirror images among the shapes the two are uncorrelated, so nothing is lost, and
a component lifts both corners of the mouth, or tilts it, but never one for no reason.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.symmetry import opposite_points

__all__ = ["halves", "sparse_components"]

EVEN_COUNT, ODD_COUNT = 22, 10  # components asked for of each kind; those left without points are dropped
EVEN_PENALTY, ODD_PENALTY = 0.5, 0.3  # on the size of a component's entries: more moves fewer points
SEED = 4
BATCH, PASSES = 64, 60
POINTS = 468

Array = NDArray[np.float64]


def sparse_components(offsets: Array, report: Callable[[str], None] = lambda _: None) -> tuple[Array, Array]:
    """Localised components of offsets float64 [n, 1404]; the same offsets give the same components.

    Returns:
        float64 [k, 1404] of length 1, those that explain most first, and the standard deviations [k] of
        their coefficients.

    Raises:
        UsageError: where scikit-learn is not installed.
    """
    try:
        from sklearn.decomposition import MiniBatchSparsePCA
    except ImportError as error:
        raise UsageError("Sparse components need scikit-learn: pip install scikit-learn.") from error
    found = []
    for basis, count, penalty in zip(
        halves(), (EVEN_COUNT, ODD_COUNT), (EVEN_PENALTY, ODD_PENALTY), strict=True
    ):
        model = MiniBatchSparsePCA(
            n_components=count, alpha=penalty, batch_size=BATCH, max_iter=PASSES, random_state=SEED, n_jobs=1
        )
        own = model.fit(offsets @ basis).components_
        own = own[np.linalg.norm(own, axis=1) > 0]
        found.append(own @ basis.T)
    components = np.concatenate(found)
    components /= np.linalg.norm(components, axis=1, keepdims=True)
    largest = np.abs(components).argmax(axis=1)
    components *= np.sign(components[np.arange(len(components)), largest])[:, None]
    deviations = (offsets @ np.linalg.pinv(components)).std(axis=0)
    order = np.argsort(-deviations, kind="stable")
    moved = (np.abs(components).reshape(-1, POINTS, 3).max(axis=2) > 0).mean()
    report(f"{len(components)} sparse components, each moves {moved:.0%} of the points in the mean")
    return components[order], deviations[order]


def halves() -> tuple[Array, Array]:
    """Orthonormal bases [1404, 716] and [1404, 688] of symmetric and of antisymmetric offsets."""
    opposite = opposite_points()[:POINTS]
    even: list[Array] = []
    odd: list[Array] = []
    for point in range(POINTS):
        other = int(opposite[point])
        if other < point:
            continue
        for axis in range(3):
            column = np.zeros(POINTS * 3)
            column[3 * point + axis] = 1.0
            if other == point:
                (odd if axis == 0 else even).append(column)
                continue
            sign = -1.0 if axis == 0 else 1.0  # in a looking glass x turns round
            for parity, columns in ((1.0, even), (-1.0, odd)):
                both = column.copy()
                both[3 * other + axis] = sign * parity
                columns.append(both / np.sqrt(2))
    return np.stack(even, axis=1), np.stack(odd, axis=1)
