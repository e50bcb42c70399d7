"""Use case: the owner decides about a lead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prequal.core.errors import LeadNotFoundError
from prequal.core.lead import Lead
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
        lead = self.store.change_lead(lead_id, lambda current: (step(current, now), ()))
        if lead is None:
            raise LeadNotFoundError(f"Lead {lead_id} is gone.")
        return lead
