"""Sparse components: each moves one part of the face, both halves alike or against each other."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_tracking.symmetry import opposite_points
from mirror_training.sparse_components import halves, sparse_components

OPPOSITE = opposite_points()[:468]


def test_the_halves_are_orthonormal_and_hold_everything() -> None:
    even, odd = halves()
    both = np.concatenate([even, odd], axis=1)
    assert both.shape == (1404, 1404)
    assert np.allclose(both.T @ both, np.eye(1404))
    for basis, sign in ((even, 1), (odd, -1)):
        shapes = basis.T.reshape(-1, 468, 3)
        assert np.allclose(shapes[:, OPPOSITE] * (-1, 1, 1), sign * shapes)


def test_parts_that_move_on_their_own_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn", reason="sparse components need scikit-learn")
    import mirror_training.sparse_components as module

    monkeypatch.setattr(module, "EVEN_COUNT", 2)
    monkeypatch.setattr(module, "ODD_COUNT", 1)
    rng = np.random.default_rng(3)
    even, odd = halves()
    parts = np.zeros((3, 1404))
    for number, (basis, columns) in enumerate(
        ((even, slice(0, 40)), (even, slice(400, 460)), (odd, slice(100, 130)))
    ):
        parts[number] = basis[:, columns].sum(axis=1)
        parts[number] /= np.linalg.norm(parts[number])
    offsets = rng.normal(size=(400, 3)) * (3, 2, 1) @ parts + rng.normal(size=(400, 1404)) * 0.005
    components, deviations = sparse_components(offsets)
    assert components.shape == (3, 1404)
    assert np.abs(components @ parts.T).max(axis=1) == pytest.approx(1, abs=0.05)
    assert deviations == pytest.approx([3, 2, 1], rel=0.15)
    for component, part in zip(components, parts, strict=True):
        assert np.abs(component[np.abs(part) == 0]).max() < 0.05
    again = sparse_components(offsets)[0]
    assert np.array_equal(again, components)
