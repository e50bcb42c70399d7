"""What every test may ask for."""

from __future__ import annotations

import os
import uuid
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from emulator import EmulatorMissingError, firestore_emulator
from prequal.adapters.sqlite import SqliteLeadStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prequal.ports import LeadStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteLeadStore]:
    """Return a real store, empty."""
    with closing(SqliteLeadStore(tmp_path / "prequal.db")) as opened:
        yield opened


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """Return the address of Firestore's emulator, which CI must have and others may lack."""
    with ExitStack() as stack:
        try:
            address = stack.enter_context(firestore_emulator())
        except EmulatorMissingError as missing:
            if os.environ.get("CI"):
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        yield address


@pytest.fixture(params=["sqlite", "firestore"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LeadStore]:
    """Return each kind of store, real and empty."""
    if request.param == "sqlite":
        with closing(SqliteLeadStore(tmp_path / "prequal.db")) as opened:
            yield opened
        return
    from prequal.adapters.firestore import FirestoreLeadStore  # noqa: PLC0415, half a second that others needn't wait

    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", request.getfixturevalue("emulator"))
    # A project of its own is a database of its own.
    with closing(FirestoreLeadStore(f"test-{uuid.uuid4().hex[:12]}")) as firestore:
        yield firestore
