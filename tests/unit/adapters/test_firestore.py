"""Firestore's TTL and indexes."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import FailedPrecondition

from prequal.adapters.firestore.calls import bounded
from prequal.core.errors import StoreUnavailableError
from support.firestore_indexes import INDEXES

OVERRIDES = {(field["collectionGroup"], field["fieldPath"]): field for field in INDEXES["fieldOverrides"]}


def test_every_collection_has_a_ttl() -> None:
    """Every collection has a TTL on the field `expire_at`, and on no other."""
    expiring = {place for place, field in OVERRIDES.items() if field.get("ttl")}

    assert expiring == {("leads", "expire_at"), ("attempts", "expire_at"), ("mail", "expire_at")}


def test_a_missing_index_is_named() -> None:
    """A query that no index answers yet is no outage: the error says what makes the index."""
    with pytest.raises(StoreUnavailableError, match="lacks an index for this query: run prequal deploy"), bounded():
        raise FailedPrecondition("The query requires an index.")  # type: ignore[no-untyped-call]
