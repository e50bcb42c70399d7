"""What every test may ask for."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from prequal.adapters.sqlite import SqliteLeadStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteLeadStore]:
    """Return a real store, empty."""
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as opened:
        yield opened
