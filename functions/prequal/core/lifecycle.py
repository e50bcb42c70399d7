"""Lifecycle of a lead: one table of status transitions, and the steps that apply it.

`docs/explanation/lifecycle.md` shows both. No status is permanent: an invitation expires, and every
lead is deleted at the end of the form's `retention`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from prequal.core.appointment import first_look_at
from prequal.core.errors import IllegalStepError
from prequal.core.form import Form
from prequal.core.lead import (
    Attempt,
    Booking,
    Decision,
    HoldReason,
    InvitationState,
    Lead,
    Note,
    Offer,
    Status,
    new_invitation,
    next_step_at,
)


class Step(StrEnum):
    """Event in the life of a lead after its first attempt."""

    RESUBMIT = "resubmit"
    INVITE = "invite"
    OPEN = "open"
    BOOK = "book"
    CANCEL = "cancel"
    OFFER = "offer"
    DECLINE = "decline"
    WIN = "win"
    LOSE = "lose"
    EXPIRE = "expire"


_S = Status
# A call may have taken place without a booking that the scheduler or the owner noted.
_CALLED = (_S.INVITED, _S.OPENED, _S.BOOKED, _S.EXPIRED, _S.OFFERED)
LIFECYCLE: Mapping[Step, tuple[Collection[Status], Status]] = {
    Step.RESUBMIT: ((_S.RECEIVED, _S.QUARANTINED), _S.RECEIVED),
    Step.INVITE: ((_S.RECEIVED, _S.DECLINED, _S.EXPIRED, _S.LOST, _S.QUARANTINED), _S.INVITED),
    Step.OPEN: ((_S.INVITED,), _S.OPENED),
    Step.BOOK: ((_S.INVITED, _S.OPENED, _S.EXPIRED), _S.BOOKED),
    Step.CANCEL: ((_S.BOOKED,), _S.INVITED),
    Step.OFFER: (_CALLED, _S.OFFERED),
    Step.DECLINE: ((_S.RECEIVED, *_CALLED, _S.QUARANTINED), _S.DECLINED),
    Step.WIN: ((*_CALLED, _S.LOST), _S.WON),
    Step.LOSE: ((*_CALLED, _S.WON), _S.LOST),
    Step.EXPIRE: ((_S.INVITED, _S.OPENED), _S.EXPIRED),
}
"""The statuses from which each step may be taken, and the status that it leads to."""

# Those of schedulers; anybody can make them by booking calls.
_MOST_NOTES = 50
# Those of the owner, and the characters of one: a document of Firestore has at most 1 MiB.
_MOST_OWN_NOTES = 200
_NOTE_LENGTH = 1000
_OWNER = "owner"
_MOST_REPLACED = 20

_DONE = {
    Step.RESUBMIT: "submitted again",
    Step.INVITE: "invited",
    Step.OPEN: "opened",
    Step.BOOK: "booked",
    Step.CANCEL: "cancelled",
    Step.OFFER: "offered anything",
    Step.DECLINE: "declined",
    Step.WIN: "won",
    Step.LOSE: "lost",
    Step.EXPIRE: "expired",
}


# What a lead shows of an attempt.
_SHOWN = (
    *("form_version", "name", "phone", "company", "website", "language", "answers", "reactions", "score", "source"),
)


def allows(status: Status, step: Step) -> bool:
    """Return whether a status allows a step."""
    return status in LIFECYCLE[step][0]


def next_status(lead: Lead, step: Step) -> Status:
    """Return the status that a step leads to; IllegalStepError if the lead's status does not allow it."""
    if not allows(lead.status, step):
        *others, last = LIFECYCLE[step][0]
        allowed = f"{', '.join(others)} or {last}" if others else last
        raise IllegalStepError(
            f"Lead {lead.id} is {lead.status} and can't be {_DONE[step]}. Only a lead that is {allowed} can."
        )
    return LIFECYCLE[step][1]


def held_back(fresh: Lead) -> Lead:
    """Return the lead of an attempt that nothing proves to be a person's: an invitation waits for the owner.

    It was never invited, so that a later attempt may replace what it shows.
    """
    if fresh.invitation is None:
        return fresh
    invitation = replace(fresh.invitation, state=InvitationState.HELD, held_for=HoldReason.CAPTCHA)
    return replace(fresh, status=Status.RECEIVED, invitation=invitation, invited_attempt="", due_at=None)


def is_held_back(lead: Lead) -> bool:
    """Return whether an invitation waits for the owner, as nothing proves the attempt to be a person's."""
    return lead.invitation is not None and lead.invitation.held_for is HoldReason.CAPTCHA


def resubmitted(lead: Lead, fresh: Lead) -> Lead:
    """Return the lead after another attempt. `fresh` is a lead with that attempt alone.

    Nobody has proven whose attempt it is, so it replaces only what was never invited. Otherwise it stays beside; if the
    invitation has expired and the attempt qualifies, it is invited, and shown once its own link is used. An attempt
    that was caught by the trap changes nothing.
    """
    again = replace(lead, attempts=lead.attempts + 1)
    if fresh.status is Status.QUARANTINED:
        return again
    if allows(lead.status, Step.RESUBMIT):
        received = replace(again, status=next_status(lead, Step.RESUBMIT))
        return replace(
            received,
            **{name: getattr(fresh, name) for name in (*_SHOWN, "answered_at", "updated_at")},
            **{name: getattr(fresh, name) for name in ("shown_attempt", "invited_attempt", "invitation", "due_at")},
            status=next_status(received, Step.INVITE) if fresh.status is Status.INVITED else received.status,
            expire_at=max(lead.expire_at, fresh.expire_at),
        )
    beside = replace(again, unconfirmed=lead.unconfirmed + 1)
    overdue = lead.invitation is None or lead.invitation.expires_at <= fresh.updated_at
    if allows(lead.status, Step.EXPIRE) and overdue:  # it has expired, and no sweep has noticed yet
        beside = replace(beside, status=Status.EXPIRED)
    if fresh.status is not Status.INVITED or beside.status is not Status.EXPIRED:
        return beside
    return replace(
        beside,
        status=next_status(beside, Step.INVITE),
        invitation=fresh.invitation,
        invited_attempt=fresh.invited_attempt,
        due_at=fresh.due_at,
        expire_at=max(lead.expire_at, fresh.expire_at),
        updated_at=fresh.updated_at,
    )


def can_be_repeated(lead: Lead) -> bool:
    """Return whether the lead is invited, and its invitation failed or is held."""
    unsent = lead.invitation is not None and lead.invitation.state in (InvitationState.FAILED, InvitationState.HELD)
    return lead.status is Status.INVITED and unsent


def invited(lead: Lead, form: Form, reason: str, now: datetime) -> Lead:
    """Return the lead as invited by the owner, whatever its score; an invitation that was not sent may be repeated."""
    status = lead.status if can_be_repeated(lead) else next_status(lead, Step.INVITE)
    invitation = new_invitation(form, now)
    return replace(
        lead,
        status=status,
        invitation=invitation,
        invited_attempt=lead.shown_attempt,
        decision=Decision(by=_OWNER, verdict=Step.INVITE.value, reason=reason, at=now),
        due_at=next_step_at(form, invitation, now),
        expire_at=max(lead.expire_at, now + form.retention(qualified=True)),
        updated_at=now,
    )


def declined(lead: Lead, reason: str, now: datetime) -> Lead:
    """Return the lead as declined by the owner: its link stops working, and its mails are no longer sent."""
    decision = Decision(by=_OWNER, verdict=Step.DECLINE.value, reason=reason, at=now)
    return replace(lead, status=next_status(lead, Step.DECLINE), decision=decision, due_at=None, updated_at=now)


def opened(lead: Lead, now: datetime, attempt: Attempt | None = None, later: int = 0) -> Lead:
    """Return the lead after the use of its link, which proves an attempt; only the first use changes it.

    `attempt` is the one that was invited, if the lead doesn't show it already; `later` is the number of those after it.
    """
    if lead.invitation is None or lead.invitation.opened_at is not None:
        return lead
    proven = replace(
        lead,
        status=next_status(lead, Step.OPEN) if lead.status is Status.INVITED else lead.status,
        invitation=replace(lead.invitation, state=InvitationState.OPENED, opened_at=now),
        proven=True,
        updated_at=now,
    )
    if attempt is None:
        return proven
    shown = {name: getattr(attempt, name) for name in _SHOWN}
    return replace(proven, **shown, shown_attempt=attempt.id, answered_at=attempt.received_at, unconfirmed=later)


def disowned(lead: Lead, now: datetime) -> Lead:
    """Return the lead after somebody at its address said that they had not asked for the invitation, which ends it.

    Leads whose invitation no longer stands stay as they are.
    """
    if lead.invitation is None or not allows(lead.status, Step.EXPIRE):
        return lead
    invitation = replace(lead.invitation, state=InvitationState.HELD, held_for=HoldReason.SUPPRESSED)
    return replace(lead, status=next_status(lead, Step.EXPIRE), invitation=invitation, due_at=None, updated_at=now)


def booked(lead: Lead, booking: Booking, now: datetime) -> Lead:
    """Return the lead with an appointment, which replaces an earlier one.

    The owner is told, and asked, once for each time of a call: a message that doesn't move it changes no due time.
    """
    status = lead.status if lead.status is Status.BOOKED else next_status(lead, Step.BOOK)
    stays = lead.status is status and lead.booking is not None and lead.booking.starts_at == booking.starts_at
    due_at = lead.due_at if stays else first_look_at(booking)
    return replace(lead, status=status, booking=booking, due_at=due_at, updated_at=now)


def booked_by_hand(lead: Lead, now: datetime) -> Lead:
    """Return the lead with an appointment that the owner notes; a scheduler's appointment is not replaced."""
    next_status(lead, Step.BOOK)
    return booked(lead, Booking(id="", booked_at=now), now)


def cancelled(lead: Lead, news: Booking, now: datetime) -> Lead:
    """Return the lead after its appointment was cancelled: its link works again until it expires."""
    expires_at = lead.invitation.expires_at if lead.invitation else now
    return replace(lead, status=next_status(lead, Step.CANCEL), booking=news, due_at=expires_at, updated_at=now)


def with_booking_news(lead: Lead, news: Booking, now: datetime) -> Lead:
    """Return the lead after a scheduler's message: an appointment made, requested, or, with `cancelled_at`, ended.

    Schedulers repeat messages and send them out of order. An outdated message returns the same object.
    """
    known = lead.booking
    if known:
        if not _is_news(known, news):
            return lead
        news = _merge(known, news)
    if news.cancelled_at is None and news.confirmed:
        return booked(lead, news, now)
    if not allows(lead.status, Step.BOOK):  # an appointment ends, or is given up for another, which is requested
        return cancelled(lead, news, now)
    reminded = news.cancelled_at is not None and news.withheld_reminder and allows(lead.status, Step.EXPIRE)
    # An end is kept too, so that the message of its making, if it arrives later, is outdated.
    return replace(lead, booking=news, due_at=now if reminded else lead.due_at, updated_at=now)


def _merge(known: Booking, news: Booking) -> Booking:
    """Return the appointment that is known after a message."""
    if news.cancelled_at is not None and known.id in ("", news.id):
        return replace(known, id=news.id, cancelled_at=news.cancelled_at)
    earlier = dict.fromkeys((*known.replaces, known.id, *news.replaces))
    replaces = tuple(booking_id for booking_id in earlier if booking_id not in ("", news.id))
    withheld = known.withheld_reminder and known.is_requested
    return replace(news, replaces=replaces[-_MOST_REPLACED:], withheld_reminder=withheld)


def _is_news(known: Booking, news: Booking) -> bool:
    if news.id in known.replaces or news.changed_at < known.changed_at:
        return False
    stands, ends = known.cancelled_at is None, news.cancelled_at is not None
    if known.id == news.id:
        moved = news.starts_at is not None and news.starts_at != known.starts_at
        return stands and (ends or moved or news.confirmed > known.confirmed)
    if stands and known.confirmed and not news.confirmed:  # a request beside an appointment
        return not ends and known.id in news.replaces
    # A cancellation concerns another appointment than the standing one, unless that has no id.
    return not ends or not stands or not known.id


def noted(lead: Lead, note: Note, now: datetime) -> Lead:
    """Return the lead with a scheduler's note; the same object if the note is there already, or one of very many."""
    if note in lead.notes or sum(each.by == note.by for each in lead.notes) >= _MOST_NOTES:
        return lead
    return replace(lead, notes=(*lead.notes, note), updated_at=now)


def noted_by_owner(lead: Lead, text: str, now: datetime) -> Lead:
    """Return the lead with a note of the owner's; IllegalStepError if the note is too long, or there are too many."""
    own = [note for note in lead.notes if note.by == _OWNER]
    if len(text) > _NOTE_LENGTH:
        raise IllegalStepError(f"This note has {len(text)} characters: shorten it to {_NOTE_LENGTH}, or make two.")
    if len(own) >= _MOST_OWN_NOTES:
        raise IllegalStepError(f"Lead {lead.id} has {len(own)} notes, and no room for more: keep them elsewhere.")
    return replace(lead, notes=(*lead.notes, Note(at=now, by=_OWNER, text=text)), updated_at=now)


def offered(lead: Lead, until: datetime | None, now: datetime) -> Lead:
    """Return the lead with an offer to be answered until an instant, if one was named; a later offer replaces it."""
    return replace(
        lead,
        status=next_status(lead, Step.OFFER),
        offered=Offer(at=now, until=until),
        due_at=None,
        expire_at=max(lead.expire_at, until or now),
        updated_at=now,
    )


def ended(lead: Lead, outcome: Status, now: datetime, reason: str | None = None) -> Lead:
    """Return the lead with its outcome, won or lost, and the reason if it is known; it may be corrected later."""
    status = next_status(lead, Step.WIN if outcome is Status.WON else Step.LOSE)
    known = replace(lead, outcome=outcome.value, outcome_reason=reason, outcome_at=now)
    return replace(known, status=status, due_at=None, updated_at=now)


def advanced(lead: Lead, now: datetime) -> Lead:
    """Return the lead as changed by time alone, once its `due_at` has passed: reminded, and later expired."""
    if lead.due_at is None or lead.due_at > now:
        return lead
    if lead.invitation is None or not allows(lead.status, Step.EXPIRE):
        return replace(lead, due_at=None)
    if lead.invitation.expires_at > now:
        booking = lead.booking
        if booking and booking.is_requested:
            booking = replace(booking, withheld_reminder=True)
        return replace(lead, booking=booking, due_at=lead.invitation.expires_at)
    return replace(lead, status=next_status(lead, Step.EXPIRE), due_at=None, updated_at=now)


def needs_reminder(before: Lead, after: Lead) -> bool:
    """Return whether this step of time is the one reminder: the invitation was sent, and nobody followed its link."""
    return (
        before.due_at != after.due_at
        and after.status is Status.INVITED
        and after.invitation is not None
        and after.due_at == after.invitation.expires_at
        and after.invitation.state is InvitationState.SENT
        and not (after.booking and after.booking.is_requested)
    )
