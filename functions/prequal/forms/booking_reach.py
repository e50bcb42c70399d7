"""Reach of booking pages: whether a lead comes to an entry of the form, over all answers, languages and grades.

Nothing is sampled. The questions are answered one after another, each together with those that follow from it. Of the
ways to answer them, only those are kept that close earlier entries which no other way closes as well.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

from prequal.analysis.totals import shifted
from prequal.core.form import Band, Form, Grade, Kind, Option, Question
from prequal.core.scoring import capped, worth

Parts: TypeAlias = "Sequence[tuple[str, Collection[str]]]"
"""The parts of a condition, which must all hold: a name, and the values of which one is wanted."""

_Answer: TypeAlias = "tuple[Collection[str], set[int]]"
"""The ids of the chosen options, and the points that such answers can give."""

_Answers: TypeAlias = "dict[int, set[int]]"
"""The points that answers give, by the entries that these close, as bits."""

_Ways: TypeAlias = "dict[int, int]"
"""The totals that ways to answer several questions reach, as bits, by the entries that these close."""


def is_reached(form: Form, before: Sequence[Parts], entry: Parts) -> bool:
    """Whether an entry holds for some lead, qualified or not, for whom none of those before it holds."""
    is_graded = any(name == "grade" for each in (*before, entry) for name, _ in each)
    return any(_Search(form, [*before, entry], grade).succeeds() for grade in (Grade if is_graded else [None]))


class _Search:
    """A search for a lead of one grade, or of any, who comes to the last of some entries."""

    def __init__(self, form: Form, entries: Sequence[Parts], grade: Grade | None) -> None:
        self._form, self._entries, self._grade = form, entries, grade
        self._last = 1 << (len(entries) - 1)
        worths = [self._worth(choice) for question in form.questions for choice in question.choices]
        #: No total is below this, which is the lowest bit.
        self._low = sum(points for points in worths if points < 0)

    def succeeds(self) -> bool:
        """Whether there is such a lead."""
        closed = self._closed_by("grade", [self._grade]) if self._grade else 0
        totals = 1 << -self._low
        ways: _Ways = {closed | self._closed_by("language", [language]): totals for language in self._form.languages}
        undecided = {name for entry in self._entries for name, _ in entry} - {"grade", "language"}
        ways = self._possible(ways, undecided)
        for question, following in self._groups():
            undecided -= {question.id, *(other.id for other in following)}
            ways = self._possible(self._continued(ways, self._answers(question, following)), undecided)
        return any(self._have_grade(totals) for totals in ways.values())

    def _groups(self) -> Sequence[tuple[Question, Sequence[Question]]]:
        """Return each question that all are asked with those that follow from it, those of the first entries first."""
        first: dict[str, int] = {}
        for index, entry in enumerate(self._entries):
            for name, _ in entry:
                first.setdefault(name, index)
        groups = [
            (question, [other for other in self._form.questions if question.id in other.ask_if.listed])
            for question in self._form.questions
            if not question.ask_if.listed
        ]
        return sorted(groups, key=lambda group: min(first.get(each.id, -1) for each in (group[0], *group[1])))

    def _closed_by(self, name: str, values: Collection[str]) -> int:
        """Return the entries that these values of a name close: those that want others."""
        return sum(
            1 << index
            for index, entry in enumerate(self._entries)
            if any(part == name and not set(values) & set(wanted) for part, wanted in entry)
        )

    def _possible(self, ways: _Ways, undecided: Collection[str]) -> _Ways:
        """Return the ways that can still lead to the last entry, and that no other way is better than."""
        certain = sum(
            1 << index
            for index, entry in enumerate(self._entries[:-1])
            if not any(name in undecided for name, _ in entry)
        )
        kept: _Ways = {}
        for closed, totals in sorted(ways.items(), key=lambda way: -way[0].bit_count()):
            leads_elsewhere = closed & self._last or certain & ~closed
            if not (
                leads_elsewhere or any(closed & ~other == 0 and self._cover(kept[other], totals) for other in kept)
            ):
                kept[closed] = totals
        return kept

    def _continued(self, ways: _Ways, answers: _Answers) -> _Ways:
        """Return the ways with the answers to one more group of questions."""
        longer: _Ways = {}
        for also_closed, points in answers.items():
            for before, totals in ways.items():
                closed = before | also_closed
                sums = reduce(or_, (shifted(totals, each) for each in points))
                longer[closed] = self._relevant(longer.get(closed, 0) | sums)
        return longer

    def _cover(self, some: int, others: int) -> bool:
        """Whether some totals reach the grade whenever others do."""
        match self._grade:
            case None:
                return True
            case Grade.HOT:
                return some >= others
            case Grade.COLD:
                return some <= others
        return some & others == others

    def _relevant(self, totals: int) -> int:
        """Return the totals that tell whether the grade is reached: for most, the greatest or the least alone."""
        if self._grade is Grade.HOT:
            return 1 << (totals.bit_length() - 1)
        return totals & -totals if self._grade is Grade.COLD else totals

    def _have_grade(self, totals: int) -> bool:
        if self._grade is None:
            return True
        grades = self._form.scoring.grades
        below_hot, below_warm = (
            totals & ((1 << max(grades[grade] - self._low, 0)) - 1) for grade in (Grade.HOT, Grade.WARM)
        )
        having = {Grade.HOT: totals ^ below_hot, Grade.WARM: below_hot ^ below_warm, Grade.COLD: below_warm}
        return having[self._grade] != 0

    def _answers(self, question: Question, following: Sequence[Question] = ()) -> _Answers:
        """Return the answers to a question, and to those that follow from it."""
        answers: _Answers = {}
        for values, worths in self._each_answer(question, following):
            group: _Answers = {self._closed_by(question.id, values): worths}
            for other in following:
                asked = not set(values).isdisjoint(other.ask_if.listed[question.id])
                group = _together(group, self._answers(other) if asked else {self._closed_by(other.id, ()): {0}})
            for closed, points in group.items():
                answers.setdefault(closed, set()).update(points)
        return answers

    def _each_answer(self, question: Question, following: Sequence[Question]) -> Iterator[_Answer]:
        """Yield answers that stand for all: every other decides the same as one of them, with some of its points."""
        listed = [wanted for entry in self._entries for name, wanted in entry if name == question.id]
        listed += [other.ask_if.listed[question.id] for other in following]
        if not listed and self._grade is None:
            yield (), {0}
        elif question.kind is Kind.MANY:
            yield from self._selections(question, listed)
        else:
            for choice in question.choices:
                yield [choice.id] if isinstance(choice, Option) else (), {self._worth(choice)}
            if not (question.required and question.choices):
                yield (), {0}

    def _selections(self, question: Question, listed: Sequence[Collection[str]]) -> Iterator[_Answer]:
        """Yield selections of options, one for all that have options from the same lists."""
        selections: dict[Collection[int], _Answer] = {frozenset(): ((), {0})}
        for option in question.options:
            lists = {-1, *(index for index, wanted in enumerate(listed) if option.id in wanted)}  # -1 for any option
            added = self._worth(option)
            for before, (chosen, points) in [*selections.items()]:
                together, more = frozenset({*before, *lists}), {each + added for each in points}
                example, others = selections.get(together, ([*chosen, option.id], set()))
                selections[together] = example, others | more
        for met, (chosen, points) in selections.items():
            if met or not question.required:
                yield chosen, {capped(question, each, self._form.scoring.method) for each in points}

    def _worth(self, choice: Option | Band) -> int:
        return worth(choice, self._form.scoring.method) if self._grade else 0


def _together(some: _Answers, others: _Answers) -> _Answers:
    """Return the answers to two questions together, pair by pair."""
    pairs: _Answers = {}
    for closed, points in some.items():
        for also_closed, more in others.items():
            pairs.setdefault(closed | also_closed, set()).update(one + other for one in points for other in more)
    return pairs
