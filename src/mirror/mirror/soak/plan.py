"""What a soak runs: how many frames, of which size, with which effects and parameters."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mirror_core.errors import UsageError
from mirror_effects.names import effect_names

__all__ = ["ALL_STACKS", "SoakPlan"]

# Each built-in effect once, alone or with what it goes well with; together a round.
ALL_STACKS = (
    ("landmarks",),
    ("mask",),
    ("caricature", "landmarks"),
    ("swap",),
    ("deform",),
    ("wear_mask", "unmask"),
    ("expression",),
    ("film",),
    ("none",),
)
LEAST_FRAMES = 500
PERIOD_S = 1.0  # how often moods are written: sixty times as often as needed would show a leak sooner


@dataclass(frozen=True)
class SoakPlan:
    """One soak.

    Attributes:
        frames: that the window has to show after the warm-up.
        warm_up_frames: that it shows before; every model is loaded and every stack was on by then.
        hold_frames: for which each stack stays on.
        size: (width, height) of the pictures in pixels.
        rate_hz: pictures a second that the camera offers; more than can be shown, so that the graph is
            never idle.
        stacks: effects that take turns.
        sample_s: seconds between two readings.
    """

    frames: int = 100_000
    warm_up_frames: int = 10_000
    hold_frames: int = 150
    size: tuple[int, int] = (320, 240)
    rate_hz: float = 60.0
    stacks: tuple[tuple[str, ...], ...] = ALL_STACKS
    sample_s: float = 2.0

    def __post_init__(self) -> None:
        if self.frames < LEAST_FRAMES or self.warm_up_frames < 0 or self.hold_frames < 1:
            raise UsageError(
                f"A soak of {self.frames} frames after {self.warm_up_frames} is refused: at least "
                f"{LEAST_FRAMES} frames are needed to see a slope."
            )
        if not self.stacks:
            raise UsageError("A soak needs at least one stack of effects.")
        known = set(effect_names())
        for name in (name for stack in self.stacks for name in stack):
            if name not in known:
                raise UsageError(f"{name} is not an effect: allowed are {', '.join(sorted(known))}.")

    def words(self, parameters: Path) -> list[str]:
        """The arguments of `mirror run full`: every node there is, in one process."""
        has_hri = importlib.util.find_spec("hri_msgs") is not None
        return [
            "camera:=demo",
            f"effects:={','.join(self.stacks[0])}",
            "composed:=true",
            "mimic:=true",
            f"hri:={json.dumps(has_hri)}",
            "foxglove:=true",
            f"config:={parameters}",
        ]

    def parameters(self) -> dict[str, Any]:
        """The parameter file: small and quick pictures, quick captures, moods kept, any free ports."""
        width, height = self.size
        nodes: dict[str, dict[str, Any]] = {
            "camera": {"width": width, "height": height, "rate_hz": self.rate_hz},
            "display": {"width": width, "height": height, "mood_ring": True},
            "faces": {"min_face_px": 40},
            "gallery": {"turn_patience": 0.5, "away_patience": 10.0, "capture_timeout": 10.0},
            "mood_log": {"log": True, "write_period": PERIOD_S},
            "web": {"port": 0},
            "foxglove": {"port": 0},
        }
        return {f"/**/{name}": {"ros__parameters": values} for name, values in nodes.items()}

    def write_parameters(self, folder: Path) -> Path:
        """The parameter file in `folder`."""
        path = folder / "soak.yaml"
        path.write_text(yaml.safe_dump(self.parameters()), encoding="utf-8")
        return path
