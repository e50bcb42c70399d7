"""One lead under two sets of rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from prequal.core.form import Form
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import Step
from prequal.core.scoring import Answer, scorer

_UNDER_WAY = (Status.INVITED, Status.OPENED, Status.BOOKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An answer that has other points than it had; a question that isn't scored gives none."""

    question: str
    answer: Answer | None
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A lead as it was scored, and as another form scores it."""

    before: Lead
    after: Lead

    @property
    def moves(self) -> bool:
        """Whether it has another grade, or only one of the two scores qualifies."""
        before, after = self.before.score, self.after.score
        return (before.grade, before.qualified) != (after.grade, after.qualified)

    @property
    def waits_for_invitation(self) -> bool:
        """Whether it is qualified now, and nobody has invited it or decided about it."""
        return self.after.score.qualified and self.after.status is Status.RECEIVED

    @property
    def invited_in_doubt(self) -> bool:
        """Whether it has been invited, and by the score alone would not be now."""
        decision = self.after.decision
        by_owner = decision is not None and decision.verdict == Step.INVITE
        return not self.after.score.qualified and self.after.status in _UNDER_WAY and not by_owner

    @property
    def differences(self) -> Sequence[Difference]:
        """The answers that have other points, in the order of the questions."""
        before = {reason.question: reason.points for reason in self.before.score.reasons}
        after = {reason.question: reason.points for reason in self.after.score.reasons}
        return [
            Difference(
                question=question,
                answer=self.after.answers.get(question),
                before=before.get(question, 0),
                after=after.get(question, 0),
            )
            for question in dict.fromkeys((*after, *before))
            if before.get(question, 0) != after.get(question, 0)
        ]

    @property
    def newly_ruled_out(self) -> Sequence[str]:
        """Why an answer rules it out now that did not before."""
        return [reason for reason in self.after.score.ruled_out if reason not in self.before.score.ruled_out]

    @property
    def no_longer_ruled_out(self) -> Sequence[str]:
        """Why an answer ruled it out that does no longer."""
        return [reason for reason in self.before.score.ruled_out if reason not in self.after.score.ruled_out]


def belongs(lead: Lead, form: Form) -> bool:
    """Whether a lead answered this form, in any version; what a trap caught is nobody's answer."""
    return lead.form_id == form.id and lead.status is not Status.QUARANTINED


def rescorer(form: Form, now: datetime) -> Callable[[Lead], Lead]:
    """Return what makes of a lead the same under this form's rules; a lead that has these scores already, itself.

    Answers, status and decision stay as they are, and so does whoever doesn't belong to the form.
    """
    score = scorer(form)

    def rescored(lead: Lead) -> Lead:
        if not belongs(lead, form):
            return lead
        scored = score(lead.answers)
        if lead.form_version == form.version and lead.score == scored:
            return lead
        return replace(lead, form_version=form.version, score=scored, updated_at=now)

    return rescored
