"""The shipped occlusion model reaches its bar on held-out faces; the score itself is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.occlusion import OcclusionLayer, Visibility
from mirror_training.face_photos import is_held_out
from mirror_training.occlusion_evaluation import Composite, evaluate, load_held_out, score, summary

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"


class FixedLayer:
    """A layer that answers with a given mask."""

    def __init__(self, mask: np.ndarray) -> None:
        self.seen = Visibility(0, 0, mask)

    def visibility(self, image: np.ndarray, landmarks: np.ndarray) -> Visibility:
        return self.seen


def square_face() -> np.ndarray:
    """468 points whose outline is the square of the pixels 10 … 49."""
    points = np.full((468, 2), 30.0, np.float32)
    points[:4] = [[10.5, 10.5], [49.5, 10.5], [49.5, 49.5], [10.5, 49.5]]
    return points


@pytest.mark.parametrize(
    ("found", "kept_iou", "covered_iou", "false_share", "missed_share"),
    [
        (slice(10, 30), 1.0, 1.0, 0.0, 0.0),
        (slice(0, 0), 0.5, 0.0, 0.0, 1.0),
        (slice(10, 40), 0.5, 2 / 3, 0.5, 0.0),
        (slice(10, 20), 2 / 3, 0.5, 0.0, 0.5),
    ],
)
def test_scores_of_known_masks(found, kept_iou, covered_iou, false_share, missed_share):
    covered = np.zeros((60, 60), np.bool_)
    covered[10:30] = True  # the upper half of the face
    mask = np.full((60, 60), 255, np.uint8)
    mask[found] = 0
    example = Composite(np.zeros((60, 60, 3), np.uint8), square_face(), covered)
    judged = score(FixedLayer(mask), example)
    assert judged.kept_iou == pytest.approx(kept_iou)
    assert judged.covered_iou == pytest.approx(covered_iou)
    assert judged.false_share == pytest.approx(false_share)
    assert judged.missed_share == pytest.approx(missed_share)
    assert judged.blind_iou == pytest.approx(0.5)


def test_pictures_of_one_person_are_on_one_side_of_the_split():
    assert len({is_held_out(f"{a}_0_lanxi_{number:04d}.jpg") for a in (0, 1) for number in range(50)}) == 1
    assert 0.1 < np.mean([is_held_out(f"{number}.jpg") for number in range(2000)]) < 0.2


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is missing"):
        load_held_out(tmp_path)


@pytest.mark.skipif(not DATA.is_dir(), reason="the development pictures are not there")
def test_the_shipped_model_reaches_its_bar_on_held_out_faces():
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    results = summary(evaluate(OcclusionLayer(), load_held_out(DATA), per_kind=40))
    for kind in ("hand", "stick", "thing", "sunglasses", "all occluders"):
        judged = results[kind][1]
        assert judged.kept_iou >= 0.85, kind
        assert judged.kept_iou > judged.blind_iou + 0.03, kind
        assert judged.missed_share < 0.5, kind
    assert results["nothing"][1].false_share <= 0.03
