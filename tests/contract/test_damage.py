"""Documents that prequal did not write, or not this one: each is reported, and the others are read."""

from __future__ import annotations

from typing import Any

import pytest

from prequal.adapters.firestore.transport import Write
from prequal.adapters.sqlite.json_documents import dump
from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.documents import lead_document
from prequal.core.errors import NewerDocumentError, UnreadableDocumentError
from prequal.core.lead import Lead
from prequal.services.ports import Store
from support import builders


def put(store: Any, lead: Lead, changes: dict[str, Any]) -> None:
    """Put a lead with other fields into a store, past everything that checks it; None removes a field."""
    document = {name: value for name, value in {**lead_document(lead), **changes}.items() if value is not None}
    if isinstance(store, SqliteLeadStore):
        with store._database.transaction() as connection:
            connection.execute(
                "INSERT INTO leads (id, received_at, expire_at, document) VALUES (?, ?, ?, ?)",
                (lead.id, "2026-03-01", "2027-01-01", dump(document)),
            )
    else:
        store._transport.commit([Write(f"leads/{lead.id}", document)], 5)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": None}, UnreadableDocumentError),
        ({"name": 5}, UnreadableDocumentError),
        ({"received_at": "yesterday"}, UnreadableDocumentError),
        ({"answers": ["none"]}, UnreadableDocumentError),
        ({"score": {}}, UnreadableDocumentError),
        ({"schema_version": 9}, NewerDocumentError),
    ],
    ids=str,
)
def test_one_that_cannot_be_read(store: Store, changes: dict[str, Any], error: type[UnreadableDocumentError]) -> None:
    """A lead that can't be read is an error with its id, and left out where the others are listed and changed."""
    (good, attempt), broken = builders.admitted(), builders.lead(email="grace@example.com")
    store.admit(good, attempt, [], lambda existing: (existing, ()))
    put(store, broken, changes)
    skipped: list[UnreadableDocumentError] = []

    listed = [lead.id for lead in store.iter_leads(skip=skipped.append)]
    changed = [before.id for before, _ in store.change_each_lead(lambda lead: lead, skipped.append)]

    assert listed == changed == [good.id]
    assert [(type(each), each.name) for each in skipped] == [(error, f"Lead {broken.id}")] * 2
    for read in (
        lambda: store.find_lead(broken.id),
        lambda: store.find_by_id_prefix(broken.id, 2),
        lambda: store.change_lead(broken.id, lambda lead: (lead, ())),
        lambda: [*store.iter_leads()],
    ):
        with pytest.raises(error, match=f"^Lead {broken.id} "):
            read()
