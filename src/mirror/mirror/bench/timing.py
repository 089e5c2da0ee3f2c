"""How long something takes, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

from mirror_core.tracing import Quantiles

__all__ = ["median_ms"]


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
