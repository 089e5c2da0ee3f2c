"""What happens when a mood rule fires: effects and their parameters change, and may come back by themselves.

Nothing here waits: questions are sent, and their answers come in the owner node's executor thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mirror_core.errors import UsageError
from mirror_core.graph_control import GraphControl
from mirror_core.live_parameter import LiveValue
from mirror_core.node import MirrorNode
from mirror_core.yaml_text import parse_yaml
from mirror_mood.rules import Fired, MoodRule

__all__ = ["MoodActions", "typed"]

NO_EFFECTS = "The effects node does not answer, so that a mood rule cannot change the effects."


@dataclass(frozen=True, slots=True)
class _Return:
    """What is shown again later.

    Attributes:
        at_s: when, on the monotonic clock.
        shown: the stack of the rule; if another one is shown by then, somebody has chosen it.
        before: the stack to come back.
    """

    at_s: float
    shown: tuple[str, ...]
    before: tuple[str, ...]


def typed(text: str) -> LiveValue:
    """A value as it is written in a rule: true, 3, 0.5 or a word."""
    try:
        value = parse_yaml(text)
    except UsageError:  # a word with a colon in it, a date that is none
        return text
    return value if isinstance(value, (bool, int, float, str)) else text


class MoodActions:
    """Carries out what rules ask for; all in the owner's thread.

    Args:
        node: the owner; its executor must spin.
        done: told in a few words what has been done.
        refused: told in a sentence why something was not.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        node: MirrorNode,
        done: Callable[[str], None],
        refused: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._done, self._refused, self._clock = done, refused, clock
        self._control = GraphControl(node)
        self._return: _Return | None = None

    def close(self) -> None:
        """Release everything; in the owner's thread."""
        self._control.close()

    def act(self, fired: Fired) -> None:
        """Do what the rule asks for: first the effects' parameters, then the stack."""
        rule = fired.rule
        for effect in sorted({name.partition(".")[0] for name in rule.parameters}):
            values = {
                name.partition(".")[2]: typed(value)
                for name, value in rule.parameters.items()
                if name.startswith(f"{effect}.")
            }
            self._request(
                self._control.request_effect_parameters(effect, values),
                lambda answer: answer.result,
                f"{effect}'s parameters by rule {rule.name}",
            )
        if rule.effects:
            self._show(rule)

    def look(self) -> None:
        """Bring the earlier stack back when its time has come; to be called now and then."""
        if self._return is None or self._clock() < self._return.at_s:
            return
        back, self._return = self._return, None
        if self._control.active_effects == back.shown:
            self._request(
                self._control.request_effects(back.before),
                lambda answer: answer.results[0],
                f"{', '.join(back.before)} again",
            )

    def _show(self, rule: MoodRule) -> None:
        before = self._control.active_effects
        if self._return is not None and before == self._return.shown:
            before = self._return.before  # one rule after another: what a person chose comes back
        self._return = None
        is_sent = self._request(
            self._control.request_effects(rule.effects),
            lambda answer: answer.results[0],
            f"{', '.join(rule.effects)} by rule {rule.name}",
        )
        if is_sent and rule.lasts_s is not None and before:
            self._return = _Return(self._clock() + rule.lasts_s, rule.effects, before)

    def _request(self, future: Any, result_of: Callable[[Any], Any], said: str) -> bool:
        if future is None:
            self._refused(NO_EFFECTS)
            return False

        def answered(future: Any) -> None:
            result = result_of(future.result())
            if result.successful:
                self._done(said)
            else:
                self._refused(result.reason)

        future.add_done_callback(answered)
        return True
