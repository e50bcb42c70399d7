"""Firestore's TTL and indexes."""

from __future__ import annotations

from support.firestore_indexes import INDEXES

OVERRIDES = {(field["collectionGroup"], field["fieldPath"]): field for field in INDEXES["fieldOverrides"]}


def test_every_collection_has_a_ttl() -> None:
    """Every collection has a TTL on the field `expire_at`, and on no other."""
    expiring = {place for place, field in OVERRIDES.items() if field.get("ttl")}

    assert expiring == {
        ("leads", "expire_at"),
        ("attempts", "expire_at"),
        ("mail", "expire_at"),
        ("ledger", "expire_at"),
        ("visits", "expire_at"),
        ("past_clients", "expire_at"),
    }
