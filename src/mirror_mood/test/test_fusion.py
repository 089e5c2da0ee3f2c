"""Fusion: two opinions together, one alone, and a person's own resting look taken out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ModelError, ShapeError
from mirror_core.moods import MOOD_COUNT, SOURCES, MoodLabel
from mirror_mood.fusion import Fusion, Pool, log_probabilities, shape_evidence
from mirror_mood.shape_mood import SHAPE_MOODS

FLAT = np.zeros(MOOD_COUNT)


def says(word: str, share: float = 0.6) -> np.ndarray:
    """Logarithms of an answer that gives this share to one mood and the rest to all others alike."""
    values = np.full(MOOD_COUNT, (1 - share) / (MOOD_COUNT - 1))
    values[MoodLabel[word.upper()]] = share
    return log_probabilities(values)


@pytest.fixture
def fusion() -> Fusion:
    return Fusion({source: Pool(1.0, 1.0, FLAT) for source in SOURCES}, 0.5, says("neutral"))


def test_one_opinion_alone_stays_as_it_is(fusion: Fusion) -> None:
    for arguments, source in (((says("sad"), None), "appearance"), ((None, says("sad")), "shape")):
        probabilities, found = fusion.fuse(*arguments)
        assert found == source
        np.testing.assert_allclose(probabilities, np.exp(says("sad")), rtol=1e-5)


def test_two_that_agree_are_surer_and_two_that_differ_are_less_sure(fusion: Fusion) -> None:
    agreed, source = fusion.fuse(says("sad"), says("sad"))
    assert source == "fused"
    assert agreed[MoodLabel.SAD] > 0.9
    differing = fusion.fuse(says("sad"), says("happy"))[0]
    assert differing[MoodLabel.SAD] == pytest.approx(differing[MoodLabel.HAPPY])
    assert differing.max() < 0.5


def test_powers_and_factors_weigh(fusion: Fusion) -> None:
    bias = FLAT.copy()
    bias[MoodLabel.FEAR] = 3.0
    pools = {**fusion.pools, "fused": Pool(1.0, 0.0, FLAT), "shape": Pool(1.0, 1.0, bias)}
    changed = Fusion(pools, 0.5, fusion.typical_rest)
    np.testing.assert_allclose(changed.fuse(says("sad"), says("happy"))[0], np.exp(says("sad")), rtol=1e-5)
    assert changed.fuse(None, FLAT)[0].argmax() == MoodLabel.FEAR


def test_who_looks_sad_at_rest_is_not_sad(fusion: Fusion) -> None:
    looks = says("sad", 0.5)
    assert fusion.fuse(looks, None)[0].argmax() == MoodLabel.SAD
    whole = Fusion(fusion.pools, 1.0, fusion.typical_rest)
    at_rest = whole.fuse(looks, None, own_rest=looks)[0]
    np.testing.assert_allclose(at_rest, np.exp(whole.typical_rest), rtol=1e-5)
    laughing = whole.fuse(says("happy", 0.9), None, own_rest=looks)[0]
    assert laughing.argmax() == MoodLabel.HAPPY


def test_nothing_to_judge_by_is_refused(fusion: Fusion) -> None:
    with pytest.raises(ShapeError, match="one opinion at least"):
        fusion.fuse(None, None)


def test_it_is_written_and_read(fusion: Fusion, tmp_path: Path) -> None:
    file = tmp_path / "mood_fusion.json"
    fusion.write(file, {"pictures": 5})
    again = Fusion.read(file)
    np.testing.assert_allclose(
        again.fuse(says("sad"), says("fear"))[0], fusion.fuse(says("sad"), says("fear"))[0], atol=1e-4
    )
    assert again.rest == 0.5


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"labels": ["happy"]},
        {"rest": 2},
        {"rest": "much"},
        {"typical_rest": [1, 2]},
        {"pools": {}},
        {"pools": []},
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(
    fusion: Fusion, tmp_path: Path, change: dict[str, object]
) -> None:
    file = tmp_path / "mood_fusion.json"
    fusion.write(file)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(ModelError, match=r"mood_fusion.json does not say how moods are weighed"):
        Fusion.read(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Fusion.read(tmp_path / "none.json")


def test_disgust_and_fear_look_like_an_average_face_to_the_geometry() -> None:
    np.testing.assert_allclose(shape_evidence(np.full(5, 0.2)), 0, atol=1e-12)
    five = np.array([0.1, 0.1, 0.05, 0.7, 0.05])
    evidence = shape_evidence(five)
    assert evidence[MoodLabel.DISGUST] == evidence[MoodLabel.FEAR] == 0
    for label, share in zip(SHAPE_MOODS, five, strict=True):
        assert evidence[label] == pytest.approx(np.log(5 * share))
