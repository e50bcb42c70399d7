"""The contract is each store's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from prequal.ports import LeadStore


@pytest.fixture
def store(any_store: LeadStore) -> LeadStore:
    """Return each kind of store in turn."""
    return any_store
