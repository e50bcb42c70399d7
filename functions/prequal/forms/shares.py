"""What share of all possible answers reaches each grade, and is qualified: exactly."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from prequal.core.form import Axis, Grade, Scoring
from prequal.core.scoring import make_grader
from prequal.forms.outcomes import Outcomes, turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts of one."""

    grades: Mapping[Grade, Fraction]
    qualified: Fraction


def shares(outcomes: Mapping[Axis, Outcomes], scoring: Scoring) -> Shares:
    """Return the shares, from what the answers of each axis can come to.

    No question is of two axes, so that any outcome of one meets any of the other.
    """
    judge = make_grader(scoring)
    grades, qualified = Counter[Grade](), 0
    intents = {out: _cumulated(outcomes[Axis.INTENT], ruled_out=out) for out in (False, True)}
    for (fit, out), ways in outcomes[Axis.FIT].items():
        turning = sorted(turns(scoring, Axis.INTENT, fit))
        for also_out, (subtotals, below) in intents.items():
            cuts = [0, *(bisect_left(subtotals, turn) for turn in turning), len(subtotals)]
            for start, end in pairwise(cuts):
                if start < end:  # all of these are judged like the first
                    grade, is_qualified = judge(fit, subtotals[start], out or also_out)
                    times = ways * (below[end] - below[start])
                    grades[grade] += times
                    qualified += times * is_qualified
    total = grades.total()
    return Shares(
        grades={grade: Fraction(grades[grade], total) for grade in Grade}, qualified=Fraction(qualified, total)
    )


def _cumulated(outcomes: Outcomes, *, ruled_out: bool) -> tuple[Sequence[int], Sequence[int]]:
    """Return the subtotals upwards, and how many ways come before each of them and, last, before their end."""
    found = sorted((points, ways) for (points, out), ways in outcomes.items() if out is ruled_out)
    return [points for points, _ in found], [0, *accumulate(ways for _, ways in found)]
