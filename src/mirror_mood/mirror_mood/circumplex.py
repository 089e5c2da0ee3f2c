"""Valence and arousal: where a mixture of moods lies on Russell's circumplex."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.moods import MOOD_COUNT, MoodLabel

__all__ = ["PLACES", "valence_arousal"]

PLACES: Final[dict[MoodLabel, tuple[float, float]]] = {
    MoodLabel.ANGRY: (-0.51, 0.59),
    MoodLabel.DISGUST: (-0.60, 0.35),
    MoodLabel.FEAR: (-0.64, 0.60),
    MoodLabel.HAPPY: (0.81, 0.51),
    MoodLabel.SAD: (-0.63, -0.27),
    MoodLabel.SURPRISE: (0.40, 0.67),
    MoodLabel.NEUTRAL: (0.0, 0.0),
}
"""Mean pleasure and arousal that people gave to the words angry, disgusted, fearful, happy, sad and surprised
(Russell and Mehrabian, "Evidence for a three-factor theory of emotions", 1977); neutral is the origin."""

_MATRIX: Final = np.array([PLACES[label] for label in MoodLabel])


def valence_arousal(probabilities: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Valence and arousal, each −1 … 1: the mean of the moods' places, weighted by their probabilities.

    Args:
        probabilities: [MOOD_COUNT], sum 1.

    Raises:
        ShapeError: where the array has another shape.
    """
    if probabilities.shape != (MOOD_COUNT,):
        raise ShapeError(f"probabilities must be [{MOOD_COUNT}], not {list(probabilities.shape)}.")
    valence, arousal = np.asarray(probabilities, np.float64) @ _MATRIX
    return float(np.clip(valence, -1, 1)), float(np.clip(arousal, -1, 1))
