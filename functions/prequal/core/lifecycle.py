"""What may become of a lead: one table, and the steps that follow it. `docs/lifecycle.md` shows the same.

Nobody stays anywhere for ever: an invitation expires, and every lead is deleted after the time that the form's
`retention` gives it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from prequal.core.errors import PrequalError
from prequal.core.form import Form
from prequal.core.lead import Booking, Decision, InvitationState, Lead, Status, new_invitation, next_step_at


class Step(StrEnum):
    """What can happen to a lead after it was received."""

    INVITE = "invite"
    OPEN = "open"
    BOOK = "book"
    CANCEL = "cancel"
    DECLINE = "decline"
    WIN = "win"
    LOSE = "lose"
    EXPIRE = "expire"


LIFECYCLE: Mapping[Step, tuple[Collection[Status], Status]] = {
    Step.INVITE: (
        (Status.RECEIVED, Status.DECLINED, Status.EXPIRED, Status.LOST, Status.QUARANTINED),
        Status.INVITED,
    ),
    Step.OPEN: ((Status.INVITED,), Status.OPENED),
    Step.BOOK: ((Status.INVITED, Status.OPENED, Status.EXPIRED), Status.BOOKED),
    Step.CANCEL: ((Status.BOOKED,), Status.INVITED),
    Step.DECLINE: (
        (
            Status.RECEIVED,
            Status.INVITED,
            Status.OPENED,
            Status.BOOKED,
            Status.EXPIRED,
            Status.QUARANTINED,
        ),
        Status.DECLINED,
    ),
    Step.WIN: ((Status.INVITED, Status.OPENED, Status.BOOKED, Status.EXPIRED, Status.LOST), Status.WON),
    Step.LOSE: ((Status.INVITED, Status.OPENED, Status.BOOKED, Status.EXPIRED, Status.WON), Status.LOST),
    Step.EXPIRE: ((Status.INVITED, Status.OPENED), Status.EXPIRED),
}
"""Each step: from which statuses it may be taken, and to which it leads."""

_DONE = {
    Step.INVITE: "invited",
    Step.OPEN: "opened",
    Step.BOOK: "booked",
    Step.CANCEL: "cancelled",
    Step.DECLINE: "declined",
    Step.WIN: "won",
    Step.LOSE: "lost",
    Step.EXPIRE: "expired",
}


class IllegalStepError(PrequalError):
    """A lead's status doesn't allow this step; the message says which do."""

    def __init__(self, lead: Lead, step: Step) -> None:
        *others, last = LIFECYCLE[step][0]
        allowed = f"{', '.join(others)} or {last}" if others else last
        super().__init__(f"Lead {lead.id} is {lead.status} and can't be {_DONE[step]}: only one that is {allowed} can.")


def after(lead: Lead, step: Step) -> Status:
    """Return the status that a step leads to; IllegalStepError when the lead's own doesn't allow it."""
    allowed, status = LIFECYCLE[step]
    if lead.status not in allowed:
        raise IllegalStepError(lead, step)
    return status


def invited(lead: Lead, form: Form, reason: str, now: datetime) -> Lead:
    """Return the lead as the owner invites it, whatever its score says.

    One whose invitation could not be sent may be invited again.
    """
    failed = lead.invitation is not None and lead.invitation.state is InvitationState.FAILED
    status = lead.status if lead.status is Status.INVITED and failed else after(lead, Step.INVITE)
    invitation = new_invitation(form, now)
    return replace(
        lead,
        status=status,
        invitation=invitation,
        decision=Decision(by="owner", verdict=Step.INVITE.value, reason=reason, at=now),
        due_at=next_step_at(form, invitation, now),
        expire_at=max(lead.expire_at, now + form.retention(qualified=True)),
        updated_at=now,
    )


def declined(lead: Lead, reason: str, now: datetime) -> Lead:
    """Return the lead as the owner declines it: its link no longer works, and no mail of it is sent any more."""
    decision = Decision(by="owner", verdict=Step.DECLINE.value, reason=reason, at=now)
    return replace(lead, status=after(lead, Step.DECLINE), decision=decision, due_at=None, updated_at=now)


def opened(lead: Lead, now: datetime) -> Lead:
    """Return the lead after a click on its link; only the first changes anything."""
    if lead.invitation is None or lead.invitation.opened_at is not None:
        return lead
    return replace(
        lead,
        status=after(lead, Step.OPEN) if lead.status is Status.INVITED else lead.status,
        invitation=replace(lead.invitation, state=InvitationState.OPENED, opened_at=now),
        updated_at=now,
    )


def booked(lead: Lead, booking: Booking, now: datetime) -> Lead:
    """Return the lead with an appointment; one that has one already gets the new one in its place."""
    status = lead.status if lead.status is Status.BOOKED else after(lead, Step.BOOK)
    return replace(lead, status=status, booking=booking, due_at=None, updated_at=now)


def cancelled(lead: Lead, news: Booking, now: datetime) -> Lead:
    """Return the lead as it is once its appointment is cancelled: its link works again, for as long as it did."""
    expires_at = lead.invitation.expires_at if lead.invitation else now
    booking = replace(lead.booking, id=news.id, cancelled_at=news.cancelled_at) if lead.booking else news
    return replace(lead, status=after(lead, Step.CANCEL), booking=booking, due_at=expires_at, updated_at=now)


def heard(lead: Lead, news: Booking, now: datetime) -> Lead:
    """Return the lead after what a scheduler says: an appointment is made, or, with its `cancelled_at`, cancelled.

    Schedulers repeat themselves, and not always in order: what is no news returns the lead itself.
    """
    if lead.booking and not _is_news(lead.booking, news):
        return lead
    if news.cancelled_at is None:
        return booked(lead, news, now)
    if lead.status in LIFECYCLE[Step.BOOK][0]:  # and must not be booked when the word of its making comes, too late
        return replace(lead, booking=news, updated_at=now)
    return cancelled(lead, news, now)


def _is_news(known: Booking, news: Booking) -> bool:
    if news.changed_at < known.changed_at:
        return False
    if known.id == news.id:
        return news.cancelled_at is not None and known.cancelled_at is None
    # The end of one appointment is not the end of another that stands, unless that has no id to tell.
    return news.cancelled_at is None or known.cancelled_at is not None or not known.id


def ended(lead: Lead, outcome: Status, now: datetime) -> Lead:
    """Return the lead with how it ended, won or lost; a wrong one can be set right."""
    status = after(lead, Step.WIN if outcome is Status.WON else Step.LOSE)
    return replace(lead, status=status, outcome=outcome.value, outcome_at=now, due_at=None, updated_at=now)


def after_time(lead: Lead, now: datetime) -> Lead:
    """Return the lead as time alone changes it, once its `due_at` is past: reminded, and later expired."""
    if lead.due_at is None or lead.due_at > now:
        return lead
    if lead.invitation is None or lead.status not in LIFECYCLE[Step.EXPIRE][0]:
        return replace(lead, due_at=None)
    if lead.invitation.expires_at > now:
        return replace(lead, due_at=lead.invitation.expires_at)
    return replace(lead, status=after(lead, Step.EXPIRE), due_at=None, updated_at=now)


def calls_for_reminder(before: Lead, after: Lead) -> bool:
    """Whether the step that time has made between the two is the one reminder: nobody has clicked on the link yet."""
    return (
        before.due_at != after.due_at
        and after.status is Status.INVITED
        and after.invitation is not None
        and after.due_at == after.invitation.expires_at
        and after.invitation.state is InvitationState.SENT
    )
