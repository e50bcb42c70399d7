"""What is Firestore's own, beyond the contract."""

from __future__ import annotations

import json

from support.running import CHECKOUT

INDEXES = json.loads((CHECKOUT / "infra" / "firestore.indexes.json").read_text())
OVERRIDES = {(field["collectionGroup"], field["fieldPath"]): field for field in INDEXES["fieldOverrides"]}


def test_everything_expires() -> None:
    """Each collection has a TTL on the field that our documents carry, and on no other."""
    expiring = {place for place, field in OVERRIDES.items() if field.get("ttl")}

    assert expiring == {("leads", "expire_at"), ("attempts", "expire_at"), ("mail", "expire_at")}


def test_what_is_queried_stays_indexed() -> None:
    """No field that a query needs is exempted, and no query needs a composite index."""
    queried = {("leads", "received_at"), ("attempts", "received_at"), ("attempts", "replay_key"), ("mail", "due_at")}

    assert not queried & OVERRIDES.keys()
    assert INDEXES["indexes"] == []
