"""Deletion at the end of the retention, and its pause after a leap of the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prequal.adapters.sqlite.store import SqliteLeadStore
from prequal.services.retention import Retention
from support import builders
from support.builders import NOW, Clock

DAY = timedelta(days=1)


def removed(store: SqliteLeadStore, clock: Clock) -> int:
    """Do a round and return how much it deleted."""
    return Retention(store=store, ledger=store, clock=clock).run()


@pytest.fixture
def clock(store: SqliteLeadStore) -> Clock:
    """Return the clock of a store with one lead, whose retention has not ended."""
    lead, attempt = builders.admitted(**builders.UNQUALIFIED)
    store.admit(lead, attempt, [], lambda existing: (existing, ()))
    clock = Clock(NOW)
    assert removed(store, clock) == 0
    return clock


def test_what_has_expired_is_deleted(store: SqliteLeadStore, clock: Clock) -> None:
    """With rounds every few days, a lead and its attempt go at the end of their retention."""
    numbers = []
    for _ in range(61):
        clock.forward(3 * DAY)
        numbers.append(removed(store, clock))

    assert sum(numbers) == 2
    assert list(store.iter_leads()) == []


@pytest.mark.parametrize("leap", [timedelta(days=400), timedelta(days=8)])
def test_a_leap_of_the_clock_deletes_nothing(store: SqliteLeadStore, clock: Clock, leap: timedelta) -> None:
    """Under a wrong clock every lead seems expired: nothing is deleted, nor once the clock is put right."""
    clock.forward(leap)
    assert removed(store, clock) == 0
    clock.forward(timedelta(hours=23))
    assert removed(store, clock) == 0
    clock.now = NOW + timedelta(hours=1)
    assert removed(store, clock) == 0

    assert len(list(store.iter_leads())) == 1


def test_deletion_goes_on_after_a_day(store: SqliteLeadStore, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """If the pause was real, the sweeps of the day after delete what has expired; the log tells of the pause."""
    caplog.set_level("INFO", logger="prequal")
    clock.forward(timedelta(days=400))
    assert removed(store, clock) == 0
    assert "deletion suspended" in caplog.text

    clock.forward(DAY)

    assert removed(store, clock) == 2
