"""What a lead reads and writes in Firestore, and how many calls that takes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from bench.table import Row, Section
from billing import uses
from emulating import emulated
from faults.wire import Wire
from prequal.adapters.firestore import FirestoreLeadStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from faults.wire import Call

_AT_MOST: Mapping[str, str] = {
    "submission, qualified": "at most reads 0  writes 4",
    "the same again": "at most reads 1",
}


def billing(emulator: str, folder: Path) -> Section:
    """Use the store through its client, and count on the wire between the client and the emulator."""
    calls: list[Call] = []
    with (
        Wire(emulator, heard=calls.append).serving() as address,
        emulated(address),
        closing(FirestoreLeadStore("bench-billing")) as store,
    ):
        rows = [
            Row(what, f"reads {bill.reads}  writes {bill.writes}  calls {bill.calls}", _AT_MOST.get(what, ""))
            for what, bill in uses(store, calls, folder)
        ]
    return Section("What a lead costs in Firestore, with a brief for the owner", rows)
