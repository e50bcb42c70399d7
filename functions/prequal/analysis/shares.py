"""Shares of all possible answers: that reach each grade, and that are qualified."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from prequal.analysis.outcomes import Outcomes
from prequal.analysis.paths import Case
from prequal.core.form import Axis, Grade, Scoring
from prequal.core.scoring import make_grader


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The shares of all possible answers that reach each grade, and that are qualified."""

    grades: Mapping[Grade, Fraction]
    qualified: Fraction

    def by_name(self) -> Mapping[str, Fraction]:
        """Return the shares by the name of a grade, and of those who are qualified."""
        return {**{grade.value: share for grade, share in self.grades.items()}, "qualified": self.qualified}


def shares(totals: Outcomes, cases: Sequence[Case], scoring: Scoring) -> Shares:
    """Return the exact shares, by the totals of all questions, and where there are minimums by the cases."""
    grader = make_grader(scoring)
    grades, qualified = Counter[Grade](), 0
    for (total, out), ways in totals.items():
        grade, is_qualified = grader(total, 0, out)
        grades[grade] += ways
        qualified += ways * is_qualified
    if scoring.minimum:
        qualified = sum(_qualified(case, scoring) for case in cases)
    every = grades.total()
    return Shares(
        grades={grade: Fraction(grades[grade], every) for grade in Grade}, qualified=Fraction(qualified, every)
    )


def _qualified(case: Case, scoring: Scoring) -> int:
    """Return the number of qualified ways to answer in a case."""
    ascending = sorted((points, ways) for (points, out), ways in case[Axis.INTENT].items() if not out)
    subtotals, up_to = [points for points, _ in ascending], [0, *accumulate(ways for _, ways in ascending)]
    least_fit = scoring.minimum.get(Axis.FIT, float("-inf"))
    return sum(
        ways * (up_to[-1] - up_to[bisect_left(subtotals, least_subtotal(scoring, Axis.INTENT, fit))])
        for (fit, out), ways in case[Axis.FIT].items()
        if not out and fit >= least_fit
    )


def least_subtotal(scoring: Scoring, axis: Axis, across: int) -> float:
    """Return the least subtotal of an axis that qualifies beside one of the other axis that meets its minimum."""
    least = scoring.minimum.get(axis, float("-inf"))
    return least if scoring.qualify is Grade.COLD else max(least, scoring.grades[scoring.qualify] - across)


def percent(share: Fraction) -> str:
    """Format a share so that a tiny one doesn't look like none, nor a huge one like all."""
    if 0 < share < Fraction(1, 1000):
        return "<0.1%"
    return ">99.9%" if Fraction(999, 1000) < share < 1 else f"{float(share):.1%}"
