"""The part of the verdicts that one question decides, over all possible answers.

Without a question, everybody would have the same answer to it, be it the one by which the fewest verdicts differ. More
points never disqualify, and so of those who answer alike otherwise, the qualified with fewer points are among the
qualified with more: the share whose verdict differs is the difference of the shares that qualify.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

from prequal.analysis.outcomes import Outcome, outcomes_of
from prequal.analysis.paths import cases_together, groups_of, totals_together
from prequal.analysis.shares import shares
from prequal.core.form import Form, Kind, Method, Option, Question
from prequal.core.scoring import worth


def decided_share(form: Form, question: Question) -> Fraction | None:
    """Return the share of all possible answers that would get another verdict without a question.

    None if one of several options decides what is asked next, where a question has no single answer to compare with.
    """
    if question.axis is None:
        return Fraction(0)
    followers = form.followers(question.id)
    if followers and question.kind is Kind.MANY:
        return None
    in_points = _in_points(form)

    @cache
    def qualified(outcome: Outcome, option_id: str) -> Fraction:
        return _qualified_with(in_points, question.id, outcome, option_id)

    answers = list(_answers(question, form.scoring.method, by_option=bool(followers)))
    every = sum(ways for _, _, ways in answers)
    constants = {points for (points, out), _, _ in answers if not out} or {0}
    return min(
        sum(
            (
                ways * abs(qualified(outcome, option_id) - qualified((constant, False), option_id))
                for outcome, option_id, ways in answers
            ),
            start=Fraction(0),
        )
        / every
        for constant in constants
    )


def _answers(question: Question, method: Method, *, by_option: bool) -> Iterator[tuple[Outcome, str, int]]:
    """Yield the outcomes of a question with their numbers of ways, and the ids of the options that they depend on."""
    if not by_option:
        yield from ((outcome, "", ways) for outcome, ways in outcomes_of(question, method).items())
        return
    for option in question.options:
        yield (worth(option, method), option.rules_out is not None), option.id, 1
    if not question.required:
        yield (0, False), "", 1


def _in_points(form: Form) -> Form:
    """Return a form that gives points for desired answers, so that any number of them can be one answer."""
    if form.scoring.method is Method.POINTS:
        return form
    questions = tuple(
        replace(
            question,
            options=tuple(replace(option, points=int(option.desired)) for option in question.options),
            bands=tuple(replace(band, points=int(band.desired)) for band in question.bands),
            max_points=None,
        )
        for question in form.questions
    )
    return replace(form, questions=questions, scoring=replace(form.scoring, method=Method.POINTS))


def _qualified_with(form: Form, question_id: str, outcome: Outcome, option_id: str) -> Fraction:
    """Return the share of all possible answers that qualifies if one question has only this outcome."""
    points, out = outcome
    only = Option(id=option_id, label={}, points=points, rules_out="" if out else None)
    questions = tuple(
        replace(each, kind=Kind.ONE, required=True, options=(only,), bands=(), max_points=None)
        if each.id == question_id
        else each
        for each in form.questions
    )
    changed = replace(form, questions=questions)
    groups, method = groups_of(changed), changed.scoring.method
    cases = list(cases_together(groups, method)) if changed.scoring.minimum else []
    return shares(totals_together(groups, method), cases, changed.scoring).qualified
