"""Valence and arousal follow the moods' places on the circumplex."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.circumplex import PLACES, valence_arousal


@pytest.mark.parametrize("label", list(MoodLabel))
def test_a_certain_mood_lies_at_its_own_place(label: MoodLabel) -> None:
    assert valence_arousal(np.eye(MOOD_COUNT)[label]) == pytest.approx(PLACES[label])


def test_pleasant_moods_lie_right_of_unpleasant_ones() -> None:
    valence = {label: valence_arousal(np.eye(MOOD_COUNT)[label])[0] for label in MoodLabel}
    assert valence[MoodLabel.HAPPY] > valence[MoodLabel.SURPRISE] > valence[MoodLabel.NEUTRAL] == 0
    unpleasant = (MoodLabel.ANGRY, MoodLabel.DISGUST, MoodLabel.FEAR, MoodLabel.SAD)
    assert all(valence[label] < -0.4 for label in unpleasant)


def test_a_mixture_lies_between() -> None:
    half = np.zeros(MOOD_COUNT, np.float32)
    half[[MoodLabel.HAPPY, MoodLabel.NEUTRAL]] = 0.5
    assert valence_arousal(half) == pytest.approx((0.405, 0.255))


def test_another_number_of_moods_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"\[7\]"):
        valence_arousal(np.full(6, 1 / 6))
