"""The sheet of mask removal is made by the effect itself, kind by kind."""

from __future__ import annotations

import numpy as np
import pytest

import mirror.effect_sheets as sheets
import mirror_effects.unmask
from mirror.effect_sheets import SHEETS
from mirror_core.errors import ModelError
from mirror_effects.medical import KINDS
from mirror_effects.unmasking import Unmasker
from mirror_tracking.mask_reading import MaskCard

SIDE = 64
TILE = sheets.UNMASK_TILE_PX
GREEN = (0, 200, 0)


class GreenMouth:
    """A network that takes the middle of the lower half for a mask and finds GREEN beneath."""

    side = SIDE

    def look(self, square):
        colour = np.empty(square.shape, np.float32)
        colour[:] = np.array(GREEN, np.float32) / 255
        alpha = np.zeros(square.shape[:2], np.float32)
        alpha[int(0.6 * SIDE) : int(0.85 * SIDE), int(0.35 * SIDE) : int(0.65 * SIDE)] = 1
        return colour, alpha


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(mirror_effects.unmask, "load_unmask_model", lambda precision, threads: GreenMouth())
    monkeypatch.setattr(mirror_effects.unmask, "load_card", lambda file: MaskCard(0.03, 0.005, SIDE))


def triptychs(sheet: np.ndarray) -> list[list[np.ndarray]]:
    """With a mask, as shown, and true, for each kind."""
    rows = len(KINDS) // 2
    wide = 3 * TILE + sheets.GAP_PX
    return [
        [
            sheet[sheets.HEAD_PX + row * TILE :, column * wide + number * TILE :][:TILE, :TILE].astype(int)
            for number in range(3)
        ]
        for column in range(2)
        for row in range(rows)
    ]


@pytest.mark.usefixtures("network")
def test_the_unmask_sheet_shows_each_kind_the_effect_and_the_truth():
    sheet = SHEETS["unmask"]()
    assert sheet.shape == (
        sheets.HEAD_PX + len(KINDS) // 2 * TILE,
        6 * TILE + sheets.GAP_PX,
        3,
    )
    found = triptychs(sheet)
    assert len(found) == len(KINDS)
    eyes, mouth = slice(0, TILE // 3), slice(TILE // 2, int(0.75 * TILE))
    for masked, shown, true in found:
        np.testing.assert_array_equal(true, found[0][2])
        np.testing.assert_array_equal(masked[eyes], shown[eyes])
        is_green = np.abs(shown - GREEN).max(axis=2) <= 3
        assert 0.02 < is_green.mean() < 0.2
        assert not (np.abs(masked - GREEN).max(axis=2) <= 3).any()
        assert is_green[:, TILE // 4 : 3 * TILE // 4].sum() == is_green.sum()
        assert np.abs(masked[mouth] - true[mouth]).mean() > 15
    for index, (masked, _, _) in enumerate(found):
        for other, _, _ in found[:index]:
            assert np.abs(masked[mouth] - other[mouth]).mean() > 3


@pytest.mark.usefixtures("network")
def test_a_network_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr(Unmasker, "wait", lambda self, timeout_s: False)
    with pytest.raises(ModelError, match="did not answer"):
        SHEETS["unmask"]()
