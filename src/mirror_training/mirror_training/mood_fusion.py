"""The recipe of the fusion: how much each judge counts, and from which probability on an answer is sure.

The powers and factors of a logarithmic opinion pool are those that make the labels likeliest, the moods
weighing nearly the same however many pictures they have; what is reported comes from cross-validation over
people. The share of a person's own resting look that is taken out is the one that serves people with other
neutral pictures best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mirror_core.errors import UsageError
from mirror_core.moods import MOOD_COUNT, SOURCES, MoodLabel
from mirror_mood.fusion import Fusion, Pool
from mirror_mood.resting_look import SHRINK_FRAMES
from mirror_training.mood_fusion_data import PARTS, Judged, judge
from mirror_training.mood_scores import Calibration, Scores, calibration, scores

__all__ = ["FusionReport", "Sureness", "evaluate", "fit_fusion", "train"]

PENALTY = 0.02  # on squared differences from equal powers and factors of 1
FEWEST = 80  # pictures; a rarer mood weighs as if it had so many
RESTS = (0.0, 0.25, 0.5, 0.75, 1.0)  # shares that are tried
FRAMES_OF_A_PHOTOGRAPH = 10.0  # that one other neutral photograph stands for
WANTED = 0.8  # share of right answers among the sure ones
THRESHOLDS = np.round(np.arange(0.3, 0.96, 0.01), 2)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sureness:
    """What a threshold means.

    Attributes:
        threshold: probability of the likeliest mood from which on an answer counts as sure.
        share: of the pictures that are then sure, moods weighing the same.
        right: share of right answers among them, likewise.
    """

    threshold: float
    share: float
    right: float


@dataclass(frozen=True, slots=True, eq=False)
class FusionReport:
    """What the cross-validation found.

    Attributes:
        pictures: of each mood, in MoodLabel's order.
        people: how many.
        balanced: by source: mean recall of the five moods that the geometry knows, and of all seven.
        scores, calibrations: by source, of all pictures; calibration with moods weighing the same.
        with_baseline: balanced accuracy of five moods for people with other neutral pictures, fused: without
            a baseline, with the shape's, with both.
        sureness: the smallest threshold at which WANTED of the sure answers are right.
    """

    pictures: tuple[int, ...]
    people: int
    balanced: Mapping[str, tuple[float, float]]
    scores: Mapping[str, Scores]
    calibrations: Mapping[str, Calibration]
    with_baseline: tuple[float, float, float]
    sureness: Sureness


def train(
    data: Path, out: Path, network: Path | None = None, report: Callable[[str], None] = print
) -> FusionReport:
    """Fit, measure, and write the file.

    Raises:
        UsageError: where data are missing, or `out` cannot be written.
    """
    judged = judge(data, network, report)
    found = evaluate(judged)
    fusion = fit_fusion(judged)
    notes = {
        "pictures": len(judged),
        "people": found.people,
        "balanced accuracy of five moods": {key: round(five, 3) for key, (five, _) in found.balanced.items()},
        "sure from": found.sureness.threshold,
    }
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fusion.write(out, notes)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    report(f"{out} written")
    return found


def fit_fusion(judged: Judged, chosen: NDArray[np.bool_] | None = None) -> Fusion:
    """Fit to some of the pictures; to all where None."""
    which = np.ones(len(judged), np.bool_) if chosen is None else chosen
    typical = judged.appearance[which & (judged.labels == MoodLabel.NEUTRAL)].mean(axis=0)
    known = which & (judged.neutrals > 0)
    if not known.any():
        known = which

    def loss(rest: float) -> float:
        return _loss(judged, known, _fit(judged, which, "fused", rest, typical), rest, typical)

    rest = min(RESTS, key=loss)
    pools = {source: _fit(judged, which, source, rest, typical) for source in SOURCES}
    return Fusion(pools, rest, typical)


def _weights(labels: NDArray[np.intp]) -> Array:
    """float64 [n], sum 1, by which moods weigh nearly the same."""
    weights = 1.0 / np.maximum(np.bincount(labels, minlength=MOOD_COUNT), FEWEST)[labels]
    return np.asarray(weights / weights.sum())


def _loss(judged: Judged, which: NDArray[np.bool_], pool: Pool, rest: float, typical: Array) -> float:
    """How unlikely the labels of some pictures are to a pool: mean negative logarithm."""
    appearance, shape = (part[which] for part in _inputs(judged, "fused", rest, typical))
    total = pool.appearance * appearance + pool.shape * shape + pool.bias
    labels = judged.labels[which]
    own = total[np.arange(len(labels)), labels] - total.max(axis=1)
    spread = np.log(np.exp(total - total.max(axis=1, keepdims=True)).sum(axis=1))
    return float((_weights(labels) * (spread - own)).sum())


def _inputs(judged: Judged, source: str, rest: float, typical: Array) -> tuple[Array, Array]:
    """Appearance without resting looks, and shape, float64 [n, MOOD_COUNT]; 0 for what a source lacks."""
    own = _own_rest(judged, typical)
    appearance = judged.appearance - rest * (own - typical) if source != "shape" else 0 * judged.appearance
    return appearance, judged.shape if source != "appearance" else 0 * judged.shape


def _own_rest(judged: Judged, typical: Array) -> Array:
    frames = judged.neutrals[:, None] * FRAMES_OF_A_PHOTOGRAPH
    return np.asarray(typical + frames / (frames + SHRINK_FRAMES) * (judged.rest - typical))


def _fit(judged: Judged, which: NDArray[np.bool_], source: str, rest: float, typical: Array) -> Pool:
    """The pool that makes the labels likeliest."""
    appearance, shape = (part[which] for part in _inputs(judged, source, rest, typical))
    labels = judged.labels[which]
    rows = np.arange(len(labels))
    weights = _weights(labels)

    def cost(flat: Array) -> tuple[float, Array]:
        total = flat[0] * appearance + flat[1] * shape + flat[2:]
        total = total - total.max(axis=1, keepdims=True)
        logs = total - np.log(np.exp(total).sum(axis=1, keepdims=True))
        off = np.exp(logs)
        off[rows, labels] -= 1
        off *= weights[:, None]
        start = np.concatenate([[1.0, 1.0], np.zeros(MOOD_COUNT)])
        slope = np.concatenate([[(off * appearance).sum(), (off * shape).sum()], off.sum(axis=0)])
        penalty = PENALTY * ((flat - start) ** 2).sum()
        return float(-(weights * logs[rows, labels]).sum() + penalty), slope + 2 * PENALTY * (flat - start)

    start = np.concatenate([[1.0, 1.0], np.zeros(MOOD_COUNT)])
    bounds = [(0.0, 5.0), (0.0, 5.0), *[(-4.0, 4.0)] * MOOD_COUNT]
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return Pool(float(found.x[0]), float(found.x[1]), found.x[2:])


def _answers(
    fusion: Fusion,
    judged: Judged,
    which: NDArray[np.bool_],
    source: str,
    *,
    shape: bool = True,
    rest: bool = True,
) -> Array:
    """Probabilities [k, MOOD_COUNT] of some pictures, with or without what is known of the person."""
    own = _own_rest(judged, fusion.typical_rest) if rest else None
    evidence = judged.shape if shape else judged.unknown
    return np.array(
        [
            fusion.fuse(
                judged.appearance[number] if source != "shape" else None,
                evidence[number] if source != "appearance" else None,
                own[number] if own is not None else None,
            )[0]
            for number in np.flatnonzero(which)
        ],
        np.float64,
    )


def _recall(probabilities: Array, labels: NDArray[np.intp], moods: tuple[MoodLabel, ...]) -> float:
    """Mean recall of some moods, answers among these only."""
    columns = [int(mood) for mood in moods]
    answers = np.array(columns)[probabilities[:, columns].argmax(axis=1)]
    return float(np.mean([(answers[labels == mood] == mood).mean() for mood in columns]))


FIVE = (MoodLabel.ANGRY, MoodLabel.HAPPY, MoodLabel.SAD, MoodLabel.SURPRISE, MoodLabel.NEUTRAL)


def evaluate(judged: Judged) -> FusionReport:
    """Cross-validate over people."""
    names = (*SOURCES, "alone", "shape's baseline")
    found = {name: np.zeros((len(judged), MOOD_COUNT)) for name in names}
    for part in range(PARTS):
        kept = judged.parts == part
        fusion = fit_fusion(judged, ~kept)
        for source in SOURCES:
            found[source][kept] = _answers(fusion, judged, kept, source)
        found["alone"][kept] = _answers(fusion, judged, kept, "fused", shape=False, rest=False)
        found["shape's baseline"][kept] = _answers(fusion, judged, kept, "fused", rest=False)
    labels, small = judged.labels, judged.labels.astype(np.uint8)
    even = _even(labels)
    known = judged.neutrals > 0
    return FusionReport(
        tuple(np.bincount(labels, minlength=MOOD_COUNT).tolist()),
        len(set(judged.people.tolist())),
        {
            source: (_recall(found[source], labels, FIVE), _recall(found[source], labels, tuple(MoodLabel)))
            for source in SOURCES
        },
        {source: scores(found[source].astype(np.float32), small) for source in SOURCES},
        {source: calibration(found[source][even].astype(np.float32), small[even]) for source in SOURCES},
        (
            _recall(found["alone"][known], labels[known], FIVE),
            _recall(found["shape's baseline"][known], labels[known], FIVE),
            _recall(found["fused"][known], labels[known], FIVE),
        ),
        _sureness(found["fused"][even], labels[even]),
    )


def _even(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Indices in which every mood is as frequent, by repeating those of the rarer ones."""
    groups = [np.flatnonzero(labels == mood) for mood in range(MOOD_COUNT) if (labels == mood).any()]
    most = max(len(group) for group in groups)
    return np.concatenate([np.resize(group, most) for group in groups])


def _sureness(probabilities: Array, labels: NDArray[np.intp]) -> Sureness:
    certainty, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    for threshold in THRESHOLDS:
        sure = certainty >= threshold
        if sure.any() and right[sure].mean() >= WANTED:
            return Sureness(float(threshold), float(sure.mean()), float(right[sure].mean()))
    sure = certainty >= THRESHOLDS[-1]
    return Sureness(
        float(THRESHOLDS[-1]), float(sure.mean()), float(right[sure].mean()) if sure.any() else 0.0
    )
