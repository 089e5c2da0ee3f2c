"""How good probabilities are: accuracy, macro-F1, confusion, calibration; and the temperature to mend it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Calibration", "Scores", "calibration", "fit_temperature", "scores"]

BINS = 15  # of the calibration curve: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017
TEMPERATURES = (0.05, 20.0)  # between which the temperature is looked for
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What answers are worth.

    Attributes:
        confusion: int64 [k, k], pictures by true class (row) and answer (column).
        accuracy: share of right answers.
        precision: float64 [k], share of right ones among the answers; 0 for a class never answered.
        recall: float64 [k], share of right answers among the pictures; 0 for a class without pictures.
        f1: float64 [k], harmonic mean of both.
        macro_f1: mean of `f1` over the classes that have pictures.
    """

    confusion: NDArray[np.int64]
    accuracy: float
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    macro_f1: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """How often answers of a certainty are right.

    Attributes:
        certainty: float64 [BINS], mean largest probability in each bin; 0 for an empty one.
        accuracy: float64 [BINS], share of right answers in each bin; 0 for an empty one.
        counts: int64 [BINS], pictures in each bin.
        error: expected calibration error, the mean distance of both over all pictures, 0 … 1.
    """

    certainty: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    counts: NDArray[np.int64]
    error: float


def scores(probability: NDArray[np.float32], labels: NDArray[np.uint8]) -> Scores:
    """Judge the most probable classes.

    Args:
        probability: [n, k] with n above 0; anything that grows with it, logits too, does as well.
        labels: [n], the true classes.
    """
    _check(probability, labels)
    classes = probability.shape[1]
    answers = probability.argmax(1)
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (labels.astype(np.int64), answers), 1)
    right = np.diag(confusion).astype(np.float64)
    precision = right / np.maximum(confusion.sum(0), 1)
    recall = right / np.maximum(confusion.sum(1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    present = confusion.sum(1) > 0
    accuracy = float(right.sum() / len(labels))
    return Scores(confusion, accuracy, precision, recall, f1, float(f1[present].mean()))


def calibration(probability: NDArray[np.float32], labels: NDArray[np.uint8], bins: int = BINS) -> Calibration:
    """The calibration curve over bins of equal width, and the expected calibration error.

    Args:
        probability: [n, k], each row's sum 1, with n above 0.
        labels: [n], the true classes.
        bins: number of bins.
    """
    _check(probability, labels)
    certainty = probability.max(1).astype(np.float64)
    right = (probability.argmax(1) == labels).astype(np.float64)
    place = np.minimum((certainty * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    divisor = np.maximum(counts, 1)
    mean_certainty = np.bincount(place, certainty, bins) / divisor
    mean_right = np.bincount(place, right, bins) / divisor
    error = float((counts * np.abs(mean_certainty - mean_right)).sum() / len(labels))
    return Calibration(mean_certainty, mean_right, counts, error)


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """The temperature that makes the labels most likely (Guo et al. 2017), by a golden-section search.

    Args:
        logits: [n, k] of pictures that were not trained with, n above 0.
        labels: [n], the true classes.
    """
    _check(logits, labels)
    rows = np.arange(len(labels))

    def loss(power: float) -> float:
        scaled = logits.astype(np.float64) / math.exp(power)
        highest = scaled.max(1, keepdims=True)
        total = np.log(np.exp(scaled - highest).sum(1)) + highest[:, 0]
        return float((total - scaled[rows, labels]).mean())

    low, high = (math.log(value) for value in TEMPERATURES)
    while high - low > 1e-4:
        first, second = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if loss(first) < loss(second):
            high = second
        else:
            low = first
    return math.exp((low + high) / 2)


def _check(values: NDArray[np.float32], labels: NDArray[np.uint8]) -> None:
    if values.ndim != 2 or labels.shape != values.shape[:1] or not len(labels):
        raise ValueError(
            f"Need values [n, k] and labels [n] with n above 0, got {values.shape}, {labels.shape}."
        )
