"""Comparison of scores under two forms: of one lead, and of all in a summary."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from prequal.core.form import Form, Grade, Kind, Question
from prequal.core.lead import Lead, Status
from prequal.core.lifecycle import Step
from prequal.core.scoring import Answer, make_grader, scorer

# Leads of each kind that are named in a terminal, and so kept in memory: there may be a million.
_MOST_NAMED = 100
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


@dataclass(slots=True)
class NamedLeads:
    """Number of leads of a kind, and the first of them."""

    count: int = 0
    first: list[Comparison] = field(default_factory=list)


class RescoringSummary:
    """Counts of what changes for leads under a form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        #: Leads that don't belong to the form, by the reason.
        self.left_out: Counter[str] = Counter()
        #: Leads with a new score.
        self.changed = 0
        #: Leads by their grade, and by whether they qualify, before and after.
        self.grades: Counter[tuple[Grade, Grade]] = Counter()
        self.verdicts: Counter[tuple[bool, bool]] = Counter()
        #: Moving leads whose answer to a question has more, or fewer, points.
        self.raised: Counter[str] = Counter()
        self.lowered: Counter[str] = Counter()
        #: Moving leads that only one of the forms rules out.
        self.ruled_out = 0
        #: Moving leads that the form's grades and minimums would move without a change of points.
        self.limits = 0
        self.moving = NamedLeads()
        self.to_invite = NamedLeads()
        self.in_doubt = NamedLeads()
        #: Leads whose answers the form can't score in full, by question: no answer to a required question, an answer
        #: that it doesn't offer, and an answer to a question that it doesn't ask.
        self.unanswered: Counter[str] = Counter()
        self.not_offered: Counter[str] = Counter()
        self.not_asked: Counter[str] = Counter()
        self._questions = {question.id: question for question in form.questions}
        self._grade = make_grader(form.scoring)

    @property
    def leads(self) -> int:
        """The number of leads that belong to the form."""
        return self.grades.total()

    def add(self, compared: Comparison) -> bool:
        """Count a lead, and return whether the owner should see it."""
        lead = compared.after
        if not belongs(lead, self.form):
            self.left_out["quarantined" if lead.status is Status.QUARANTINED else "of another form"] += 1
            return False
        before, after = compared.before.score, lead.score
        self.changed += lead is not compared.before
        self.grades[before.grade, after.grade] += 1
        self.verdicts[before.qualified, after.qualified] += 1
        self._add_gaps(lead)
        if compared.moves:
            self._add_moving(compared)
        kinds = (
            (compared.moves, self.moving),
            (compared.to_invite, self.to_invite),
            (compared.in_doubt, self.in_doubt),
        )
        matching = [named for applies, named in kinds if applies]
        for named in matching:
            named.count += 1
            if named.count <= _MOST_NAMED:
                named.first.append(compared)
        return bool(matching)

    def _add_moving(self, compared: Comparison) -> None:
        before, after = compared.before.score, compared.after.score
        for difference in compared.differences:
            (self.raised if difference.after > difference.before else self.lowered)[difference.question] += 1
        self.ruled_out += bool(before.ruled_out) is not bool(after.ruled_out)
        # Points and numbers of traits can't be graded by each other's limits.
        if before.method is after.method:
            graded = self._grade(before.fit, before.intent, bool(before.ruled_out))
            self.limits += graded != (before.grade, before.qualified)

    def _add_gaps(self, lead: Lead) -> None:
        for question in self._questions.values():
            if question.required and question.id not in lead.answers and question.ask_if.holds(lead.answers):
                self.unanswered[question.id] += 1
        for question_id, answer in lead.answers.items():
            asked = self._questions.get(question_id)
            if asked is None or not asked.ask_if.holds(lead.answers):
                self.not_asked[question_id] += 1
            elif not _offers(asked, answer):
                self.not_offered[question_id] += 1


def _offers(question: Question, answer: Answer) -> bool:
    """Return whether an answer is one to this question."""
    match question.kind:
        case Kind.NUMBER:
            return isinstance(answer, int)
        case Kind.TEXT:
            return isinstance(answer, str)
    ids = {option.id for option in question.options}
    if question.kind is Kind.ONE:
        return answer in ids
    return not isinstance(answer, int) and ids.issuperset([answer] if isinstance(answer, str) else answer)
