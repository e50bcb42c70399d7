"""Counts of visits in every store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from contract.conftest import Tapped
from prequal.adapters.firestore.rest_transport import RestTransport
from prequal.adapters.firestore.store import FirestoreLeadStore
from prequal.adapters.firestore.transport import ConflictError, TransientError, Write
from prequal.core.errors import StoreUnavailableError
from prequal.services.ports import Store
from prequal.services.visit_counting import VisitCounting, add_source
from support import builders
from support.billing import bill_of
from support.builders import NOW, Clock
from support.emulating import EmulatedStore

EXPIRE_AT = NOW + timedelta(days=400)


def sums(store: Store, since: str = "") -> dict[tuple[str, str], Counter[str]]:
    """Return the sums by day and source."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for counts in store.iter_visits(since):
        found.setdefault((counts.day, counts.source), Counter()).update(counts.counts)
    return found


def test_counts_add_up(store: Store) -> None:
    """Additions to a day and a source are summed, negative ones too; others are apart."""
    for day, source, counts in (
        ("2026-03-02", "", {"stage_0": 1}),
        ("2026-03-02", "", {"stage_3": 1, "stage_0": -1}),
        ("2026-03-02", "Ада & co/2", {"stage_12": 1, "pace_9": 1}),
        ("2026-03-01", "", {"stage_0": 1}),
    ):
        store.add_visits(builders.visit_counts(day, source, **counts), EXPIRE_AT)

    assert sums(store) == {
        ("2026-03-01", ""): {"stage_0": 1},
        ("2026-03-02", ""): {"stage_0": 0, "stage_3": 1},
        ("2026-03-02", "Ада & co/2"): {"stage_12": 1, "pace_9": 1},
    }
    assert sums(store, "2026-03-02").keys() == {("2026-03-02", ""), ("2026-03-02", "Ада & co/2")}
    days = [counts.day for counts in store.iter_visits()]
    assert days == sorted(days)
    assert {(counts.form_id, counts.form_version) for counts in store.iter_visits()} == {
        (builders.form().id, builders.form().version)
    }


def test_concurrent_visits_are_all_counted(store: Store) -> None:
    """No visit is lost where several processes count at once, but where a call says that it may be."""

    def add(_: int) -> bool:
        try:
            store.add_visits(builders.visit_counts(), EXPIRE_AT)
        except StoreUnavailableError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        added = sum(pool.map(add, range(40)))

    assert 0 < added <= sums(store)["2026-03-02", ""]["stage_0"] <= 40
    # On Firestore, one document would be written too often.
    assert len(list(store.iter_visits())) > 1 or not isinstance(store, EmulatedStore)


class Troubled(RestTransport):
    """A transport whose commits fail as it is told."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__("demo-troubled")
        self.failures = list(failures)
        self.commits = 0

    def commit(self, writes: Sequence[Write], seconds: float) -> None:  # noqa: ARG002, the port's
        """Raise the next failure, or succeed."""
        self.commits += 1
        if self.failures:
            raise self.failures.pop(0)


def test_a_visit_is_never_written_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused increment is tried again; one that may have taken effect is not, as it would count twice."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "localhost:1")
    refused, unsure = Troubled(ConflictError()), Troubled(TransientError())

    FirestoreLeadStore(refused).add_visits(builders.visit_counts(), EXPIRE_AT)
    with pytest.raises(StoreUnavailableError):
        FirestoreLeadStore(unsure).add_visits(builders.visit_counts(), EXPIRE_AT)

    assert (refused.commits, unsure.commits) == (2, 1)


def test_a_visit_is_one_write(tapped: Tapped) -> None:
    """A visit costs one write and no read, but for one of the owner's sources every few minutes."""
    store, calls = tapped
    form, clock = builders.form(), Clock()
    visits = VisitCounting(forms={form.version: form}, counter=store, ledger=store, clock=clock)
    add_source(store, "ada")
    bills = []
    for source, minutes in (("ada", 0), ("ada", 4), ("others", 0), ("ada", 4)):
        clock.now += timedelta(minutes=minutes)
        calls.clear()
        visits.count({"form_version": form.version, "source": source, "stage": 2})
        bills.append((bill_of(calls).reads, bill_of(calls).writes))

    assert bills == [(1, 1), (0, 1), (0, 1), (1, 1)]
    assert sums(store) == {("2026-03-02", "ada"): {"stage_2": 3}, ("2026-03-02", ""): {"stage_2": 1}}
