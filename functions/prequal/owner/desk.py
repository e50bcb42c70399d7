"""Leads as the owner looks for them in a terminal."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Protocol
from unicodedata import east_asian_width

import click

from prequal.core.errors import LeadNotFoundError
from prequal.core.form import Form, Grade
from prequal.core.lead import SHORT_ID, Attempt, Lead, Status
from prequal.core.mail import Mail
from prequal.pages.labels import GRADE_COLOURS


class Leads(Protocol):
    """Where the owner reads leads: a store, or an export."""

    def find_lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""

    def find_by_id_prefix(self, prefix: str, limit: int) -> Sequence[Lead]:
        """Return leads whose ids begin so, `limit` at most."""

    def iter_leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first."""

    def list_attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""

    def list_mails(self, lead_id: str) -> Sequence[Mail]:
        """Return the mails of a lead, the oldest first."""

    def load_forms(self) -> Mapping[str, Form]:
        """Return the forms under which leads were scored, as far as they were kept, by version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which leads are looked for: all, where nothing is said."""

    status: Status | None = None
    grade: Grade | None = None
    source: str | None = None
    since: datetime | None = None

    def among(self, leads: Iterable[Lead]) -> Iterator[Lead]:
        """Return those of the leads that are wanted."""
        return (lead for lead in leads if self._fits(lead))

    def _fits(self, lead: Lead) -> bool:
        return (
            (self.status is None or lead.status is self.status)
            and (self.grade is None or lead.score.grade is self.grade)
            and (self.source is None or self.source in (lead.source.source, lead.source.utm_source))
            and (self.since is None or lead.received_at >= self.since)
        )


def find(leads: Leads, lead_id: str) -> Lead:
    """Return the lead whose id this is, or begins with this; LeadNotFoundError when that isn't exactly one."""
    matching = leads.find_by_id_prefix(lead_id, 2) if lead_id else []
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise LeadNotFoundError(f"Several leads begin with {lead_id}: write more of the id.")
    raise LeadNotFoundError(f"There is no lead {lead_id}: prequal leads list shows them all.")


def of_address(leads: Leads, address: str) -> Sequence[Lead]:
    """Return the leads of an address, one a form; LeadNotFoundError when there is none."""
    matching = [lead for lead in leads.iter_leads() if lead.email.casefold() == address.casefold()]
    if not matching:
        raise LeadNotFoundError(f"No lead has the address {address}: prequal leads list shows them all.")
    return matching


def table(leads: Iterable[Lead], width: int | None = None) -> Iterator[str]:
    """Return a line a lead below a heading, the grade in its colour; none wider than `width` columns, if given."""
    yield f"{'ID':<{SHORT_ID}}  {'RECEIVED (UTC)':<16}  {'STATUS':<11}  {'GRADE':<5}  {'TOTAL':>7}  NAME"[:width]
    for lead in leads:
        total = f"{lead.score.total}/{lead.score.max}"
        line = (
            f"{lead.id[:SHORT_ID]}  {minute(lead.received_at)}  {lead.status:<11}  {lead.score.grade:<5}  "
            f"{total:>7}  {lead.name} <{lead.email}>"
        )
        if width:
            line = _fitting(line, width)
        yield line.replace(f"  {lead.score.grade:<5}  ", coloured(lead.score.grade, f"  {lead.score.grade:<5}  "), 1)


def _fitting(line: str, width: int) -> str:
    """Return as much of a line as a terminal has room for: some letters of East Asia are two columns wide."""
    ends = list(accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in line))
    return line if not ends or ends[-1] <= width else line[: bisect(ends, width - 1)] + "…"


def coloured(grade: Grade, words: str) -> str:
    """Return words in the colour of a grade."""
    colour = GRADE_COLOURS[grade].in_terminal
    return click.style(words, fg=colour) if colour else words


def minute(instant: datetime) -> str:
    """Write an instant as tables show it, in UTC."""
    return f"{instant:%Y-%m-%d %H:%M}"
