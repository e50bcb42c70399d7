"""Leads in Firestore by the thousand come page by page: in order, each once, and in the memory that a page takes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import cycle, islice
from typing import NamedTuple

import pytest

from faults.wire import Trouble, Wire
from prequal.adapters.firestore.store import FirestoreLeadStore
from prequal.core.lead import Lead
from support.emulating import emulated
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
    """Load once, as that takes seconds; nobody changes anything."""
    project = f"test-{uuid.uuid4().hex[:12]}"
    with emulated(emulator):
        return Loaded(emulator, project, load(project, _MANY))


@pytest.fixture
def store(loaded: Loaded) -> Iterator[FirestoreLeadStore]:
    """Return a store on the loaded database."""
    with emulated(loaded.emulator), closing(FirestoreLeadStore(loaded.project)) as store:
        yield store


def test_reading_goes_on_where_it_was(loaded: Loaded) -> None:
    """If each page fails at first, and the reader pauses, all leads still come in order, each once.

    Those that were received in the same instant come by their ids, across pages too.
    """
    line = cycle([Trouble.REFUSED, None, Trouble.BROKEN_OFF, None])
    with (
        Wire(loaded.emulator, lambda _name: next(line)).serving() as address,
        emulated(address),
        closing(FirestoreLeadStore(loaded.project)) as store,
    ):
        leads = store.iter_leads()
        before = list(islice(leads, _FEW))
        after = list(leads)

    assert [lead.id for lead in before + after] == [lead.id for lead in loaded.leads]


def test_memory_is_that_of_a_page(store: FirestoreLeadStore) -> None:
    """Exporting many leads takes no more memory than exporting a few: what was written is forgotten."""
    memory(store, _FEW)  # what is kept for the next time is none of it

    assert memory(store, _MANY) < 1.5 * memory(store, _FEW)
