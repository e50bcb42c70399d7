"""Use case: time passes for leads. Invitations get one reminder, and expire; the owner is told of calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from prequal import log
from prequal.core.appointment import advance_appointment
from prequal.core.errors import PrequalError
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import advanced, needs_reminder
from prequal.core.mail import Mail, MailKind
from prequal.services.lead_forms import LeadForms
from prequal.services.ports import LeadStore

BATCH = 100
_STEPS = {MailKind.REMINDER: "reminded", MailKind.BRIEF: "briefed", MailKind.DEBRIEF: "debriefed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Follow-up of invitations and calls. Any number may run at once: each step happens once."""

    store: LeadStore
    forms: LeadForms
    #: Composes a mail that is due, if there is anybody to read it; it is called only then.
    compose: Callable[[MailKind, Lead, datetime], Mail | None]
    #: The owner's time zone; None is this machine's.
    zone: tzinfo | None
    clock: Callable[[], datetime]

    def run(self, limit: int = BATCH) -> dict[str, int]:
        """Take at most `limit` due steps and return how many there were of each kind."""
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
        return {step: steps[step] for step in ("reminded", "briefed", "debriefed", "expired")}

    def _advance(self, lead_id: str, now: datetime) -> str:
        step = ""

        def change(before: Lead) -> tuple[Lead, Sequence[Mail]]:
            nonlocal step
            if before.status is Status.BOOKED:
                lead, kind = advance_appointment(before, now, self.zone)
            else:
                lead = advanced(before, now)
                kind = MailKind.REMINDER if needs_reminder(before, lead) else None
            expires = lead.status is Status.EXPIRED and before.status is not Status.EXPIRED
            mail = self.compose(kind, lead, now) if kind else None
            step = _STEPS[mail.kind] if mail else "expired" if expires else ""
            return lead, (mail,) if mail else ()

        lead = self.store.change_lead(lead_id, change)
        if lead and step:
            log.lead_followed_up(lead, step)
        return step
