"""Leads and attempts out of a managed export of Firestore's, as the store had them."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from prequal.core.documents import attempt_from, lead_from, mail_from, saved_form
from prequal.core.form import Form
from prequal.core.lead import Attempt, Lead
from prequal.core.mail import Mail
from prequal.managed_export import ExportError
from prequal.managed_export.reader import read_documents
from prequal.managed_export.values import Document

_SCHEMA = """
CREATE TABLE leads (id TEXT PRIMARY KEY, received_at TEXT, kept BLOB) STRICT;
CREATE TABLE mails (id TEXT PRIMARY KEY, lead_id TEXT, kept BLOB) STRICT;
CREATE TABLE attempts (id TEXT, lead_id TEXT, received_at TEXT, kept BLOB, PRIMARY KEY (lead_id, id)) STRICT;
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
        self._forms: dict[str, Form] = {}
        for document in read_documents(folder):
            try:
                self._add(document)
            except _NOT_OURS as error:
                raise ExportError(folder, f"{document.name} is not as prequal writes it") from error
        self._database.execute("CREATE INDEX leads_by_age ON leads (received_at, id)")

    def close(self) -> None:
        """Forget them."""
        self._database.close()

    def find_lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""
        return next(self._kept("SELECT kept FROM leads WHERE id = ?", lead_id), None)

    def iter_leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first."""
        return self._kept("SELECT kept FROM leads ORDER BY received_at, id")

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""
        return list(self._kept("SELECT kept FROM attempts WHERE lead_id = ? ORDER BY received_at, id", lead_id))

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return leads whose ids begin so."""
        query = "SELECT kept FROM leads WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT ?2"
        return list(self._kept(query, prefix, limit))

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, the oldest first."""
        return list(self._kept("SELECT kept FROM mails WHERE lead_id = ? ORDER BY id", lead_id))

    def load_forms(self) -> Mapping[str, Form]:
        """Return the forms that were kept, by version."""
        return self._forms

    def _add(self, document: Document) -> None:
        match document.name.path:
            case ("leads", lead_id):
                lead = lead_from(document.fields)
                self._keep("INSERT INTO leads VALUES (?, ?, ?)", lead, lead_id, _instant(lead))
            case ("leads", lead_id, "attempts", attempt_id):
                attempt = attempt_from(document.fields)
                self._keep("INSERT INTO attempts VALUES (?, ?, ?, ?)", attempt, attempt_id, lead_id, _instant(attempt))
            case ("mail", mail_id) if "lead_id" in document.fields:  # others may send mails by the same collection
                mail = mail_from(document.fields)
                self._keep("INSERT INTO mails VALUES (?, ?, ?)", mail, mail_id, mail.lead_id)
            case ("forms", version):
                self._forms[version] = saved_form(document.fields)

    def _keep(self, statement: str, kept: Lead | Attempt | Mail, document_id: str, *columns: str) -> None:
        if kept.id != document_id:
            raise ValueError(kept.id)
        self._database.execute(statement, (document_id, *columns, pickle.dumps(kept)))

    def _kept(self, query: str, *values: str | int) -> Iterator[Any]:
        for (kept,) in self._database.execute(query, values):
            yield pickle.loads(kept)  # noqa: S301, nobody but us has written it


def _instant(kept: Lead | Attempt) -> str:
    return kept.received_at.astimezone(UTC).isoformat(timespec="microseconds")
