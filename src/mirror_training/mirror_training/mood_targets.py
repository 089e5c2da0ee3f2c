"""What the mood network is taught: FER2013's label mixed with what FER+'s ten people would have made of it.

The two name things differently (FER+ calls two of three of FER2013's fear pictures something else), so votes
are not taken as they are. A small softmax regression learns which label FER2013 gives to a picture with such
votes, and its answer is what is mixed in: the doubt of ten people, in FER2013's habits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mirror_training.mood_data import EMOTIONS, MoodData

__all__ = ["VoteTranslation", "soft_targets"]

PENALTY = 1e-4  # on squared weights, so that rare combinations of votes do not become certain


def _features(votes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Shares of the votes, their products in pairs, and one: float64 [n, 10 + 55 + 1]."""
    total = np.maximum(votes.sum(1, keepdims=True), 1)
    share = votes / total
    first, second = np.triu_indices(votes.shape[1])
    return np.hstack([share, share[:, first] * share[:, second], np.ones((len(votes), 1))])


class VoteTranslation:
    """Probabilities of FER2013's labels given FER+'s votes, learned from pictures that have both."""

    def __init__(self, votes: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
        """Fit by maximum likelihood.

        Args:
            votes: uint8 [n, 10], each row with at least one vote.
            labels: uint8 [n].
        """
        features = _features(votes)
        wanted = np.eye(len(EMOTIONS))[labels]
        shape = (features.shape[1], len(EMOTIONS))

        def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            weights = flat.reshape(shape)
            chance = _softmax(features @ weights)
            loss = -np.log(np.maximum((chance * wanted).sum(1), 1e-12)).mean()
            slope = features.T @ (chance - wanted) / len(features) + 2 * PENALTY * weights
            return float(loss + PENALTY * (weights**2).sum()), slope.ravel()

        found = minimize(cost, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 300})
        self._weights = found.x.reshape(shape)

    def __call__(self, votes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """float32 [n, 7], each row's sum 1."""
        return _softmax(_features(votes) @ self._weights).astype(np.float32)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    exponential = np.exp(logits - logits.max(1, keepdims=True))
    result: NDArray[np.float64] = exponential / exponential.sum(1, keepdims=True)
    return result


def soft_targets(data: MoodData, vote_share: float, smoothing: float) -> NDArray[np.float32]:
    """The distribution to teach for each picture.

    Args:
        data: training pictures.
        vote_share: weight of the translated votes beside the label, 0 … 1.
        smoothing: weight of the even distribution, for pictures without votes.

    Returns:
        float32 [n, 7], each row's sum 1.
    """
    label = np.eye(len(EMOTIONS), dtype=np.float32)[data.labels]
    asked = data.votes.sum(1) > 0
    target = (1 - smoothing) * label + smoothing / len(EMOTIONS)
    if vote_share > 0 and asked.any():
        translated = VoteTranslation(data.votes[asked], data.labels[asked])(data.votes[asked])
        target[asked] = (1 - vote_share) * label[asked] + vote_share * translated
    return target.astype(np.float32)
