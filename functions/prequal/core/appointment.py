"""Mornings around an appointment: on its day the owner gets a brief, and on the next they are asked how it went.

Both follow from `due_at` and `booking.starts_at` alone: a step that is due by the start of the call is the brief, a
later one the question. So another appointment begins anew, and nothing else needs to be kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from prequal.core.days import day_of
from prequal.core.lead import Booking, Lead, Status
from prequal.core.mail import MailKind

_DAY = timedelta(days=1)
_MORNING = time(7)
# Before a call that begins earlier than that, or soon after.
_AHEAD = timedelta(hours=1)
# Nobody is asked about a call of which prequal hears, or gets to ask, later than that: the digest names it.
_ASKED_WITHIN = timedelta(days=7)


def first_look_at(booking: Booking) -> datetime | None:
    """Return when an appointment is first looked at: a day ahead, before its morning begins in any time zone."""
    return booking.starts_at and booking.starts_at - _DAY


def advance_appointment(lead: Lead, now: datetime, zone: tzinfo | None) -> tuple[Lead, MailKind | None]:
    """Return a booked lead as changed by time alone, and the kind of the mail to the owner that is due, if any.

    The mornings are those of the owner's time zone; None is this machine's.
    """
    starts_at = lead.booking.starts_at if lead.booking else None
    if lead.status is not Status.BOOKED or lead.due_at is None or lead.due_at > now:
        return lead, None
    if starts_at is None:
        return replace(lead, due_at=None), None
    day = day_of(starts_at, zone)
    briefs_at, asks_at = min(_morning(day, zone), starts_at - _AHEAD), _morning(day + _DAY, zone)
    if lead.due_at <= starts_at:
        if now < briefs_at:
            return replace(lead, due_at=briefs_at), None
        return replace(lead, due_at=asks_at), MailKind.BRIEF if now < starts_at else None
    if now < asks_at:  # the owner's time zone has changed
        return replace(lead, due_at=asks_at), None
    return replace(lead, due_at=None), MailKind.DEBRIEF if now < asks_at + _ASKED_WITHIN else None


def _morning(day: date, zone: tzinfo | None) -> datetime:
    """Return when the morning of a day begins, in UTC."""
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)
