"""The command, run in a folder of its own."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lifecycle import resubmitted
from support import builders
from support.builders import NOW


def store() -> SqliteLeadStore:
    """Return the folder's store."""
    return SqliteLeadStore(Path(".prequal/prequal.db"))


def admit(now: datetime = NOW, /, **changes: Any) -> str:
    """Put a lead into the folder's store, and return its id."""
    lead, attempt = builders.admitted(now, **changes)
    mails = [builders.composer().invitation(lead, now)] if lead.invitation else []
    with closing(store()) as leads:
        leads.admit(lead, attempt, mails, lambda existing: (resubmitted(existing, lead), ()))
    return lead.id
