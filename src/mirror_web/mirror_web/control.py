"""What the page asks of the graph: a small protocol, so that the page knows no ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mirror_core.live_parameter import LiveParameter, LiveValue

__all__ = ["CameraState", "MirrorControl", "Status"]


class CameraState(StrEnum):
    """What the camera does."""

    STARTING = "starting"
    RUNNING = "running"
    OFF = "off"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Status:
    """How the mirror is doing.

    Attributes:
        camera: what the camera does.
        detail: one sentence for a person where something is wrong, else empty.
        fps: pictures a second that leave the effects.
        latency_ms: median time from the camera to the finished picture, None where unknown.
    """

    camera: CameraState = CameraState.STARTING
    detail: str = ""
    fps: float = 0.0
    latency_ms: float | None = None


class MirrorControl(Protocol):
    """The graph as the page sees it. Calls come from worker threads and may block for a moment."""

    def effects(self) -> tuple[str, ...]:
        """Names of all effects there are."""
        ...

    def active_effects(self) -> tuple[str, ...]:
        """Names of the effects that are on, in the order in which they are applied."""
        ...

    def set_effects(self, names: tuple[str, ...]) -> str | None:
        """Switch these effects on, in this order; return None or one sentence that says why not."""
        ...

    def effect_parameters(self, effect: str) -> tuple[LiveParameter, ...]:
        """An effect's parameters as they are now; empty where there are none."""
        ...

    def set_effect_parameters(self, effect: str, values: Mapping[str, LiveValue]) -> str | None:
        """Set parameters of an effect, all or none; return None or one sentence that says why not."""
        ...

    def parameter_changes(self) -> int:
        """Counts changes to effects' parameters, by whomever; another number says: read them again."""
        ...

    def status(self) -> Status:
        """How the mirror is doing now."""
        ...

    def set_shutter(self, closed: bool) -> str | None:
        """Switch the camera off (closed) or on; return None or one sentence that says why not."""
        ...
