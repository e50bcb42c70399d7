"""Use case: a prospect follows the link of an invitation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from prequal.core.errors import LinkExpiredError, LinkUnknownError
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import opened
from prequal.services.ports import LeadStore
from prequal.services.tokens import Tokens

# Placeholders that the owner may write in the booking address, like {name}.
PLACEHOLDERS = ("name", "email", "lead")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLink:
    """Redirect from the link in the mail to the booking page."""

    tokens: Tokens
    store: LeadStore
    booking_url: str
    clock: Callable[[], datetime]

    def follow(self, token: str, *, look_only: bool = False) -> tuple[Lead, str]:
        """Return the lead and the address of the booking page, its placeholders filled in.

        The first visit is recorded as the opening, unless `look_only`.

        Raises:
            LinkUnknownError: the token isn't ours, or the lead is gone.
            LinkExpiredError: the link no longer works.
            StoreUnavailableError: the visitor should try again later.
        """
        lead_id, expires_at = self.tokens.read(token)
        now = self.clock()
        lead = self.store.find_lead(lead_id)
        if lead is None:
            raise LinkUnknownError("The lead of this booking link is gone.")
        invitation = lead.invitation
        if expires_at <= now or invitation is None or lead.status in (Status.DECLINED, Status.EXPIRED):
            raise LinkExpiredError(lead.language)
        if int(invitation.expires_at.timestamp()) != int(expires_at.timestamp()):  # an earlier invitation's link
            raise LinkExpiredError(lead.language)
        if invitation.opened_at is None and not look_only:
            lead = self.store.change_lead(lead_id, lambda current: (opened(current, now), ())) or lead
        return lead, fill_in_placeholders(self.booking_url, lead)


def fill_in_placeholders(booking_url: str, lead: Lead) -> str:
    """Return the booking address with every placeholder replaced by its URL-encoded value."""
    values = dict(zip(PLACEHOLDERS, (lead.name, lead.email, lead.id), strict=True))
    return PLACEHOLDER.sub(
        lambda match: quote(values[match[1]], safe="") if match[1] in values else match[0], booking_url
    )
