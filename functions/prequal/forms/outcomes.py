"""Outcomes of all possible answers: their points, whether one rules out, and the number of ways to each.

Every option of a *one*, every subset of a *many*, every band of a *number* and, where a question is optional, no answer
count as one way each. Nothing is sampled: see `totals` for many questions together.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import accumulate, pairwise
from typing import TypeAlias

from prequal.core.form import Axis, Band, Grade, Kind, Method, Option, Question, Scoring
from prequal.core.scoring import capped, make_grader, worth

Outcome: TypeAlias = "tuple[int, bool]"
"""Points, and whether an answer rules out."""

Outcomes: TypeAlias = "Counter[Outcome]"
"""The number of ways to each outcome."""

NOTHING: Outcome = (0, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The shares of all possible answers that reach each grade, and that are qualified."""

    grades: Mapping[Grade, Fraction]
    qualified: Fraction

    def by_name(self) -> Mapping[str, Fraction]:
        """Return the shares by the name of a grade, and of those who are qualified."""
        return {**{grade.value: share for grade, share in self.grades.items()}, "qualified": self.qualified}


def outcomes_of(question: Question, method: Method) -> Outcomes:
    """Return the outcomes of one question."""
    if question.kind is Kind.MANY:
        ways = subsets(question.choices, method)
        if question.required:
            ways[NOTHING] -= 1  # choosing nothing is no answer
        result: Outcomes = Counter()
        for (points, out), count in (+ways).items():
            result[capped(question, points, method), out] += count
        return result
    ways = Counter(_outcome(choice, method) for choice in question.choices)
    if not question.required or not question.choices:
        ways[NOTHING] += 1
    return ways


def subsets(choices: Iterable[Option | Band], method: Method) -> Outcomes:
    """Return the outcomes of choosing any number of these, none included, before a cap."""
    return reduce(convolve, (Counter([NOTHING, _outcome(choice, method)]) for choice in choices), Counter([NOTHING]))


def thresholds(scoring: Scoring, axis: Axis, across: int) -> Collection[int]:
    """Return the only subtotals of an axis at which the verdict can change, given the other axis's subtotal."""
    minimum = [scoring.minimum[axis]] if axis in scoring.minimum else []
    return {*(grade - across for grade in scoring.grades.values()), *minimum}


def shares(outcomes: Mapping[Axis, Outcomes], scoring: Scoring) -> Shares:
    """Return the exact shares: no question belongs to both axes, so their outcomes combine freely."""
    grader = make_grader(scoring)
    grades, qualified = Counter[Grade](), 0
    intents = {out: _cumulated(outcomes[Axis.INTENT], ruled_out=out) for out in (False, True)}
    for (fit, out), ways in outcomes[Axis.FIT].items():
        cutoffs = sorted(thresholds(scoring, Axis.INTENT, fit))
        for also_out, (subtotals, below) in intents.items():
            cuts = [0, *(bisect_left(subtotals, cutoff) for cutoff in cutoffs), len(subtotals)]
            for start, end in pairwise(cuts):
                if start < end:  # all of these have the grade of the first
                    grade, is_qualified = grader(fit, subtotals[start], out or also_out)
                    times = ways * (below[end] - below[start])
                    grades[grade] += times
                    qualified += times * is_qualified
    total = grades.total()
    return Shares(
        grades={grade: Fraction(grades[grade], total) for grade in Grade}, qualified=Fraction(qualified, total)
    )


def _cumulated(outcomes: Outcomes, *, ruled_out: bool) -> tuple[Sequence[int], Sequence[int]]:
    """Return the subtotals in ascending order, and the number of ways below each and in all."""
    ascending = sorted((points, ways) for (points, out), ways in outcomes.items() if out is ruled_out)
    return [points for points, _ in ascending], [0, *accumulate(ways for _, ways in ascending)]


def _outcome(choice: Option | Band, method: Method) -> Outcome:
    return worth(choice, method), choice.rules_out is not None


def convolve(some: Outcomes, others: Outcomes) -> Outcomes:
    """Return the outcomes of two parts of a form together, pair by pair."""
    ways: dict[Outcome, int] = defaultdict(int)  # faster than a Counter where most keys are new
    for (points, out), count in some.items():
        for (more, also_out), times in others.items():
            ways[points + more, out or also_out] += count * times
    return Counter(ways)
