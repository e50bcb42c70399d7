"""What share of all possible answers reaches each grade, and is qualified: exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from prequal.core.form import Axis, Grade
from prequal.core.scoring import judge_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prequal.authoring.outcomes import Outcomes
    from prequal.core.form import Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts of one."""

    grades: Mapping[Grade, Fraction]
    qualified: Fraction


def shares(outcomes: Mapping[Axis, Outcomes], scoring: Scoring) -> Shares:
    """Return the shares, from what the answers of each axis can come to.

    No question is of two axes, so that any outcome of one meets any of the other.
    """
    judge = judge_of(scoring)
    grades, qualified = Counter[Grade](), 0
    for (fit, out), ways in outcomes[Axis.FIT].items():
        for (intent, also_out), times in outcomes[Axis.INTENT].items():
            grade, is_qualified = judge(fit, intent, out or also_out)
            grades[grade] += ways * times
            qualified += ways * times * is_qualified
    total = grades.total()
    return Shares(
        grades={grade: Fraction(grades[grade], total) for grade in Grade}, qualified=Fraction(qualified, total)
    )
