"""Leads, attempts, mails and visits of a managed Firestore export, read as from a store."""

import pickle
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from prequal.core.documents import (
    Skip,
    attempt_from,
    lead_from,
    mail_from,
    past_client_from,
    read_forms,
    read_named,
    read_visits,
    saved_form,
)
from prequal.core.errors import UnreadableDocumentError
from prequal.core.form import Form
from prequal.core.lead import Attempt, Lead
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import Mail
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts
from prequal.managed_export import ExportError
from prequal.managed_export.document import Document
from prequal.managed_export.reader import read_documents

_SCHEMA = """
CREATE TABLE documents (kind TEXT, lead_id TEXT, id TEXT, at REAL, stored BLOB, PRIMARY KEY (kind, lead_id, id)) STRICT
"""


class ExportedLeads:
    """Leads of an export in the order of a store, which is not the export's own.

    They are sorted in an anonymous temporary database, which needs little memory.
    """

    def __init__(self, folder: Path) -> None:
        """Read the whole export.

        Raises:
            ExportError: it can't be read completely, or has two documents of one name.
        """
        self._database = sqlite3.connect("", check_same_thread=False)  # the desk's server has many
        self._forms: Mapping[str, Form] = {}
        self._visits: list[VisitCounts] = []
        # Kinds, ids of the leads, and why: reported once the document is asked for.
        self._unreadable: list[tuple[str, str, UnreadableDocumentError]] = []
        with ExitStack() as on_failure:
            on_failure.callback(self.close)
            self._read(folder)
            on_failure.pop_all()

    def _read(self, folder: Path) -> None:
        self._database.execute(_SCHEMA)
        for document in read_documents(folder):
            try:
                self._add(document)
            except sqlite3.IntegrityError as error:
                raise ExportError(folder, f"{document.name} is there twice") from error
        self._database.execute("CREATE INDEX by_age ON documents (kind, at, id)")

    def close(self) -> None:
        """Delete the temporary database."""
        self._database.close()

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return at most `limit` leads whose ids start with a prefix."""
        for kind, lead_id, error in self._unreadable:
            if kind == "lead" and lead_id.startswith(prefix):
                raise error
        return list(islice(self._select("lead", "substr(id, 1, ?) = ?", len(prefix), prefix), limit))

    def iter_leads(self, wanted: LeadFilter | None = None, skip: Skip | None = None) -> Iterator[Lead]:
        """Return every lead, or those that match a filter, oldest first; report what can't be read as a store does."""
        leads = self._all("lead", skip)
        yield from filter(wanted.matches, leads) if wanted else leads

    def iter_past_clients(self, skip: Skip | None = None) -> Iterator[PastClient]:
        """Return every past client, oldest first; report what can't be read as a store does."""
        return self._all("past client", skip)

    def list_newest(
        self, wanted: LeadFilter, limit: int, after: tuple[datetime, str] | None = None, skip: Skip | None = None
    ) -> Sequence[Lead]:
        """Return at most `limit` leads that match a filter, newest first, after the last lead of the page before."""
        newest_first = reversed([*self.iter_leads(wanted, skip)])
        beyond = (lead for lead in newest_first if after is None or (lead.received_at, lead.id) < after)
        return list(islice(beyond, limit))

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, oldest first."""
        return self._parts("attempt", lead_id)

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead."""
        return self._parts("mail", lead_id)

    def load_forms(self) -> Mapping[str, Form]:
        """Return the saved forms by version."""
        return self._forms

    def iter_visits(self, since: str = "") -> Iterator[VisitCounts]:
        """Return the counts of the days since one, like 2026-01-31, the oldest first."""
        return (counts for counts in sorted(self._visits, key=lambda counts: counts.day) if counts.day >= since)

    def _add(self, document: Document) -> None:
        match document.name.path:
            case ("leads", lead_id):
                self._insert("lead", lead_id, lead_id, f"Lead {lead_id}", lead_from, document)
            case ("leads", lead_id, "attempts", attempt_id):
                self._insert("attempt", lead_id, attempt_id, f"An attempt of lead {lead_id}", attempt_from, document)
            case ("mail", mail_id) if "lead_id" in document.fields:  # other programs may use the same collection
                lead_id = str(document.fields["lead_id"])
                self._insert("mail", lead_id, mail_id, f"Mail {mail_id}", mail_from, document)
            case ("visits", _):
                self._visits += read_visits([document.fields])
            case ("past_clients", client_id):
                name = f"Past client {client_id}"
                self._insert("past client", client_id, client_id, name, past_client_from, document)
            case ("forms", version):
                self._forms = {**self._forms, **read_forms(saved_form, [(version, document.fields)])}

    def _insert(  # noqa: PLR0913, PLR0917, one row
        self,
        kind: str,
        lead_id: str,
        document_id: str,
        name: str,
        read: Callable[[Mapping[str, Any]], Lead | Attempt | Mail | PastClient],
        document: Document,
    ) -> None:
        try:
            stored = read_named(name, read, document.fields)
            if stored.id != document_id:
                raise UnreadableDocumentError(name)  # noqa: TRY301, as if it could not be read
        except UnreadableDocumentError as error:
            self._unreadable.append((kind, lead_id, error))
            return
        at = None if isinstance(stored, Mail) else stored.received_at.timestamp()
        row = (kind, lead_id, document_id, at, pickle.dumps(stored))
        self._database.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?)", row)

    def _all(self, kind: str, skip: Skip | None) -> Iterator[Any]:
        for other, _, error in self._unreadable:
            if other == kind:
                if skip is None:
                    raise error
                skip(error)
        yield from self._select(kind, "TRUE")

    def _parts(self, kind: str, lead_id: str) -> Sequence[Any]:
        for other, its_lead, error in self._unreadable:
            if (other, its_lead) == (kind, lead_id):
                raise error
        return list(self._select(kind, "lead_id = ?", lead_id))

    def _select(self, kind: str, condition: str, *values: str | int) -> Iterator[Any]:
        query = f"SELECT stored FROM documents WHERE kind = ? AND {condition} ORDER BY at, id"  # noqa: S608, ours
        for (stored,) in self._database.execute(query, (kind, *values)):
            yield pickle.loads(stored)  # noqa: S301, written by this process
