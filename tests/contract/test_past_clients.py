"""Past clients in every store: kept beside the leads, and erased with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.core.errors import UnreadableDocumentError
from prequal.core.past_client import WHY
from prequal.services.ports import Erasure, Store
from support import builders
from support.builders import NOW


def test_each_address_has_one_set_of_answers(store: Store) -> None:
    """Past clients come back as they were saved, oldest first; a later sending takes the earlier one's place."""
    ada = builders.past_client(services=["design", "build"], pages="7")
    again = builders.past_client(NOW + timedelta(days=2), email="ADA@example.com", budget="unsure", pages=None)
    grace = builders.past_client(NOW + timedelta(days=1), email="grace@example.com", **{WHY: None})

    store.save_past_client(ada)
    assert list(store.iter_past_clients()) == [ada]
    for client in (ada, again, grace):
        store.save_past_client(client)

    assert list(store.iter_past_clients()) == [grace, again]
    assert list(store.iter_leads()) == []


def test_an_erasure_covers_past_clients(store: Store) -> None:
    """Erasing deletes the past client of an address with the lead, or where there is no lead; others stay."""
    ada, grace = builders.past_client(), builders.past_client(email="grace@example.com")
    lead, attempt = builders.admitted()
    store.admit(lead, attempt, [], lambda existing: (existing, ()))
    for client in (ada, grace):
        store.save_past_client(client)

    assert store.erase_lead(lead.id) == Erasure(attempts=1, mails=0, past_client=True)
    assert list(store.iter_past_clients()) == [grace]
    assert store.erase_lead(grace.id) == Erasure(attempts=0, mails=0, past_client=True)
    assert list(store.iter_past_clients()) == []
    assert store.erase_lead(grace.id) is None


def test_retention(store: Store) -> None:
    """Past clients are kept as long as qualified leads; where the database has no TTL, the sweep deletes them."""
    client = builders.past_client()
    store.save_past_client(client)

    assert client.expire_at == NOW + timedelta(days=730)
    if isinstance(store, SqliteLeadStore):
        assert store.delete_expired(client.expire_at - timedelta(seconds=1)) == 0
        assert store.delete_expired(client.expire_at) == 1
        assert list(store.iter_past_clients()) == []


def test_one_that_cannot_be_read(store: Store) -> None:
    """One that can't be read is reported by its name, and the others are read."""
    good = builders.past_client()
    store.save_past_client(good)
    store.save_past_client(replace(builders.past_client(email="grace@example.com"), name=5))  # type: ignore[arg-type]
    skipped: list[UnreadableDocumentError] = []

    assert list(store.iter_past_clients(skipped.append)) == [good]
    assert [error.name for error in skipped] == [f"Past client {builders.past_client(email='grace@example.com').id}"]
    with pytest.raises(UnreadableDocumentError):
        list(store.iter_past_clients())
