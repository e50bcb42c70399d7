"""What a week brought, counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prequal.core.digest import Digest, last_start_of, make_digest
from prequal.core.lead import Booking, InvitationState, Lead, Status
from prequal.core.lifecycle import booked, ended, opened
from prequal.core.stages import Stage
from support import builders
from support.builders import NOW

MIDNIGHT = NOW.replace(hour=0, minute=0)
DAY = timedelta(days=1)


def digest(*leads: Lead) -> Digest:
    """Return the digest that is due on the day that the tests call now."""
    return make_digest(leads, MIDNIGHT, NOW)


@pytest.mark.parametrize("weekday", range(7))
def test_the_day_begins_at_midnight(weekday: int) -> None:
    """A week ends with the last midnight that began such a day, at that very midnight too."""
    began = last_start_of(weekday, NOW)

    assert (began.weekday(), began.hour, began.tzinfo) == (weekday, 0, UTC)
    assert NOW - timedelta(days=7) < began <= NOW
    assert last_start_of(weekday, began) == began


@pytest.mark.parametrize(
    ("received_at", "week", "before"),
    [
        (MIDNIGHT, 0, 0),
        (MIDNIGHT - timedelta(seconds=1), 1, 0),
        (MIDNIGHT - 7 * DAY, 1, 0),
        (MIDNIGHT - 8 * DAY, 0, 1),
        (MIDNIGHT - 15 * DAY, 0, 0),
    ],
)
def test_a_week_has_seven_whole_days(received_at: datetime, week: int, before: int) -> None:
    """From midnight to midnight, and so has the one before."""
    counted = digest(builders.lead(received_at))

    assert (counted.week[Stage.RECEIVED], counted.before[Stage.RECEIVED]) == (week, before)


def test_what_happened_counts_when_it_happened() -> None:
    """A lead of long ago that books or is won this week is news of this week."""
    lead = opened(builders.lead(NOW - 30 * DAY), NOW - 25 * DAY)
    lead = booked(lead, Booking(id="1", booked_at=NOW - 10 * DAY), NOW - 10 * DAY)

    counted = digest(ended(lead, Status.WON, NOW - 2 * DAY))

    assert counted.week == {Stage.WON: 1}
    assert counted.before == {Stage.BOOKED: 1}


def test_a_win_stays_when_it_was() -> None:
    """What is changed later, such as by other rules or a late click, makes no new win."""
    won = ended(builders.lead(NOW - 30 * DAY), Status.WON, NOW - 25 * DAY)

    assert digest(replace(opened(won, NOW - DAY), updated_at=NOW - DAY)).week == {Stage.OPENED: 1}


def test_what_a_trap_caught_is_left_out() -> None:
    """It is nobody."""
    trapped = replace(builders.lead(NOW - DAY), status=Status.QUARANTINED)

    assert digest(trapped) == digest()


def test_sources_and_reasons() -> None:
    """Of those received this week: where they came from, how many of them qualified, and what ruled others out."""
    counted = digest(
        builders.lead(NOW - DAY, source="ada"),
        builders.lead(NOW - DAY, source="ada", budget="below"),
        builders.lead(NOW - DAY),
        builders.lead(NOW - 9 * DAY, source="ada", budget="below"),
    )

    assert counted.sources == {"ada": 2, "direct visits": 1}
    assert counted.qualified == {"ada": 1, "direct visits": 1}
    assert counted.ruled_out == {"Cannot afford the starting price": 1}


def test_who_waits() -> None:
    """Calls that are over, mails that did not arrive, links that end: each until something is done about it."""
    lead = builders.lead(NOW - 9 * DAY)
    assert lead.invitation is not None
    failed = replace(lead, invitation=replace(lead.invitation, state=InvitationState.FAILED))
    called = booked(lead, Booking(id="1", booked_at=NOW - 2 * DAY, starts_at=NOW - DAY), NOW - 2 * DAY)

    counted = digest(lead, failed, called, ended(called, Status.LOST, NOW), builders.lead(NOW - DAY))

    assert counted.ending == [lead]
    assert counted.undelivered == [failed]
    assert counted.undecided == [called]


@pytest.mark.parametrize(
    ("booking", "over"),
    [
        (Booking(id="1", booked_at=NOW - DAY, starts_at=NOW + DAY), False),
        (Booking(id="", booked_at=NOW - 6 * DAY), False),
        (Booking(id="", booked_at=NOW - 8 * DAY), True),
    ],
)
def test_when_a_call_is_over(booking: Booking, over: bool) -> None:  # noqa: FBT001, a parameter of the test
    """Once it has begun; where nobody knows when that is, a week after it was booked."""
    lead = booked(builders.lead(NOW - 9 * DAY), booking, booking.booked_at)

    assert bool(digest(lead).undecided) is over
