"""Reading many leads from Firestore, page by page: order, completeness and memory."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import cycle, islice
from typing import NamedTuple

import pytest

from faults.wire import Trouble, Wire
from prequal.core.lead import Lead
from support.emulating import EmulatedStore, emulated
from support.many_leads import load, memory

# The end of the third page, and of the first.
_MANY, _FEW = 900, 300


class Loaded(NamedTuple):
    """A database with leads, and these in their order."""

    emulator: str
    project: str
    leads: Sequence[Lead]


@pytest.fixture(scope="module")
def loaded(emulator: str) -> Loaded:
    """Return a loaded database, which no test changes: loading takes seconds."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    with emulated(emulator):
        return Loaded(emulator, project, load(project, _MANY))


@pytest.fixture
def store(loaded: Loaded) -> Iterator[EmulatedStore]:
    """Return a store on the loaded database."""
    with emulated(loaded.emulator), closing(EmulatedStore(loaded.project)) as store:
        yield store


def test_reading_resumes_after_errors(loaded: Loaded) -> None:
    """All leads are read in order, each once, if every page fails at first and the reader pauses.

    Leads received at the same instant are ordered by their ids, across pages too.
    """
    line = cycle([Trouble.REFUSED, None, Trouble.BROKEN_OFF, None])
    with (
        Wire(loaded.emulator, lambda _name: next(line)).serving() as address,
        emulated(address),
        closing(EmulatedStore(loaded.project)) as store,
    ):
        leads = store.iter_leads()
        before = list(islice(leads, _FEW))
        after = list(leads)

    assert [lead.id for lead in before + after] == [lead.id for lead in loaded.leads]


def test_memory_does_not_grow_with_the_leads(store: EmulatedStore) -> None:
    """Exporting many leads takes no more memory than exporting a few."""
    memory(store, _FEW)  # fills the caches that stay

    assert memory(store, _MANY) < 1.5 * memory(store, _FEW)
