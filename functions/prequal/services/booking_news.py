"""Use case: a scheduler reports an appointment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prequal.core.errors import LeadNotFoundError
from prequal.core.lead import Booking, Lead, is_lead_id, lead_id
from prequal.core.lifecycle import with_booking_news
from prequal.services.ports import LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingNews:
    """A scheduler's message about an appointment."""

    #: The lead's id if the scheduler kept it, else empty.
    lead_id: str
    #: The address of the person who booked.
    email: str
    booking: Booking


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRecorder:
    """Record of appointments on the leads that made them."""

    form_id: str
    store: LeadStore
    clock: Callable[[], datetime]

    def record(self, news: BookingNews) -> Lead:
        """Apply a message to its lead and return the lead. A repeated or outdated message writes nothing.

        Raises:
            LeadNotFoundError: no lead has this id or this address.
            IllegalStepError: the lead's status does not allow it; nothing was written.
            StoreUnavailableError: the message should be sent again.
        """
        now = self.clock()
        lead = self.store.find_lead(news.lead_id) if is_lead_id(news.lead_id) else None
        lead = lead or self.store.find_lead(lead_id(self.form_id, news.email))
        if lead is not None and with_booking_news(lead, news.booking, now) is not lead:
            lead = self.store.change_lead(lead.id, lambda current: (with_booking_news(current, news.booking, now), ()))
        if lead is None:
            raise LeadNotFoundError("No lead matches this booking, neither by id nor by email address.")
        return lead
