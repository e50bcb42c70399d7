"""Use case: a scheduler reports an appointment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from marshmallow import ValidationError

from prequal.core.addresses import email_address
from prequal.core.errors import LeadNotFoundError
from prequal.core.lead import Booking, Lead, Note, is_lead_id, lead_id
from prequal.core.lifecycle import Step, allows, noted, with_booking_news
from prequal.services.ports import LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingNews:
    """A scheduler's message about an appointment."""

    #: The lead's id if the scheduler kept it, else empty.
    lead_id: str
    #: The address of the person who booked, as it was typed.
    email: str
    #: The addresses of the other guests.
    guests: tuple[str, ...] = ()
    booking: Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRecorder:
    """Record of appointments on the leads that made them."""

    #: The ids of the forms in use.
    form_ids: Sequence[str]
    store: LeadStore
    clock: Callable[[], datetime]

    def record(self, news: BookingNews) -> Lead:
        """Apply a message to its lead and return the lead. A repeated or outdated message writes nothing.

        A lead who is only a guest of the appointment gets a note.

        Raises:
            LeadNotFoundError: no lead has this id, this appointment or this address.
            IllegalStepError: the lead's status does not allow it; the message was not applied.
            StoreUnavailableError: the message should be sent again.
        """
        now = self.clock()
        lead = self._find(news)
        if news.booking.cancelled_at is None:
            for address in news.guests:
                guest = self._find_by_address(address)
                if guest and not (lead and lead.id == guest.id):
                    self._note_guest(guest, news.booking, now)
        if lead is not None and with_booking_news(lead, news.booking, now) is not lead:
            lead = self.store.change_lead(lead.id, lambda current: (with_booking_news(current, news.booking, now), ()))
        if lead is None:
            raise LeadNotFoundError("No lead matches this booking, neither by an id nor by email address.")
        return lead

    def _find(self, news: BookingNews) -> Lead | None:
        """Return the lead by its id, else by an id of the appointment, else by the address of who booked."""
        lead = self.store.find_lead(news.lead_id) if is_lead_id(news.lead_id) else None
        for booking_id in (news.booking.id, *news.booking.replaces):
            lead = lead or self.store.find_by_booking(booking_id)
        return lead or self._find_by_address(news.email)

    def _find_by_address(self, address: str) -> Lead | None:
        """Return the lead with an address as typed, which is normalised as by the form."""
        try:
            email = email_address(address)
        except ValidationError:
            return None
        found = (self.store.find_lead(lead_id(form_id, email)) for form_id in self.form_ids if email)
        return max(filter(None, found), key=_awaits_booking, default=None)

    def _note_guest(self, guest: Lead, booking: Booking, now: datetime) -> None:
        starts = f" for {booking.starts_at:%Y-%m-%d %H:%M} UTC" if booking.starts_at else ""
        text = f"A guest of an appointment{starts}, which somebody else booked, has this address."
        note = Note(at=booking.booked_at, by="scheduler", text=text)
        if noted(guest, note, now) is not guest:
            self.store.change_lead(guest.id, lambda current: (noted(current, note, now), ()))


def _awaits_booking(lead: Lead) -> tuple[bool, bool, datetime]:
    """Return a sort key of one person's leads: last is the one who may book, has used its link, and changed last."""
    has_opened = lead.invitation is not None and lead.invitation.opened_at is not None
    return allows(lead.status, Step.BOOK), has_opened, lead.updated_at
