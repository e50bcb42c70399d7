"""Results of reading every lead, kept for ten minutes, so that looking again reads nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

KEPT_FOR = timedelta(minutes=10)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Result:
    """A result, with the number of leads that were read for it, and when."""

    value: Any
    reads: int
    at: datetime


@dataclass(slots=True)
class KeptResults:
    """Results by key, in the memory of one process; the oldest goes first."""

    _results: OrderedDict[object, Result] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: object, now: datetime) -> Result | None:
        """Return a result that is young enough, or None."""
        with self._lock:
            result = self._results.get(key)
        return result if result and now - result.at < KEPT_FOR else None

    def keep(self, key: object, result: Result) -> Result:
        """Keep a result, and return it."""
        with self._lock:
            self._results[key] = result
            self._results.move_to_end(key)
            while len(self._results) > _MOST:
                self._results.popitem(last=False)
        return result

    def forget(self) -> None:
        """Forget every result, as a lead has changed."""
        with self._lock:
            self._results.clear()
