"""The contract is each store's."""

from __future__ import annotations

import pytest

from prequal.services.ports import LeadStore


@pytest.fixture
def store(any_store: LeadStore) -> LeadStore:
    """Return each kind of store in turn."""
    return any_store
