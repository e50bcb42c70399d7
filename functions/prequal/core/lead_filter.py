"""Filter of leads, as the owner's lists and the digest need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prequal.core.form import Grade
from prequal.core.lead import Lead, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Conditions that a lead must meet; None matches every lead."""

    status: Status | None = None
    grade: Grade | None = None
    #: Source or utm_source.
    source: str | None = None
    #: Instant of receipt, itself included.
    since: datetime | None = None

    def matches(self, lead: Lead) -> bool:
        """Return whether a lead meets every condition."""
        return (
            (self.status is None or lead.status is self.status)
            and (self.grade is None or lead.score.grade is self.grade)
            and (self.source is None or self.source in (lead.source.source, lead.source.utm_source))
            and (self.since is None or lead.received_at >= self.since)
        )
