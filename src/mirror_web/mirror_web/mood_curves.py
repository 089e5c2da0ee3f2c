"""What the browser draws: curves with their gaps, colours and order, as plain lists for JSON."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.mood_colours import MOOD_COLOURS, UNSURE_COLOUR
from mirror_core.moods import MoodLabel
from mirror_mood.log.answers import Series, Total
from mirror_web.mood_choice import MoodChoice, Period
from mirror_web.mood_colouring import css_colour
from mirror_web.mood_texts import MOOD_NAMES, TEXTS

__all__ = ["STACK", "curves", "legend", "total_of", "with_ends"]

# From the lower edge of the picture to the upper one: pleasant moods stand on the one, unpleasant ones
# hang from the other, so that both can be read against a straight line.
STACK: Final = (
    MoodLabel.HAPPY,
    MoodLabel.SURPRISE,
    MoodLabel.NEUTRAL,
    MoodLabel.SAD,
    MoodLabel.FEAR,
    MoodLabel.DISGUST,
    MoodLabel.ANGRY,
)
DECIMALS = 4
GAP = -1  # in place of a bucket's number


def legend() -> dict[str, Any]:
    """What never changes: the moods in the order of the stack with names and colours, and words."""
    moods = [
        {"key": mood.word, "name": MOOD_NAMES[mood.word], "colour": css_colour(MOOD_COLOURS[mood])}
        for mood in STACK
    ]
    return {"moods": moods, "unsure": css_colour(UNSURE_COLOUR), "texts": dict(TEXTS)}


def curves(series: Series, period: Period, choice: MoodChoice, summary: str) -> dict[str, Any]:
    """The curves of a series.

    A bucket's value holds from its beginning to its end. So what follows the last bucket before a gap is a
    point with the same values at its end, then the gap.

    Args:
        series: the answer of the log.
        period: that was asked for.
        choice: that it answers.
        summary: what the picture shows, in words.
    """
    times, found = with_ends(series)
    sources = np.array(found, np.int64)
    columns = {mood.word: _numbers(series.of(mood), sources) for mood in MoodLabel}
    columns["valence"] = _numbers(series.valence, sources)
    columns["arousal"] = _numbers(series.arousal, sources)
    columns["unsure"] = _numbers(series.unsure, sources)
    total = total_of(series, period)
    return {
        "view": str(choice.view),
        "start": period[0] * 1000,
        "end": period[1] * 1000,
        "bucket": series.bucket_s * 1000,
        "times": [time_s * 1000 for time_s in times],
        "starts": [
            start_s * 1000 if start_s >= 0 else None for start_s in _chosen(series.time_s, sources, -1)
        ],
        "counts": _chosen(series.count, sources, 0),
        "columns": columns,
        "means": {mood.word: _number(float(total.means[mood])) for mood in MoodLabel},
        "isEmpty": total.count == 0,
        "summary": summary,
    }


def with_ends(series: Series) -> tuple[list[int], list[int]]:
    """Times of all points (see `curves`), and of which bucket each has its values, GAP for none."""
    times: list[int] = []
    sources: list[int] = []
    seen = [*(series.count > 0).tolist(), False]
    last = int(series.time_s[-1]) + series.bucket_s if len(series) else 0
    edges = [*series.time_s.tolist(), last]
    for index in range(len(series)):
        if seen[index]:
            times.append(edges[index])
            sources.append(index)
            if not seen[index + 1]:
                times += [edges[index + 1]] * 2
                sources += [index, GAP]
    return times, sources


def _chosen(values: NDArray[np.int64], sources: NDArray[np.int64], otherwise: int) -> list[int]:
    if not len(values):
        return []
    return np.where(sources == GAP, otherwise, values[sources]).tolist()  # type: ignore[no-any-return]


def _numbers(values: NDArray[np.float64], sources: NDArray[np.int64]) -> list[float | None]:
    if not len(values):
        return []
    chosen = np.where(sources == GAP, np.nan, np.round(values[sources], DECIMALS))
    return [None if math.isnan(number) else number for number in chosen.tolist()]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, DECIMALS)


def total_of(series: Series, period: Period) -> Total:
    """The means over all that a series shows."""
    count = int(series.count.sum())
    weights = series.count / count if count else np.zeros(len(series))

    def mean(values: NDArray[np.float64]) -> Any:
        shares = weights.reshape(-1, *[1] * (values.ndim - 1))
        return np.nansum(values * shares, axis=0) if count else np.full(values.shape[1:], np.nan)

    return Total(
        start_s=period[0],
        end_s=period[1],
        count=count,
        means=mean(series.means),
        valence=float(mean(series.valence)),
        arousal=float(mean(series.arousal)),
        confidence=float(mean(series.confidence)),
        unsure=float(mean(series.unsure)),
    )
