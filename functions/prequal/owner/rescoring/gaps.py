"""What answers to an earlier version of a form lack for this one: they count for nothing, and the owner should know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from prequal.core.form import Form, Kind, Question
from prequal.core.lead import Lead
from prequal.core.scoring import Answer


class Gaps:
    """Leads by question: it is required and not answered, answered with what isn't offered, answered and not asked."""

    def __init__(self, form: Form) -> None:
        self.unanswered: Counter[str] = Counter()
        self.not_offered: Counter[str] = Counter()
        self.not_asked: Counter[str] = Counter()
        self._required = [question.id for question in form.questions if question.required]
        self._offers = {question.id: _offers(question) for question in form.questions}

    def add(self, lead: Lead) -> None:
        """Take a lead in."""
        for question in self._required:
            if question not in lead.answers:
                self.unanswered[question] += 1
        for question, answer in lead.answers.items():
            offers = self._offers.get(question)
            if offers is None:
                self.not_asked[question] += 1
            elif not offers(answer):
                self.not_offered[question] += 1

    def in_words(self) -> Iterator[str]:
        """Say it, a sentence a question."""
        for question, count in self.unanswered.items():
            yield f"{_leads(count)} not answered {question}, which this form requires: no points for it."
        for question, count in self.not_offered.items():
            yield f"{_leads(count)} given an answer to {question} that this form doesn't offer: no points for it."
        for question, count in self.not_asked.items():
            yield f"{_leads(count)} answered {question}, which this form doesn't ask: no points for it."


def _leads(count: int) -> str:
    return "1 lead has" if count == 1 else f"{count:,} leads have"


def _offers(question: Question) -> Callable[[Answer], bool]:
    """Return what tells whether an answer is one to this question."""
    ids = {option.id for option in question.options}
    match question.kind:
        case Kind.ONE:
            return ids.__contains__
        case Kind.MANY:
            return lambda answer: (
                not isinstance(answer, int) and ids.issuperset([answer] if isinstance(answer, str) else answer)
            )
        case Kind.NUMBER:
            return lambda answer: isinstance(answer, int)
        case Kind.TEXT:
            return lambda answer: isinstance(answer, str)
