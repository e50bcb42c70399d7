"""The influence of each question and answer on the verdict, over all possible answers to the others.

More points never lower a grade or disqualify. So two numbers of points get the same verdict, given all else, unless a
*decisive* total or subtotal lies between them. Grades depend on the total alone; with minimums, invitations depend on
the subtotals of both axes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import isfinite
from typing import TypeAlias

from prequal.analysis.outcomes import NOTHING, Outcome, Outcomes, Ways, only_asked, outcomes_of, subsets
from prequal.analysis.paths import Case, Group, cases_of, totals_of
from prequal.analysis.shares import least_subtotal
from prequal.analysis.totals import Part, Range, below, range_of, reach_of_others, shifted, sums
from prequal.core.form import Axis, Band, Form, Kind, Method, Option, Question
from prequal.core.scoring import asked_after, capped, worth

_Span: TypeAlias = "tuple[int, int]"
"""The least and the most points."""

_Subtotals: TypeAlias = "tuple[int, int]"
"""The subtotals of both axes that can be reached, as bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """All that can be answered beside a question."""

    #: The totals that it can reach, as bits.
    totals: int
    #: The subtotals of both axes that it can reach in each case without being ruled out, as bits; given the axis of the
    #: question. It is called only where minimums decide.
    cases: Callable[[Axis], Collection[_Subtotals]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """The influence of one question, whatever the others are answered, on the grade and on who is qualified."""

    #: The position of the question in the form.
    index: int
    question: Question
    method: Method
    followers: Sequence[Question]
    #: What can be answered beside an answer, by the ids of the questions that follow from it.
    beside: Callable[[frozenset[str]], Beside]
    #: The points of the question with those that follow from it, in all and of each axis, and all that is beside them.
    whole: Beside
    span: _Span
    spans: Mapping[Axis, _Span]
    verdict: _Verdict

    def question_matters(self) -> bool:
        """Whether the answer ever changes the verdict; answers that rule out are not considered.

        If others follow from this one, their answers count with its own. It is never false wrongly; it can be true
        wrongly where a follower is of the other axis.
        """
        return self.verdict.grade_differs(self.whole, *self.span) or any(
            self.verdict.invitation_differs(self.whole, axis, *span) for axis, span in self.spans.items()
        )

    def points_matter(self, choice: Option | Band) -> bool:
        """Whether the verdict ever changes if this choice is worth nothing instead."""
        added, asked = worth(choice, self.method), asked_after(choice, self.followers)
        if self.question.kind is not Kind.MANY:
            return self._changes_verdict(asked, 0, added, ruled_out=False)
        others = [option for option in self.question.options if option is not choice]
        for also_asked, outcomes in subsets(others, self.followers, self.method).items():
            for points, out in outcomes:
                without, with_it = (capped(self.question, total, self.method) for total in (points, points + added))
                if self._changes_verdict(asked | also_asked, without, with_it, ruled_out=out):
                    return True
        return False

    def _changes_verdict(self, asked: frozenset[str], one: int, other: int, *, ruled_out: bool) -> bool:
        """Whether the verdict ever differs between two numbers of points for this question."""
        low, high = sorted((one, other))
        if low == high:
            return False
        beside, axis = self.beside(asked), self.question.axis
        if self.verdict.grade_differs(beside, low, high):
            return True
        return axis is not None and not ruled_out and self.verdict.invitation_differs(beside, axis, low, high)


class _Verdict:
    """The totals and subtotals of a form at which the verdict changes."""

    def __init__(self, form: Form) -> None:
        self._scoring = form.scoring
        scored = [question for question in form.questions if question.axis]
        parts = [(each.axis, Part(outcomes=outcomes_of(each, form.scoring.method))) for each in scored]
        self.total = range_of(part for _, part in parts)
        self.subtotals: Mapping[Axis, Range] = {
            axis: range_of(part for its, part in parts if its is axis) for axis in Axis
        }
        self._grades = self.total.bits(form.scoring.grades.values())
        self._decisive = cache(self._decisive_beside)

    def grade_differs(self, beside: Beside, low: int, high: int) -> bool:
        """Whether the grade ever differs between two numbers of points."""
        return bool(shifted(beside.totals, low) & below(self._grades, high - low))

    def invitation_differs(self, beside: Beside, axis: Axis, low: int, high: int) -> bool:
        """Whether minimums ever qualify with the larger number of points for an axis alone."""
        if low == high or not self._scoring.minimum:  # without, a grade decides
            return False
        return any(
            shifted(fit if axis is Axis.FIT else intent, low)
            & below(self._decisive(axis, intent if axis is Axis.FIT else fit), high - low)
            for fit, intent in beside.cases(axis)
        )

    def _decisive_beside(self, axis: Axis, across: int) -> int:
        """Return the least subtotals of an axis that qualify beside those of the other, both as bits."""
        other = Axis.FIT if axis is Axis.INTENT else Axis.INTENT
        minimum = self._scoring.minimum.get(other, float("-inf"))
        subtotals = (total for total in self.subtotals[other].totals(across) if total >= minimum)
        least = {least_subtotal(self._scoring, axis, subtotal) for subtotal in subtotals}
        return self.subtotals[axis].bits(int(each) for each in least if isfinite(each))


def influences(form: Form, groups: Sequence[Group]) -> Iterator[Influence]:
    """Yield the influence of each scored question."""
    method, verdict = form.scoring.method, _Verdict(form)
    others = reach_of_others([_points(group.totals) for group in groups], verdict.total.bits([0]))
    surroundings = [
        _Surroundings(group, totals, cache(partial(_cases_of_others, verdict, groups, group)))
        for group, totals in zip(groups, others, strict=True)
    ]
    for index, question in enumerate(form.questions):
        for around in surroundings:
            if question is around.group.first:
                yield _of_first(index, method, around, verdict)
            elif question in around.group.followers:
                yield _of_follower(index, question, method, around, verdict)


class _Surroundings:
    """All that can be answered beside the questions of one group."""

    def __init__(self, group: Group, others: int, cases_of_others: Callable[[], Collection[_Subtotals]]) -> None:
        self.group = group
        self._others, self._cases_of_others = others, cases_of_others

    def with_rest(self, ways: Ways, followers: Sequence[Question]) -> Beside:
        """Combine the other groups with the rest of this one, beside one of its questions."""
        group = self.group
        totals = sums(self._others, _points(totals_of(ways, followers, group.method)))
        rest = cache(lambda: cases_of(group.first.axis, ways, followers, group.method))
        return Beside(totals=totals, cases=lambda _: _extended(self._cases_of_others(), rest()))

    def with_other_axis(self) -> Beside:
        """Combine the other groups with the other axis of this one, beside each axis of the whole group."""

        def cases(axis: Axis) -> Collection[_Subtotals]:
            beside: dict[Axis, Outcomes] = {each: Counter() for each in Axis}
            for case in self.group.cases:
                for each in Axis:
                    beside[each] += Counter([NOTHING]) if each is axis else case[each]
            return _extended(self._cases_of_others(), [beside])

        return Beside(totals=self._others, cases=cases)


def _of_first(index: int, method: Method, around: _Surroundings, verdict: _Verdict) -> Influence:
    group = around.group

    @cache
    def beside(asked: frozenset[str]) -> Beside:
        followers = [follower for follower in group.followers if follower.id in asked]
        return around.with_rest({asked: Counter([NOTHING])}, followers)

    return Influence(
        index=index,
        question=group.first,
        method=method,
        followers=group.followers,
        beside=beside,
        whole=around.with_other_axis(),
        span=_span(group.totals),
        spans={axis: _span(outcome for case in group.cases for outcome in case[axis]) for axis in Axis},
        verdict=verdict,
    )


def _of_follower(index: int, question: Question, method: Method, around: _Surroundings, verdict: _Verdict) -> Influence:
    group = around.group
    siblings = [follower for follower in group.followers if follower is not question]
    beside, span = around.with_rest(only_asked(question, group.ways), siblings), _span(outcomes_of(question, method))
    return Influence(
        index=index,
        question=question,
        method=method,
        followers=(),
        beside=lambda _: beside,
        whole=beside,
        span=span,
        spans={question.axis: span} if question.axis else {},
        verdict=verdict,
    )


def _cases_of_others(verdict: _Verdict, groups: Sequence[Group], without: Group) -> Collection[_Subtotals]:
    """Return the subtotals of both axes that the other groups can reach in each case, as bits."""
    cases: Collection[_Subtotals] = {(verdict.subtotals[Axis.FIT].bits([0]), verdict.subtotals[Axis.INTENT].bits([0]))}
    for group in groups:
        if group is not without:
            cases = _extended(cases, group.cases)
    return cases


def _extended(cases: Collection[_Subtotals], parts: Sequence[Case]) -> Collection[_Subtotals]:
    """Return the cases with those of one more part, of what is not ruled out."""
    points = [[{points for points, out in part[axis] if not out} for axis in Axis] for part in parts]
    found = {(sums(fit, more), sums(intent, also)) for fit, intent in cases for more, also in points}
    return {(fit, intent) for fit, intent in found if fit and intent}


def _points(outcomes: Iterable[Outcome]) -> Collection[int]:
    return {points for points, _ in outcomes}


def _span(outcomes: Iterable[Outcome]) -> _Span:
    points = _points(outcomes)
    return min(points), max(points)
