"""The parameters of the mood node: how moods are read, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.parameters import parameter
from mirror_mood.rules import parse_rules

__all__ = ["MoodParameters"]


@dataclass(frozen=True)
class MoodParameters:
    """How moods are read, and what follows from them."""

    rate: float = parameter(
        10.0, "How many times a second the faces are read, at most.", minimum=0.2, maximum=60.0
    )
    half_life: float = parameter(
        0.5,
        "Seconds after which an earlier reading counts half as much as a new one; 0: no smoothing.",
        minimum=0.0,
        maximum=30.0,
    )
    sure_from: float = parameter(
        0.5,
        "Probability of the likeliest mood from which on the mirror calls itself sure.",
        minimum=0.0,
        maximum=1.0,
    )
    use: str = parameter(
        "fused",
        "What judges: the network that sees the face, its shape beside the person's neutral face, or both.",
        choices=("fused", "appearance", "shape"),
    )
    baseline: bool = parameter(
        True, "Learn what each face looks like at rest, and judge its shape and look beside that."
    )
    keep_baseline: bool = parameter(
        True, "Keep the baselines of people who agreed to be recognised with their stored faces."
    )
    min_face_px: float = parameter(
        60.0, "Faces lower than this many pixels are read as unsure.", minimum=0.0, maximum=2000.0
    )
    max_yaw: float = parameter(
        40.0,
        "Heads turned aside by more degrees than this are read as unsure.",
        minimum=0.0,
        maximum=180.0,
    )
    max_pitch: float = parameter(
        30.0,
        "Heads turned up or down by more degrees than this are read as unsure.",
        minimum=0.0,
        maximum=90.0,
    )
    rules: tuple[str, ...] = parameter(
        ("",),
        "What happens when a mood lasts, one line of key=value words a rule, such as "
        "name=cheer mood=sad duration=4 effects=deform deform.preset=cheery lasts=10; while there are any, "
        "moods are read even when nobody listens.",
    )

    def __post_init__(self) -> None:
        parse_rules(self.rules)
