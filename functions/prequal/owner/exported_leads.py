"""Leads, attempts and mails of a managed Firestore export, read as from a store."""

import pickle
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from prequal.core.documents import attempt_from, lead_from, mail_from, saved_form
from prequal.core.form import Form
from prequal.core.lead import Attempt, Lead
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import Mail
from prequal.managed_export import ExportError
from prequal.managed_export.document import Document
from prequal.managed_export.reader import read_documents

_SCHEMA = """
CREATE TABLE documents (kind TEXT, lead_id TEXT, id TEXT, at REAL, stored BLOB, PRIMARY KEY (kind, lead_id, id)) STRICT
"""
# Errors of reading a document that prequal did not write: a value is missing or of another type, or an id exists twice.
_FOREIGN = (AttributeError, KeyError, TypeError, ValueError, sqlite3.IntegrityError)


class ExportedLeads:
    """Leads of an export in the order of a store, which is not the export's own.

    They are sorted in an anonymous temporary database, which needs little memory.
    """

    def __init__(self, folder: Path) -> None:
        """Read the whole export.

        Raises:
            ExportError: it can't be read completely, or a document in it is damaged.
            NewerDocumentError: a later prequal has written it.
        """
        self._database = sqlite3.connect("")
        self._forms: dict[str, Form] = {}
        with ExitStack() as on_failure:
            on_failure.callback(self.close)
            self._read(folder)
            on_failure.pop_all()

    def _read(self, folder: Path) -> None:
        self._database.execute(_SCHEMA)
        for document in read_documents(folder):
            try:
                self._add(document)
            except _FOREIGN as error:
                raise ExportError(folder, f"{document.name} is not as prequal writes it") from error
        self._database.execute("CREATE INDEX by_age ON documents (kind, at, id)")

    def close(self) -> None:
        """Delete the temporary database."""
        self._database.close()

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return at most `limit` leads whose ids start with a prefix."""
        return list(islice(self._select("lead", "substr(id, 1, ?) = ?", len(prefix), prefix), limit))

    def iter_leads(self, wanted: LeadFilter | None = None) -> Iterator[Lead]:
        """Return every lead, or those that match a filter, oldest first."""
        leads = self._select("lead", "TRUE")
        return filter(wanted.matches, leads) if wanted else leads

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, oldest first."""
        return list(self._select("attempt", "lead_id = ?", lead_id))

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead."""
        return list(self._select("mail", "lead_id = ?", lead_id))

    def load_forms(self) -> Mapping[str, Form]:
        """Return the saved forms by version."""
        return self._forms

    def _add(self, document: Document) -> None:
        match document.name.path:
            case ("leads", lead_id):
                lead = lead_from(document.fields)
                self._insert("lead", lead_id, lead_id, lead, lead.received_at)
            case ("leads", lead_id, "attempts", attempt_id):
                attempt = attempt_from(document.fields)
                self._insert("attempt", lead_id, attempt_id, attempt, attempt.received_at)
            case ("mail", mail_id) if "lead_id" in document.fields:  # other programs may use the same collection
                mail = mail_from(document.fields)
                self._insert("mail", mail.lead_id, mail_id, mail, None)
            case ("forms", version):
                self._forms[version] = saved_form(document.fields)

    def _insert(self, kind: str, lead_id: str, name: str, stored: Lead | Attempt | Mail, at: datetime | None) -> None:
        if stored.id != name:
            raise ValueError(stored.id)
        row = (kind, lead_id, name, at and at.timestamp(), pickle.dumps(stored))
        self._database.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row)

    def _select(self, kind: str, condition: str, *values: str | int) -> Iterator[Any]:
        query = f"SELECT stored FROM documents WHERE kind = ? AND {condition} ORDER BY at, id"  # noqa: S608, ours
        for (stored,) in self._database.execute(query, (kind, *values)):
            yield pickle.loads(stored)  # noqa: S301, written by this process
