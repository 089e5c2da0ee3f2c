"""The governor in the effects node: sees how late frames are shown, says how far work is lowered."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from std_msgs.msg import UInt8

from mirror_core.diagnostics import Level
from mirror_core.governor import Governor, GovernorParameters, Load, Step, lowered_words
from mirror_core.governor_topic import GOVERNOR_TOPIC
from mirror_core.qualities import LATCHED
from mirror_effects.stack import EffectStack

if TYPE_CHECKING:
    from mirror_core.node import MirrorNode

__all__ = ["Governing"]

WINDOW_S = 1.0
CONDITION = "governor"


class Governing:
    """Watches the frames of the effects node; made in `open`, ends with the node.

    Args:
        node: whose health and topic it uses.
        stack: whose level it sets.
        dropped: counts the frames that were left out so far.
        target: what is to be held.
    """

    def __init__(
        self,
        node: MirrorNode,
        stack: EffectStack,
        dropped: Callable[[], int],
        target: GovernorParameters,
    ) -> None:
        self._node = node
        self._stack = stack
        self._dropped = dropped
        self._governor = Governor(target)
        self._ages_s: list[float] = []
        self._dropped_before = 0
        self._since_s = time.monotonic()
        self._said: int | None = None
        self._publisher = node.create_publisher(UInt8, GOVERNOR_TOPIC, LATCHED)
        node.at_close(node.destroy_publisher, self._publisher)
        node.timer(WINDOW_S, self._on_window)
        node.health.counters["work lowered"] = self._words
        self._say()

    @property
    def level(self) -> Step:
        """How far work is lowered now."""
        return self._governor.level

    def configure(self, target: GovernorParameters) -> None:
        """Hold something else from now on; switched off, nothing is lowered at once."""
        self._governor.target = target
        if not target.on:
            self._governor.reset()
        self._say()

    def add(self, age_s: float) -> None:
        """A frame of this age is shown."""
        self._ages_s.append(age_s)

    def _on_window(self) -> None:
        now_s = time.monotonic()
        passed_s = max(now_s - self._since_s, 1e-3)
        dropped = self._dropped()
        lost = max(0, dropped - self._dropped_before)  # a new subscription counts from nothing again
        ages_s = self._ages_s
        self._ages_s, self._dropped_before, self._since_s = [], dropped, now_s
        latency_s = median(ages_s) if ages_s else math.nan
        load = Load(latency_s, len(ages_s) / passed_s, (len(ages_s) + lost) / passed_s)
        self._governor.observe(load, self._steps())
        self._say()

    def _steps(self) -> set[Step]:
        """The steps that would lower something of what is done now."""
        order, needs = self._stack.order, self._stack.needs
        steps = {
            Step.FILM: "film" in order,
            Step.UNMASK: "unmask" in order,
            Step.TRACKING: bool({"faces", "bodies"} & needs),
            Step.RESOLUTION: self._stack.gains_by_resolution,
        }
        return {step for step, is_there in steps.items() if is_there}

    def _words(self) -> str:
        level = self._governor.level
        return f"level {int(level)} of {int(max(Step))}" if level else "no"

    def _say(self) -> None:
        level = self._governor.level
        if level is Step.NONE:
            self._node.health.clear_condition(CONDITION)
        else:
            what = lowered_words(level, self._steps()) or WORDLESS
            sentence = f"The processor is short of time ({self._governor.reason}): {what}."
            self._node.health.set_condition(CONDITION, Level.WARN, sentence)
        if level == self._said:
            return
        if self._said is not None:
            words = lowered_words(level, self._steps()) or "nothing is lowered any more"
            self._node.get_logger().info(f"Work is lowered to level {int(level)}: {words}.")
        self._said = int(level)
        self._stack.level = int(level)
        self._publisher.publish(UInt8(data=int(level)))


WORDLESS = "work is lowered"  # what was lowered is no longer done at all
