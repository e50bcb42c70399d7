"""Firestore's TTL and indexes."""

from __future__ import annotations

import json

from support.running import CHECKOUT

INDEXES = json.loads((CHECKOUT / "infra" / "firestore.indexes.json").read_text())
OVERRIDES = {(field["collectionGroup"], field["fieldPath"]): field for field in INDEXES["fieldOverrides"]}


def test_every_collection_has_a_ttl() -> None:
    """Every collection has a TTL on the field `expire_at`, and on no other."""
    expiring = {place for place, field in OVERRIDES.items() if field.get("ttl")}

    assert expiring == {("leads", "expire_at"), ("attempts", "expire_at"), ("mail", "expire_at")}


def test_queried_fields_are_indexed() -> None:
    """No queried field is exempt from indexing, and no query needs a composite index."""
    queried = {("leads", "received_at"), ("attempts", "received_at"), ("attempts", "replay_key"), ("mail", "due_at")}

    assert not queried & OVERRIDES.keys()
    assert INDEXES["indexes"] == []
