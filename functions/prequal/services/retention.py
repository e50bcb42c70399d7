"""Use case: leads, past clients, attempts and mails are deleted at the end of their retention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from prequal import log
from prequal.services.ports import Entry, LeadStore, Ledger

_KEY = "retention"
# Longer than any pause between two rounds; more is a wrong clock, by which every lead may seem expired.
_LONGEST_PAUSE = timedelta(days=7)
_DELAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Deletion of expired documents, where the database does not delete them by itself.

    After a leap of the clock, nothing is deleted for a day, in which somebody may notice.
    """

    store: LeadStore
    ledger: Ledger
    clock: Callable[[], datetime]

    def run(self) -> int:
        """Delete what has expired and return the number of documents."""
        now = self.clock()
        entry = self.ledger.change_entry(_KEY, lambda before: _after_round(before, now))
        if entry["resumes_at"] and now < entry["resumes_at"]:
            log.deletion_suspended(entry["resumes_at"])
            return 0
        return self.store.delete_expired(now)


def _after_round(before: Entry, now: datetime) -> Entry:
    leaps = bool(before) and abs(now - before["ran_at"]) > _LONGEST_PAUSE
    return {"ran_at": now, "resumes_at": now + _DELAY if leaps else before.get("resumes_at"), "expire_at": None}
