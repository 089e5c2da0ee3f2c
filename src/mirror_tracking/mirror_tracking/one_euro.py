"""The One-Euro filter: smooth while a point rests, quick while it moves.

G. Casiez, N. Roussel, D. Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
Interactive Systems", CHI 2012. Here for many points at once, each with its own cutoff, and with speed
measured in face sizes per second, so that near and far faces are smoothed alike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ParameterError, ShapeError

__all__ = ["OneEuroFilter"]

MAX_GAP_S = 0.5  # after a longer pause the past says nothing about the present


class OneEuroFilter:
    """Smooths points over time, in the unit of the points.

    The cutoff of a point is `min_cutoff + beta · speed`, speed being the length of its smoothed
    velocity (first two coordinates) divided by the scale given with each call.
    """

    def __init__(self, min_cutoff: float = 1.0, beta: float = 10.0, derivative_cutoff: float = 1.0) -> None:
        """Begin without a past.

        Args:
            min_cutoff: cutoff of a resting point in Hz, above 0; lower is smoother.
            beta: Hz that each scale per second adds, 0 or more; higher follows faster.
            derivative_cutoff: cutoff of the velocity in Hz, above 0.

        Raises:
            ParameterError: if a value is out of range.
        """
        self._previous: NDArray[np.float64] | None = None
        self._velocity: NDArray[np.float64] | None = None
        self._stamp_ns = 0
        self.configure(min_cutoff, beta, derivative_cutoff)

    def configure(self, min_cutoff: float, beta: float, derivative_cutoff: float) -> None:
        """Change the settings and keep the past; see `__init__`."""
        if not (min_cutoff > 0 and beta >= 0 and derivative_cutoff > 0):
            raise ParameterError(
                "A One-Euro filter needs cutoffs above 0 Hz and a beta of 0 or more, "
                f"not {min_cutoff}, {derivative_cutoff} and {beta}."
            )
        self._min_cutoff, self._beta, self._derivative_cutoff = min_cutoff, beta, derivative_cutoff

    @property
    def velocity(self) -> NDArray[np.float64] | None:
        """Smoothed velocity in units per second, in the shape of the points; None before the first."""
        return self._velocity

    def reset(self) -> None:
        """Forget the past: the next points pass unchanged."""
        self._previous = self._velocity = None

    def __call__(self, points: NDArray[np.floating[Any]], stamp_ns: int, scale: float) -> NDArray[np.float64]:
        """Smooth the points of one moment.

        Args:
            points: [n, d ≥ 1], finite.
            stamp_ns: time in nanoseconds; a step back or a gap of more than 0.5 s begins anew.
            scale: size of what is tracked in the unit of the points, above 0.

        Returns:
            float64 [n, d].

        Raises:
            ShapeError: if the points or the scale are not as stated.
        """
        values = np.asarray(points, np.float64)
        if values.ndim != 2 or not np.isfinite(values).all():
            raise ShapeError(f"OneEuroFilter needs finite points [n, d], not {list(values.shape)}.")
        if not (scale > 0 and math.isfinite(scale)):
            raise ShapeError(f"OneEuroFilter needs a scale above 0, not {scale}.")
        dt = (stamp_ns - self._stamp_ns) * 1e-9
        if (
            self._previous is None
            or self._velocity is None
            or self._previous.shape != values.shape
            or not 0.0 <= dt <= MAX_GAP_S
        ):
            self._previous, self._velocity = values.copy(), np.zeros_like(values)
            self._stamp_ns = stamp_ns
            return values.copy()
        if dt == 0.0:
            return self._previous.copy()
        raw_velocity = (values - self._previous) / dt
        share = _share(np.array(self._derivative_cutoff), dt)
        self._velocity = self._velocity + share * (raw_velocity - self._velocity)
        speed = np.linalg.norm(self._velocity[:, :2], axis=1, keepdims=True) / scale
        share = _share(self._min_cutoff + self._beta * speed, dt)
        self._previous = self._previous + share * (values - self._previous)
        self._stamp_ns = stamp_ns
        return self._previous.copy()


def _share(cutoff: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
    """Weight of the new value in exponential smoothing with a cutoff in Hz at a step of dt seconds."""
    rate = 2 * math.pi * dt * cutoff
    return rate / (rate + 1.0)
