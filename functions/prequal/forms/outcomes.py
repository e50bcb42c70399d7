"""What answers can come to: points, and whether one rules out, each with the number of ways to it, by convolution.

Every option of a *one*, every subset of a *many*, every band of a *number* and, where a question is optional, no answer
count as one way each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

from prequal.core.form import Axis, Band, Form, Kind, Method, Option, Question, Scoring
from prequal.core.scoring import capped, worth

Outcome: TypeAlias = "tuple[int, bool]"
"""Points, and whether an answer rules out."""

Outcomes: TypeAlias = "Counter[Outcome]"
"""The number of ways to each outcome."""

Reach: TypeAlias = "Mapping[bool, Collection[int]]"
"""The points that can be come to, in however many ways: when nothing rules out, and when something does."""

_NOTHING: Outcome = (0, False)
_START: Reach = {False: {0}, True: ()}


def outcomes(question: Question, method: Method) -> Outcomes:
    """Return what answers to one question can come to."""
    if question.kind is Kind.MANY:
        ways = subsets(question.choices, method)
        if question.required:
            ways[_NOTHING] -= 1  # choosing nothing is no answer
        given: Outcomes = Counter()
        for (points, out), count in (+ways).items():
            given[capped(question, points, method), out] += count
        return given
    ways = Counter(_outcome(choice, method) for choice in question.choices)
    if not question.required or not question.choices:
        ways[_NOTHING] += 1
    return ways


def subsets(offered: Iterable[Option | Band], method: Method) -> Outcomes:
    """Return what any number of choices can come to, none included."""
    return _joined(Counter([_NOTHING, _outcome(choice, method)]) for choice in offered)


def together(questions: Iterable[Question], method: Method) -> Outcomes:
    """Return what answers to several questions can come to."""
    return _joined(outcomes(question, method) for question in questions)


def beside_each(parts: Sequence[Outcomes], found: Reach = _START) -> Iterator[Reach]:
    """Return for each of some questions what the others together can come to, on top of what is `found` already."""
    if len(parts) > 1:  # in halves, so that what many have beside them is worked out once
        half = len(parts) // 2
        yield from beside_each(parts[:half], reduce(_reached, parts[half:], found))
        yield from beside_each(parts[half:], reduce(_reached, parts[:half], found))
    elif parts:
        yield found


def by_axis(form: Form) -> Mapping[Axis, Outcomes]:
    """Return what answers to all questions of each axis can come to."""
    return {
        axis: together((question for question in form.questions if question.axis is axis), form.scoring.method)
        for axis in Axis
    }


def turns(scoring: Scoring, axis: Axis, across: int) -> Collection[int]:
    """Return the only subtotals of an axis that may be judged better than a point less, beside so many across."""
    minimum = [scoring.minimum[axis]] if axis in scoring.minimum else []
    return {*(grade - across for grade in scoring.grades.values()), *minimum}


def _outcome(choice: Option | Band, method: Method) -> Outcome:
    return worth(choice, method), choice.rules_out is not None


def _joined(parts: Iterable[Outcomes]) -> Outcomes:
    return reduce(_convolved, parts, Counter([_NOTHING]))


def _convolved(some: Outcomes, others: Outcomes) -> Outcomes:
    ways: dict[Outcome, int] = defaultdict(int)  # faster than a Counter where much is new
    for (points, out), count in some.items():
        for (more, also_out), times in others.items():
            ways[points + more, out or also_out] += count * times
    return Counter(ways)


def _reached(found: Reach, part: Outcomes) -> Reach:
    surviving, ruling_out = ([points for points, out in part if out is ruled_out] for ruled_out in (False, True))
    return {
        False: {points + more for points in found[False] for more in surviving},
        True: {points + more for points in found[True] for more in {*surviving, *ruling_out}}
        | {points + more for points in found[False] for more in ruling_out},
    }
