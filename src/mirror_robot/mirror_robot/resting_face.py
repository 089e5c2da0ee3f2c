"""A person's own face at rest, learned while they look into the mirror and their face is calm.

One person's brows lie low, another's mouth turns down, and neither does anything. What is learned is the
median of calm, frontal moments of the last half minute, weighed against people in general while it is short.
It stays near people in general (`Span.own_share`), so that a smile does not become a face at rest by lasting
long.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from mirror_robot.expression_units import MEASURED, SPANS, measures_of
from mirror_robot.upright_face import UprightFace

__all__ = ["RestingFace"]

SAMPLE_S = 0.1  # seconds between two moments that are learned from
LONGEST_S = 1.0  # of a gap after which the last moment says nothing about this one
MOST_SAMPLES = 300  # half a minute
SHRINK_SAMPLES = 30  # moments that people in general count as
MOST_TURN = math.radians(15)  # of the head to a side, up or down
CALM_PER_S = 1.5  # share of its span by which no measure of a calm face changes in a second

Array = NDArray[np.float64]
_REST = np.array([span.rest for span in SPANS.values()])
_WIDTH = np.array([span.high - span.low for span in SPANS.values()])
_FARTHEST = np.array([span.own_share for span in SPANS.values()]) * _WIDTH


class RestingFace:
    """What is known of one person's face at rest."""

    def __init__(self) -> None:
        """Begin with people in general."""
        self._samples: deque[Array] = deque(maxlen=MOST_SAMPLES)
        self._values = _REST
        self._last: tuple[int, Array] | None = None

    def observe(self, face: UprightFace, stamp_ns: int) -> None:
        """Look at a frame, and learn from it if the face is calm and turned to the camera.

        Args:
            face: turned back.
            stamp_ns: the frame's stamp in nanoseconds; where it jumps, calm has to show anew.
        """
        measures = measures_of(face)
        if self._last is not None:
            passed_s = (stamp_ns - self._last[0]) / 1e9
            if 0 <= passed_s < SAMPLE_S:
                return
            change = float((np.abs(measures - self._last[1]) / _WIDTH).max())
            if 0 < passed_s <= LONGEST_S and change <= CALM_PER_S * passed_s and self._is_frontal(face):
                self._samples.append(measures)
                self._learn()
        self._last = (stamp_ns, measures)

    @property
    def values(self) -> dict[str, float]:
        """The measures at rest by name, between people in general and this person."""
        return dict(zip(MEASURED, self._values.tolist(), strict=True))

    @property
    def readiness(self) -> float:
        """0 … 1: how far `values` lies from people in general towards what was seen."""
        return len(self._samples) / (len(self._samples) + SHRINK_SAMPLES)

    def _learn(self) -> None:
        own = np.median(np.array(self._samples), axis=0) - _REST
        self._values = _REST + self.readiness * np.clip(own, -_FARTHEST, _FARTHEST)

    @staticmethod
    def _is_frontal(face: UprightFace) -> bool:
        placement = face.placement
        return abs(placement.yaw) <= MOST_TURN and abs(placement.pitch) <= MOST_TURN
