"""The bench's cameras: the reel from memory, and with a mask on its face."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mirror.bench import source
from mirror.bench.source import BenchSource, MaskedBenchSource
from mirror_camera.source import SourceSettings
from mirror_core.frame import Frame
from mirror_tracking.mask_reading import MaskReader, load_card
from mirror_tracking.tracker import FaceTracker
from mirror_tracking.unmask_files import card_file, load_unmask_model

SIZE = (640, 360)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`pictures(kind)`: the first pictures that a source of this kind gives."""
    monkeypatch.setattr(source, "STILL_COUNT", 4)

    def taken(kind: type[BenchSource]) -> list[Any]:
        made = kind(SourceSettings(width=SIZE[0], height=SIZE[1], rate_hz=240.0))
        made.open()
        try:
            return [made.read().image for _ in range(4)]
        finally:
            made.close()

    return taken


def test_the_masked_camera_differs_only_where_the_mask_is_and_it_is_seen(pictures):
    bare, masked = pictures(BenchSource), pictures(MaskedBenchSource)
    tracker = FaceTracker()
    try:
        (face,) = tracker.update(Frame(bare[0], 1)).faces
    finally:
        tracker.close()
    changed = np.abs(bare[0].astype(int) - masked[0]).max(axis=2) > 20
    ys, xs = np.nonzero(changed)
    left, top = face.landmarks[:, :2].min(axis=0)
    right, bottom = face.landmarks[:, :2].max(axis=0)
    margin = 0.25 * (right - left)
    assert changed.sum() > 0.2 * (right - left) * (bottom - top)
    assert left - margin < xs.min() and xs.max() < right + margin
    assert top < ys.min() and ys.max() < bottom + margin
    reader = MaskReader(load_unmask_model("int8", 1), load_card(card_file()))
    assert reader.read(bare[0], face.landmarks).probability < 0.5
    assert reader.read(masked[0], face.landmarks).probability > 0.5
