"""Lookup of leads by id or address, in a store or in a managed export."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from prequal.core.documents import Skip
from prequal.core.errors import LeadNotFoundError
from prequal.core.form import Form
from prequal.core.lead import SHORT_ID, Attempt, Lead
from prequal.core.lead import lead_id as id_of
from prequal.core.lead_filter import LeadFilter
from prequal.core.mail import Mail
from prequal.core.past_client import PastClient
from prequal.core.visits import VisitCounts


class Leads(Protocol):
    """Source of leads for the owner's commands: the methods of a store that only read."""

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return at most `limit` leads whose ids start with a prefix."""

    def iter_leads(self, wanted: LeadFilter | None = None, skip: Skip | None = None) -> Iterator[Lead]:
        """Return every lead, or those that match a filter, oldest first; `skip` is told of those that can't be read."""

    def list_newest(
        self, wanted: LeadFilter, limit: int, after: tuple[datetime, str] | None = None, skip: Skip | None = None
    ) -> Sequence[Lead]:
        """Return at most `limit` leads that match a filter, newest first, after the last lead of the page before."""

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, oldest first."""

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, oldest first."""

    def iter_past_clients(self, skip: Skip | None = None) -> Iterator[PastClient]:
        """Return every past client, oldest first; `skip` is told of those that can't be read."""

    def load_forms(self) -> Mapping[str, Form]:
        """Return the saved forms by version."""

    def iter_visits(self, since: str = "") -> Iterator[VisitCounts]:
        """Return the counts of visits of the days since one, like 2026-01-31, the oldest first."""


def find_one(leads: Leads, lead_id: str, form_ids: Callable[[], Collection[str]]) -> Lead:
    """Return the one lead with this id, id prefix, or address at one of the forms; else raise LeadNotFoundError."""
    if "@" in lead_id:
        found = find_by_address(leads, lead_id, form_ids())
        if len(found) > 1:
            ids = " or ".join(lead.id[:SHORT_ID] for lead in found)
            raise LeadNotFoundError(f"Leads of several forms have the address {lead_id}: write {ids} in its place.")
        return found[0]
    matching = leads.find_by_id_prefix(lead_id, 2) if lead_id else []
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise LeadNotFoundError(f"Several leads begin with {lead_id}: write more of the id.")
    raise LeadNotFoundError(f"There is no lead {lead_id}: prequal leads list shows them all.")


def find_by_address(leads: Leads, address: str, form_ids: Collection[str]) -> Sequence[Lead]:
    """Return the leads of an email address, one per form; raise LeadNotFoundError if these forms have none.

    Ids are derived from form and address, so that no other lead is read.
    """
    ids = (id_of(form_id, address) for form_id in sorted(form_ids))
    matching = [lead for lead_id in ids for lead in leads.find_by_id_prefix(lead_id, 1)]
    if not matching:
        raise LeadNotFoundError(f"No lead has the address {address}: prequal leads list shows them all.")
    return matching
