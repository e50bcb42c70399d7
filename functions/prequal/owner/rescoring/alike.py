"""Leads that every rescoring treats alike, counted together, so that many forms can be tried on leads read once."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import nlargest

from prequal.core.form import Form
from prequal.core.lead import Lead
from prequal.core.scoring import Score
from prequal.owner.rescoring.comparison import Comparison, belongs, make_rescorer

#: Moving leads that are named.
MOST_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingLead:
    """A lead that moves, with its scores before and after."""

    id: str
    name: str
    status: str
    received_at: datetime
    before: Score
    after: Score


@dataclass(slots=True, kw_only=True)
class Moves:
    """The leads of a form that would move under changed rules."""

    #: Leads that belong to the form.
    leads: int = 0
    moving: int = 0
    #: Moving leads that would qualify under the changed rules, and that would no longer.
    gained: int = 0
    lost: int = 0
    #: See `Comparison`.
    to_invite: int = 0
    in_doubt: int = 0
    #: The newest of them, newest first.
    newest: Sequence[MovingLead] = ()


@dataclass(slots=True)
class _Group:
    """Leads with the same answers to scored questions, score and status."""

    one: Lead
    count: int = 0
    #: Instant, id and name of the newest.
    newest: deque[tuple[datetime, str, str]] = field(default_factory=lambda: deque(maxlen=MOST_NAMED))


class AlikeLeads:
    """Leads of some forms, added oldest first, counted by all that a rescoring looks at."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._scored = {form.id: [each.id for each in form.questions if each.axis] for form in forms}
        self._groups: dict[Hashable, _Group] = {}

    def __len__(self) -> int:
        """Return the number of kinds of leads."""
        return len(self._groups)

    def add(self, lead: Lead) -> None:
        """Count a lead; those of other forms are left out."""
        if lead.form_id not in self._scored:
            return
        answers = {each: lead.answers[each] for each in self._scored[lead.form_id] if each in lead.answers}
        given = tuple((name, tuple(answer) if isinstance(answer, list) else answer) for name, answer in answers.items())
        score, verdict = lead.score, lead.decision and lead.decision.verdict
        key = (lead.form_id, given, lead.status, verdict, score.total, score.grade, score.qualified)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(replace(lead, answers=answers, notes=()))
        group.count += 1
        group.newest.append((lead.received_at, lead.id, lead.name))

    def rescore(self, form: Form, now: datetime) -> Moves:
        """Compare the leads with their scores under other points or thresholds of their form."""
        rescored, moves, named = make_rescorer(form, now), Moves(), list[MovingLead]()
        for group in self._groups.values():
            if not belongs(group.one, form):
                continue
            compared = Comparison(before=group.one, after=rescored(group.one))
            moves.leads += group.count
            moves.to_invite += group.count * compared.to_invite
            moves.in_doubt += group.count * compared.in_doubt
            if compared.moves:
                before, after = compared.before.score, compared.after.score
                moves.moving += group.count
                moves.gained += group.count * (after.qualified > before.qualified)
                moves.lost += group.count * (after.qualified < before.qualified)
                named += (
                    MovingLead(id=id_, name=name, status=group.one.status, received_at=at, before=before, after=after)
                    for at, id_, name in group.newest
                )
        moves.newest = nlargest(MOST_NAMED, named, key=lambda lead: (lead.received_at, lead.id))
        return moves
