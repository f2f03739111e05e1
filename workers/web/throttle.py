"""Slows down who guesses: after a few failures each further attempt must wait, longer each time."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

FREE = 5  # failures before the first wait
LONGEST_S = 60.0
FORGET_S = 900.0
#: Addresses remembered at most; the one that failed longest ago is forgotten first.
ADDRESSES = 10_000


class Throttle:
    """Failures by address; one IPv6 customer (/64) counts as one address.  Threads may share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """Whole seconds that ``address`` must still wait before its next attempt; 0 for none."""
        with self._lock:
            count, at = self._failures.get(_network(address), (0, 0.0))
        passed = self._clock() - at
        if count < FREE or passed > FORGET_S:
            return 0.0
        return float(max(0, math.ceil(min(2.0 ** (count - FREE), LONGEST_S) - passed)))

    def failed(self, address: str) -> None:
        """Count one failure."""
        network = _network(address)
        with self._lock:
            count, at = self._failures.pop(network, (0, 0.0))
            fresh = self._clock() - at <= FORGET_S
            self._failures[network] = ((count if fresh else 0) + 1, self._clock())
            while len(self._failures) > ADDRESSES:
                self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the failures of ``address``."""
        with self._lock:
            self._failures.pop(_network(address), None)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
