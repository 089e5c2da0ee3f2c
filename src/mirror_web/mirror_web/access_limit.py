"""How often somebody may fail: a sliding window for each address and one for all of them together."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

__all__ = ["FailureLimit"]

WINDOW_S = 60.0
MOST_ADDRESSES = 1024  # remembered at once; the one that failed longest ago gives way
NETWORK_BITS = 64  # of an IPv6 address; whoever has one has the 2⁶⁴ beside it as well


class FailureLimit:
    """Counts failures; calls come from any thread.

    Args:
        per_address: failures of one address in a minute, after which it has to wait.
        overall: failures of all addresses in a minute, after which everybody has to wait.
        clock: monotonic seconds.
    """

    def __init__(self, per_address: int, overall: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_address = per_address
        self._clock = clock
        self._lock = threading.Lock()
        self._by_address: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=overall)

    def failed(self, address: str) -> None:
        """Somebody at this address has failed."""
        now_s = self._clock()
        group = _group(address)
        with self._lock:
            times = self._by_address.setdefault(group, deque(maxlen=self._per_address))
            times.append(now_s)
            self._all.append(now_s)
            self._by_address.move_to_end(group)
            if len(self._by_address) > MOST_ADDRESSES:
                self._by_address.popitem(last=False)

    def wait_s(self, address: str) -> int:
        """Whole seconds that this address has to wait before it is heard again; 0: none."""
        with self._lock:
            times = self._by_address.get(_group(address))
            left_s = max(self._left_s(times), self._left_s(self._all))
        return math.ceil(left_s)

    def _left_s(self, times: deque[float] | None) -> float:
        """How long the oldest of the failures that fill a window stays in it."""
        if times is None or len(times) != times.maxlen:
            return 0.0
        return max(0.0, times[0] + WINDOW_S - self._clock())


def _group(address: str) -> str:
    """What counts as one address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, NETWORK_BITS), strict=False))
    return str(parsed)
