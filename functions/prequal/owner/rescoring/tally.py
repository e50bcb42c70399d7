"""What other rules come to for all leads: counts, and the first of those to name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from prequal.core.form import Form, Grade
from prequal.core.lead import Lead, Status
from prequal.core.scoring import make_grader
from prequal.owner.rescoring.comparison import Comparison, belongs
from prequal.owner.rescoring.gaps import Gaps

# So many of each kind are named in a terminal, and kept in memory: there may be a million.
_NAMED = 100


@dataclass(slots=True)
class Named:
    """How many there are of a kind, and the first of them."""

    count: int = 0
    first: list[Comparison] = field(default_factory=list)

    def add(self, compared: Comparison) -> None:
        """Take one in."""
        self.count += 1
        if self.count <= _NAMED:
            self.first.append(compared)


class Tally:
    """Counts of leads, by what becomes of them under a form.

    Of the leads that belong to it: `grades` and `verdicts` (qualified or not) before and after. Of those that move
    between these: `raised` and `lowered`, those whose answer to a question has more or fewer points; `ruled_out`, those
    that other answers rule out; `limits`, those that the form's grades and minimums would move by themselves.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.left_out: Counter[str] = Counter()
        self.changed = 0
        self.grades: Counter[tuple[Grade, Grade]] = Counter()
        self.verdicts: Counter[tuple[bool, bool]] = Counter()
        self.raised: Counter[str] = Counter()
        self.lowered: Counter[str] = Counter()
        self.ruled_out = 0
        self.limits = 0
        self.moving = Named()
        self.to_invite = Named()
        self.in_doubt = Named()
        self.gaps = Gaps(form)
        self._judge = make_grader(form.scoring)

    @property
    def leads(self) -> int:
        """How many leads belong to the form."""
        return self.grades.total()

    def add(self, compared: Comparison) -> bool:
        """Take a lead in, and return whether the owner would want to know of it."""
        if not belongs(compared.after, self.form):
            self.left_out[_why_left_out(compared.after)] += 1
            return False
        before, after = compared.before.score, compared.after.score
        self.changed += compared.after is not compared.before
        self.grades[before.grade, after.grade] += 1
        self.verdicts[before.qualified, after.qualified] += 1
        self.gaps.add(compared.after)
        if compared.waits_for_invitation:
            self.to_invite.add(compared)
        if compared.invited_in_doubt:
            self.in_doubt.add(compared)
        if compared.moves:
            self._add_moving(compared)
        return compared.moves or compared.waits_for_invitation or compared.invited_in_doubt

    def _add_moving(self, compared: Comparison) -> None:
        before, after = compared.before.score, compared.after.score
        self.moving.add(compared)
        for difference in compared.differences:
            (self.raised if difference.after > difference.before else self.lowered)[difference.question] += 1
        self.ruled_out += bool(before.ruled_out) is not bool(after.ruled_out)
        # Points and numbers of traits can't be judged by each other's limits.
        if before.method is after.method:
            judged = self._judge(before.fit, before.intent, bool(before.ruled_out))
            self.limits += judged != (before.grade, before.qualified)


def _why_left_out(lead: Lead) -> str:
    return "quarantined" if lead.status is Status.QUARANTINED else "of another form"
