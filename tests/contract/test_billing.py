"""The cost of a lead in Firestore, which charges for each document read or written."""

from __future__ import annotations

import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from faults.wire import Call, Wire
from prequal.adapters.firestore.store import FirestoreLeadStore
from support.billing import uses

if TYPE_CHECKING:
    import pytest


def test_the_reads_and_writes_of_a_lead(emulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A first submission reads nothing and writes at most four documents; a replay reads one and writes none."""
    calls: list[Call] = []
    with Wire(emulator, heard=calls.append).serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(FirestoreLeadStore(f"test-{uuid.uuid4().hex[:12]}")) as store:
            bills = {what: (bill.reads, bill.writes) for what, bill in uses(store, calls, tmp_path)}

    assert bills == {
        "submission, unqualified": (0, 2),
        "submission, qualified": (0, 4),
        "the same again": (1, 0),
        "submission, qualified, no script": (0, 4),
        "the same again, no script": (1, 0),
        "another attempt": (2, 2),
        "another attempt, no script": (3, 2),
        "sending its two mails": (8, 6),
        "opening the link": (2, 1),
    }
