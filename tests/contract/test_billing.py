"""What a submission costs in Firestore, where each document that is read or written is paid for."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import TYPE_CHECKING

from billing import submissions
from faults.wire import Call, Wire
from prequal.adapters.firestore import FirestoreLeadStore

if TYPE_CHECKING:
    import pytest


def test_what_a_submission_reads_and_writes(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first submission reads nothing and writes lead, attempt and two mails at most; the same again reads one."""
    calls: list[Call] = []
    with Wire(emulator, heard=calls.append).serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(FirestoreLeadStore(f"test-{uuid.uuid4().hex[:12]}")) as store:
            bills = {what: (bill.reads, bill.writes) for what, bill in submissions(store, calls)}

    assert bills == {
        "first submission": (0, 4),
        "the same again": (1, 0),
        "another attempt": (2, 2),
        "first submission, no script": (0, 4),
        "the same again, no script": (1, 0),
        "another attempt, no script": (3, 2),
    }
