"""Use case: leads, attempts and mails are deleted at the end of their retention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prequal.services.ports import LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Deletion of expired documents, where the database does not delete them by itself."""

    store: LeadStore
    clock: Callable[[], datetime]

    def run(self) -> int:
        """Delete what has expired and return the number of documents."""
        return self.store.delete_expired(self.clock())
