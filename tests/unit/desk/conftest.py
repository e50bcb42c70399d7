"""The desk over a real store, and a browser without a screen that visits it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from prequal import bootstrap_desk
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.lead import Lead
from prequal.desk.app import Desk
from prequal.desk.entries import StartAddress
from prequal.desk.form_pages import FormFiles
from prequal.desk.sessions import Sessions
from prequal.pages.zone import UTC_ZONE
from prequal.services.mailboxes import Mailboxes
from prequal.services.owner_decisions import OwnerInvitation
from support import builders
from support.desk_client import KEY, DeskClient


class DeskVisit(DeskClient):
    """A browser at the desk of a store."""

    def __init__(self, store: SqliteLeadStore, *, read_only: bool = False, form_files: FormFiles | None = None) -> None:
        self.store = store
        documents = {builders.form().id: builders.document()}
        self.clock = builders.Clock()
        form, sessions = builders.form(), Sessions(KEY)
        self.forms = [form]
        invitation = OwnerInvitation(
            forms=builders.lead_forms(),
            store=store,
            mailboxes=Mailboxes(ledger=store),
            composer=builders.composer(),
            clock=self.clock,
        )
        desk = Desk(
            business=form.business.name,
            leads=store,
            decisions=None if read_only else bootstrap_desk.build_decisions(store, lambda: invitation),
            load_forms=lambda _versions: {form.version: form for form in self.forms},
            sessions=sessions,
            entry=StartAddress(sessions, KEY),
            zone=UTC_ZONE,
            clock=self.clock,
            load_documents=form_files.load if form_files else lambda: documents,
            form_files=form_files,
        )
        super().__init__(desk)

    def sign_in(self) -> DeskVisit:
        """Open the address that the terminal shows."""
        self.enter()
        return self

    def admit(self, now: datetime = builders.NOW, /, **fields: Any) -> Lead:
        """Add the lead of a submission."""
        lead, attempt = builders.admitted(now, **fields)
        self.store.admit(lead, attempt, [], lambda existing: (existing, ()))
        return lead

    def lead(self, lead_id: str) -> Lead:
        """Return a lead as it is stored now."""
        found = self.store.find_lead(lead_id)
        assert found is not None
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteLeadStore]:
    """Return an empty store."""
    with closing(SqliteLeadStore(tmp_path / "leads.db")) as store:
        yield store


@pytest.fixture
def visit(store: SqliteLeadStore) -> DeskVisit:
    """Return a browser that has not signed in."""
    return DeskVisit(store)


@pytest.fixture
def desk(visit: DeskVisit) -> DeskVisit:
    """Return a browser that has."""
    return visit.sign_in()
