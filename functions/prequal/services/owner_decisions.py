"""Use cases: the owner decides about a lead, or invites it, whatever its score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prequal.core.errors import LeadNotFoundError
from prequal.core.lead import Lead
from prequal.core.lifecycle import invited
from prequal.core.mail import Mail
from prequal.services.lead_forms import LeadForms
from prequal.services.mail_composer import MailComposer
from prequal.services.mailboxes import Mailboxes
from prequal.services.ports import LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerDecision:
    """A step of the lifecycle that the owner takes: decline, note a booking, note an outcome."""

    store: LeadStore
    clock: Callable[[], datetime]

    def apply(self, lead_id: str, step: Callable[[Lead, datetime], Lead]) -> Lead:
        """Apply a step of `core.lifecycle` to a lead and return it.

        Raises:
            LeadNotFoundError: there is no such lead.
            IllegalStepError: the lead's status does not allow the step; nothing was written.
            StoreUnavailableError: it may or may not have been written.
        """
        now = self.clock()
        return _change(self.store, lead_id, lambda lead: (step(lead, now), ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerInvitation:
    """An invitation by decision of the owner."""

    forms: LeadForms
    store: LeadStore
    mailboxes: Mailboxes
    composer: MailComposer
    clock: Callable[[], datetime]

    def send(self, lead_id: str, reason: str) -> Lead:
        """Invite a lead and queue its mail in the same write; the exceptions are those of `OwnerDecision.apply`.

        It is mailed even if somebody at its address had asked for no more mail.
        """
        now = self.clock()

        def change(lead: Lead) -> tuple[Lead, Sequence[Mail]]:
            changed = invited(lead, self.forms.of(lead), reason, now)
            return changed, (self.composer.invitation(changed, now),)

        if known := self.store.find_lead(lead_id):
            self.forms.load(known.form_id)
            lead, _ = change(known)  # raises before anything is written
            # Lifted before the mail is queued, as a worker may claim it at once.
            self.mailboxes.lift(lead.email, lead.expire_at)
        return _change(self.store, lead_id, change)


def _change(store: LeadStore, lead_id: str, change: Callable[[Lead], tuple[Lead, Sequence[Mail]]]) -> Lead:
    lead = store.change_lead(lead_id, change)
    if lead is None:
        raise LeadNotFoundError(f"Lead {lead_id} is gone.")
    return lead
