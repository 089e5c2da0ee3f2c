"""The settings of the body tracker."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.parameters import parameter

__all__ = ["BodyTrackerParameters"]


@dataclass(frozen=True)
class BodyTrackerParameters:
    """Settings of the body tracker."""

    max_bodies: int = parameter(
        2, "Largest number of bodies tracked at once; each takes its time.", minimum=1, maximum=2
    )
    min_body_px: int = parameter(
        150,
        "Height in pixels, from head to foot, of the smallest person that is taken up (measured at what is "
        "seen of them).",
        minimum=32,
        maximum=4000,
    )
    detection_period: float = parameter(
        0.25,
        "New people are looked for every so many seconds, half as often where all places are taken.",
        minimum=0.0,
        maximum=10.0,
    )
    detection_score: float = parameter(
        0.5,
        "Score from which on the detector's people are checked by the pose model.",
        minimum=0.1,
        maximum=0.99,
    )
    lost_after_s: float = parameter(
        2.0, "Seconds for which a body may be unseen and keep its id.", minimum=0.0, maximum=10.0
    )
    smoothing_min_cutoff: float = parameter(
        1.0, "Cutoff in Hz for points at rest; lower is smoother.", minimum=0.01, maximum=1000.0
    )
    smoothing_beta: float = parameter(
        10.0, "Hz of cutoff per half a metre a second; higher follows faster.", minimum=0.0, maximum=1000.0
    )
    smoothing_derivative_cutoff: float = parameter(
        1.0, "Cutoff in Hz for the speed that smoothing adapts to.", minimum=0.01, maximum=1000.0
    )
