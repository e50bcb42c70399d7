"""Rate limit by client: a token bucket for each."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

# More than a person ever sends, and little enough to make a flood pointless.
BUCKET_SIZE = 10
_SECONDS_PER_TOKEN = 10.0
# In one process. The client that has been silent for the longest is forgotten first.
MAX_CLIENTS = 10_000


@dataclass(slots=True)
class RateLimiter:
    """Token buckets of `BUCKET_SIZE`, each refilled by six tokens a minute."""

    #: Tokens left, and the time at which they were counted, by client: the most recent last.
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, client: str, now: float) -> int:
        """Take a token of a client at `now`, in seconds of a steady clock; return 0, or how many seconds to wait."""
        with self._lock:
            tokens, since = self._buckets.pop(client, (float(BUCKET_SIZE), now))
            tokens = min(BUCKET_SIZE, tokens + (now - since) / _SECONDS_PER_TOKEN)
            allowed = tokens >= 1
            self._buckets[client] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > MAX_CLIENTS:
                self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - tokens) * _SECONDS_PER_TOKEN)
