"""Filter of leads, as the owner's lists and the digest need them."""

from __future__ import annotations

from collections.abc import Iterator
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
    #: The id of the form.
    form: str | None = None
    #: Words that a lead contains, wherever somebody wrote them, in any case.
    search: str | None = None

    def matches(self, lead: Lead) -> bool:
        """Return whether a lead meets every condition."""
        return (
            (self.status is None or lead.status is self.status)
            and (self.grade is None or lead.score.grade is self.grade)
            and (self.source is None or self.source in (lead.source.source, lead.source.utm_source))
            and (self.since is None or lead.received_at >= self.since)
            and (self.form is None or lead.form_id == self.form)
            and (self.search is None or self.search.casefold() in "\n".join(_written(lead)).casefold())
        )


def _written(lead: Lead) -> Iterator[str]:
    """Yield what people wrote: the prospect's contact and answers, and the owner's notes and reasons."""
    yield from (lead.name, lead.email, lead.phone, lead.company, lead.website)
    yield from (answer for answer in lead.answers.values() if isinstance(answer, str))
    yield from (note.text for note in lead.notes)
    yield from (lead.outcome_reason or "", lead.decision.reason if lead.decision else "")
