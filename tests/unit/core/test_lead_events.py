"""The events that changes of a lead are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from prequal.core.answers import TRAP
from prequal.core.exported_lead import lead_json
from prequal.core.form import form_from
from prequal.core.lead import Booking, Lead, Status
from prequal.core.lead_events import EventType, events_between, queued_event, webhook_messages
from prequal.core.lifecycle import (
    advanced,
    booked,
    cancelled,
    declined,
    ended,
    held_back,
    invited,
    noted_by_owner,
    offered,
    opened,
    resubmitted,
)
from prequal.core.mail import MailKind
from support import builders
from support.builders import NOW

QUALIFIED = builders.lead()
UNQUALIFIED = builders.lead(**builders.UNQUALIFIED)
OPENED = opened(QUALIFIED, NOW)
APPOINTMENT = Booking(id="1", booked_at=NOW, starts_at=NOW)
BOOKED = booked(OPENED, APPOINTMENT, NOW)
BOOKED_BLINDLY = booked(QUALIFIED, APPOINTMENT, NOW)
EXPIRED = advanced(replace(QUALIFIED, due_at=NOW), NOW + timedelta(days=30))
TRAPPED = builders.lead(**{TRAP: "buy this"})


def again(lead: Lead, **answers: Any) -> Lead:
    """Return a lead after another attempt, a month later."""
    return resubmitted(lead, builders.lead(NOW + timedelta(days=30), goals="More", **answers))


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (None, UNQUALIFIED, ["received"]),
        (None, QUALIFIED, ["received", "qualified"]),
        (None, TRAPPED, []),
        (None, held_back(QUALIFIED), ["received"]),
        (UNQUALIFIED, again(UNQUALIFIED, **builders.UNQUALIFIED), ["received"]),
        (UNQUALIFIED, again(UNQUALIFIED), ["received", "qualified"]),
        (TRAPPED, again(TRAPPED), ["received", "qualified"]),
        (BOOKED, again(BOOKED), []),
        (EXPIRED, again(EXPIRED), ["qualified"]),
        (EXPIRED, again(EXPIRED, **builders.UNQUALIFIED), []),
        (QUALIFIED, again(QUALIFIED), ["qualified"]),  # whose invitation was overdue
        (QUALIFIED, again(QUALIFIED, **builders.UNQUALIFIED), ["expired"]),
        (UNQUALIFIED, invited(UNQUALIFIED, builders.form(), "A friend", NOW), ["qualified"]),
        (QUALIFIED, OPENED, ["opened"]),
        (BOOKED_BLINDLY, opened(BOOKED_BLINDLY, NOW), []),
        (OPENED, BOOKED, ["booked"]),
        (BOOKED, booked(BOOKED, replace(APPOINTMENT, starts_at=NOW + timedelta(hours=1)), NOW), ["booked"]),
        (BOOKED, noted_by_owner(BOOKED, "Call them Ada", NOW), []),
        (BOOKED, cancelled(BOOKED, replace(APPOINTMENT, cancelled_at=NOW), NOW), ["cancelled"]),
        (BOOKED, offered(BOOKED, None, NOW), ["offered"]),
        (offered(BOOKED, None, NOW), offered(BOOKED, NOW + timedelta(days=9), NOW), ["offered"]),
        (UNQUALIFIED, declined(UNQUALIFIED, "No time", NOW), ["declined"]),
        (BOOKED, ended(BOOKED, Status.WON, NOW), ["won"]),
        (ended(BOOKED, Status.WON, NOW), ended(ended(BOOKED, Status.WON, NOW), Status.LOST, NOW), ["lost"]),
        (QUALIFIED, EXPIRED, ["expired"]),
        (QUALIFIED, QUALIFIED, []),
    ],
)
def test_the_events_of_a_change(before: Lead | None, after: Lead, events: list[str]) -> None:
    """A change causes an event for each new part of the lead: attempt, status, appointment, offer."""
    assert events_between(before, after) == [f"lead.{event}" for event in events]


def test_an_event_becomes_a_message_for_each_type_and_address() -> None:
    """All have the lead as it was; the messages of one event have the same id at each address."""
    event = queued_event(QUALIFIED, events_between(None, QUALIFIED), "1", NOW)

    messages = webhook_messages(event, ["https://a.example/?k=1", "https://b.example/"], {})

    bodies = [json.loads(message.message_bytes) for message in messages]
    assert [message.to for message in messages] == ["https://a.example/?k=1", "https://b.example/"] * 2
    assert [body["type"] for body in bodies] == ["lead.received"] * 2 + ["lead.qualified"] * 2
    assert [body["id"] for body in bodies] == [f"{event.id}-0"] * 2 + [f"{event.id}-1"] * 2
    assert len({message.id for message in messages}) == 4
    assert {message.kind for message in messages} == {MailKind.WEBHOOK}
    assert all(body["timestamp"] == "2026-03-02T09:30:00.000Z" for body in bodies)
    assert all(body["data"] == json.loads(lead_json(QUALIFIED, None)) for body in bodies)


def test_an_event_goes_with_its_lead_or_after_a_month() -> None:
    """It holds personal data, which is kept no longer than the lead's."""
    short = replace(QUALIFIED, expire_at=NOW + timedelta(days=3))

    kept = [queued_event(lead, [], "1", NOW).expire_at - NOW for lead in (short, QUALIFIED)]

    assert kept == [timedelta(days=3), timedelta(days=30)]


def test_a_message_says_what_was_not_asked() -> None:
    """The form of the lead's version tells; without it, nobody can."""
    document = builders.document()
    document["questions"][2]["ask_if"] = {"timeline": ["rushed"]}
    form = form_from(document)
    event = queued_event(replace(QUALIFIED, form_version=form.version), [EventType.OPENED], "1", NOW)

    told = [
        json.loads(webhook_messages(event, ["https://a.example"], forms)[0].message_bytes)["data"]["not_asked"]
        for forms in ({form.version: form}, {})
    ]

    assert told == [["pages"], None]
