"""Use case: the owner invites a lead, whatever its score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prequal.core.errors import LeadNotFoundError
from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.lifecycle import invited
from prequal.core.mail import Mail
from prequal.services.mail_composer import MailComposer
from prequal.services.ports import LeadStore


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerInvitation:
    """Invitation by decision of the owner."""

    form: Form
    store: LeadStore
    composer: MailComposer
    clock: Callable[[], datetime]

    def send(self, lead_id: str, reason: str) -> Lead:
        """Invite a lead and queue its invitation in the same write.

        Raises:
            LeadNotFoundError: there is no such lead.
            IllegalStepError: the lead's status does not allow it; nothing was written.
            StoreUnavailableError: it may or may not have been written.

        """
        now = self.clock()

        def change(lead: Lead) -> tuple[Lead, Sequence[Mail]]:
            changed = invited(lead, self.form, reason, now)
            return changed, (self.composer.invitation(changed, now),)

        lead = self.store.change_lead(lead_id, change)
        if lead is None:
            raise LeadNotFoundError(f"Lead {lead_id} is gone.")
        return lead
