"""The fixtures of contract tests: each kind of store, and Firestore's with its calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from faults.rest_wire import WIRES
from faults.wire import Call
from prequal.core.errors import StoreUnavailableError
from prequal.services.ports import Store
from support import builders
from support.emulating import EmulatedStore
from support.running import until


@pytest.fixture
def store(any_store: Store) -> Store:
    """Return each kind of store in turn."""
    return any_store


class Tapped(NamedTuple):
    """A store on the emulator, and the calls that it has made."""

    store: EmulatedStore
    calls: list[Call]


@pytest.fixture(params=[*WIRES.values()], ids=[*WIRES])
def tapped(request: pytest.FixtureRequest, emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tapped]:
    """Return a store by each transport, and its calls."""
    transport, wire = request.param
    calls: list[Call] = []
    with wire(emulator, heard=calls.append).serving() as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        with closing(EmulatedStore(transport=transport)) as store:
            # Its first calls may time out on a busy machine, and would then be counted twice.
            until(lambda: _writes(store), "the emulator to answer in time")
            calls.clear()
            yield Tapped(store, calls)


def _writes(store: EmulatedStore) -> bool:
    """Return whether a lead could be stored and erased again in time."""
    lead, attempt = builders.admitted()
    try:
        store.admit(lead, attempt, [], lambda existing: (existing, ()))
        return store.erase_lead(lead.id) is not None
    except StoreUnavailableError:
        return False
