"""The summary of a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from prequal.core.digest import Digest, Waiting, Weeks, add_visits, find_stops, last_day, make_digest
from prequal.core.lead import Booking, InvitationState, Lead, Status
from prequal.core.lifecycle import booked, declined, ended, held_back, offered, opened
from prequal.core.stages import Stage
from support import builders
from support.builders import NOW

MIDNIGHT = NOW.replace(hour=0, minute=0)
WEEKS = Weeks.until_day(NOW.date(), UTC)
DAY = timedelta(days=1)


def digest(*leads: Lead) -> Digest:
    """Return the digest that is due on the day of the tests' clock."""
    return make_digest(leads, WEEKS, NOW, [builders.form()])


@pytest.mark.parametrize("weekday", range(7))
def test_the_last_day_of_a_name(weekday: int) -> None:
    """The last Monday is today on a Monday, and within the last six days otherwise."""
    today = NOW.date()

    day = last_day(weekday, today)

    assert day.weekday() == weekday
    assert today - timedelta(days=6) <= day <= today


def test_weeks_begin_in_the_owners_zone() -> None:
    """Weeks begin at midnight in the zone, also where one is an hour shorter, as when summer time began on 29 March."""
    assert Weeks.until_day(date(2026, 3, 30), ZoneInfo("Europe/Oslo")) == (
        datetime(2026, 3, 15, 23, tzinfo=UTC),
        datetime(2026, 3, 22, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
        ZoneInfo("Europe/Oslo"),
    )


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
    """The week runs from midnight to midnight, as does the one before."""
    counted = digest(builders.lead(received_at))

    assert (counted.week[Stage.RECEIVED], counted.before[Stage.RECEIVED]) == (week, before)


def test_an_event_counts_in_the_week_of_the_event() -> None:
    """A lead received long ago that is booked or won this week counts this week."""
    lead = opened(builders.lead(NOW - 30 * DAY), NOW - 25 * DAY)
    lead = booked(lead, Booking(id="1", booked_at=NOW - 10 * DAY), NOW - 10 * DAY)

    counted = digest(ended(lead, Status.WON, NOW - 2 * DAY))

    assert counted.week == {Stage.WON: 1}
    assert counted.before == {Stage.BOOKED: 1}


def test_a_win_keeps_its_date() -> None:
    """Later changes, such as rescoring or a late click, make no new win."""
    won = ended(builders.lead(NOW - 30 * DAY), Status.WON, NOW - 25 * DAY)

    assert digest(replace(opened(won, NOW - DAY), updated_at=NOW - DAY)).week == {Stage.OPENED: 1}


def test_quarantined_leads_are_left_out() -> None:
    """A quarantined lead is counted nowhere."""
    trapped = replace(builders.lead(NOW - DAY), status=Status.QUARANTINED)

    assert digest(trapped) == digest()


def test_sources_and_reasons() -> None:
    """Sources, qualification and knock-outs are counted for the leads received this week."""
    counted = digest(
        builders.lead(NOW - DAY, source="ada"),
        builders.lead(NOW - DAY, source="ada", budget="below"),
        builders.lead(NOW - DAY),
        builders.lead(NOW - 9 * DAY, source="ada", budget="below"),
    )

    assert counted.sources == {"ada": 2, "direct visits": 1}
    assert counted.qualified == {"ada": 1, "direct visits": 1}
    assert counted.ruled_out == {"Cannot afford the starting price": 1}


def test_the_fields_at_which_visits_ended() -> None:
    """Fields of the forms in use are counted in this week alone, the most visits lost first; others are left out."""
    counted, another = digest(), replace(builders.visit_counts("2026-03-01", stage_2=50), form_version="another")
    this_week = builders.visit_counts("2026-03-01", "ada", stage_0=9, stage_1=2, stage_3=3, stage_6=1, sent=4)
    add_visits(counted, [builders.visit_counts("2026-02-22", stage_1=50), this_week, another])

    assert [(form.id, losses) for form, losses in find_stops(counted)] == [
        ("web-design", [("pages", 3, 8), ("budget", 2, 10), ("name", 1, 5)])
    ]


def waiting(*leads: Lead) -> dict[Waiting, list[Lead]]:
    """Return the leads that wait for the owner."""
    return {reason: found for reason, found in digest(*leads).waiting.items() if found}


def test_leads_that_need_attention() -> None:
    """Calls that are over, undelivered and held invitations and expiring links are listed until the owner acts."""
    lead = builders.lead(NOW - 9 * DAY)
    assert lead.invitation is not None
    failed = replace(lead, invitation=replace(lead.invitation, state=InvitationState.FAILED))
    held = held_back(lead)
    called = booked(lead, Booking(id="1", booked_at=NOW - 2 * DAY, starts_at=NOW - DAY), NOW - 2 * DAY)

    found = waiting(lead, failed, held, called, ended(called, Status.LOST, NOW), builders.lead(NOW - DAY))

    assert found == {
        Waiting.ENDING: [lead],
        Waiting.UNDELIVERED: [failed],
        Waiting.HELD: [held],
        Waiting.UNDECIDED: [called],
    }


def test_near_misses_of_the_week() -> None:
    """A lead of this week that only just does not qualify is named, unless the owner has decided about it."""
    missed = builders.lead(NOW - DAY, budget="unsure", services=["build"])
    assert not missed.score.qualified
    hopeless = builders.lead(NOW - DAY, budget="below", timeline="rushed")
    earlier = builders.lead(NOW - 9 * DAY, budget="unsure", services=["build"])

    assert waiting(missed, hopeless, earlier, declined(missed, "No", NOW)) == {Waiting.MISSED: [missed]}


def test_attempts_that_stay_beside() -> None:
    """A lead in whose name somebody answered again is named in the week in which the owner was told."""
    lead = replace(builders.lead(NOW - DAY), unconfirmed=1, told_at=NOW - DAY)

    assert waiting(lead, replace(lead, told_at=NOW - 9 * DAY)) == {Waiting.UNCONFIRMED: [lead]}


def test_an_offer_whose_day_has_passed() -> None:
    """An offer is named once its day has passed without an answer; one without a day, and one that ended, never."""
    lead = builders.lead(NOW - 9 * DAY)
    late = offered(lead, NOW - DAY, NOW - 8 * DAY)

    found = waiting(late, offered(lead, NOW + DAY, NOW), offered(lead, None, NOW), ended(late, Status.LOST, NOW))

    assert found == {Waiting.UNANSWERED: [late]}


@pytest.mark.parametrize(
    ("booking", "over"),
    [
        (Booking(id="1", booked_at=NOW - DAY, starts_at=NOW + DAY), False),
        (Booking(id="", booked_at=NOW - 6 * DAY), False),
        (Booking(id="", booked_at=NOW - 8 * DAY), True),
    ],
)
def test_when_a_call_is_over(booking: Booking, over: bool) -> None:  # noqa: FBT001, a parameter of the test
    """A call is over once it has begun; without a known time, a week after it was booked."""
    lead = booked(builders.lead(NOW - 9 * DAY), booking, booking.booked_at)

    assert (Waiting.UNDECIDED in waiting(lead)) is over
