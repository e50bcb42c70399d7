"""The world of the tests of HTTP: a store, and a client of the function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from support.world import World

if TYPE_CHECKING:
    from werkzeug.test import Client


@pytest.fixture
def world(store: SqliteLeadStore) -> World:
    """Return a world without leads."""
    return World(store)


@pytest.fixture
def client(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a client of the function."""
    return world.client(tmp_path, monkeypatch)
