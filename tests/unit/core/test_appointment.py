"""Mornings around an appointment, in the owner's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from prequal.core.appointment import advance_appointment
from prequal.core.lead import Booking, Lead, Status
from prequal.core.lifecycle import booked
from prequal.core.mail import MailKind
from support import builders
from support.builders import NOW

OSLO, LOS_ANGELES, AUCKLAND = map(ZoneInfo, ("Europe/Oslo", "America/Los_Angeles", "Pacific/Auckland"))


def steps(starts_at: datetime, booked_at: datetime, zone: tzinfo, ends_at: datetime) -> list[tuple[str, datetime]]:
    """Return the mails on a call, each with its instant, if a sweep comes whenever something is due."""
    lead, now = booked(builders.lead(), Booking(id="one", booked_at=NOW, starts_at=starts_at), booked_at), booked_at
    taken = []
    while lead.due_at is not None and max(lead.due_at, now) < ends_at:
        now = max(lead.due_at, now)
        lead, kind = advance_appointment(lead, now, zone)
        if kind:
            taken.append((kind.value, now))
    return taken


@pytest.mark.parametrize(
    ("starts_at", "zone", "brief", "question"),
    [
        ("2026-03-05T13:00", UTC, "2026-03-05T07:00", "2026-03-06T07:00"),
        ("2026-03-05T13:00", OSLO, "2026-03-05T06:00", "2026-03-06T06:00"),
        # The day of the call is the owner's.
        ("2026-03-05T23:30", OSLO, "2026-03-05T22:30", "2026-03-07T06:00"),
        ("2026-03-05T01:00", LOS_ANGELES, "2026-03-04T15:00", "2026-03-05T15:00"),
        ("2026-03-04T20:00", AUCKLAND, "2026-03-04T18:00", "2026-03-05T18:00"),
        # Before seven, or soon after.
        ("2026-03-05T07:30", UTC, "2026-03-05T06:30", "2026-03-06T07:00"),
        ("2026-03-05T05:00", UTC, "2026-03-05T04:00", "2026-03-06T07:00"),
        # The clocks go forward in the night between.
        ("2026-03-28T13:00", OSLO, "2026-03-28T06:00", "2026-03-29T05:00"),
    ],
)
def test_the_mornings(starts_at: str, zone: tzinfo, brief: str, question: str) -> None:
    """The brief comes at seven on the day of the call, or an hour ahead of an early one; the question a day later."""
    call, *mornings = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (starts_at, brief, question))
    taken = steps(call, NOW, zone, call + timedelta(days=30))
    assert taken == list(zip((MailKind.BRIEF, MailKind.DEBRIEF), mornings, strict=True))


@pytest.mark.parametrize(
    ("booked_hours_ahead", "kinds"), [(2, ["brief", "debrief"]), (0, ["debrief"]), (-48, ["debrief"]), (-24 * 9, [])]
)
def test_an_appointment_that_is_heard_of_late(booked_hours_ahead: int, kinds: list[str]) -> None:
    """On the day itself the brief goes at once; of a past call there is none, and of an old one not even a question."""
    call = NOW + timedelta(days=20)
    booked_at = call - timedelta(hours=booked_hours_ahead)
    taken = steps(call, booked_at, UTC, call + timedelta(days=30))
    assert [kind for kind, _ in taken] == kinds
    if kinds[:1] == ["brief"]:
        assert taken[0][1] == booked_at


def test_the_zone_may_change() -> None:
    """Another time zone between brief and question causes neither of them twice."""
    call = datetime(2026, 3, 5, 13, tzinfo=UTC)
    lead = booked(builders.lead(), Booking(id="one", booked_at=NOW, starts_at=call), NOW)
    kinds = []
    for day, zone in ((5, OSLO), (5, LOS_ANGELES), (6, OSLO), (6, LOS_ANGELES), (7, OSLO)):
        for hour in range(24):
            lead, kind = advance_appointment(lead, datetime(2026, 3, day, hour, tzinfo=UTC), zone)
            kinds += [kind] if kind else []
    assert kinds == [MailKind.BRIEF, MailKind.DEBRIEF]


def test_others_wait_for_nothing() -> None:
    """A lead with an appointment without a time, or with none, is left alone."""

    def due(lead: Lead) -> datetime | None:
        return advance_appointment(lead, NOW + timedelta(days=99), UTC)[0].due_at

    by_hand = booked(builders.lead(), Booking(id="", booked_at=NOW), NOW)
    assert (by_hand.status, by_hand.due_at, due(by_hand)) == (Status.BOOKED, None, None)
    invited = builders.lead()
    assert due(invited) == invited.due_at is not None
