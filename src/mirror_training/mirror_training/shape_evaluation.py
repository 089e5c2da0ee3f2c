"""How well a shape model describes people it was not trained on, and how far it takes turns for shape."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_tracking.shape_model import ShapeModel, pose_terms
from mirror_training.shape_data import FaceMeshes, eye_distance

__all__ = ["ShapeScore", "evaluate"]


@dataclass(frozen=True, slots=True)
class ShapeScore:
    """Results on held-out people.

    Attributes:
        faces, people: how many.
        components: of the model.
        mean_px, worst_px: reconstruction error of a face, root mean square over its points in x and y, in
            pixels of the crops: mean over the faces, and their 95th percentile.
        mean_share, worst_share: the same over the distance between the outer corners of the eyes.
        mean_share_3d: with the depth.
        without: `mean_share` of the mean face alone, brought onto each face.
        turn_share: share of the shape's variance that is explained by yaw and pitch, 0 … 1.
        fit_ms: time of one fit, median.
    """

    faces: int
    people: int
    components: int
    mean_px: float
    worst_px: float
    mean_share: float
    worst_share: float
    mean_share_3d: float
    without: float
    turn_share: float
    fit_ms: float


def evaluate(model: ShapeModel, faces: FaceMeshes) -> ShapeScore:
    """Measure a model on the held-out people among these faces.

    Raises:
        UsageError: where there are none.
    """
    held_out = faces.select(faces.held_out)
    if len(held_out) < 2:
        raise UsageError("There are fewer than 2 faces of held-out people: give more data.")
    errors, errors_3d, blind, times = [], [], [], []
    coefficients, terms = [], []
    for points in held_out.points:
        started = time.perf_counter()
        fit = model.fit(points)
        times.append(time.perf_counter() - started)
        difference = (model.seen(fit) - points).astype(np.float64)
        errors.append(_rms(difference[:, :2]))
        errors_3d.append(_rms(difference))
        blind.append(_rms((fit.placement.to_image(model.mean) - points)[:, :2]))
        coefficients.append((model.shape(fit.parameters) - model.mean).ravel())
        terms.append(pose_terms(fit.placement))
    eyes = eye_distance(held_out.points)
    shares = np.array(errors) / eyes
    return ShapeScore(
        faces=len(held_out),
        people=len(set(held_out.people.tolist())),
        components=model.count,
        mean_px=float(np.mean(errors)),
        worst_px=float(np.percentile(errors, 95)),
        mean_share=float(shares.mean()),
        worst_share=float(np.percentile(shares, 95)),
        mean_share_3d=float((np.array(errors_3d) / eyes).mean()),
        without=float((np.array(blind) / eyes).mean()),
        turn_share=_explained(np.array(coefficients), np.array(terms)),
        fit_ms=float(np.median(times) * 1e3),
    )


def _rms(difference: NDArray[np.floating[Any]]) -> float:
    return float(np.sqrt((difference**2).sum(axis=1).mean()))


def _explained(values: NDArray[np.float64], by: NDArray[np.float64]) -> float:
    """Share of the variance of values [n, d] that a linear function of `by` [n, m] explains."""
    centred = values - values.mean(axis=0)
    predictors = np.column_stack([np.ones(len(by)), by])
    rest = centred - predictors @ np.linalg.lstsq(predictors, centred, rcond=None)[0]
    return float(1 - (rest**2).sum() / max(float((centred**2).sum()), 1e-12))
