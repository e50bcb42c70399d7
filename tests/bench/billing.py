"""Documents read and written in Firestore for a lead, and the number of calls."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bench.table import Row, Section
from faults.wire import Call, Wire
from support.billing import uses
from support.emulating import EmulatedStore, emulated

_AT_MOST: Mapping[str, str] = {
    "submission, qualified": "at most reads 0  writes 4",
    "the same again": "at most reads 1",
}


def billing(emulator: str, folder: Path) -> Section:
    """Use the store, and count the calls between its client and the emulator."""
    calls: list[Call] = []
    with (
        Wire(emulator, heard=calls.append).serving() as address,
        emulated(address),
        closing(EmulatedStore("bench-billing")) as store,
    ):
        rows = [
            Row(what, f"reads {bill.reads}  writes {bill.writes}  calls {bill.calls}", _AT_MOST.get(what, ""))
            for what, bill in uses(store, calls, folder)
        ]
    return Section("What a lead costs in Firestore, with a brief for the owner", rows)
