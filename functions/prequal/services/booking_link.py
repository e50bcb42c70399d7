"""Use case: a prospect uses the link of an invitation.

Looking changes nothing, since mail scanners and previews look too. The page's buttons act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from prequal.core.booking_page import booking_page
from prequal.core.errors import LinkExpiredError, LinkUnknownError
from prequal.core.form import Form
from prequal.core.lead import Attempt, Lead, Status
from prequal.core.lifecycle import disowned, opened
from prequal.services.mailboxes import Mailboxes
from prequal.services.ports import LeadStore
from prequal.services.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLink:
    """The link in an invitation.

    Every method raises LinkUnknownError if the token isn't ours or the lead is gone, LinkExpiredError if the link no
    longer works, and StoreUnavailableError if the visitor should try again later.
    """

    tokens: Tokens
    store: LeadStore
    mailboxes: Mailboxes
    #: The forms in use, by their ids.
    forms: Mapping[str, Form]
    #: The booking page of leads for whom their form has none.
    booking_url: str
    clock: Callable[[], datetime]

    @property
    def schemes(self) -> Collection[str]:
        """The schemes of all booking pages: one that leads get on this machine may be without TLS."""
        of_forms = [rule.url for form in self.forms.values() for rule in form.booking]
        return {urlsplit(address).scheme for address in (self.booking_url, *of_forms)}

    def look(self, token: str) -> Lead:
        """Return the lead of a link that works."""
        lead_id, expires_at = self.tokens.read(token)
        lead = self.store.find_lead(lead_id)
        if lead is None:
            raise LinkUnknownError("The lead of this booking link is gone.")
        invitation = lead.invitation
        if lead.status is Status.DECLINED:
            raise LinkExpiredError(lead.form_id, lead.language, declined=True)
        if invitation is None or expires_at <= self.clock() or lead.status is Status.EXPIRED:
            raise LinkExpiredError(lead.form_id, lead.language)
        if int(invitation.expires_at.timestamp()) != int(expires_at.timestamp()):  # an earlier invitation's link
            raise LinkExpiredError(lead.form_id, lead.language)
        return lead

    def follow(self, token: str) -> tuple[Lead, str]:
        """Return the lead and the address of their booking page.

        The first use proves the attempt that was invited; from then on, the lead shows it.
        """
        lead, now = self.look(token), self.clock()
        if lead.invitation and lead.invitation.opened_at is None:
            attempt, later = self._invited_attempt(lead)
            lead = self.store.change_lead(lead.id, lambda current: (opened(current, now, attempt, later), ())) or lead
        return lead, booking_page(self.forms.get(lead.form_id), lead, self.booking_url)

    def disown(self, token: str) -> Lead:
        """End the invitation, have no more mail sent to its address, and return the lead."""
        lead, now = self.look(token), self.clock()
        self.mailboxes.suppress(lead.email, now)
        return self.store.change_lead(lead.id, lambda current: (disowned(current, now), ())) or lead

    def _invited_attempt(self, lead: Lead) -> tuple[Attempt | None, int]:
        """Return the attempt that was invited, unless the lead shows it already, and the number of those after it."""
        if lead.invited_attempt == lead.shown_attempt:
            return None, 0
        attempts = [attempt for attempt in self.store.list_attempts(lead.id) if not attempt.quarantined]
        for number, attempt in enumerate(attempts, start=1):
            if attempt.id == lead.invited_attempt:
                return attempt, len(attempts) - number
        return None, 0
