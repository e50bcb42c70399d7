"""The score: every point with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from prequal.core.form import Axis, Band, Form, Grade, Kind, Method, Option, Question, Scoring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Answer: TypeAlias = "str | int | Sequence[str]"
"""An option's id, a number, a text, or the ids of several options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one question added to the total; `answer` is None when it wasn't answered."""

    question: str
    answer: Answer | None
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How good a lead is, and why: the points of the reasons add up to `total`.

    `max` is the most that the form can give; `fit` and `intent` are the subtotals of the axes; `ruled_out` has
    the owner's reasons for which no number of points would do.
    """

    method: Method
    total: int
    max: int
    fit: int
    intent: int
    grade: Grade
    qualified: bool
    ruled_out: tuple[str, ...]
    reasons: tuple[Reason, ...]


def score(form: Form, answers: Mapping[str, Answer]) -> Score:
    """Score valid answers: one reason a scored question, answered or not."""
    scoring = form.scoring
    subtotals = dict.fromkeys(Axis, 0)
    reasons = []
    for question in form.questions:
        if question.axis is not None:
            answer = answers.get(question.id)
            points = _points(question, answer, scoring.method)
            subtotals[question.axis] += points
            reasons.append(Reason(question=question.id, answer=answer, points=points))
    ruled_out = tuple(_knock_outs(form, answers))
    grade, qualified = verdict(scoring, subtotals, ruled_out=bool(ruled_out))
    return Score(
        method=scoring.method,
        total=sum(subtotals.values()),
        max=sum(_most(question, scoring.method) for question in form.questions),
        fit=subtotals[Axis.FIT],
        intent=subtotals[Axis.INTENT],
        grade=grade,
        qualified=qualified,
        ruled_out=ruled_out,
        reasons=tuple(reasons),
    )


def verdict(scoring: Scoring, subtotals: Mapping[Axis, int], *, ruled_out: bool) -> tuple[Grade, bool]:
    """Return the grade of these subtotals, and whether such a lead is qualified."""
    total = sum(subtotals.values())
    grade = next((grade for grade in (Grade.HOT, Grade.WARM) if total >= scoring.grades[grade]), Grade.COLD)
    meets_minimums = all(subtotals[axis] >= minimum for axis, minimum in scoring.minimum.items())
    return grade, grade.reaches(scoring.qualify) and meets_minimums and not ruled_out


def chosen(question: Question, answer: Answer | None) -> tuple[Option | Band, ...]:
    """Return what an answer chose of a question's options or bands; options in the form's order."""
    match answer:
        case None:
            return ()
        case int():
            fitting = (band for band in question.bands if band.up_to is None or answer <= band.up_to)
            return tuple(fitting)[:1]
        case _:
            ids = {answer} if isinstance(answer, str) else set(answer)
            return tuple(option for option in question.options if option.id in ids)


def _points(question: Question, answer: Answer | None, method: Method) -> int:
    total = sum(worth(choice, method) for choice in chosen(question, answer))
    return capped(question, total, method)


def capped(question: Question, total: int, method: Method) -> int:
    """Cap the points of a question by its `max_points`; a number of traits is not points."""
    if question.max_points is None or method is Method.TRAITS:
        return total
    return min(total, question.max_points)


def worth(choice: Option | Band, method: Method) -> int:
    """Return what one choice adds."""
    return choice.points if method is Method.POINTS else int(choice.desired)


def _most(question: Question, method: Method) -> int:
    """Return the most that a question can add."""
    if question.axis is None:
        return 0
    worths = [worth(choice, method) for choice in question.options or question.bands]
    least = [] if question.required else [0]
    if question.kind is Kind.MANY:
        together = sum(worth for worth in worths if worth > 0)
        return capped(question, together or max([*least, *worths]), method)
    return max([*least, *worths])


def _knock_outs(form: Form, answers: Mapping[str, Answer]) -> Iterator[str]:
    for question in form.questions:
        for choice in chosen(question, answers.get(question.id)):
            if isinstance(choice, Option) and choice.rules_out is not None:
                yield choice.rules_out
