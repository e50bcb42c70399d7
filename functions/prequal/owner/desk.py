"""Leads as the owner reads them in a terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from prequal.core.errors import PrequalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from prequal.core.lead import Attempt, Lead
    from prequal.core.scoring import Answer

_SHORT_ID = 8


class Leads(Protocol):
    """Where the owner reads leads: a store, or an export."""

    def lead(self, lead_id: str) -> Lead | None:
        """Return a lead, if it is there."""

    def leads(self) -> Iterator[Lead]:
        """Return every lead, the oldest first."""

    def attempts(self, lead_id: str) -> Sequence[Attempt]:
        """Return the attempts of a lead, the oldest first."""


class LeadNotFoundError(PrequalError):
    """No lead has this id, or several begin with it."""


def find(store: Leads, lead_id: str) -> Lead:
    """Return the lead whose id this is, or begins with this; LeadNotFoundError when that isn't exactly one."""
    exact = store.lead(lead_id)
    if exact:
        return exact
    matching = [lead for lead in store.leads() if lead.id.startswith(lead_id)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise LeadNotFoundError(f"{len(matching)} leads begin with {lead_id}: write more of the id.")
    raise LeadNotFoundError(f"There is no lead {lead_id}: prequal leads list shows them all.")


def table(leads: Iterable[Lead]) -> Iterator[str]:
    """Return a line a lead, below a heading."""
    yield f"{'ID':<{_SHORT_ID}}  {'RECEIVED':<16}  {'STATUS':<11}  {'GRADE':<5}  {'TOTAL':>7}  NAME"
    for lead in leads:
        total = f"{lead.score.total}/{lead.score.max}"
        yield (
            f"{lead.id[:_SHORT_ID]}  {_minute(lead.received_at)}  {lead.status:<11}  {lead.score.grade:<5}  "
            f"{total:>7}  {lead.name} <{lead.email}>"
        )


def described(lead: Lead, attempts: Sequence[Attempt]) -> str:
    """Return all there is to know of a lead."""
    return "\n".join([*_head(lead), "", *_score(lead), "", *_history(lead, attempts)])


def _head(lead: Lead) -> Iterator[str]:
    yield f"{lead.name} <{lead.email}>"
    source = ", ".join(f"{name}={value}" for name, value in asdict(lead.source).items() if value)
    for name, value in (
        ("Company", lead.company),
        ("Website", lead.website),
        ("Language", lead.language),
        ("Source", source),
        ("Lead", lead.id),
        ("Form", f"{lead.form_id}, version {lead.form_version}"),
    ):
        if value:
            yield f"{name + ':':<10}{value}"


def _score(lead: Lead) -> Iterator[str]:
    score = lead.score
    verdict = "qualified" if score.qualified else "not qualified"
    yield f"{score.grade.upper()}, {verdict}: {score.total} of {score.max} (fit {score.fit}, intent {score.intent})"
    for reason in score.reasons:
        yield f"{reason.points:>+5d}  {reason.question}: {_said(reason.answer)}"
    scored = {reason.question for reason in score.reasons}
    for question, answer in lead.answers.items():
        if question not in scored:
            yield f"       {question}: {_said(answer)}"
    for words in score.ruled_out:
        yield f"Ruled out: {words}"


def _history(lead: Lead, attempts: Sequence[Attempt]) -> Iterator[str]:
    yield f"Status: {lead.status}"
    for attempt in attempts:
        caught = ", caught by the trap" if attempt.quarantined else ""
        yield f"{_minute(attempt.received_at)}  answered: {attempt.score.grade}, {attempt.score.total}{caught}"
    invitation = lead.invitation
    if invitation:
        if invitation.sent_at:
            yield f"{_minute(invitation.sent_at)}  invitation sent"
        else:
            yield f"{'':<16}  invitation {invitation.state}"
        if invitation.opened_at:
            yield f"{_minute(invitation.opened_at)}  link opened"
        yield f"{_minute(invitation.expires_at)}  link expires"


def _said(answer: Answer | None) -> str:
    if answer is None:
        return "no answer"
    return str(answer) if isinstance(answer, str | int) else ", ".join(answer)


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
