"""What is decided about a lead after it was scored: by the owner, or by the prospect who books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prequal.core.errors import LeadNotFoundError
from prequal.core.form import Form
from prequal.core.lead import Booking, Lead, Status, is_lead_id, lead_id
from prequal.core.lifecycle import Step, after, booked, declined, ended, heard, invited
from prequal.core.mail import Mail
from prequal.services.ports import LeadStore, Letters


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingNews:
    """What a scheduler says of an appointment, and whose it is: by the lead's id, if it has kept it, or by address."""

    lead_id: str
    email: str
    booking: Booking


# Each of these raises LeadNotFoundError, IllegalStepError where the lead's status doesn't allow it, and
# StoreUnavailableError.


def invite(store: LeadStore, lead_id: str, form: Form, letters: Letters, reason: str, now: datetime) -> Lead:  # noqa: PLR0913, PLR0917, what it is made of
    """Invite a lead, whatever its score says; its invitation is sure to be sent."""

    def change(lead: Lead) -> tuple[Lead, Sequence[Mail]]:
        asked = invited(lead, form, reason, now)
        return asked, (letters.invitation(asked, now),)

    return _changed(store, lead_id, change)


def decline(store: LeadStore, lead_id: str, reason: str, now: datetime) -> Lead:
    """Decline a lead, whatever its score says: nothing more is sent, and its link no longer works."""
    return _changed(store, lead_id, lambda lead: (declined(lead, reason, now), ()))


def book(store: LeadStore, lead_id: str, booking: Booking, now: datetime) -> Lead:
    """Note an appointment of a lead that has none: the owner knows less of one than the scheduler that told of it."""

    def change(lead: Lead) -> tuple[Lead, Sequence[Mail]]:
        after(lead, Step.BOOK)
        return booked(lead, booking, now), ()

    return _changed(store, lead_id, change)


def hear(store: LeadStore, form: Form, news: BookingNews, now: datetime) -> Lead:
    """Note what a scheduler says of an appointment; what it has said already is not written again."""
    lead = store.find_lead(news.lead_id) if is_lead_id(news.lead_id) else None
    lead = lead or store.find_lead(lead_id(form.id, news.email))
    if lead is None:
        raise LeadNotFoundError("This appointment is nobody's of whom there is a lead.")
    if heard(lead, news.booking, now) is lead:
        return lead
    return _changed(store, lead.id, lambda current: (heard(current, news.booking, now), ()))


def end(store: LeadStore, lead_id: str, outcome: Status, now: datetime) -> Lead:
    """Note how it ended: won or lost."""
    return _changed(store, lead_id, lambda lead: (ended(lead, outcome, now), ()))


def _changed(store: LeadStore, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead:
    lead = store.change_lead(lead_id, change)
    if lead is None:
        raise LeadNotFoundError(f"Lead {lead_id} is gone.")
    return lead
