"""Paths through a form: the questions that are asked depend on answers, and each path is as likely as its answers.

Of each question that is asked, all ways to answer it are equally likely. A question that is not asked counts as one
that is answered in each of its ways without any effect, so that every path has its share of the ways to answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from prequal.analysis.outcomes import NOTHING, Outcomes, Ways, outcomes_of, ways_of
from prequal.analysis.totals import Part, Slots, outcomes_together
from prequal.core.conditions import ALWAYS
from prequal.core.form import Axis, Form, Kind, Method, Question

Case: TypeAlias = "Mapping[Axis, Outcomes]"
"""The outcomes of each axis in one case: those of one axis don't depend on those of the other."""

_NO_FOLLOWER: frozenset[str] = frozenset()
_ONE_WAY = Counter([NOTHING])


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A scored question that everybody is asked, with those that follow from it. Groups don't depend on each other."""

    first: Question
    followers: Sequence[Question]
    method: Method
    #: Of the first question.
    ways: Ways
    #: Of the whole group, whatever the axes.
    totals: Outcomes
    #: One if all of its questions are of one axis.
    cases: Sequence[Case]

    @classmethod
    def of(cls, first: Question, followers: Sequence[Question], method: Method) -> Group:
        """Count the ways to answer a question and those that follow from it."""
        ways = ways_of(first, followers, method)
        return cls(
            first=first,
            followers=followers,
            method=method,
            ways=ways,
            totals=totals_of(ways, followers, method),
            cases=cases_of(first.axis, ways, followers, method),
        )

    def part(self, outcomes: Outcomes) -> Part:
        """Return outcomes of the group as a part of the form."""
        return Part(outcomes=outcomes, question=None if self.followers else self.first)


def groups_of(form: Form) -> Sequence[Group]:
    """Return the groups of a form."""
    return [
        Group.of(question, form.followers(question.id), form.scoring.method)
        for question in form.questions
        if question.axis and question.ask_if == ALWAYS
    ]


def totals_together(groups: Sequence[Group], method: Method) -> Outcomes:
    """Return the outcomes of all questions, whatever their axis."""
    return outcomes_together([group.part(group.totals) for group in groups], method)


def cases_together(groups: Sequence[Group], method: Method) -> Iterator[Case]:
    """Yield the outcomes of all questions, without those that are ruled out, case by case.

    There is one case if no question is of another axis than the one that it follows from.
    """
    slots = {
        axis: Slots.of([Part(outcomes=_any(case[axis] for case in group.cases)) for group in groups], method)
        for axis in Axis
    }
    together = [{axis: slots[axis].pack(Counter([NOTHING])) for axis in Axis}]
    for group in sorted(groups, key=lambda group: len(group.cases)):
        parts = [
            {axis: group.part(case[axis]) if case[axis] != _ONE_WAY else None for axis in Axis} for case in group.cases
        ]
        together = [
            {
                axis: slots[axis].extend(ways[axis], part, surviving=True) if (part := case[axis]) else ways[axis]
                for axis in Axis
            }
            for ways in together
            for case in parts
        ]
    for ways in together:
        yield {axis: slots[axis].unpack(ways[axis], ways[axis]) for axis in Axis}


def totals_of(ways: Ways, followers: Sequence[Question], method: Method) -> Outcomes:
    """Return the outcomes of a question together with those that follow from it."""
    return _fold(ways, followers, method).get(_NO_FOLLOWER, Counter())


def cases_of(axis: Axis | None, ways: Ways, followers: Sequence[Question], method: Method) -> Sequence[Case]:
    """Return the cases of a question of this axis with those that follow: by those asked that are of the other axis."""
    own, other = (Axis.FIT, Axis.INTENT) if axis is Axis.FIT else (Axis.INTENT, Axis.FIT)
    across = [follower for follower in followers if follower.axis is other]
    return [
        {own: outcomes, other: totals_of({asked: Counter([NOTHING])}, across, method)}
        for asked, outcomes in _fold(ways, [each for each in followers if each.axis is own], method).items()
    ]


def most_points(groups: Sequence[Group], axis: Axis) -> int:
    """Return the largest subtotal of an axis."""
    return sum(max(points for case in group.cases for points, _ in case[axis]) for group in groups)


def asked_shares(form: Form) -> Mapping[str, Fraction]:
    """Return the share of all possible answers after which each question with a condition is asked."""
    shares = {}
    for question in form.questions:
        for name, listed in question.ask_if.listed.items():
            before = form.question(name)
            if before is not None:
                shares[question.id] = 1 - Fraction(*_ways_without(before, listed))
    return shares


def _ways_without(question: Question, listed: Sequence[str]) -> tuple[int, int]:
    """Return the number of ways to answer without any of these options, and of all."""
    without, every = (sum(option.id not in names for option in question.options) for names in (listed, ()))
    if question.kind is Kind.MANY:
        return 2**without - question.required, 2**every - question.required
    return without + (not question.required), every + (not question.required)


def _fold(ways: Ways, followers: Sequence[Question], method: Method) -> Ways:
    """Return the ways together with the outcomes of these followers, by the other followers."""
    if not followers:
        return ways
    parts = {each.id: Part(outcomes=outcomes_of(each, method), question=each) for each in followers}
    slots = Slots.of([Part(outcomes=_any(ways.values())), *parts.values()], method)
    packed = {asked: (slots.pack(outcomes), slots.pack(outcomes, surviving=True)) for asked, outcomes in ways.items()}
    for name, part in parts.items():
        folded: dict[frozenset[str], tuple[int, int]] = {}
        for asked, both in packed.items():
            rest, before = asked - {name}, folded.get(asked - {name}, (0, 0))
            every, surviving = (
                slots.extend(count, part, surviving=only) if name in asked else count * part.outcomes.total()
                for only, count in zip((False, True), both, strict=True)
            )
            folded[rest] = before[0] + every, before[1] + surviving
        packed = folded
    return {asked: slots.unpack(*both) for asked, both in packed.items()}


def _any(several: Iterable[Outcomes]) -> Outcomes:
    """Return the outcomes of several alternatives."""
    together: Outcomes = Counter()
    for outcomes in several:
        together.update(outcomes)
    return together
