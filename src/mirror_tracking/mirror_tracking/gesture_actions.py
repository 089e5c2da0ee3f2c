"""What gestures do: which action each one stands for, and which of those made may act now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mirror_core.parameters import parameter
from mirror_tracking.gestures import GestureKind, GestureParameters, HeadGesture

__all__ = [
    "ACTIONS",
    "CAPTURE",
    "CHECK_IN",
    "NEXT_EFFECT",
    "NONE",
    "PLAIN",
    "PREVIOUS_EFFECT",
    "ActionGate",
    "GestureActionParameters",
    "PlainPicture",
    "stepped",
]

NONE, NEXT_EFFECT, PREVIOUS_EFFECT = "none", "next_effect", "previous_effect"
PLAIN, CAPTURE, CHECK_IN = "plain", "capture", "check_in"
ACTIONS = (NONE, NEXT_EFFECT, PREVIOUS_EFFECT, PLAIN, CAPTURE, CHECK_IN)
"""Nothing; the next or previous effect alone; the unaltered picture, and back; a guided capture of the face
that made the gesture; saying that it is the next stored person."""

PLAIN_STACK = ("none",)  # the effect of this name leaves the picture as it is


@dataclass(frozen=True)
class GestureActionParameters(GestureParameters):
    """What counts as a gesture, and what it does."""

    on_nod: str = parameter(NONE, "What a nod does.", choices=ACTIONS)
    on_shake: str = parameter(NONE, "What a shake of the head does.", choices=ACTIONS)
    on_tilt_left: str = parameter(NONE, "What a tilt to the person's left shoulder does.", choices=ACTIONS)
    on_tilt_right: str = parameter(NONE, "What a tilt to the person's right shoulder does.", choices=ACTIONS)
    min_confidence: float = parameter(
        0.5, "Confidence from which on a gesture acts; all are published.", minimum=0.0, maximum=1.0
    )
    nearest_only: bool = parameter(True, "Only gestures of the largest face act.")
    pause_s: float = parameter(
        1.5, "Seconds after an action in which no gesture of anybody acts.", minimum=0.0, maximum=60.0
    )

    def action_of(self, kind: GestureKind) -> str:
        """The action that a gesture stands for, one of `ACTIONS`."""
        return {
            GestureKind.NOD: self.on_nod,
            GestureKind.SHAKE: self.on_shake,
            GestureKind.TILT_LEFT: self.on_tilt_left,
            GestureKind.TILT_RIGHT: self.on_tilt_right,
        }[kind]

    @property
    def has_actions(self) -> bool:
        """Whether any gesture stands for an action."""
        return any(self.action_of(kind) != NONE for kind in GestureKind)


class ActionGate:
    """Lets one gesture act at a time: of two people who nod together only one, and no second one at once."""

    def __init__(self) -> None:
        """Begin with an open gate."""
        self._last_ns: int | None = None

    def reset(self) -> None:
        """Open the gate."""
        self._last_ns = None

    def choose(
        self, gestures: Sequence[HeadGesture], nearest_id: int | None, parameters: GestureActionParameters
    ) -> HeadGesture | None:
        """The gesture that acts now, the surest where there are several; the gate then closes for a while.

        Args:
            gestures: those of one frame.
            nearest_id: track id of the largest face in it.
            parameters: the settings in force.
        """
        able = [
            gesture
            for gesture in gestures
            if parameters.action_of(gesture.kind) != NONE
            and gesture.confidence >= parameters.min_confidence
            and (not parameters.nearest_only or gesture.track_id == nearest_id)
        ]
        if not able:
            return None
        best = max(able, key=lambda gesture: gesture.confidence)
        if self._last_ns is not None and 0 <= best.stamp_ns - self._last_ns < parameters.pause_s * 1e9:
            return None
        self._last_ns = best.stamp_ns
        return best


def stepped(effects: Sequence[str], shown: Sequence[str], step: int) -> tuple[str, ...]:
    """The stack with only the effect that comes `step` after the first one shown, round and round."""
    place = list(effects).index(shown[0]) if shown and shown[0] in effects else 0
    return (effects[(place + step) % len(effects)],)


class PlainPicture:
    """Goes from the effects that are shown to the unaltered picture, and back to the same effects."""

    def __init__(self) -> None:
        """Begin with nothing to go back to."""
        self._effects: tuple[str, ...] = ()

    def toggled(self, shown: tuple[str, ...]) -> tuple[str, ...] | None:
        """The stack to show in place of `shown`; None where the picture is plain and was not made so here."""
        if shown != PLAIN_STACK:
            self._effects = shown
            return PLAIN_STACK
        back, self._effects = self._effects, ()
        return back or None
