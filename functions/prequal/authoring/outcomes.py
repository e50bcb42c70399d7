"""What answers can come to: points, and whether one rules out, each with the number of ways to it, by convolution.

Every option of a *one*, every subset of a *many*, every band of a *number* and, where a question is optional, no answer
count as one way each.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

from prequal.core.form import Axis, Kind, Option
from prequal.core.scoring import capped, worth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from prequal.core.form import Band, Form, Method, Question

Outcome: TypeAlias = "tuple[int, bool]"
"""Points, and whether an answer rules out."""

Outcomes: TypeAlias = "Counter[Outcome]"
"""The number of ways to each outcome."""

_NOTHING: Outcome = (0, False)


def outcomes(question: Question, method: Method) -> Outcomes:
    """Return what answers to one question can come to."""
    offered = choices(question)
    if question.kind is Kind.MANY:
        ways = subsets(offered, method)
        if question.required:
            ways[_NOTHING] -= 1  # choosing nothing is no answer
        return _counted(((capped(question, points, method), out), count) for (points, out), count in ways.items())
    ways = Counter(_outcome(choice, method) for choice in offered)
    if not question.required or not offered:
        ways[_NOTHING] += 1
    return ways


def subsets(offered: Iterable[Option | Band], method: Method) -> Outcomes:
    """Return what any number of choices can come to, none included."""
    return _joined(Counter([_NOTHING, _outcome(choice, method)]) for choice in offered)


def together(questions: Iterable[Question], method: Method) -> Outcomes:
    """Return what answers to several questions can come to."""
    return _joined(outcomes(question, method) for question in questions)


def reachable(parts: Iterable[Outcomes]) -> Collection[Outcome]:
    """Return what several questions together can come to, in however many ways."""
    found = {_NOTHING}
    for part in parts:
        found = {(points + more, out or also_out) for points, out in found for more, also_out in part}
    return found


def by_axis(form: Form) -> Mapping[Axis, Outcomes]:
    """Return what answers to all questions of each axis can come to."""
    return {
        axis: together((question for question in form.questions if question.axis is axis), form.scoring.method)
        for axis in Axis
    }


def choices(question: Question) -> Sequence[Option | Band]:
    """Return the options, or else the bands of a question."""
    return question.options or question.bands


def rules_out(choice: Option | Band) -> bool:
    """Whether this choice rules out."""
    return isinstance(choice, Option) and choice.rules_out is not None


def _outcome(choice: Option | Band, method: Method) -> Outcome:
    return worth(choice, method), rules_out(choice)


def _joined(parts: Iterable[Outcomes]) -> Outcomes:
    return reduce(_convolved, parts, Counter([_NOTHING]))


def _convolved(some: Outcomes, others: Outcomes) -> Outcomes:
    return _counted(
        ((points + more, out or also_out), count * times)
        for (points, out), count in some.items()
        for (more, also_out), times in others.items()
    )


def _counted(ways: Iterable[tuple[Outcome, int]]) -> Outcomes:
    counted: Outcomes = Counter()
    for outcome, count in ways:
        if count:
            counted[outcome] += count
    return counted
