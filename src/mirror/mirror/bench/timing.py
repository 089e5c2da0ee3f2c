"""How long something takes, again and again."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

from mirror_core.tracing import Quantiles

__all__ = ["median_ms", "paced"]


def median_ms(work: Callable[[], object], seconds: float, fewest: int) -> float:
    """The median in milliseconds of a call of `work`.

    Args:
        work: called once before, so that nothing is loaded in the measurement.
        seconds: for which it is called.
        fewest: calls that are made in any case.
    """
    work()
    taken = Quantiles(100_000)
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(taken) < fewest:
        with taken.measure():
            work()
    return taken.p50 * 1e3


def paced(period_s: float, seconds: float, fewest: int) -> Iterator[int]:
    """The numbers of frames, 1 …, each when it is due, for so long but at least `fewest`.

    Args:
        period_s: from one to the next.
        seconds: for which they come.
        fewest: that come in any case.
    """
    begin = time.monotonic()
    for number in itertools.count(1):
        now = time.monotonic()
        if now > begin + seconds and number > fewest:
            return
        time.sleep(max(0.0, begin + number * period_s - now))
        yield number
