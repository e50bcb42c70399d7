"""Memory of an export from Firestore, which must not grow with the number of leads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from bench.table import Row, Section, per_second, size, times
from support.emulating import EmulatedStore, emulated
from support.many_leads import export, load, memory

# Multiples of the page size, so that the memory is comparable.
_FEW, _MANY = 2_100, 10_200
_PROJECT = "bench-reading"


def reading(emulator: str) -> Section:
    """Measure the export of the first leads and of all of them."""
    with emulated(emulator):
        load(_PROJECT, _MANY)
        with closing(EmulatedStore(_PROJECT)) as store:
            rows = list(_rows(store))
    return Section(f"Exporting {_MANY:,} leads from Firestore's emulator, beside the first {_FEW:,}", rows)


def _rows(store: EmulatedStore) -> Iterator[Row]:
    start = time.perf_counter()
    export(store.iter_leads())
    yield Row("leads", per_second(_MANY / (time.perf_counter() - start)))
    few, many = memory(store, _FEW), memory(store, _MANY)
    yield Row("memory in use when the last one came", size(many), size(few), times(many / few))
