"""Lookup of leads by id, address or filter, in a store or in a managed export."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from prequal.core.errors import LeadNotFoundError
from prequal.core.form import Form, Grade
from prequal.core.lead import Attempt, Lead, Status
from prequal.core.mail import Mail


class Leads(Protocol):
    """Source of leads for the owner's commands: the methods of a store that only read."""

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return at most `limit` leads whose ids start with a prefix."""

    def iter_leads(self) -> Iterator[Lead]:
        """Return every lead, oldest first."""

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, oldest first."""

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, oldest first."""

    def load_forms(self) -> Mapping[str, Form]:
        """Return the saved forms by version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Conditions that a lead must meet; None matches every lead."""

    status: Status | None = None
    grade: Grade | None = None
    #: Source or utm_source.
    source: str | None = None
    since: datetime | None = None

    def apply(self, leads: Iterable[Lead]) -> Iterator[Lead]:
        """Return the leads that meet every condition."""
        return (
            lead
            for lead in leads
            if (self.status is None or lead.status is self.status)
            and (self.grade is None or lead.score.grade is self.grade)
            and (self.source is None or self.source in (lead.source.source, lead.source.utm_source))
            and (self.since is None or lead.received_at >= self.since)
        )


def find_one(leads: Leads, lead_id: str) -> Lead:
    """Return the one lead with this id or id prefix; otherwise raise LeadNotFoundError."""
    matching = leads.find_by_id_prefix(lead_id, 2) if lead_id else []
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise LeadNotFoundError(f"Several leads begin with {lead_id}: write more of the id.")
    raise LeadNotFoundError(f"There is no lead {lead_id}: prequal leads list shows them all.")


def find_by_address(leads: Leads, address: str) -> Sequence[Lead]:
    """Return the leads of an email address, one per form; raise LeadNotFoundError if there is none."""
    matching = [lead for lead in leads.iter_leads() if lead.email.casefold() == address.casefold()]
    if not matching:
        raise LeadNotFoundError(f"No lead has the address {address}: prequal leads list shows them all.")
    return matching
