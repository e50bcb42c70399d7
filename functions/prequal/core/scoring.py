"""The score of a lead: every point with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from prequal.core.conditions import ALWAYS
from prequal.core.form import Axis, Band, Form, Grade, Kind, Method, Option, Question, Scoring

Answer: TypeAlias = str | int | Sequence[str]
"""An option's id, a number, a text, or the ids of several options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The points that one question added to the total, if it was asked."""

    #: The id of the question.
    question: str
    #: None for no answer.
    answer: Answer | None
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The assessment of a lead, with its reasons."""

    method: Method
    total: int
    #: The largest total that the form can give.
    max: int
    #: Subtotals of the two axes.
    fit: int
    intent: int
    grade: Grade
    qualified: bool
    #: The owner's reasons of the answers that disqualify, whatever the total.
    ruled_out: tuple[str, ...]
    #: One per scored question that was asked; their points add up to `total`.
    reasons: tuple[Reason, ...]


def score(form: Form, answers: Mapping[str, Answer]) -> Score:
    """Score valid answers; `scorer` is faster for many answers to one form."""
    return scorer(form)(answers)


def scorer(form: Form) -> Callable[[Mapping[str, Answer]], Score]:
    """Return a function that scores answers to this form; it computes beforehand whatever doesn't depend on them.

    A score has one reason per scored question that is asked after these answers, answered or not. An answer that the
    form doesn't offer, such as one to an earlier version, adds nothing.
    """
    method = form.scoring.method
    scored = [
        (question.id, question.axis is Axis.FIT, _weigher(question, method), question.ask_if)
        for question in form.questions
        if question.axis
    ]
    grader = make_grader(form.scoring)
    first = [question for question in form.questions if question.axis and question.ask_if == ALWAYS]
    maximum = sum(_maximum(question, form.followers(question.id), method) for question in first)

    def score_answers(answers: Mapping[str, Answer]) -> Score:
        fit = intent = 0
        reasons: list[Reason] = []
        ruled_out: tuple[str, ...] = ()
        for question, is_fit, weigh, ask_if in scored:
            if not ask_if.holds(answers):
                continue
            reason, knock_outs = weigh(answers.get(question))
            reasons.append(reason)
            ruled_out += knock_outs
            if is_fit:
                fit += reason.points
            else:
                intent += reason.points
        grade, qualified = grader(fit, intent, bool(ruled_out))
        return Score(
            method=method,
            total=fit + intent,
            max=maximum,
            fit=fit,
            intent=intent,
            grade=grade,
            qualified=qualified,
            ruled_out=ruled_out,
            reasons=tuple(reasons),
        )

    return score_answers


def make_grader(scoring: Scoring) -> Callable[[int, int, bool], tuple[Grade, bool]]:
    """Return a function that grades leads, fast.

    It takes the subtotals fit and intent and whether an answer rules out, and returns the grade and whether it
    qualifies.
    """
    hot, warm = scoring.grades[Grade.HOT], scoring.grades[Grade.WARM]
    invited = {grade for grade in Grade if grade.reaches(scoring.qualify)}
    least_fit, least_intent = scoring.minimum.get(Axis.FIT), scoring.minimum.get(Axis.INTENT)

    def grader(fit: int, intent: int, ruled_out: bool) -> tuple[Grade, bool]:  # noqa: FBT001, it is called a million times
        total = fit + intent
        grade = Grade.HOT if total >= hot else Grade.WARM if total >= warm else Grade.COLD
        meets_minimums = (least_fit is None or fit >= least_fit) and (least_intent is None or intent >= least_intent)
        return grade, grade in invited and meets_minimums and not ruled_out

    return grader


def chosen(question: Question, answer: Answer | None) -> tuple[Option | Band, ...]:
    """Return the options that an answer chose, in the form's order, or the band that a number falls into."""
    match answer:
        case None:
            return ()
        case int():
            fitting = (band for band in question.bands if band.up_to is None or answer <= band.up_to)
            return tuple(fitting)[:1]
        case _:
            ids = {answer} if isinstance(answer, str) else set(answer)
            return tuple(option for option in question.options if option.id in ids)


def answer_text(question: Question, answer: Answer | None, language: str) -> str:
    """Return an answer as text: the labels of the chosen options; empty if the question wasn't answered."""
    if answer is None:
        return ""
    if question.kind in (Kind.NUMBER, Kind.TEXT):
        return str(answer)
    return ", ".join(choice.label[language] for choice in chosen(question, answer) if isinstance(choice, Option))


def has_stayed(before: str, answer: Answer) -> bool:
    """Whether the option that was chosen before is, or is among, the answer."""
    return before == answer or (isinstance(answer, tuple) and before in answer)


def worth(choice: Option | Band, method: Method) -> int:
    """Return the points of a choice, or with the method *traits* 1 if it is desired."""
    return choice.points if method is Method.POINTS else int(choice.desired)


def capped(question: Question, total: int, method: Method) -> int:
    """Return the points of a question, at most its `max_points`; a number of traits has no cap."""
    if question.max_points is None or method is Method.TRAITS:
        return total
    return min(total, question.max_points)


_Weighed: TypeAlias = "tuple[Reason, tuple[str, ...]]"
"""The points of an answer, and the reasons why it rules out."""


def _weigher(question: Question, method: Method) -> Callable[[Answer | None], _Weighed]:
    """Return a function that weighs an answer; those of a *one* are weighed beforehand."""
    if question.kind is not Kind.ONE:
        return partial(_weighed, question, method)
    answers: list[Answer | None] = [None, *(option.id for option in question.options)]
    weights = {answer: _weighed(question, method, answer) for answer in answers}
    return lambda answer: weights.get(answer) or (Reason(question=question.id, answer=answer, points=0), ())


def _weighed(question: Question, method: Method, answer: Answer | None) -> _Weighed:
    choices = chosen(question, answer)
    points = capped(question, sum(worth(choice, method) for choice in choices), method)
    knock_outs = tuple(choice.rules_out for choice in choices if choice.rules_out is not None)
    return Reason(question=question.id, answer=answer, points=points), knock_outs


def _maximum(question: Question, followers: Sequence[Question], method: Method) -> int:
    """Return the most points of a question together with those that follow from it: the best path."""
    following = {follower.id: _maximum(follower, (), method) for follower in followers}
    best: dict[frozenset[str], int] = {}  # by the questions that are asked next
    for choice in question.choices:
        asked, points = asked_after(choice, followers), worth(choice, method)
        paths = [(asked, points)]
        if question.kind is Kind.MANY:
            paths += [(asked | others, points + together) for others, together in best.items()]
        for path, together in paths:
            best[path] = max(together, best.get(path, together))
    totals = [capped(question, points, method) + sum(following[each] for each in path) for path, points in best.items()]
    return max(totals if question.required else [capped(question, 0, method), *totals])


def asked_after(choice: Option | Band, followers: Sequence[Question]) -> frozenset[str]:
    """Return the ids of the questions, of those that follow from one, that are asked after this answer to it."""
    if isinstance(choice, Band):
        return frozenset()
    return frozenset(
        follower.id for follower in followers if any(choice.id in listed for listed in follower.ask_if.listed.values())
    )


def score_content(score: Score) -> dict[str, Any]:
    """Return a score without its reasons, as plain values for a mail to the owner."""
    return {
        "method": score.method.value,
        "grade": score.grade.value,
        "total": score.total,
        "max": score.max,
        "fit": score.fit,
        "intent": score.intent,
        "ruled_out": list(score.ruled_out),
    }
