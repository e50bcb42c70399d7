"""Events in the life of a lead, which the owner's webhooks report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from prequal.core.exported_lead import lead_json
from prequal.core.form import Form
from prequal.core.lead import Lead, Status
from prequal.core.mail import Delivery, Mail, MailKind
from prequal.core.text import instant_text

# For the owner to see that it was delivered; longer than it is tried.
_KEPT = timedelta(days=30)


class EventType(StrEnum):
    """Type of an event."""

    RECEIVED = "lead.received"
    QUALIFIED = "lead.qualified"
    OPENED = "lead.opened"
    BOOKED = "lead.booked"
    CANCELLED = "lead.cancelled"
    OFFERED = "lead.offered"
    DECLINED = "lead.declined"
    WON = "lead.won"
    LOST = "lead.lost"
    EXPIRED = "lead.expired"


_OF_STATUS = {
    Status.OPENED: EventType.OPENED,
    Status.BOOKED: EventType.BOOKED,
    Status.OFFERED: EventType.OFFERED,
    Status.DECLINED: EventType.DECLINED,
    Status.WON: EventType.WON,
    Status.LOST: EventType.LOST,
    Status.EXPIRED: EventType.EXPIRED,
}


def events_between(before: Lead | None, after: Lead) -> Sequence[EventType]:
    """Return the events that a change of a lead is, in their order; `before` is None for a first attempt.

    Attempts that the trap caught are none, nor are those that stay beside.
    """
    events = []
    shows_another = before is None or (after.attempts > before.attempts and after.shown_attempt != before.shown_attempt)
    if shows_another and after.status is not Status.QUARANTINED:
        events.append(EventType.RECEIVED)
    if after.status is Status.INVITED:
        if before and before.status is Status.BOOKED:
            events.append(EventType.CANCELLED)
        elif before is None or before.status is not Status.INVITED or before.invited_attempt != after.invited_attempt:
            events.append(EventType.QUALIFIED)
    elif (event := _OF_STATUS.get(after.status)) and _is_news(before, after):
        events.append(event)
    return events


def _is_news(before: Lead | None, after: Lead) -> bool:
    """Return whether the status is new, or stands for another appointment or offer."""
    if before is None or before.status is not after.status:
        return True
    if after.status is Status.BOOKED:
        return _appointment(before) != _appointment(after)
    return after.status is Status.OFFERED and before.offered != after.offered


def _appointment(lead: Lead) -> tuple[object, ...]:
    return (lead.booking.id, lead.booking.starts_at) if lead.booking else ()


def queued_event(lead: Lead, types: Sequence[EventType], unique: str, now: datetime) -> Mail:
    """Return the events of one change of a lead, with the lead as it is then, for the queue.

    It is one document for all types and addresses, so that it costs the same whoever the visitor is.
    """
    return Mail(
        id=f"{lead.id}-{round(now.timestamp() * 1000):x}-{MailKind.EVENT}-{unique}",
        lead_id=lead.id,
        kind=MailKind.EVENT,
        created_at=now,
        content={"types": [each.value for each in types]},
        message=lead_json(lead, None),
        expire_at=min(lead.expire_at, now + _KEPT),
        delivery=Delivery(due_at=now),
    )


def webhook_messages(event: Mail, addresses: Sequence[str], forms: Mapping[str, Form]) -> Sequence[Mail]:
    """Return a queued event as messages: one for each of its types and each address.

    The forms are those in use, by version, which tell what was not asked.
    """
    lead, messages = json.loads(event.message_bytes), []
    if form := forms.get(lead["form_version"]):
        lead["not_asked"] = form.not_asked(lead["answers"])
    for number, event_type in enumerate(event.content["types"]):
        content = {"id": f"{event.id}-{number}", "type": event_type}
        body = {**content, "timestamp": instant_text(event.created_at), "data": lead}
        message = json.dumps(body, ensure_ascii=False)
        messages += [
            replace(
                event,
                id=f"{content['id']}-{place}",
                kind=MailKind.WEBHOOK,
                to=address,
                content=content,
                message=message,
                delivery=Delivery(due_at=event.created_at),  # those of earlier events go first
            )
            for place, address in enumerate(addresses)
        ]
    return messages
