"""Where the character holds its hands: a table of places and directions, for the left arm."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HOLDS", "PAIRS", "Hold", "Vector"]

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Hold:
    """How an arm holds its hand. Places and directions are given for the left arm; the right one mirrors x.

    Attributes:
        wrist: place from the chest's origin, in its frame, in metres (the shoulder is at 0.19, 0.19, −0.01).
        elbow: direction in which the elbow points.
        fingers: direction of the fingers.
        palm: direction to which the palm looks.
        curl, point: per cent of a fist, and by how much the index finger stays out of it.
        raised, forward: degrees by which the shoulder is raised and brought forward.
    """

    wrist: Vector
    elbow: Vector
    fingers: Vector
    palm: Vector
    curl: float = 25.0
    point: float = 0.0
    raised: float = 0.0
    forward: float = 0.0


# fmt: off
HOLDS: dict[str, Hold] = {
    # wrist, elbow,
    #     fingers, palm, …
    "hat": Hold(
        (0.155, 0.385, 0.175), (1.0, -0.45, 0.1), (-0.75, 0.55, 0.1), (-0.35, -0.6, -0.7), 30),
    "wave": Hold(
        (0.400, 0.470, 0.130), (0.8, -1.0, -0.2), (0.15, 1.0, 0.05), (0.0, 0.0, 1.0), 6),
    "wave_in": Hold(
        (0.240, 0.490, 0.150), (0.9, -1.0, -0.2), (-0.30, 1.0, 0.05), (0.0, 0.0, 1.0), 6),
    "wave_out": Hold(
        (0.520, 0.430, 0.110), (0.8, -1.0, -0.2), (0.50, 0.9, 0.05), (0.0, 0.0, 1.0), 6),
    "hand_up": Hold(
        (0.330, 0.700, 0.030), (1.0, -0.4, -0.1), (0.1, 1.0, 0.0), (0.0, 0.0, 1.0), 10, raised=16),
    "surrender": Hold(
        (0.380, 0.440, 0.090), (0.9, -0.8, -0.35), (0.0, 1.0, 0.0), (0.0, 0.1, 1.0), 8, raised=6),
    "wide": Hold(
        (0.720, 0.190, 0.020), (0.2, -1.0, -0.3), (1.0, 0.05, 0.0), (0.0, -0.6, 0.8), 12, raised=8),
    "point_ahead": Hold(
        (0.130, 0.230, 0.500), (0.7, -1.0, 0.0), (-0.1, 0.03, 1.0), (-0.4, -1.0, 0.0), 92, 100, forward=12),
    "point_aside": Hold(
        (0.690, 0.280, 0.140), (0.2, -1.0, -0.2), (1.0, 0.12, 0.2), (0.2, -1.0, 0.3), 92, 100, raised=6),
    "point_up": Hold(
        (0.300, 0.630, 0.160), (1.0, -0.6, -0.1), (-0.05, 1.0, 0.1), (-0.5, 0.0, 1.0), 92, 100, raised=12),
    "chin": Hold(
        (0.060, 0.205, 0.215), (0.6, -1.0, 0.0), (-0.35, 0.85, -0.2), (-0.5, 0.2, -0.9), 55),
    "over_eyes": Hold(
        (0.190, 0.395, 0.195), (1.0, -0.5, 0.2), (-0.95, 0.20, -0.05), (-0.1, -1.0, -0.2), 6),
    "face": Hold(
        (0.080, 0.265, 0.225), (0.7, -1.0, 0.1), (-0.15, 1.0, -0.12), (-0.1, 0.1, -1.0), 10),
    "match": Hold(
        (0.095, 0.215, 0.235), (0.9, -1.0, 0.1), (-0.50, 0.80, 0.10), (-0.75, 0.2, -0.6), 48),
    "collar": Hold(
        (0.150, 0.205, 0.180), (0.9, -0.9, 0.1), (-0.55, 0.75, -0.25), (-0.4, -0.2, -0.9), 85),
    "collar_drawn": Hold(
        (0.115, 0.165, 0.205), (1.0, -0.8, 0.1), (-0.65, 0.70, -0.25), (-0.4, -0.2, -0.9), 95, raised=14),
    "ear": Hold(
        (0.195, 0.285, 0.110), (1.0, -0.7, 0.2), (-0.30, 0.95, -0.1), (-0.9, 0.0, 0.2), 45),
    "hip": Hold(
        (0.245, -0.215, 0.030), (1.0, 0.1, -0.5), (-0.60, -0.55, 0.55), (-1.0, 0.2, 0.0), 60),
    "pocket": Hold(
        (0.255, -0.255, 0.060), (0.7, 0.1, -0.9), (-0.25, -1.0, 0.10), (-1.0, 0.0, 0.0), 30),
    "behind": Hold(
        (0.080, -0.200, -0.215), (1.0, 0.0, -0.4), (-0.9, -0.3, 0.1), (0.0, 0.1, -1.0), 45),
    "clasped": Hold(
        (0.085, -0.185, 0.220), (0.9, -0.5, -0.2), (-0.75, -0.55, 0.15), (-0.3, 0.0, -1.0), 40),
    "palm_up": Hold(
        (0.330, -0.020, 0.300), (0.5, -1.0, -0.3), (0.45, -0.05, 1.0), (0.0, 1.0, 0.1), 15),
    "shrug": Hold(
        (0.400, -0.010, 0.190), (0.5, -1.0, -0.3), (0.8, 0.10, 0.6), (0.1, 1.0, 0.3), 12, raised=26),
    "ahead": Hold(
        (0.200, 0.190, 0.500), (0.8, -1.0, 0.0), (0.0, 0.05, 1.0), (-0.6, -0.7, 0.0), 12, forward=14),
    "stop": Hold(
        (0.210, 0.235, 0.440), (0.8, -1.0, 0.0), (0.0, 1.0, 0.15), (0.0, -0.1, 1.0), 5, forward=8),
    "heart": Hold(
        (0.010, 0.090, 0.215), (0.9, -0.8, 0.1), (-0.85, 0.35, 0.0), (-0.1, 0.0, -1.0), 18),
    "fist": Hold(
        (0.170, 0.165, 0.330), (0.7, -1.0, 0.0), (-0.2, 0.75, 0.65), (-1.0, 0.0, 0.0), 100),
    "down_ahead": Hold(
        (0.190, -0.180, 0.330), (0.7, -0.7, -0.6), (0.0, -0.3, 1.0), (-0.2, -1.0, 0.0), 20),
}
"""Holds that either hand can have, by name."""

PAIRS: dict[str, tuple[Hold, Hold]] = {
    "crossed": (
        Hold((-0.115, -0.005, 0.225), (0.8, -1.0, 0.0), (-0.9, 0.35, -0.25), (-0.2, 0.0, -1.0), 20, 0, 0, 10),
        Hold((-0.105, -0.045, 0.180), (0.8, -1.0, 0.0), (-1.0, 0.10, -0.3), (0.0, -0.1, -1.0), 60, 0, 0, 8),
    ),
    "watch": (
        Hold((-0.010, 0.065, 0.300), (0.9, -0.8, 0.0), (-1.0, 0.10, 0.05), (0.0, -1.0, -0.35), 55, forward=6),
        Hold((0.145, 0.000, 0.315), (0.9, -0.9, 0.0), (-0.80, 0.50, 0.1), (-0.3, -0.5, -0.8), 62),
    ),
}
"""Holds of the left and the right hand that belong together, because one lies before the other."""
# fmt: on
