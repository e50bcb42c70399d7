"""Use case: time passes for invitations. They get one reminder, and expire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prequal import log
from prequal.core.errors import PrequalError
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import advanced, needs_reminder
from prequal.core.mail import Mail
from prequal.services.lead_forms import LeadForms
from prequal.services.ports import LeadStore

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Follow-up of invitations. Any number may run at once: each step happens once."""

    store: LeadStore
    forms: LeadForms
    #: Composes a reminder; called only when one is due.
    compose_reminder: Callable[[Lead, datetime], Mail]
    clock: Callable[[], datetime]

    def run(self, limit: int = BATCH) -> dict[str, int]:
        """Take at most `limit` due steps and return the numbers of leads reminded and expired."""
        now = self.clock()
        steps = Counter[str]()
        due = self.store.list_due_leads(now, limit)
        if due:
            self.forms.load()
        for lead_id in due:
            try:
                steps[self._advance(lead_id, now)] += 1
            except PrequalError as error:  # it must not keep the others waiting
                log.lead_failed(lead_id, error)
        return {"reminded": steps["reminded"], "expired": steps["expired"]}

    def _advance(self, lead_id: str, now: datetime) -> str:
        step = ""

        def change(before: Lead) -> tuple[Lead, Sequence[Mail]]:
            nonlocal step
            lead = advanced(before, now)
            reminds = needs_reminder(before, lead)
            expires = lead.status is Status.EXPIRED and before.status is not Status.EXPIRED
            step = "reminded" if reminds else "expired" if expires else ""
            return lead, (self.compose_reminder(lead, now),) if reminds else ()

        lead = self.store.change_lead(lead_id, change)
        if lead and step:
            log.lead_followed_up(lead, step)
        return step
