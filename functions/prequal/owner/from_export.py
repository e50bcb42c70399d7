"""Leads and attempts out of a managed export of Firestore's, as the store had them."""

from __future__ import annotations

import pickle
import sqlite3
from datetime import UTC
from typing import TYPE_CHECKING, Any

from prequal.core.documents import attempt_from, lead_from
from prequal.managed_export.errors import ExportError
from prequal.managed_export.reading import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from prequal.core.lead import Attempt, Lead
    from prequal.managed_export.reading import Document

_SCHEMA = """
CREATE TABLE leads (id TEXT PRIMARY KEY, received_at TEXT, kept BLOB) STRICT;
CREATE TABLE attempts (lead_id TEXT, id TEXT, received_at TEXT, kept BLOB, PRIMARY KEY (lead_id, id)) STRICT;
"""
# What comes of reading another program's document: a value that is missing, of another kind, or twice there.
_NOT_OURS = (AttributeError, KeyError, TypeError, ValueError, sqlite3.IntegrityError)


class ExportedLeads:
    """The leads of an export, in the order of every store: an export has them in another.

    They are sorted in a database without a name, that nobody else sees and that takes little memory.
    """

    def __init__(self, folder: Path) -> None:
        """Read the whole export.

        Raises:
            ExportError: it can't be read to its end, or something in it that should be a lead is none.
            NewerDocumentError: a later prequal has written it.

        """
        self._database = sqlite3.connect("")
        self._database.executescript(_SCHEMA)
        for document in documents(folder):
            try:
                self._add(document)
            except _NOT_OURS as error:
                raise ExportError(folder, f"{document.name} is not as prequal writes it") from error
        self._database.execute("CREATE INDEX leads_by_age ON leads (received_at, id)")

    def close(self) -> None:
        """Forget them."""
        self._database.close()

    def lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""
        return next(self._kept("SELECT kept FROM leads WHERE id = ?", lead_id), None)

    def leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first."""
        return self._kept("SELECT kept FROM leads ORDER BY received_at, id")

    def attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""
        return list(self._kept("SELECT kept FROM attempts WHERE lead_id = ? ORDER BY received_at, id", lead_id))

    def _add(self, document: Document) -> None:
        match document.name.path:
            case ("leads", lead_id):
                lead = lead_from(document.fields)
                self._keep("INSERT INTO leads VALUES (?, ?, ?)", lead, lead_id)
            case ("leads", lead_id, "attempts", attempt_id):
                attempt = attempt_from(document.fields)
                self._keep("INSERT INTO attempts VALUES (?, ?, ?, ?)", attempt, lead_id, attempt_id)

    def _keep(self, statement: str, kept: Lead | Attempt, *ids: str) -> None:
        if kept.id != ids[-1]:
            raise ValueError(kept.id)
        received_at = kept.received_at.astimezone(UTC).isoformat(timespec="microseconds")
        self._database.execute(statement, (*ids, received_at, pickle.dumps(kept)))

    def _kept(self, query: str, *values: str) -> Iterator[Any]:
        for (kept,) in self._database.execute(query, values):
            yield pickle.loads(kept)  # noqa: S301, nobody but us has written it
