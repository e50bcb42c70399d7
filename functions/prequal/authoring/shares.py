"""What share of all possible answers reaches each grade: exactly, by convolving the questions.

Every option of a *one*, every subset of a *many*, every band of a *number* and, where a question is optional, no answer
count as equally likely.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from prequal.core.form import Axis, Band, Form, Grade, Kind, Method, Option, Question
from prequal.core.scoring import capped, judge_of, worth

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts of one."""

    grades: Mapping[Grade, Fraction]
    qualified: Fraction


def shares(form: Form) -> Shares:
    """Return the shares of a form."""
    combinations: Counter[tuple[int, int, bool]] = Counter({(0, 0, False): 1})
    for question in form.questions:
        combinations = _joined(combinations, _outcomes(question, form.scoring.method), question.axis)
    judge = judge_of(form.scoring)
    grades, qualified = Counter[Grade](), 0
    for (fit, intent, ruled_out), count in combinations.items():
        grade, is_qualified = judge(fit, intent, ruled_out)
        grades[grade] += count
        qualified += count * is_qualified
    total = combinations.total()
    return Shares(
        grades={grade: Fraction(grades[grade], total) for grade in Grade}, qualified=Fraction(qualified, total)
    )


def _joined(
    combinations: Counter[tuple[int, int, bool]], outcomes: Counter[tuple[int, bool]], axis: Axis | None
) -> Counter[tuple[int, int, bool]]:
    joined = Counter[tuple[int, int, bool]]()
    for (fit, intent, was_out), count in combinations.items():
        for (points, is_out), times in outcomes.items():
            subtotals = (fit + points, intent) if axis is Axis.FIT else (fit, intent + points)
            joined[(*subtotals, was_out or is_out)] += count * times
    return joined


def _outcomes(question: Question, method: Method) -> Counter[tuple[int, bool]]:
    """Count the answers to one question by their points, and whether they rule out."""
    choices = [(worth(choice, method), _rules_out(choice)) for choice in question.options or question.bands]
    if question.kind is Kind.MANY:
        return _subsets(question, choices, method)
    outcomes = Counter(choices)
    if not question.required or not choices:
        outcomes[0, False] += 1
    return outcomes


def _subsets(question: Question, choices: list[tuple[int, bool]], method: Method) -> Counter[tuple[int, bool]]:
    subsets = Counter({(0, False): 1})
    for points, is_out in choices:
        for (total, was_out), count in list(subsets.items()):
            subsets[total + points, was_out or is_out] += count
    if question.required:
        subsets[0, False] -= 1  # choosing nothing is no answer
    outcomes = Counter[tuple[int, bool]]()
    for (total, is_out), count in subsets.items():
        outcomes[capped(question, total, method), is_out] += count
    return outcomes


def _rules_out(choice: Option | Band) -> bool:
    return isinstance(choice, Option) and choice.rules_out is not None
