"""Following the link of an invitation to the owner's booking page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer

from prequal.core.errors import LinkExpiredError, LinkUnknownError
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import opened
from prequal.services.ports import LeadStore

# What the owner may write in the booking address, like {name}.
PLACEHOLDERS = ("name", "email", "lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Signed tokens for booking links. The first secret signs, all verify, so that secrets can be changed."""

    secrets: Sequence[str]

    def issue(self, lead: Lead, expires_at: datetime) -> str:
        """Return a token for this lead that says itself when it expires."""
        return str(self._serializer.dumps([lead.id, int(expires_at.timestamp())]))

    def read(self, token: str) -> tuple[str, datetime]:
        """Return the lead's id and when the token expires; LinkUnknownError when it isn't ours."""
        try:
            lead_id, expires = self._serializer.loads(token)
        except (BadSignature, ValueError) as error:
            raise LinkUnknownError("This booking link is not one of ours.") from error
        return lead_id, datetime.fromtimestamp(expires, UTC)

    @property
    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(list(reversed(self.secrets)), salt="prequal.services.booking_link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Leads the prospect from the link in the mail to the booking page."""

    tokens: Tokens
    store: LeadStore
    booking_url: str
    clock: Callable[[], datetime]

    def follow(self, token: str, *, look_only: bool = False) -> tuple[Lead, str]:
        """Return the lead and the address of the booking page with their name, address and id filled in.

        The first visit is recorded as the opening, unless `look_only`.

        Raises:
            LinkUnknownError: the token isn't ours, or the lead is gone.
            LinkExpiredError: it was, but no longer works.
            StoreUnavailableError: try again later.

        """
        lead_id, expires_at = self.tokens.read(token)
        now = self.clock()
        lead = self.store.find_lead(lead_id)
        if lead is None:
            raise LinkUnknownError("The lead of this booking link is gone.")
        invitation = lead.invitation
        if expires_at <= now or invitation is None or lead.status in (Status.DECLINED, Status.EXPIRED):
            raise LinkExpiredError(lead.language)
        if int(invitation.expires_at.timestamp()) != int(expires_at.timestamp()):  # the link of an earlier round
            raise LinkExpiredError(lead.language)
        if invitation.opened_at is None and not look_only:
            lead = self.store.change_lead(lead_id, lambda current: (opened(current, now), ())) or lead
        return lead, fill_in(self.booking_url, lead)


def fill_in(booking_url: str, lead: Lead) -> str:
    """Return the booking address with every placeholder replaced by its URL-encoded value."""
    values = {"name": lead.name, "email": lead.email, "lead": lead.id}
    return re.sub(rf"\{{({'|'.join(PLACEHOLDERS)})\}}", lambda match: quote(values[match[1]], safe=""), booking_url)
