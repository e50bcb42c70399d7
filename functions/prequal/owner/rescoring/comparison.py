"""Comparison of a lead's scores under two forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from prequal.core.form import Form
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import Step
from prequal.core.scoring import Answer, scorer

_IN_PROGRESS = (Status.INVITED, Status.OPENED, Status.BOOKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An answer whose points differ; a question that isn't scored gives none."""

    question: str
    answer: Answer | None
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A lead with its stored score and with the score under another form."""

    before: Lead
    after: Lead

    @property
    def moves(self) -> bool:
        """Whether its grade changes, or whether it qualifies."""
        before, after = self.before.score, self.after.score
        return (before.grade, before.qualified) != (after.grade, after.qualified)

    @property
    def to_invite(self) -> bool:
        """Whether it qualifies now, but was neither invited nor decided about."""
        return self.after.score.qualified and self.after.status is Status.RECEIVED

    @property
    def in_doubt(self) -> bool:
        """Whether it was invited by a score that no longer qualifies."""
        decision = self.after.decision
        by_owner = decision is not None and decision.verdict == Step.INVITE
        return not self.after.score.qualified and self.after.status in _IN_PROGRESS and not by_owner

    @property
    def differences(self) -> Sequence[Difference]:
        """The answers whose points differ, in the order of the questions."""
        before, after = (
            {reason.question: reason.points for reason in lead.score.reasons} for lead in (self.before, self.after)
        )
        points = {question: (before.get(question, 0), after.get(question, 0)) for question in (*after, *before)}
        answers = self.after.answers
        return [
            Difference(question=question, answer=answers.get(question), before=old, after=new)
            for question, (old, new) in points.items()
            if old != new
        ]

    @property
    def newly_ruled_out(self) -> Sequence[str]:
        """The reasons that rule it out under the other form alone."""
        return [reason for reason in self.after.score.ruled_out if reason not in self.before.score.ruled_out]

    @property
    def no_longer_ruled_out(self) -> Sequence[str]:
        """The reasons that ruled it out under the former form alone."""
        return [reason for reason in self.before.score.ruled_out if reason not in self.after.score.ruled_out]


def belongs(lead: Lead, form: Form) -> bool:
    """Return whether a lead answered any version of a form and is not quarantined."""
    return lead.form_id == form.id and lead.status is not Status.QUARANTINED


def make_rescorer(form: Form, now: datetime) -> Callable[[Lead], Lead]:
    """Return a function that scores a lead by a form; it returns the same object if nothing changes.

    Answers, status and decision stay as they are, and so do leads that don't belong to the form.
    """
    score = scorer(form)

    def rescore(lead: Lead) -> Lead:
        if not belongs(lead, form):
            return lead
        scored = score(lead.answers)
        if lead.form_version == form.version and lead.score == scored:
            return lead
        return replace(lead, form_version=form.version, score=scored, updated_at=now)

    return rescore
