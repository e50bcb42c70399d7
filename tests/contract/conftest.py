"""The fixture of contract tests: each kind of store."""

from __future__ import annotations

import pytest

from prequal.services.ports import Store


@pytest.fixture
def store(any_store: Store) -> Store:
    """Return each kind of store in turn."""
    return any_store
