"""What the mood log answers to a browser's choice, made ready to be drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from mirror_mood.log.answers import Presence
from mirror_web.mood_choice import MoodChoice, Period
from mirror_web.mood_curves import curves, total_of
from mirror_web.mood_reader import MoodReader
from mirror_web.mood_texts import summary_words

__all__ = ["Answer", "answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a choice.

    Attributes:
        choice: that it answers.
        period: that is shown.
        key: differs between different answers.
        bucket_s: for how much time a point stands.
        curves: for the script; empty where the key was known.
        people, mirrors: who is in the log.
    """

    choice: MoodChoice
    period: Period
    key: tuple[Any, ...]
    bucket_s: int = 1
    curves: dict[str, Any] = field(default_factory=dict)
    people: tuple[Presence, ...] = ()
    mirrors: tuple[Presence, ...] = ()


def answer(
    log: MoodReader, choice: MoodChoice, now_s: float, *, zone: str, known: tuple[Any, ...] | None
) -> Answer | None:
    """Ask the log; for a worker thread.

    Args:
        log: is asked.
        choice: what a browser shows.
        now_s: the present moment, UTC epoch seconds.
        zone: the browser's time zone.
        known: the key of what the browser has already.

    Returns:
        The answer, None where the log is empty.

    Raises:
        MirrorError: as of `MoodReader`.
    """
    state = log.state()
    if state.first_s is None:
        return None
    period = choice.period(state, now_s, zone)
    key = (state.revision, choice, period)
    if key == known:
        return Answer(choice, period, key)
    series = log.series(period, choice.points, choice.whose, zone)
    people, mirrors = log.people(), log.mirrors()
    drawn = curves(series, period, choice, summary_words(total_of(series, period), series.bucket_s))
    drawn["key"] = json.dumps([state.revision, *period, choice.query()])
    return Answer(choice, period, key, series.bucket_s, drawn, people, mirrors)
