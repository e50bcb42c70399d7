"""What time alone brings: the one reminder of an invitation, and its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prequal import log
from prequal.core.errors import PrequalError
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import after_time, calls_for_reminder
from prequal.core.mail import Mail
from prequal.services.ports import LeadStore

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Follows up on invitations. Any number may do so at once: each step happens once.

    `reminder` writes one, when it is called for.
    """

    store: LeadStore
    reminder: Callable[[Lead, datetime], Mail]
    clock: Callable[[], datetime]

    def sweep(self, limit: int = BATCH) -> dict[str, int]:
        """Take every step that is due, `limit` at most; return how many leads were reminded, and how many expired."""
        now = self.clock()
        steps = Counter[str]()
        for lead_id in self.store.list_due_leads(now, limit):
            try:
                steps[self._step(lead_id, now)] += 1
            except PrequalError as error:  # which must not keep the others waiting
                log.lead_failed(lead_id, error)
        return {"reminded": steps["reminded"], "expired": steps["expired"]}

    def _step(self, lead_id: str, now: datetime) -> str:
        step = ""

        def change(before: Lead) -> tuple[Lead, Sequence[Mail]]:
            nonlocal step
            lead = after_time(before, now)
            reminds = calls_for_reminder(before, lead)
            expires = lead.status is Status.EXPIRED and before.status is not Status.EXPIRED
            step = "reminded" if reminds else "expired" if expires else ""
            return lead, (self.reminder(lead, now),) if reminds else ()

        lead = self.store.change_lead(lead_id, change)
        if lead and step:
            log.lead_followed_up(lead, step)
        return step
