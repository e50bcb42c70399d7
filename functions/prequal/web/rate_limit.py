"""How much one visitor may send."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

MAX_BODY_BYTES = 32 * 1024

# More than a person ever sends, and little enough to make a flood pointless.
_SUBMISSIONS = 30
_PER_SECONDS = 60.0
# Of the visitors of the last minute, in one process; the longest silent is forgotten first.
_REMEMBERED = 10_000


@dataclass(slots=True)
class SubmissionLimit:
    """A token bucket for each client: `_SUBMISSIONS` at once, refilled evenly over `_PER_SECONDS`."""

    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_to_wait(self, client: str, now: float) -> int:
        """Count one submission at `now` (seconds of any steady clock); 0 when it may pass."""
        rate = _SUBMISSIONS / _PER_SECONDS
        with self._lock:
            left, since = self._buckets.pop(client, (float(_SUBMISSIONS), now))
            left = min(_SUBMISSIONS, left + (now - since) * rate)
            passes = left >= 1
            self._buckets[client] = (left - 1 if passes else left, now)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        return 0 if passes else max(1, round((1 - left) / rate))
