"""Answers of good clients beside everybody's: those that they have in common, and those that set them apart.

An answer of nine in ten good clients sets nobody apart if nine in ten of all others give it too. So each is compared
with its share among the others, and called more or less frequent only if their difference is significant.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prequal.analysis.intervals import FEW, Share, differ
from prequal.core.form import Band, Form, Option, Question
from prequal.core.scoring import Answer, chosen

FEWEST_GOOD = 5
"""With fewer good clients, any answer may be chance."""
_MOST = 0.5


class Standing(StrEnum):
    """Meaning of an answer's share among good clients."""

    MORE = "more"
    LESS = "less"
    #: Most good clients give it, and most others do.
    SHARED = "shared"
    #: No good client gave it, which so few may do by chance.
    NEVER = "never"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonAnswer:
    """One answer of good clients, beside everybody's."""

    question: Question
    choice: Option | Band
    #: Of those who answered the question.
    good: Share
    #: The good ones included.
    everybody: Share
    standing: Standing
    #: Whether the difference is significant among all answers together, not only by itself.
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonAnswers:
    """All answers of good clients to one form."""

    form: Form
    #: The numbers of people.
    good: int
    others: int
    #: In the form's order; none with too few people.
    answers: Sequence[CommonAnswer] = ()

    def of(self, standing: Standing) -> Sequence[CommonAnswer]:
        """Return those of one standing, the surest first."""
        return sorted((each for each in self.answers if each.standing is standing), key=lambda each: not each.sure)


class AnswerTally:
    """Answers of good clients and of others to one form."""

    def __init__(self) -> None:
        self._people: Counter[bool] = Counter()
        #: By question, the people who gave an answer, and whether they are good.
        self._given: defaultdict[str, Counter[tuple[Answer, bool]]] = defaultdict(Counter)

    def add(self, answers: Mapping[str, Answer], *, good: bool) -> None:
        """Count one person's answers to questions with options or bands."""
        self._people[good] += 1
        for question, answer in answers.items():
            self._given[question][tuple(answer) if isinstance(answer, list) else answer, good] += 1

    def compare(self, form: Form) -> CommonAnswers:
        """Return the answers that this form offers and that anybody gave."""
        good, others = self._people[True], self._people[False]
        if good < FEWEST_GOOD or others < FEW:
            return CommonAnswers(form=form, good=good, others=others)
        found = [each for question in form.questions for each in self._shares(question)]
        answers = [_compare(*each, len(found)) for each in found]
        return CommonAnswers(form=form, good=good, others=others, answers=answers)

    def _shares(self, question: Question) -> Iterator[tuple[Question, Option | Band, Share, Share]]:
        """Yield each choice with its share among the good clients and among the others."""
        answered: Counter[bool] = Counter()
        made: Counter[tuple[int, bool]] = Counter()
        for (answer, good), count in self._given[question.id].items():
            choices = chosen(question, answer)
            answered[good] += count if choices else 0
            for choice in choices:
                made[question.choices.index(choice), good] += count
        for position, choice in enumerate(question.choices):
            among_good, among_others = (Share(made[position, good], answered[good]) for good in (True, False))
            if among_good.count or among_others.count:
                yield question, choice, among_good, among_others


def _compare(question: Question, choice: Option | Band, good: Share, others: Share, number: int) -> CommonAnswer:
    if differ(good, others):
        standing = Standing.MORE if good.value > others.value else Standing.LESS
    elif good.of and not good.count:
        standing = Standing.NEVER
    else:
        standing = Standing.SHARED if min(good.value, others.value) >= _MOST else Standing.UNCLEAR
    return CommonAnswer(
        question=question,
        choice=choice,
        good=good,
        everybody=Share(good.count + others.count, good.of + others.of),
        standing=standing,
        sure=differ(good, others, number),
    )
